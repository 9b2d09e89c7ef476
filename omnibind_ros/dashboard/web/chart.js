// The scores of the labels over the last minute, as lines of an SVG.

const WINDOW_S = 60;
const NUMBERS = [1, 2, 3, 4, 5, 6, 7];
const UNKNOWN = "unknown";
// A label that never got more does not matter: its line would lie on the ground, among many others.
const MATTERS = 0.02;
// A longer break between two recognitions is shown as one.
const BREAK_S = 1.5;
const MARGIN = { top: 10, right: 12, bottom: 22, left: 40 };
const SVG = "http://www.w3.org/2000/svg";

export class Chart {
  #svg;
  #points = []; // [time in seconds, {label: score}], oldest first
  #colours = new Map(); // label -> one of NUMBERS

  constructor(svg) {
    this.#svg = svg;
  }

  add(points, now) {
    this.#points.push(...points);
    while (this.#points.length && this.#points[0][0] < now - WINDOW_S) this.#points.shift();
    this.#giveColours();
  }

  restart() {
    this.#points = [];
  }

  // The number of a label's colour, the same as long as it is in the chart; 0 for those that never mattered.
  colour(label) {
    return this.#colours.get(label) ?? 0;
  }

  #giveColours() {
    const shown = this.#labels();
    for (const old of [...this.#colours.keys()]) if (!shown.has(old)) this.#colours.delete(old);
    for (const label of shown) {
      if (this.#colours.has(label) || label === UNKNOWN) continue;
      const taken = new Set(this.#colours.values());
      const free = NUMBERS.find((number) => !taken.has(number));
      this.#colours.set(label, free ?? 1 + (this.#colours.size % NUMBERS.length));
    }
  }

  draw(now) {
    const { width, height } = this.#svg.getBoundingClientRect();
    if (!width || !height) return;
    const x = (time) => MARGIN.left + (1 - (now - time) / WINDOW_S) * (width - MARGIN.left - MARGIN.right);
    const y = (score) => MARGIN.top + (1 - score) * (height - MARGIN.top - MARGIN.bottom);
    const shapes = [];
    for (const score of [0, 0.5, 1]) {
      shapes.push(shape("line", { class: "grid", x1: MARGIN.left, x2: width - MARGIN.right, y1: y(score), y2: y(score) }));
      shapes.push(text(`${score * 100}%`, MARGIN.left - 8, y(score) + 4, "end"));
    }
    for (const [ago, words, anchor] of [[60, "60 s ago", "start"], [30, "30 s", "middle"], [0, "now", "end"]]) {
      shapes.push(text(words, x(now - ago), height - 4, anchor));
    }
    const last = this.#points.at(-1);
    for (const label of this.#labels()) {
      const line = `line-${this.colour(label)}`;
      shapes.push(shape("path", { class: line, d: this.#path(label, x, y) }));
      if (last && now - last[0] < BREAK_S && label in last[1]) {
        shapes.push(shape("circle", { class: line, cx: x(last[0]), cy: y(last[1][label]), r: 4.5 }));
      }
    }
    this.#svg.replaceChildren(...shapes);
  }

  #labels() {
    const labels = new Set();
    for (const [, scores] of this.#points) {
      for (const [label, score] of Object.entries(scores)) if (score >= MATTERS) labels.add(label);
    }
    return labels;
  }

  #path(label, x, y) {
    let path = "";
    let before = -Infinity;
    for (const [time, scores] of this.#points) {
      if (!(label in scores)) continue;
      path += `${time - before > BREAK_S ? "M" : "L"}${x(time).toFixed(1)} ${y(scores[label]).toFixed(1)}`;
      before = time;
    }
    return path;
  }
}

function shape(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function text(words, x, y, anchor) {
  const element = shape("text", { x, y, "text-anchor": anchor });
  element.textContent = words;
  return element;
}
