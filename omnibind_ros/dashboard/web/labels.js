// The dialog in which the labels are edited.

import { get, post } from "./robot.js";
import { notify } from "./notices.js";

const dialog = document.getElementById("labels-dialog");
const area = document.getElementById("labels-text");
const problem = document.getElementById("labels-problem");

export function offerLabels(button) {
  button.addEventListener("click", async () => {
    try {
      area.value = (await get("/api/labels")).labels.join("\n");
    } catch (error) {
      notify(error.message, "bad");
      return;
    }
    problem.textContent = "";
    dialog.showModal();
  });
  document.getElementById("labels-cancel").addEventListener("click", () => dialog.close());
  document.getElementById("labels-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const labels = area.value.split("\n").map((label) => label.trim()).filter(Boolean);
    try {
      await post("/api/labels", { labels });
    } catch (error) {
      problem.textContent = error.message;
      return;
    }
    dialog.close();
    notify(labels.length ? `The robot changes to ${labels.length} labels.` : "The robot changes to the bundle's own labels.");
  });
}
