// The official Node SDK, as it is: somebody whom nobody knows makes an organization of their own and joins another one.
// STORY_MAILBOX is the file of the SMTP server; the other variables are those of story.mjs.

import assert from "node:assert/strict";
import { codeFor } from "./chapters/mailbox.mjs";
import { client, projectId, refused, run, step, told } from "./chapters/telling.mjs";

const { discovery, otps, sessions } = client;
const email_address = `fred@${run}.test`;

const counted = async () => {
  const { metrics, project_id } = await client.project.metrics();
  assert.equal(project_id, projectId);
  return metrics.find((metric) => metric.metric_type === "ORGANIZATION_COUNT").count;
};
const before = await step("count what the project has", counted);

const intermediate_session_token = await step("prove an address that no organization knows", async () => {
  await otps.email.discovery.send({ email_address });
  const answer = await otps.email.discovery.authenticate({ email_address, code: await codeFor(email_address) });
  assert.deepEqual(answer.discovered_organizations, []);
  return answer.intermediate_session_token;
});

await step("find no organization to enter", async () => {
  const answer = await discovery.organizations.list({ intermediate_session_token });
  assert.deepEqual([answer.email_address, answer.discovered_organizations], [email_address, []]);
});

const founded = await step("found one", async () => {
  const answer = await discovery.organizations.create({
    intermediate_session_token,
    organization_name: "Founded",
    organization_slug: `founded-${run}`,
    trusted_metadata: { plan: "free" },
    session_duration_minutes: 30,
    session_custom_claims: { journey: "onboarding" },
  });
  assert.equal(answer.member_authenticated, true);
  assert.equal(answer.intermediate_session_token, "");
  assert.deepEqual(answer.organization.trusted_metadata, { plan: "free" });
  assert.equal(answer.member.email_address, email_address);
  assert.equal(answer.member.email_address_verified, true);
  assert.ok(answer.member_session.roles.includes("stytch_admin"), "who founds an organization runs it");
  assert.deepEqual(answer.member_session.custom_claims, { journey: "onboarding" });
  const local = await sessions.authenticateJwtLocal({ session_jwt: answer.session_jwt });
  assert.equal(local.organization_slug, `founded-${run}`);
  return answer;
});
const { session_token } = founded;

await step("what was proven is used up", () =>
  refused(404, "intermediate_session_not_found", () => discovery.organizations.list({ intermediate_session_token })));

const elsewhere = await step("find another one that expects them", async () => {
  const { organization } = await client.organizations.create({ organization_name: "Elsewhere" });
  const { organization_id } = organization;
  await client.organizations.members.create({ organization_id, email_address, create_member_as_pending: true });
  const { discovered_organizations } = await discovery.organizations.list({ session_token });
  const found = discovered_organizations.map((one) => [one.organization.organization_id, one.membership.type]);
  assert.deepEqual(new Map(found), new Map([
    [founded.organization.organization_id, "active_member"],
    [organization_id, "pending_member"],
  ]));
  return organization_id;
});

await step("exchange the session for one over there", async () => {
  const answer = await sessions.exchange({ session_token, organization_id: elsewhere, session_duration_minutes: 30 });
  assert.equal(answer.member_authenticated, true);
  assert.equal(answer.organization.organization_id, elsewhere);
  assert.equal(answer.member.email_address, email_address);
  assert.notEqual(answer.session_token, session_token);
});

await step("the project has two organizations more", async () => assert.equal(await counted(), before + 2));

console.log(`steps: ${told()}`);
