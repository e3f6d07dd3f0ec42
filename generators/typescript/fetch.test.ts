// openapi-typescript makes types, and openapi-fetch sends requests with them.

import assert from "node:assert/strict";
import { test } from "node:test";

import createClient from "openapi-fetch";

import type { components, paths } from "../build/fetch";
import { draft, host, token } from "./common";

const client = createClient<paths>({ baseUrl: host, headers: { Authorization: `Bearer ${token}` } });
const one = "/platform/v1/authcredentials/{id}";

test("create, update, get and delete", async () => {
  const created = await client.POST("/platform/v1/authcredentials", { body: draft });
  assert.ok(created.data, JSON.stringify(created.error));
  const shown = created.data.payload;
  assert.equal(shown.name, "orders");
  assert.ok(shown.authStrategy === "OAuth_2.0_2-legged" && shown.hasClientSecret);
  const path = { params: { path: { id: shown.id } } };
  const url = "https://login.example.com/v2/token";
  const updated = await client.PATCH(one, { ...path, body: { grantType: "client_credentials", url } });
  assert.ok(updated.data, JSON.stringify(updated.error));
  const read = await client.GET(one, path);
  assert.ok(read.data?.payload.authStrategy === "OAuth_2.0_2-legged");
  assert.equal(read.data.payload.url, url);
  assert.ok((await client.DELETE(one, path)).data);
  const gone = await client.GET(one, path);
  assert.equal(gone.response.status, 404);
  assert.equal(gone.error?.errors[0]?.code, "not-found");
});

// These lines must not compile; they are not run.
export async function mistakes() {
  // @ts-expect-error a secret is never in an answer
  (await client.GET(one, { params: { path: { id: "1" } } })).data!.payload.clientSecret;
  // @ts-expect-error a flag belongs to the server
  const created: components["schemas"]["OAuth2TwoLeggedCreate"] = { ...draft, hasClientSecret: true };
  // @ts-expect-error a credential has a url
  await client.POST("/platform/v1/authcredentials", { body: { ...draft, url: undefined } });
  // @ts-expect-error a strategy is one of four
  await client.POST("/platform/v1/authcredentials", { body: { ...draft, authStrategy: "Kerberos" } });
  // @ts-expect-error noBasic is a string
  await client.POST("/platform/v1/authcredentials", { body: { ...draft, noBasic: true } });
  // @ts-expect-error the path has an id
  await client.GET(one, {});
  // @ts-expect-error an update has no id in its body
  const changed: components["schemas"]["CredentialChange"] = { id: "2" };
  return [created, changed];
}
