// What the page asks the mock. The admin token, where there is one, is kept for as long as the tab is open.
const kept = "credmock-admin-token";
export const admin = document.body.dataset.admin;

export function keepToken(token) { sessionStorage.setItem(kept, token); }

function headers() {
  const token = sessionStorage.getItem(kept);
  return token ? { Authorization: "Bearer " + token } : {};
}

// send asks the JSON surface; the body may be left out. The answer is that of fetch.
export function send(method, path, body, signal) {
  const options = { method, headers: headers(), signal, cache: "no-store" };
  if (body !== undefined) { options.body = JSON.stringify(body); }
  return fetch(admin + "/" + path, options);
}

// Refused is what the mock says against a request.
export class Refused extends Error {}

// granted returns the answer as it is, or throws what the mock says against the request.
export async function granted(asked) {
  const response = await asked;
  if (response.ok) { return response; }
  const answer = await response.json().catch(() => ({}));
  const told = (answer.errors || []).map((error) => error.message).join(" ");
  throw new Refused(told || "The mock answered " + response.status + ".");
}

// ask sends and returns the decoded answer, or throws what the mock says against it.
export async function ask(method, path, body) {
  return (await granted(send(method, path, body))).json();
}

// page returns this page as it is now, or null where there is none any more.
export async function page(query) {
  const response = await fetch("./?" + query, { headers: headers(), cache: "no-store" });
  return response.ok ? new DOMParser().parseFromString(await response.text(), "text/html") : null;
}

// events hands over each server-sent event of a response as its name and its data, until it ends.
export async function events(response, each) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) { return; }
    const parts = (rest + value).split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      const field = (name) => part.split("\n").find((line) => line.startsWith(name + ": "))?.slice(name.length + 2);
      if (field("event")) { each(field("event"), field("data")); }
    }
  }
}
