// What a credential would send to its token endpoint, shown in a dialog.
import { ask } from "./api.js";

function block(title, text) {
  const heading = document.createElement("h3");
  const pre = document.createElement("pre");
  heading.textContent = title;
  pre.textContent = text.replaceAll("\r\n", "\n");
  pre.tabIndex = 0;
  return [heading, pre];
}

function listOf(notes) {
  const list = document.createElement("ul");
  list.append(...notes.map((note) => {
    const item = document.createElement("li");
    item.textContent = note;
    return item;
  }));
  return list;
}

export async function describe(id) {
  const told = await ask("POST", "credentials/" + encodeURIComponent(id) + "/token-request");
  const dialog = document.querySelector(".showing");
  dialog.querySelector("h2").textContent = "Token request";
  const notes = told.notes?.length ? [listOf(told.notes)] : [];
  dialog.querySelector(".shown").replaceChildren(...block("As HTTP", told.http || ""), ...block("With curl", told.curl || ""), ...notes);
  dialog.showModal();
}
