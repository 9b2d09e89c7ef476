// What is said to the server.

export async function post(path, body) {
  return answer(await reach(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }));
}

export async function get(path) {
  return answer(await reach(path, {}));
}

async function reach(path, options) {
  try {
    return await fetch(path, options);
  } catch {
    throw new Error("the dashboard's server does not answer");
  }
}

async function answer(response) {
  const said = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(said.problem ?? `the server says ${response.status}`);
  return said;
}
