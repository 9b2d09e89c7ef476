// Light, dark, or as the system has it; remembered in this browser.

const CHOICES = [["system", "as the system"], ["light", "light"], ["dark", "dark"]];
const KEY = "omnibind-theme";

export function offerThemes(button) {
  let chosen = Math.max(0, CHOICES.findIndex(([name]) => name === remembered()));
  const apply = () => {
    document.documentElement.dataset.theme = CHOICES[chosen][0];
    button.setAttribute("aria-label", `Colours: ${CHOICES[chosen][1]}`);
    button.title = `Colours: ${CHOICES[chosen][1]}`;
  };
  button.addEventListener("click", () => {
    chosen = (chosen + 1) % CHOICES.length;
    try { localStorage.setItem(KEY, CHOICES[chosen][0]); } catch { /* a private window forgets */ }
    apply();
  });
  apply();
}

function remembered() {
  try { return localStorage.getItem(KEY); } catch { return null; }
}
