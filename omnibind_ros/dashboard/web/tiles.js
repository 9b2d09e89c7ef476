// One tile a source.

import { post } from "./robot.js";
import { notify } from "./notices.js";

const template = document.getElementById("tile");
const ICONS = new Set(["image", "thermal", "event", "touch", "audio", "point", "text"]);

export class Tiles {
  #list;
  #tiles = new Map(); // source -> Tile

  constructor(list) {
    this.#list = list;
  }

  show(sources) {
    const names = new Set(sources.map((source) => source.name));
    for (const [name, tile] of this.#tiles) {
      if (!names.has(name)) {
        tile.element.remove();
        this.#tiles.delete(name);
      }
    }
    sources.forEach((source, place) => {
      let tile = this.#tiles.get(source.name);
      if (!tile) {
        tile = new Tile(source);
        this.#tiles.set(source.name, tile);
      }
      if (this.#list.children[place] !== tile.element) this.#list.insertBefore(tile.element, this.#list.children[place] ?? null);
      tile.show(source);
    });
  }
}

class Tile {
  #name;
  #parts = {};
  #picture = 0;
  #loading = false;

  constructor(source) {
    this.#name = source.name;
    this.element = template.content.firstElementChild.cloneNode(true);
    this.element.dataset.source = source.name;
    for (const part of ["name", "state-text", "reason", "alone", "alone-label", "alone-score", "weight", "fill", "weight-text", "rate", "age", "latency", "switch", "words", "placeholder"]) {
      this.#parts[part] = this.element.querySelector(`.${part}`);
    }
    this.#parts.img = this.element.querySelector("img");
    this.#parts.img.alt = `What ${source.name} sends`;
    const icon = `#icon-${ICONS.has(source.modality) ? source.modality : "text"}`;
    for (const use of this.element.querySelectorAll("use")) use.setAttribute("href", icon);
    this.#parts.switch.setAttribute("aria-label", `Use ${source.name}`);
    this.#parts.switch.addEventListener("click", () => this.#toggle());
    this.#parts.img.addEventListener("load", () => this.#loaded(true));
    this.#parts.img.addEventListener("error", () => this.#loaded(false));
  }

  show(source) {
    const live = source.state === "live";
    this.element.dataset.state = source.state;
    this.element.toggleAttribute("data-idle", !live);
    write(this.#parts.name, source.name);
    write(this.#parts["state-text"], source.state);
    write(this.#parts.reason, live ? "" : source.reason);
    const weight = live ? source.weight : null;
    const counts = weight !== null && source.label !== "";
    write(this.#parts["alone-label"], counts ? source.label : live ? "nothing to see" : "not used");
    write(this.#parts["alone-score"], counts && source.score !== null ? percent(source.score) : "");
    this.#parts.alone.toggleAttribute("data-nothing", !counts);
    this.#parts.fill.style.width = percent(weight ?? 0);
    write(this.#parts["weight-text"], weight === null ? "–" : percent(weight));
    this.#parts.weight.setAttribute("aria-label", `Weight of ${source.name} in the answer`);
    this.#parts.weight.setAttribute("aria-valuenow", Math.round((weight ?? 0) * 100));
    write(this.#parts.rate, source.rate_hz === null ? "–" : `${source.rate_hz.toFixed(source.rate_hz < 9.95 ? 1 : 0)} Hz`);
    write(this.#parts.age, duration(source.age_s));
    write(this.#parts.latency, duration(source.latency_ms === null ? null : source.latency_ms / 1000));
    const control = this.#parts.switch;
    if (control.getAttribute("aria-busy") !== "true") control.setAttribute("aria-checked", String(source.state !== "disabled"));
    control.disabled = source.state === "silent";
    this.#look(source);
  }

  #look(source) {
    if (source.words !== null) {
      write(this.#parts.words, source.words);
      this.#parts.words.hidden = false;
      this.#parts.placeholder.classList.toggle("icon", false);
      this.#parts.placeholder.setAttribute("hidden", "");
    } else if (source.picture !== this.#picture && source.picture && !this.#loading) {
      // The next one is asked for when this one is there: a slow link gets fewer, not late ones.
      this.#loading = true;
      this.#picture = source.picture;
      this.#parts.img.src = `/pictures/${encodeURIComponent(source.name)}?number=${source.picture}`;
    }
  }

  #loaded(good) {
    this.#loading = false;
    this.#parts.img.hidden = !good;
    this.#parts.placeholder.toggleAttribute("hidden", good);
  }

  async #toggle() {
    const control = this.#parts.switch;
    const enabled = control.getAttribute("aria-checked") !== "true";
    control.setAttribute("aria-busy", "true");
    control.setAttribute("aria-checked", String(enabled));
    try {
      await post(`/api/sources/${encodeURIComponent(this.#name)}`, { enabled });
      notify(`${this.#name} is ${enabled ? "used again" : "switched off"}.`);
    } catch (error) {
      control.setAttribute("aria-checked", String(!enabled));
      notify(error.message, "bad");
    }
    // The state follows with the robot's next report.
    setTimeout(() => control.removeAttribute("aria-busy"), 700);
  }
}

export function write(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

export function percent(share) {
  return `${Math.round(share * 100)}%`;
}

function duration(seconds) {
  if (seconds === null) return "–";
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 100) return `${seconds.toFixed(1)} s`;
  return `${Math.round(seconds / 60)} min`;
}
