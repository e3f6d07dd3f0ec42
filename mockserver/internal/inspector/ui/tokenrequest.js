// Opens the requests of a credential in a dialog and sends them.
import { ask } from "./api.js";
import { classed, element } from "./elements.js";
import { show } from "./steps.js";

const dialog = document.querySelector(".showing");
const part = (name) => dialog.querySelector(name);
let current = { id: "", path: "" };
let sending = false;

// path returns the path of the requests. Only the credentials that refresh a token have a choice of grants.
function path(send) {
  const query = new URLSearchParams();
  if (current.refreshes) { query.set("grant", part("[name=grant]").value); }
  if (send) { query.set("send", "true"); }
  if (send && part("[name=deliver]").checked) { query.set("deliver", "true"); }
  return "credentials/" + encodeURIComponent(current.id) + "/" + current.path + (query.size ? "?" + query : "");
}

export async function describe(id, button) {
  current = { id, path: button.dataset.path, refreshes: "refreshes" in button.dataset };
  part(".sending").reset();
  part(".sending label:has(select)").hidden = !current.refreshes;
  const told = await ask("POST", path(false));
  show(told);
  part(".further").hidden = !told.delivery;
  part("#showing-title").textContent = button.textContent;
  const name = document.querySelector("#credential-" + CSS.escape(id) + " summary strong");
  part(".whose").textContent = name ? name.textContent : id;
  part(".answer").replaceChildren();
  dialog.showModal();
}

// Restores the focus by selector, since an update may have replaced the button that opened the dialog.
dialog.addEventListener("close", () => { document.querySelector(`[data-act=describe][data-id="${CSS.escape(current.id)}"]`)?.focus(); });

function conclude(good, text) {
  part(".answer").replaceChildren(classed(element("p", text), good ? "word good" : "word bad"));
  part(".answer").scrollIntoView({ block: "nearest" });
}

async function trying(act) {
  try {
    await act();
  } catch (refused) {
    conclude(false, refused.message);
  }
}

export async function transmit() {
  if (sending) { return; }
  sending = true;
  part(".answer").replaceChildren(element("p", "Sending."));
  await trying(async () => {
    const told = await ask("POST", path(true));
    show(told);
    const last = told.delivery?.answer || told.answer;
    conclude(!last.fault, last.fault || (last.accessToken ? "The endpoint gave a token." : "The destination accepts the request."));
  });
  sending = false;
}

export function choose() {
  part(".answer").replaceChildren();
  return trying(async () => show(await ask("POST", path(false))));
}
