// Every visible text with its contrast by WCAG 2.2, of which AA asks 4.5; half-transparent grounds are blended.
() => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 })
    .getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3]));
  const ground = (element) => {
    if (!element) return [255, 255, 255];
    const own = rgba(getComputedStyle(element).backgroundColor);
    return own[3] === 1 ? own.slice(0, 3) : over(own, ground(element.parentElement));
  };
  const linear = (one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
  const luminance = (colour) => {
    const [r, g, b] = colour.map((one) => linear(one / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  for (const element of document.body.querySelectorAll("*")) {
    const own = [...element.childNodes].filter((one) => one.nodeType === Node.TEXT_NODE);
    const text = own.map((one) => one.textContent.trim()).join("");
    if (!text || !element.checkVisibility() || element.closest(".skip, noscript, template")) continue;
    const style = getComputedStyle(element);
    const behind = ground(element);
    const front = over(rgba(element.closest("svg") ? style.fill : style.color), behind);
    const [darker, lighter] = [luminance(front), luminance(behind)].sort((a, b) => a - b);
    found.push([`${text} ${style.color}`, (lighter + 0.05) / (darker + 0.05)]);
  }
  return found;
}
