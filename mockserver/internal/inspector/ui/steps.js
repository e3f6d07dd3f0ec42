// Shows an exchange as a sequence of steps, and marks what comes from a field while the field has the pointer or the focus, and the reverse.
import { copying } from "./copy.js";
import { classed, element, rows } from "./elements.js";

const dialog = document.querySelector(".showing");
const caption = dialog.querySelector(".caption");
let fieldsOf = new WeakMap(); // names of the fields of an element
let placesOf = new Map(); // places of a field, by its name
let whereOf = new Map(); // the same in words, or what the field does instead
let idOf = new Map(); // id of the element of a field, by its name

function relate(made, names) {
  fieldsOf.set(made, names);
  made.classList.add("related");
  return made;
}

// learn collects the places of the fields.
function learn(told) {
  fieldsOf = new WeakMap();
  placesOf = new Map(told.fields.map((field) => [field.name, new Set()]));
  idOf = new Map(told.fields.map((field, at) => [field.name, "field-" + at]));
  for (const piece of told.requests.flatMap((request) => request.parts).flatMap((part) => part.text)) {
    for (const name of piece.fields || []) { placesOf.get(name)?.add(piece.place); }
  }
  whereOf = new Map(told.fields.map((field) => {
    const places = [...placesOf.get(field.name)];
    return [field.name, places.length ? "in " + places.join(", ") : field.effect || "has no place in this request"];
  }));
}

// fieldList makes a button for each field, which does nothing but take the focus.
function fieldList(fields) {
  return classed(element("ul", "", ...fields.map((field) => {
    const where = classed(element("span", whereOf.get(field.name)), "soft");
    const button = element("button", "", element("strong", field.name), element("code", field.value), where);
    button.type = "button";
    button.id = idOf.get(field.name);
    return element("li", "", relate(button, [field.name]));
  })), "keys");
}

// piece makes a piece of a text. One that comes from a field can have the focus and is described by the field.
function piece(told) {
  const text = told.text.replaceAll("\r\n", "\n");
  if (!told.fields) { return document.createTextNode(text); }
  const made = relate(element("span", text), told.fields);
  made.tabIndex = 0;
  made.setAttribute("aria-describedby", told.fields.map((name) => idOf.get(name)).filter(Boolean).join(" "));
  return made;
}

function block(title, ...children) {
  const text = element("pre", "", ...children);
  text.tabIndex = 0;
  text.ariaLabel = title;
  return [element("h4", title), copying(text)];
}

function partBlock(part) { return block(part.name, ...part.text.map(piece)); }

// step makes one step of the sequence, with what is made or received there.
function step(title, text, ...children) { return element("li", "", element("h3", title), ...(text ? [element("p", text)] : []), ...children); }

// reading returns how the mock reads the answer of an endpoint, as names and texts.
function reading(answer) {
  const read = [];
  const add = (name, text) => { if (text) { read.push([name, text]); } };
  add("status", answer.status && String(answer.status)); // missing if the endpoint did not answer
  add("error", answer.error);
  add("token", answer.accessToken && answer.accessToken + ", read from " + answer.accessTokenFrom);
  add("lives", answer.expiresFrom && answer.expiresInSeconds + " seconds, read from " + answer.expiresFrom);
  add("refresh token", answer.refreshToken && answer.refreshToken + ", kept for the next request");
  add("closest", answer.credential); // the credential that the differences are about
  (answer.differences || []).forEach((difference) => add("differs", difference));
  (answer.notes || []).forEach((note) => add("note", note));
  add("retry after", answer.retryAfterSeconds !== undefined && answer.retryAfterSeconds + " seconds");
  return read;
}

function answerOf(request) {
  if (!request.answer) { return []; }
  const word = classed(element("p", request.answer.fault || "It accepts the request."), "word " + (request.answer.fault ? "bad" : "good"));
  return [element("h4", "What it thought of the request"), word, rows(reading(request.answer))];
}

function endpointStep(request) {
  const parts = request.parts.filter((part) => part.at === request.to);
  const title = request.to[0].toUpperCase() + request.to.slice(1);
  return step(title, request.method + " " + request.url, ...parts.flatMap(partBlock), ...block("with curl", request.curl), ...answerOf(request));
}

// lastStep says what follows a token.
function lastStep(told) {
  if (told.requests.some((request) => request.to === "destination")) { return []; }
  if (told.delivery) { return [endpointStep(told.delivery)]; }
  return [step("Destination", "No destination uses this credential. A request to one has Authorization: Bearer and the token.")];
}

// show replaces the steps by those of a description of the mock.
export function show(told) {
  learn(told);
  const made = told.requests.flatMap((request) => request.parts.filter((part) => part.at === "platform"));
  const notes = told.notes.length ? [element("h4", "Notes"), classed(element("ul", "", ...told.notes.map((note) => element("li", note))), "notes")] : [];
  dialog.querySelector(".steps").replaceChildren(
    step("Platform", "It makes the request of these fields. Point at a field, or move the focus to it, to see its places; and the reverse.",
      fieldList(told.fields), ...made.flatMap(partBlock), ...notes),
    ...told.requests.map(endpointStep), ...lastStep(told));
  dialog.querySelector(".target").textContent = told.requests.map((one) => one.url).join(", then ");
  mark(null);
}

// mark marks everything that is related to an element: the places of a field, and the fields of a place.
function mark(at) {
  const names = (at && fieldsOf.get(at)) || [];
  for (const one of dialog.querySelectorAll(".related")) {
    one.classList.toggle("lit", fieldsOf.get(one).some((name) => names.includes(name)));
  }
  caption.hidden = names.length === 0;
  caption.textContent = names.map((name) => name + ": " + whereOf.get(name)).join("; ");
}

const related = (event) => event.target.closest?.(".related");
const focused = () => document.activeElement.closest(".related");
dialog.addEventListener("pointerover", (event) => mark(related(event) || focused()));
dialog.addEventListener("pointerleave", () => mark(focused()));
dialog.addEventListener("focusin", (event) => mark(related(event)));
dialog.addEventListener("focusout", () => mark(null));
