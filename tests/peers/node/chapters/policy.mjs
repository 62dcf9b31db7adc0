// Roles: the project's policy, and what an organization adds to it.

import assert from "node:assert/strict";
import { client, projectId, refusals, run, step } from "./telling.mjs";

const { rbac } = client;
const role = (role_id, actions) => ({
  role_id,
  description: "A role of one organization",
  permissions: actions ? [{ resource_id: "stytch.member", actions }] : [],
});

export async function read() {
  const policy = await step("read the project policy", async () => {
    const { policy } = await rbac.policy();
    const roles = policy.roles.map((role) => role.role_id);
    assert.ok(roles.includes("stytch_member") && roles.includes("stytch_admin"));
    assert.ok(policy.resources.some((resource) => resource.resource_id === "stytch.self"));
    return policy;
  });
  await step("read the keys", async () => {
    const { keys } = await client.sessions.getJWKS({ project_id: projectId });
    assert.ok(keys.length >= 1);
    for (const key of keys) assert.deepEqual([key.kty, key.alg, key.use], ["RSA", "RS256", "sig"]);
  });
  return policy;
}

export async function live(organization_id) {
  const set = (...roles) => rbac.organizations.setOrgPolicy({ organization_id, org_policy: { roles } });
  await step("read the organization's policy", async () => {
    const { org_policy } = await rbac.organizations.getOrgPolicy({ organization_id });
    assert.deepEqual(org_policy.roles, []);
  });
  await step("add a role of the organization's own", async () => {
    const { org_policy } = await set(role("recruiter", ["create", "search"]));
    assert.deepEqual(org_policy.roles, [role("recruiter", ["create", "search"])]);
    const { organization } = await client.organizations.get({ organization_id });
    assert.deepEqual(organization.custom_roles.map((role) => role.role_id), ["recruiter"]);
  });
  await step("give somebody that role", async () => {
    const email_address = `carl-${run}@acme.test`;
    const { member } = await client.organizations.members.create({ organization_id, email_address, roles: ["recruiter"] });
    assert.deepEqual(member.roles.map((role) => role.role_id), ["recruiter", "stytch_member"]);
  });
  await refusals(
    ["a role twice", 400, "rbac_role_duplicate", () => set(role("clerk", ["create"]), role("clerk", ["create"]))],
    ["a role without permissions", 400, "rbac_role_missing_permissions", () => set(role("clerk"))],
    ["a permission without actions", 400, "rbac_permission_missing_actions", () => set(role("clerk", []))],
    ["everything and something", 400, "cannot_specify_wildcard_with_other_actions", () => set(role("clerk", ["*", "create"]))],
    ["a reserved role", 400, "invalid_rbac_stytch_role_edit", () => set(role("stytch_admin", ["create"]))],
  );
}
