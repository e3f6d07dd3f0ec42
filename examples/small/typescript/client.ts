// This program creates, changes, reads and deletes a credential, with fetch alone.

interface Credential {
  id: string;
  name: string;
  url: string;
  hasClientSecret: boolean;
}

/** Sends a request and returns the payload of the answer. An answer that is not a success is an error with its status. */
async function call<Payload>(method: string, path: string, body?: object): Promise<Payload> {
  const response = await fetch(process.env.CREDMOCK_URL + path, {
    method,
    headers: { Authorization: `Bearer ${process.env.CREDMOCK_TOKEN}`, "Content-Type": "application/json" },
    body: body && JSON.stringify(body),
  });
  if (!response.ok) {
    throw new Error(`${method} ${path}: ${response.status}`);
  }
  const answer = (await response.json()) as { payload: Payload };
  return answer.payload;
}

const created = await call<Credential>("POST", "/v1/authcredentials", {
  name: "orders",
  environmentId: process.env.CREDMOCK_ENVIRONMENT,
  authStrategy: "OAuth_2.0_2-legged",
  grantType: "client_credentials",
  url: "https://login.example.com/token",
  clientSecret: "not-a-real-secret",
});
const path = `/v1/authcredentials/${created.id}`;
// An update needs grantType and url, and keeps what it leaves out.
await call("PATCH", path, { grantType: "client_credentials", url: "https://login.example.com/v2/token" });
const read = await call<Credential>("GET", path);
console.log(read.name, read.url, read.hasClientSecret);
await call("DELETE", path);
const gone = await call("GET", path).catch((error: Error) => error.message.endsWith(": 404"));
if (gone !== true) {
  throw new Error("it is still there");
}
