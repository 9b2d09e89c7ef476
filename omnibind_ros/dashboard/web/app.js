// Follows the server's stream and shows what it tells.

import { Chart } from "./chart.js";
import { offerLabels } from "./labels.js";
import { notify } from "./notices.js";
import { post } from "./robot.js";
import { offerThemes } from "./theme.js";
import { percent, Tiles, write } from "./tiles.js";

const UNKNOWN = "unknown";
const part = (id) => document.getElementById(id);
const chart = new Chart(part("chart"));
const tiles = new Tiles(part("tiles"));

function showLink(kind, words) {
  part("link").dataset.kind = kind;
  write(part("link-text"), words);
}

function showAnswer(answer, present) {
  const [label, score] = answer?.results[0] ?? [null, null];
  const known = label !== null && label !== UNKNOWN;
  document.querySelector(".answer").dataset.kind = known ? "known" : "none";
  write(part("label"), label ?? (present ? "nothing yet" : "–"));
  write(part("score"), score === null ? "" : percent(score));
  const list = part("results");
  const results = answer?.results ?? [];
  while (list.children.length > results.length) list.lastElementChild.remove();
  results.forEach(([name, value], place) => {
    const row = list.children[place] ?? list.appendChild(newResult());
    row.className = `result line-${chart.colour(name)}`;
    write(row.children[0], name);
    row.querySelector(".fill").style.width = percent(value);
    write(row.children[2], percent(value));
  });
  const told = known ? `now ${label}` : "now nothing is recognised";
  if (part("chart").dataset.told !== told) {
    part("chart").dataset.told = told;
    part("chart").setAttribute("aria-label", `Scores of the last minute; ${told}`);
  }
}

function newResult() {
  const row = document.createElement("li");
  const [name, track, fill, score] = ["result-name", "track", "fill", "result-score"].map((kind) => {
    const element = document.createElement("span");
    element.className = kind;
    return element;
  });
  track.append(fill);
  row.append(name, track, score);
  return row;
}

function showRobot(told) {
  const names = told.nodes.join(", ");
  write(part("robot"), names);
  document.body.toggleAttribute("data-read-only", told.read_only);
  const live = told.sources.filter((source) => source.state === "live").length;
  write(part("counts"), told.sources.length ? `${live} of ${told.sources.length} live` : "");
  part("no-sources").hidden = told.sources.length > 0;
  write(part("bundle"), told.bundle || "–");
  const facts = [told.labels && `${told.labels} labels`, told.rate_hz && `${told.rate_hz} recognitions a second`];
  write(part("bundle-facts"), facts.filter(Boolean).join(", "));
  document.title = `${told.answer ? told.answer.results[0][0] : "–"} · omnibind`;
  if (told.present) showLink("good", "connected");
  else showLink("bad", told.nodes.length ? "the robot is silent" : "waiting for the robot");
}

function follow() {
  const stream = new EventSource("/api/stream");
  stream.addEventListener("open", () => chart.restart());
  stream.addEventListener("message", (event) => {
    const told = JSON.parse(event.data);
    chart.add(told.points, told.now_s);
    showRobot(told);
    showAnswer(told.answer, told.present);
    tiles.show(told.sources);
    chart.draw(told.now_s);
  });
  // The browser tries again by itself, unless the server refused.
  stream.addEventListener("error", () => {
    showLink("bad", "dashboard not reached");
    if (stream.readyState === EventSource.CLOSED) setTimeout(follow, 3000);
  });
}

part("reload").addEventListener("click", async () => {
  part("reload").disabled = true;
  try {
    notify((await post("/api/bundle/reload", {})).message);
  } catch (error) {
    notify(error.message, "bad");
  }
  part("reload").disabled = false;
});
offerThemes(part("theme"));
offerLabels(part("edit-labels"));
follow();
