import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Bearer } from "../src/bearer.js";
import { Client, Refusal, type Draft } from "../src/client.js";
import { startMock, type Mock } from "./mock.js";

const environmentId = "a31a92e5-43b7-45df-8085-4ac5a746d105"; // the mock's Development environment
const secret = "correct horse battery staple";
const draft: Draft = {
  name: "orders",
  environmentId,
  grantType: "client_credentials",
  url: "https://login.example.com/token",
  clientId: "orders-service",
  clientSecret: secret,
};

let mock: Mock;

before(async () => {
  mock = await startMock();
});
after(() => mock.stop());

function key(alg: string) {
  const found = mock.keys.find((one) => one.alg === alg);
  assert.ok(found, `no key for ${alg}`);
  return found;
}

for (const alg of ["RS384", "ES384"]) {
  test(`the whole life of a credential, with assertions signed by ${alg}`, async () => {
    const client = new Client(mock.host, mock.clientId, key(alg));
    const created = await client.create(draft);
    assert.equal(created.hasClientSecret, true);
    assert.ok(!JSON.stringify(created).includes(secret));

    const changed = await client.update(created.id, { grantType: draft.grantType, url: draft.url, scopes: "orders.read" });
    assert.equal(changed.scopes, "orders.read");
    assert.equal(changed.name, "orders");
    assert.equal(changed.hasClientSecret, true, "a secret that is left out stays");
    assert.deepEqual(await client.get(created.id), changed);
    assert.ok((await client.list(environmentId)).some((item) => item.id === created.id));

    await client.remove(created.id);
    await assert.rejects(client.get(created.id), (error) => error instanceof Refusal && error.status === 404);
  });
}

test("a refusal points at the violation and repeats no value", async () => {
  const client = new Client(mock.host, mock.clientId, key("ES384"));
  await assert.rejects(client.create({ ...draft, url: undefined as unknown as string }), (error) => {
    assert.ok(error instanceof Refusal);
    assert.equal(error.status, 400);
    assert.deepEqual(error.violations.map((one) => one.pointer), ["/url"]);
    assert.ok(!error.message.includes(secret));
    return true;
  });
});

test("a bearer token is used until it is about to expire", async () => {
  const bearer = new Bearer(`${mock.host}/v2/auth/token`, mock.clientId, key("ES384"));
  const now = Date.now();
  const first = await bearer.token(now);
  assert.equal(await bearer.token(now + 280_000), first);
  assert.notEqual(await bearer.token(now + 295_000), first);
});

test("an unknown client gets no bearer token", async () => {
  const bearer = new Bearer(`${mock.host}/v2/auth/token`, "unknown-client", key("ES384"));
  await assert.rejects(bearer.token(), /401 invalid_client/);
});
