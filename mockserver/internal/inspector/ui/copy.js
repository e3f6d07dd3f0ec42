// Buttons that copy the text next to them.
import { say } from "./live.js";

// copying adds a button to a text.
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

// copy copies the text next to a button to the clipboard. If the browser forbids that, it selects the text.
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
