// Members: create, get, search, update, delete, bring back.

import assert from "node:assert/strict";
import { client, operand, refusals, run, step, unknown, where } from "./telling.mjs";

const email = `ana-${run}@acme.test`;
const newer = `anna-${run}@acme.test`;
const external_id = `ana-${run}`;
const { members } = client.organizations;

export async function live(organization_id) {
  const member_id = await create(organization_id);
  await find(organization_id, member_id);
  await refuse(organization_id, member_id);
  await change(organization_id, member_id);
}

function create(organization_id) {
  return step("create a member", async () => {
    const { member, member_id } = await members.create({
      organization_id,
      email_address: email,
      name: "Ana Anders",
      external_id,
      roles: ["stytch_admin"],
    });
    assert.equal(member.member_id, member_id);
    assert.equal(member.status, "active");
    const admin = member.roles.find((role) => role.role_id === "stytch_admin");
    assert.deepEqual(admin?.sources.map((source) => source.type), ["direct_assignment"]);
    assert.ok(member.roles.some((role) => role.role_id === "stytch_member"), "everyone is stytch_member");
    return member_id;
  });
}

async function find(organization_id, member_id) {
  const ways = { id: { member_id }, "external id": { member_id: external_id }, "email address": { email_address: email } };
  for (const [way, locator] of Object.entries(ways)) {
    await step(`get the member by ${way}`, async () => {
      const answer = await members.get({ organization_id, ...locator });
      assert.equal(answer.member.member_id, member_id);
    });
  }
  await step("search members", async () => {
    const answer = await members.search({
      organization_ids: [organization_id],
      query: where(operand("member_emails", [email]), operand("statuses", ["active"])),
    });
    assert.deepEqual(answer.members.map((found) => found.member_id), [member_id]);
    assert.ok(answer.organizations[organization_id], "the organizations of the members come along");
  });
  await step("dangerously get the member", async () => {
    const answer = await members.dangerouslyGet({ member_id, include_deleted: true });
    assert.equal(answer.organization.organization_id, organization_id);
  });
}

async function change(organization_id, member_id) {
  await step("update the member", async () => {
    const { member } = await members.update({
      organization_id,
      member_id,
      email_address: newer,
      untrusted_metadata: { theme: "dark" },
    });
    assert.equal(member.email_address, newer);
    assert.equal(member.name, "Ana Anders", "what was not given stays");
    assert.deepEqual(member.retired_email_addresses.map((retired) => retired.email_address), [email]);
  });
  await step("unlink the retired address", async () => {
    const { member } = await members.unlinkRetiredEmail({ organization_id, member_id, email_address: email });
    assert.deepEqual(member.retired_email_addresses, []);
  });
  await step("drop the external id", async () => {
    const { member } = await members.deleteExternalId({ organization_id, member_id });
    assert.ok(!member.external_id);
  });
  await step("delete the member", () => members.delete({ organization_id, member_id }));
  await refusals(["a deleted member", 404, "member_not_found", () => members.get({ organization_id, member_id })]);
  await refusals(["bringing back who never proved an address", 400, "email_unverified_for_reactivation", () =>
    members.reactivate({ organization_id, member_id })]);
}

function refuse(organization_id, member_id) {
  const create = (draft) => () => members.create({ organization_id, ...draft });
  const free = `ben-${run}@acme.test`;
  return refusals(
    ["an address in use", 400, "duplicate_member_email", create({ email_address: email })],
    ["something that is no address", 400, "invalid_email", create({ email_address: "ana" })],
    ["a role that nobody declared", 400, "invalid_rbac_role_id", create({ email_address: free, roles: ["nobody"] })],
    ["an unknown member", 404, "member_not_found", () => members.get({ organization_id, member_id: unknown("member") })],
    ["a search for nothing", 400, "invalid_member_get_fields", () => members.get({ organization_id })],
    ["a filter that no member search knows", 400, "member_search_filter_name_not_recognized", () =>
      members.search({ organization_ids: [organization_id], query: where(operand("shoe_size", [44])) })],
    ["bringing back who is there", 400, "no_deleted_member_found_for_reactivation", () =>
      members.reactivate({ organization_id, member_id })],
  );
}
