// Keeps the page up to date: after each event it requests the page again and replaces the changed parts.
import { events, page, send } from "./api.js";

const most = 100; // rows; the server has the same limit
const pace = 200; // minimum milliseconds between two requests
const served = new Map(); // markup last served, by part
let looking = null;
let again = false;

const list = () => document.querySelector(".exchanges");

// place returns where messages are shown: in the open dialog, if any, since a screen reader ignores the rest of the page then.
export const place = () => document.querySelector("dialog[open] .said") || document.querySelector(".said");

export function say(text) { place().textContent = text; }

// wanted returns the filter as a query.
export function wanted() {
  const query = new URLSearchParams(new FormData(document.querySelector(".filter")));
  for (const [name, value] of [...query]) { if (!value) { query.delete(name); } }
  return query;
}

// key identifies a control within its part, to find it again in a replacement.
function key(control) {
  const { act, id } = control.dataset;
  return control.tagName + (act ? act + " " + id : control.closest("details")?.id || control.getAttribute("href"));
}

// exchange replaces a part. Open details stay open, and the focus stays where it was.
function exchange(old, fresh) {
  for (const details of old.querySelectorAll("details[open]")) {
    const same = fresh.querySelector("#" + CSS.escape(details.id));
    if (same) { same.open = true; }
  }
  const focused = old.contains(document.activeElement) ? key(document.activeElement) : "";
  old.replaceWith(fresh);
  if (!focused) { return; }
  const again = [...fresh.querySelectorAll("button, summary, a")].find((control) => key(control) === focused);
  const heading = fresh.closest("section").querySelector("h2");
  heading.tabIndex = -1;
  (again || heading).focus();
}

// take applies the changes of a newly served page.
function take(fresh) {
  for (const part of fresh.querySelectorAll("[data-part]")) {
    const name = part.dataset.part;
    const text = part.outerHTML;
    const old = document.querySelector(`[data-part="${name}"]`);
    if (old && served.get(name) !== text) { exchange(old, part); }
    served.set(name, text);
  }
  const rows = list();
  const news = fresh.querySelector(".exchanges");
  const seen = Number(rows.dataset.last);
  const added = [...news.children].filter((row) => Number(row.dataset.id) > seen);
  rows.prepend(...added);
  while (rows.children.length > most) { rows.lastElementChild.remove(); }
  rows.dataset.last = news.dataset.last;
}

async function look() {
  const query = wanted();
  query.set("after", list().dataset.last);
  const fresh = await page(query);
  if (fresh?.querySelector(".exchanges")) { take(fresh); }
}

const pause = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

async function keepLooking() {
  do {
    again = false;
    await look();
    await pause(pace);
  } while (again);
}

// refresh updates the page soon: once for all events that arrive during an update.
export function refresh() {
  again = true;
  looking = looking || keepLooking().catch(() => {}).finally(() => { looking = null; });
}

// restart clears the list and loads it again, after a change of the filter or of the journal.
export async function restart() {
  const before = looking;
  await before;
  list().replaceChildren();
  list().dataset.last = "0";
  refresh();
}

function live(state, text) {
  const sign = document.querySelector(".live");
  sign.dataset.live = state;
  if (sign.textContent !== text) { sign.textContent = text; }
}

// listen follows the events of the mock while the page is open.
export async function listen() {
  for (let wait = 500; ; wait = Math.min(2 * wait, 10000)) {
    try {
      const response = await send("GET", "events");
      if (response.ok) {
        wait = 500;
        live("on", "live");
        refresh();
        await events(response, refresh);
      }
      live("off", response.status === 404 ? "this session is gone" : "connecting");
    } catch {
      live("off", "the mock does not answer");
    }
    await pause(wait);
  }
}
