// Shows the token request of a credential in a dialog and sends it.
import { ask } from "./api.js";
import { copying } from "./copy.js";

const dialog = document.querySelector(".showing");
const part = (name) => dialog.querySelector(name);
let current = "";
let sending = false;

function element(name, text, ...children) {
  const made = document.createElement(name);
  made.textContent = text;
  made.append(...children);
  return made;
}

function block(title, text) {
  const pre = element("pre", text.replaceAll("\r\n", "\n"));
  pre.tabIndex = 0;
  return [element("h3", title), copying(pre)];
}

function path(query) { return "credentials/" + encodeURIComponent(current) + "/token-request?grant=" + part("[name=grant]").value + query; }

function show(told) {
  const notes = told.notes?.length ? [element("ul", "", ...told.notes.map((note) => element("li", note)))] : [];
  const requests = told.requests || [];
  const step = (at) => requests.length > 1 ? `Request ${at + 1}: ` : "";
  part(".target").textContent = requests.map((one) => one.url).join(", then ");
  part(".shown").replaceChildren(...notes, ...requests.flatMap((one, at) =>
    [...block(step(at) + "As HTTP", one.http), ...block(step(at) + "With curl", one.curl)]));
}

export async function describe(id) {
  current = id;
  part(".sending").reset();
  show(await ask("POST", path("")));
  const name = document.querySelector("#credential-" + CSS.escape(id) + " summary strong");
  part(".whose").textContent = name ? name.textContent : id;
  part(".answer").replaceChildren();
  dialog.showModal();
}

// Restores the focus by selector, since an update may have replaced the button that opened the dialog.
dialog.addEventListener("close", () => { document.querySelector(`[data-act=token-request][data-id="${CSS.escape(current)}"]`)?.focus(); });

function conclude(good, title, rows) {
  const word = element("p", title);
  word.className = good ? "word good" : "word bad";
  const list = element("dl", "", ...rows.map(([name, text]) => element("div", "", element("dt", name), element("dd", text))));
  list.className = "fields";
  part(".answer").replaceChildren(word, list);
  part(".answer").scrollIntoView({ block: "nearest" });
}

// read shows how the credential reads the answer of its token endpoint.
function read(answer) {
  const rows = [];
  const add = (name, text) => { if (text) { rows.push([name, text]); } };
  add("status", answer.status && String(answer.status)); // missing if the endpoint did not answer
  add("error", answer.error);
  add("token", answer.accessToken && answer.accessToken + ", read from " + answer.accessTokenFrom);
  add("lives", answer.expiresFrom && answer.expiresInSeconds + " seconds, read from " + answer.expiresFrom);
  add("refresh token", answer.refreshToken && answer.refreshToken + ", kept for the next request");
  add("closest", answer.credential); // the credential that the differences are about
  (answer.differences || []).forEach(difference => add("differs", difference));
  (answer.notes || []).forEach(note => add("note", note));
  add("retry after", answer.retryAfterSeconds !== undefined && answer.retryAfterSeconds + " seconds");
  conclude(!answer.fault, answer.fault || "The endpoint gave a token.", rows);
}

async function trying(act) {
  try {
    await act();
  } catch (refused) {
    conclude(false, refused.message, []);
  }
}

export async function transmit() {
  if (sending) { return; }
  sending = true;
  part(".answer").replaceChildren(element("p", "Sending."));
  await trying(async () => {
    const told = await ask("POST", path("&send=true"));
    show(told);
    read(told.answer);
  });
  sending = false;
}

export function choose() {
  part(".answer").replaceChildren();
  return trying(async () => show(await ask("POST", path(""))));
}
