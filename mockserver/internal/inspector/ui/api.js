// Sends the page's requests to the mock. The admin token is kept while the tab is open.
const kept = "credmock-admin-token";
export const admin = document.body.dataset.admin;

export function keepToken(token) { sessionStorage.setItem(kept, token); }

function headers() {
  const token = sessionStorage.getItem(kept);
  return token ? { Authorization: "Bearer " + token } : {};
}

// send sends a request to the JSON surface and returns the promise of fetch. The body is optional.
export function send(method, path, body, signal) {
  const options = { method, headers: headers(), signal, cache: "no-store" };
  if (body !== undefined) { options.body = JSON.stringify(body); }
  return fetch(admin + "/" + path, options);
}

// Refused is the error for a rejected request.
export class Refused extends Error {}

// granted returns the response of a request, or throws Refused with the messages of the mock.
export async function granted(asked) {
  const response = await asked;
  if (response.ok) { return response; }
  const answer = await response.json().catch(() => ({}));
  const told = (answer.errors || []).map((error) => error.message).join(" ");
  throw new Refused(told || "The mock answered " + response.status + ".");
}

// ask sends a request and returns the decoded answer, or throws Refused.
export async function ask(method, path, body) {
  return (await granted(send(method, path, body))).json();
}

// page returns a new copy of this page, or null if there is none.
export async function page(query) {
  const response = await fetch("./?" + query, { headers: headers(), cache: "no-store" });
  return response.ok ? new DOMParser().parseFromString(await response.text(), "text/html") : null;
}

// events calls each with the name and the data of every server-sent event, until the response ends.
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
