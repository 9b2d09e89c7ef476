// Short notices at the bottom of the page.

const LASTS_MS = { good: 4000, bad: 10000 };
const place = document.getElementById("notices");

export function notify(words, kind = "good") {
  const notice = document.createElement("p");
  notice.className = "notice";
  notice.dataset.kind = kind;
  notice.textContent = words;
  place.replaceChildren(notice);
  setTimeout(() => notice.remove(), LASTS_MS[kind]);
}
