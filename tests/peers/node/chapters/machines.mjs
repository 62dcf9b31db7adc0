// Machines of the project: their life, their secrets, their tokens, and what the SDK says of a token by itself.

import assert from "node:assert/strict";
import { client, operand, refusals, refused, run, step, where } from "./telling.mjs";

const { clients, clients: { secrets } } = client.m2m;

export async function live() {
  const machine = await step("create a machine", async () => {
    const { m2m_client } = await clients.create({
      scopes: ["read:reports", "write:reports"],
      client_name: `Reports ${run}`,
      trusted_metadata: { team: "data" },
    });
    assert.match(m2m_client.client_id, /^m2m-client-test-/);
    assert.equal(m2m_client.status, "active");
    assert.equal(m2m_client.client_secret_last_four, m2m_client.client_secret.slice(-4));
    assert.equal(m2m_client.next_client_secret_last_four, null);
    return m2m_client;
  });
  const { client_id, client_secret } = machine;
  await step("get, change and find it", async () => {
    const { m2m_client } = await clients.get({ client_id });
    assert.equal(m2m_client.client_secret, undefined);
    assert.deepEqual(m2m_client.trusted_metadata, { team: "data" });
    const changed = await clients.update({ client_id, client_description: "Nightly", trusted_metadata: { team: null } });
    assert.equal(changed.m2m_client.client_description, "Nightly");
    assert.deepEqual(changed.m2m_client.trusted_metadata, {});
    const found = await clients.search({ query: where(operand("scopes", ["write:reports"]), operand("client_id", [client_id])) });
    assert.deepEqual(found.m2m_clients.map((it) => it.client_id), [client_id]);
    assert.equal(found.results_metadata.total, 1);
  });
  await tokens(client_id, client_secret);
  await rotation(client_id, client_secret);
  await refusals(
    ["a machine that there is not", 404, "m2m_client_not_found", () => clients.get({ client_id: "nobody" })],
    ["an id that is taken", 400, "duplicate_m2m_client_id", () => clients.create({ scopes: [], client_id })],
    ["a secret that others could find", 400, "invalid_m2m_client_secret", () =>
      clients.create({ scopes: [], client_secret: "password" })],
    ["a scope that is none", 400, "invalid_m2m_client_scopes", () => clients.create({ scopes: ["read reports"] })],
    ["a status that there is not", 400, "invalid_m2m_client_status", () => clients.update({ client_id, status: "asleep" })],
    ["a filter that there is not", 400, "m2m_client_search_filter_name_not_recognized", () =>
      clients.search({ query: where(operand("shoe_size", ["42"])) })],
  );
  await step("delete it", async () => {
    assert.equal((await clients.delete({ client_id })).client_id, client_id);
    await refused(404, "m2m_client_not_found", () => clients.delete({ client_id }));
  });
}

async function tokens(client_id, client_secret) {
  await step("a token says what its machine may do", async () => {
    const { access_token, expires_in, token_type } = await client.m2m.token({ client_id, client_secret });
    assert.deepEqual([expires_in, token_type], [3600, "bearer"]);
    const told = await client.m2m.authenticateToken({ access_token, required_scopes: ["read:reports"] });
    assert.equal(told.client_id, client_id);
    assert.deepEqual(told.scopes, ["read:reports", "write:reports"]);
    assert.deepEqual(told.custom_claims, {});
  });
  await step("a token may say less, and never more", async () => {
    const { access_token } = await client.m2m.token({ client_id, client_secret, scopes: ["read:reports"] });
    await assert.rejects(client.m2m.authenticateToken({ access_token, required_scopes: ["write:reports"] }));
    await refused(400, "invalid_scope", () => client.m2m.token({ client_id, client_secret, scopes: ["all"] }));
  });
  await refusals(
    ["a wrong secret", 401, "invalid_client", () => client.m2m.token({ client_id, client_secret: "wrong" })],
    ["an unknown machine", 401, "invalid_client", () => client.m2m.token({ client_id: "nobody", client_secret })],
  );
  await step("an inactive machine gets no token until it is active again", async () => {
    await clients.update({ client_id, status: "inactive" });
    await refused(401, "invalid_client", () => client.m2m.token({ client_id, client_secret }));
    await clients.update({ client_id, status: "active" });
    await client.m2m.token({ client_id, client_secret });
  });
}

async function rotation(client_id, first) {
  const opens = (client_secret) => client.m2m.token({ client_id, client_secret });
  const shut = (client_secret) => refused(401, "invalid_client", () => opens(client_secret));
  await step("two secrets work while they are rotated", async () => {
    const { m2m_client } = await secrets.rotateStart({ client_id });
    const second = m2m_client.next_client_secret;
    assert.equal(m2m_client.next_client_secret_last_four, second.slice(-4));
    await opens(first);
    await opens(second);
    await secrets.rotateCancel({ client_id });
    await opens(first);
    await shut(second);
  });
  await step("the second secret takes over", async () => {
    const second = (await secrets.rotateStart({ client_id })).m2m_client.next_client_secret;
    const { m2m_client } = await secrets.rotate({ client_id });
    assert.equal(m2m_client.client_secret_last_four, second.slice(-4));
    await opens(second);
    await shut(first);
  });
  await refusals(
    ["the end of no rotation", 400, "m2m_client_not_rotating_secret", () => secrets.rotate({ client_id })],
    ["the cancellation of none", 400, "m2m_client_not_rotating_secret", () => secrets.rotateCancel({ client_id })],
  );
}
