// Text that can be copied: each stands beside its button.
import { say } from "./live.js";

// copying puts a button beside a text.
export function copying(text) {
  const place = document.createElement("div");
  const button = document.createElement("button");
  place.className = "copied";
  button.type = "button";
  button.dataset.act = "copy";
  button.textContent = "Copy";
  place.append(text, button);
  return place;
}

// copy hands the text beside a button to the clipboard. Where the browser keeps that from the page, the text is selected.
export async function copy(button) {
  const text = button.parentElement.querySelector("pre");
  try {
    await navigator.clipboard.writeText(text.textContent);
    button.textContent = "Copied";
    say("Copied.");
  } catch {
    getSelection().selectAllChildren(text);
    text.focus();
    say("The text is selected, to be copied with the keyboard.");
  }
}
