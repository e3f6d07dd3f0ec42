// orval makes schemas of zod, which hold what is sent and what comes back to the document.

import assert from "node:assert/strict";
import { test } from "node:test";

import { createAuthCredentialBody, createAuthCredentialResponse, getAuthCredentialResponse } from "../build/orval/zod";
import { draft, host, token } from "./common";

const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };

test("a credential keeps its members", async () => {
  const body = createAuthCredentialBody.parse(draft);
  assert.deepEqual(body, draft);
  const created = await fetch(`${host}/platform/v1/authcredentials`, { method: "POST", headers, body: JSON.stringify(body) });
  const sent: unknown = await created.json();
  const { payload } = createAuthCredentialResponse.parse(sent);
  assert.deepEqual(payload, (sent as { payload: unknown }).payload);
  assert.ok(payload.authStrategy === "OAuth_2.0_2-legged" && payload.hasClientSecret);
  const read = await fetch(`${host}/platform/v1/authcredentials/${payload.id}`, { headers });
  assert.equal(getAuthCredentialResponse.parse(await read.json()).payload.id, payload.id);
});

test("what breaks the document is refused", () => {
  for (const broken of [{ ...draft, noBasic: true }, { ...draft, authStrategy: "Kerberos" }, { ...draft, url: undefined }]) {
    assert.equal(createAuthCredentialBody.safeParse(broken).success, false);
  }
  assert.equal(getAuthCredentialResponse.safeParse({ meta: { version: "1.0.0" }, payload: {} }).success, false);
});
