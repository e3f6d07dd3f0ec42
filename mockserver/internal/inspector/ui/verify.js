// Runs the suite and shows its progress and its report.
import { events, granted, send } from "./api.js";

const shownFailures = 50;
let running = null;

export async function stop() { running?.abort(); }

const part = (name) => document.querySelector(".verify " + name);

// tell counts one check. It updates the announced text only every 25 checks.
function tell(counts, { done, total, id, outcome }) {
  const bar = part("progress");
  bar.max = total;
  bar.value = done;
  counts[outcome] = (counts[outcome] || 0) + 1;
  if (done % 25 === 0 || done === total) {
    const parts = Object.entries(counts).map(([name, count]) => count + " " + name);
    part(".tally").textContent = done + " of " + total + " checks: " + parts.join(", ");
  }
  if ((outcome === "fail" || outcome === "trouble") && part(".failures").children.length < shownFailures) {
    const item = document.createElement("li");
    item.textContent = outcome + " " + id;
    part(".failures").append(item);
  }
}

function conclude({ verdict, report }) {
  const word = document.createElement("p");
  word.className = "word";
  word.dataset.verdict = verdict;
  word.textContent = verdict + " ";
  const link = document.createElement("a");
  link.href = report;
  link.target = "_blank";
  link.textContent = "open the report in a page of its own";
  word.append(link);
  const frame = document.createElement("iframe");
  frame.title = "Report with the matrix of families and operations";
  frame.src = report;
  part(".verdict").replaceChildren(word, frame);
}

function fail(message) {
  const word = document.createElement("p");
  word.className = "fault";
  word.textContent = message;
  part(".verdict").replaceChildren(word);
}

function busy(is) {
  part("form button").disabled = is;
  part("[data-act=stop]").hidden = !is;
}

async function follow(here) {
  const counts = {};
  let ended = false;
  const response = await granted(send("POST", "ui/verify", { here }, running.signal));
  await events(response, (name, data) => {
    const told = JSON.parse(data);
    if (name === "progress") { return tell(counts, told); }
    ended = true;
    return name === "verdict" ? conclude(told) : fail(told.message);
  });
  if (!ended) { throw new Error("The run ended before its verdict."); }
}

export async function verify(form) {
  if (running) { return; }
  running = new AbortController();
  part(".progress").hidden = false;
  part(".verdict").replaceChildren();
  part(".failures").replaceChildren();
  part(".tally").textContent = "starting";
  busy(true);
  try {
    await follow(form.elements.here.checked);
  } catch (trouble) {
    fail(trouble.name === "AbortError" ? "Stopped." : trouble.message);
  } finally {
    running = null;
    busy(false);
  }
}
