// Hey API makes a client with a function for each operation.

import assert from "node:assert/strict";
import { test } from "node:test";

import { client } from "../build/hey/client.gen";
import { createAuthCredential, deleteAuthCredential, getAuthCredential, updateAuthCredential } from "../build/hey/sdk.gen";
import { draft, host, token } from "./common";

client.setConfig({ baseUrl: host, auth: token });

test("create, update, get and delete", async () => {
  const created = await createAuthCredential({ body: draft });
  assert.ok(created.data, JSON.stringify(created.error));
  const shown = created.data.payload;
  assert.ok(shown.authStrategy === "OAuth_2.0_2-legged" && shown.hasClientSecret);
  const path = { id: shown.id };
  const url = "https://login.example.com/v2/token";
  const updated = await updateAuthCredential({ path, body: { grantType: "client_credentials", url } });
  assert.ok(updated.data, JSON.stringify(updated.error));
  const read = await getAuthCredential({ path });
  assert.ok(read.data?.payload.authStrategy === "OAuth_2.0_2-legged");
  assert.equal(read.data.payload.url, url);
  assert.ok((await deleteAuthCredential({ path })).data);
  const gone = await getAuthCredential({ path });
  assert.equal(gone.response?.status, 404);
});
