// Organizations: create, get, update, search, count, and at the end of the story delete.

import assert from "node:assert/strict";
import { client, connect, operand, refusals, run, step, unknown, where } from "./telling.mjs";

const slug = `node-story-${run}`;
const external = `node.${run}`;
const { organizations } = client;

export async function create() {
  const organization = await step("create an organization", async () => {
    const { organization, status_code } = await organizations.create({
      organization_name: "Node Story",
      organization_slug: slug,
      organization_external_id: external,
      email_allowed_domains: ["acme.test"],
      email_invites: "ALL_ALLOWED",
    });
    assert.equal(status_code, 200);
    assert.match(organization.organization_id, /^organization-(test|live)-/);
    assert.equal(organization.organization_slug, slug);
    assert.deepEqual(organization.email_allowed_domains, ["acme.test"]);
    return organization;
  });
  const { organization_id } = organization;
  for (const named of [organization_id, slug, external]) {
    await step("get the organization by what it is called", async () => {
      const answer = await organizations.get({ organization_id: named });
      assert.equal(answer.organization.organization_id, organization_id);
    });
  }
  return organization_id;
}

export async function live(organization_id) {
  await step("update the organization", async () => {
    const { organization } = await organizations.update({
      organization_id,
      organization_name: "Node Story Renamed",
      trusted_metadata: { plan: "team", seats: 5 },
      mfa_policy: "OPTIONAL",
    });
    assert.equal(organization.organization_name, "Node Story Renamed");
    assert.equal(organization.organization_slug, slug, "what was not given stays");
    assert.deepEqual(organization.email_allowed_domains, ["acme.test"], "what was not given stays");
    assert.deepEqual(organization.trusted_metadata, { plan: "team", seats: 5 });
  });
  await step("metadata is merged, and a null takes a key away", async () => {
    const { organization } = await organizations.update({ organization_id, trusted_metadata: { plan: "pro", seats: null } });
    assert.deepEqual(organization.trusted_metadata, { plan: "pro" });
  });
  const filters = [operand("organization_slugs", [slug]), operand("organization_name_fuzzy", "renam")];
  await step("search organizations", async () => {
    const answer = await organizations.search({ query: where(...filters) });
    assert.deepEqual(answer.organizations.map((found) => found.organization_id), [organization_id]);
    assert.equal(answer.results_metadata.total, 1);
  });
  await refusals(
    ["a slug in use", 400, "organization_slug_already_used", () =>
      organizations.create({ organization_name: "Again", organization_slug: slug })],
    ["an external id in use", 400, "organization_external_id_already_used", () =>
      organizations.create({ organization_name: "Again", organization_external_id: external })],
    ["a restriction to nothing", 400, "allowed_auth_methods_required_for_restricted", () =>
      organizations.create({ organization_name: "Closed", auth_methods: "RESTRICTED" })],
    ["a filter that nobody knows", 400, "organization_search_filter_name_not_recognized", () =>
      organizations.search({ query: where(operand("shoe_size", [44])) })],
    ["an unknown organization", 404, "organization_not_found", () =>
      organizations.get({ organization_id: unknown("organization") })],
    ["a wrong secret", 401, "unauthorized_credentials", () =>
      connect("secret-test-wrong").organizations.get({ organization_id })],
  );
}

export async function end(organization_id) {
  await step("count the members", async () => {
    const { member_count } = await organizations.metrics({ organization_id });
    assert.equal(typeof member_count, "number");
  });
  await step("drop the external id", () => organizations.deleteExternalId({ organization_id }));
  await step("delete the organization", async () => {
    const answer = await organizations.delete({ organization_id });
    assert.equal(answer.organization_id, organization_id);
  });
  await refusals(
    ["a deleted organization", 404, "organization_not_found", () => organizations.get({ organization_id })],
  );
}
