// Connects the controls of the page with their actions.
import { ask, granted, keepToken, page, send } from "./api.js";
import { copy } from "./copy.js";
import { listen, place, refresh, restart, say, wanted } from "./live.js";
import { stop, verify } from "./verify.js";
import { choose, describe, transmit } from "./tokenrequest.js";

// Readers of control values for the JSON surface; undefined omits a member.
const readers = {
  number: (control) => (control.value ? Number(control.value) : undefined),
  list: (control) => (control.value ? [control.value] : undefined),
  tick: (control) => control.checked || undefined,
  text: (control) => control.value || undefined,
  headers: (control) => control.value.trim() ? Object.fromEntries(control.value.trim().split("\n").map(header)) : undefined,
  body: (control) => control.value ? value(control.value) : undefined,
};

// header returns the name and the value of a header, which must not stand there twice.
function header(line, at, lines) {
  const name = (text) => text.slice(0, text.indexOf(":")).trim().toLowerCase();
  if (line.indexOf(":") < 1) { throw new Error("Write each header as Name: value on a line of its own."); }
  if (lines.findIndex((other) => name(other) === name(line)) !== at) { throw new Error("A header stands there twice."); }
  return [line.slice(0, line.indexOf(":")).trim(), line.slice(line.indexOf(":") + 1).trim()];
}

// value returns the object or the list that a text is in JSON, or the text itself.
function value(text) {
  try {
    const read = JSON.parse(text);
    return typeof read === "object" && read !== null ? read : text;
  } catch {
    return text;
  }
}

function instructions(form) {
  const body = {};
  for (const control of form.elements) {
    if (control.name && !control.disabled) { body[control.name] = readers[control.dataset.as || "text"](control); }
  }
  return body;
}

// attempt runs an action and shows the message if it is rejected.
async function attempt(where, act) {
  where.textContent = "";
  try {
    await act();
  } catch (refused) {
    where.textContent = refused.message;
  }
}

function add(form) {
  return attempt(form.querySelector(".fault"), async () => {
    await ask("POST", form.dataset.to, instructions(form));
    form.reset();
    mutantAlone(form);
    say("Done.");
    refresh();
  });
}

// mutantAlone disables the other controls while a mutant is selected, since the mock accepts a mutant only without other
// effects.
function mutantAlone(form) {
  const mutant = form.elements.mutant;
  if (!mutant) { return; }
  for (const control of form.elements) {
    if (control.name && control !== mutant) { control.disabled = mutant.value !== ""; }
  }
}

// save downloads an export as a file. A plain link could not send the token or the filter.
async function save(name) {
  const response = await granted(send("GET", name + "?" + wanted()));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = "credmock-" + (document.body.dataset.session || "main") + name.replace("requests", "");
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser has read it by then
  say("Saved as " + link.download + ".");
}

function asked() {
  const dialog = document.querySelector(".asking");
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((answer) => {
    // The event of an earlier close may arrive while the dialog is open again.
    dialog.onclose = () => { if (!dialog.open) { answer(dialog.returnValue === "yes"); } };
  });
}

const acts = {
  async reset() {
    if (!await asked()) { return; }
    await ask("POST", "reset");
    say("Everything is back at the start.");
    await restart();
  },
  async clear() {
    await ask("DELETE", "requests");
    say("The list is empty.");
    await restart();
  },
  async "remove-fault"(id) { await ask("DELETE", "faults/" + id); },
  async "delete-session"(name) {
    await ask("DELETE", "sessions/" + encodeURIComponent(name));
    if (name === document.body.dataset.session) { location.href = "/__admin/ui/"; }
    say("The session " + name + " is deleted.");
  },
  async freeze() { await ask("POST", "clock", { frozen: !document.querySelector(".clock[data-frozen]") }); },
  describe,
  copy(_, button) { return copy(button); },
  save,
  stop,
};

document.addEventListener("click", (event) => {
  const control = event.target.closest("[data-act]");
  if (!control) { return; }
  const { act, id } = control.dataset;
  event.preventDefault(); // links work without a script
  attempt(place(), async () => {
    await acts[act](id, control);
    refresh();
  });
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "dialog") { return; }
  event.preventDefault();
  if (form.dataset.to) { add(form); }
  if (form.matches(".run")) { verify(form); }
  if (form.matches(".token")) { unlock(form); }
  if (form.matches(".filter")) { filter(); }
  if (form.matches(".sending")) { transmit(); }
});

document.addEventListener("change", (event) => {
  const { form, name } = event.target;
  if (form?.matches(".filter")) { filter(); }
  if (form?.matches(".sending") && name === "grant") { choose(); }
  if (name === "mutant") { mutantAlone(form); }
});

// filter stores the filter in the URL, so that it stays when the page is reloaded.
function filter() {
  const query = wanted().toString();
  history.replaceState(null, "", query ? "?" + query : "./");
  restart();
}

// The clock advances between two updates.
const since = new WeakMap();
setInterval(() => {
  const clock = document.querySelector(".clock:not([data-frozen])");
  if (!clock) { return; }
  if (!since.has(clock)) { since.set(clock, performance.now()); }
  const now = new Date(Date.parse(clock.dateTime) + performance.now() - since.get(clock));
  clock.textContent = now.toISOString().slice(0, 19) + "Z";
}, 1000);

// load requests the state with the token, after the page was served without it.
async function load() {
  const fresh = await page("");
  if (!fresh?.querySelector(".exchanges")) { return false; }
  for (const place of [".banner", "main"]) { document.querySelector(place).replaceWith(fresh.querySelector(place)); }
  return true;
}

function unlock(form) {
  keepToken(form.elements.token.value);
  attempt(document.querySelector("main .fault"), async () => {
    if (!await load()) { throw new Error("The mock does not take this token."); }
    listen();
  });
}

document.documentElement.classList.add("scripted");
if (document.querySelector(".exchanges") || await load()) { listen(); }
