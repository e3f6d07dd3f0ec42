// The page kept as the mock is: whatever happens there, the page is asked for again and its parts are exchanged.
import { events, page, send } from "./api.js";

const most = 100; // rows; the server has the same bound
const pace = 200; // milliseconds between two looks, however much happens
const served = new Map(); // of each part, what the server last said it is
let looking = null;
let again = false;

const list = () => document.querySelector(".exchanges");

// place is where the page says what was done: in a dialog while one is open, for the rest of the page is silent then.
export const place = () => document.querySelector("dialog[open] .said") || document.querySelector(".said");

export function say(text) { place().textContent = text; }

// wanted is the filter as a query.
export function wanted() {
  const query = new URLSearchParams(new FormData(document.querySelector(".filter")));
  for (const [name, value] of [...query]) { if (!value) { query.delete(name); } }
  return query;
}

// key tells a control from the others of its part, so that it can be found again in a new one.
function key(control) {
  const { act, id } = control.dataset;
  return control.tagName + (act ? act + " " + id : control.closest("details")?.id || control.getAttribute("href"));
}

// exchange puts a new part in the place of an old one. What was open stays open, and the focus stays where it was.
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

// take brings the page to the state of another one that was just served.
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

// refresh looks soon: once for everything that happens while it looks.
export function refresh() {
  again = true;
  looking = looking || keepLooking().catch(() => {}).finally(() => { looking = null; });
}

// restart empties the list and fills it anew, for another filter or a journal that was cleared.
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

// listen follows the events of the mock for as long as the page is there.
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
