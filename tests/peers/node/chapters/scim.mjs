// The directory: a SCIM connection, what an IdP pushes through it, the rotation of its token.

import assert from "node:assert/strict";
import { client, refusals, run, step, unknown } from "./telling.mjs";

const { connection: connections } = client.scim;

/** What an IdP does. */
async function push(base, token, type, resource) {
  const response = await fetch(`${base}/${type}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json" },
    body: JSON.stringify(resource),
  });
  return { status: response.status, body: await response.json() };
}

function create(organization_id) {
  return step("create a SCIM connection", async () => {
    const { connection } = await connections.create({
      organization_id, display_name: "Story SCIM", identity_provider: "okta",
    });
    assert.equal(connection.status, "active");
    assert.match(connection.bearer_token, /^[A-Za-z0-9]{48}$/, "the token is shown once");
    assert.ok(connection.base_url.endsWith(`/v1/b2b/scim/${connection.connection_id}`));
    return connection;
  });
}

async function push_people(organization_id, { connection_id, base_url, bearer_token }) {
  const email = `ben-${run}@acme.test`;
  await step("push somebody and a group", async () => {
    const user = await push(base_url, bearer_token, "Users", { userName: email, name: { givenName: "Ben", familyName: "B" } });
    assert.equal(user.status, 201);
    const group = await push(base_url, bearer_token, "Groups", { displayName: "Editors", members: [{ value: user.body.id }] });
    assert.equal(group.status, 201);
  });
  const group_id = await step("list the groups", async () => {
    const { scim_groups, next_cursor } = await connections.getGroups({ organization_id, connection_id, limit: 10 });
    assert.deepEqual(scim_groups.map((group) => group.group_name), ["Editors"]);
    assert.ok(!next_cursor);
    return scim_groups[0].group_id;
  });
  await step("give the group a role", async () => {
    const { connection } = await connections.update({
      organization_id,
      connection_id,
      display_name: "Story SCIM renamed",
      scim_group_implicit_role_assignments: [{ role_id: "stytch_admin", group_id, group_name: "" }],
    });
    assert.equal(connection.display_name, "Story SCIM renamed");
    assert.equal(connection.identity_provider, "okta");
    assert.equal(connection.scim_group_implicit_role_assignments[0].group_name, "Editors");
  });
  await step("the pushed member has the role, and it says why", async () => {
    const { member } = await client.organizations.members.get({ organization_id, email_address: email });
    assert.equal(member.scim_registration.connection_id, connection_id);
    assert.equal(member.scim_registration.scim_attributes.user_name, email);
    const admin = member.roles.find((role) => role.role_id === "stytch_admin");
    assert.deepEqual(admin.sources, [{ type: "scim_connection_group", details: { connection_id, group_id } }]);
  });
  return email;
}

async function rotate(organization_id, { connection_id, base_url, bearer_token }) {
  const works = async (token) => {
    const { status } = await fetch(`${base_url}/Users`, { headers: { authorization: `Bearer ${token}` } });
    return status === 200;
  };
  const at = { organization_id, connection_id };
  await refusals(["the end of a rotation that was not started", 400, "scim_connection_not_rotating_token", () =>
    connections.rotateComplete(at)]);
  const next = await step("start a rotation", async () => {
    const { connection } = await connections.rotateStart(at);
    assert.ok(await works(bearer_token) && await works(connection.next_bearer_token), "both tokens work");
    return connection.next_bearer_token;
  });
  await step("get the SCIM connection", async () => {
    const { connection } = await connections.get({ organization_id });
    assert.equal(connection.bearer_token_last_four, bearer_token.slice(-4));
    assert.equal(connection.next_bearer_token_last_four, next.slice(-4));
    assert.equal(connection.bearer_token, undefined, "the token is not shown again");
  });
  await step("complete the rotation", async () => {
    const { connection } = await connections.rotateComplete(at);
    assert.equal(connection.bearer_token_last_four, next.slice(-4));
    assert.ok(!(await works(bearer_token)) && await works(next), "only the next token works");
  });
  await step("cancel another rotation", async () => {
    const started = await connections.rotateStart(at);
    const { connection } = await connections.rotateCancel(at);
    assert.equal(connection.next_bearer_token_last_four, "");
    assert.ok(!(await works(started.connection.next_bearer_token)) && await works(next));
  });
}

function refuse(organization_id, connection_id) {
  const rule = (assignment) => () =>
    connections.update({ organization_id, connection_id, scim_group_implicit_role_assignments: [assignment] });
  return refusals(
    ["a second active SCIM connection", 400, "active_scim_connection_exists", () => connections.create({ organization_id })],
    ["a directory that nobody knows", 400, "invalid_scim_idp", () =>
      connections.update({ organization_id, connection_id, identity_provider: "myspace" })],
    ["a role for an unknown group", 400, "scim_group_role_assignment_group_does_not_exist",
      rule({ role_id: "stytch_admin", group_id: unknown("scim-group") })],
    ["a role for no group", 400, "scim_group_role_assignment_does_not_contain_group_id", rule({ role_id: "stytch_admin" })],
    ["a group's role that nobody declared", 400, "invalid_rbac_role_id", rule({ role_id: "nobody", group_id: "x" })],
  );
}

export async function live(organization_id) {
  const created = await create(organization_id);
  const { connection_id } = created;
  const email = await push_people(organization_id, created);
  await rotate(organization_id, created);
  await refuse(organization_id, connection_id);
  const member_id = await step("delete the SCIM connection", async () => {
    const answer = await connections.delete({ organization_id, connection_id });
    assert.equal(answer.connection_id, connection_id);
    const { member } = await client.organizations.members.get({ organization_id, email_address: email });
    assert.equal(member.status, "active", "the people stay");
    assert.ok(!member.scim_registration, "what the directory knew of them goes");
    return member.member_id;
  });
  await refusals(["a directory that is gone", 404, "no_active_scim_connection", () => connections.get({ organization_id })]);
  await step("delete a member and bring them back", async () => {
    await client.organizations.members.delete({ organization_id, member_id });
    const { member } = await client.organizations.members.reactivate({ organization_id, member_id });
    assert.equal(member.status, "active");
  });
  return member_id;
}
