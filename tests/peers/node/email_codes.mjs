// The official Node SDK, as it is, signs people in by codes that come by mail. STORY_MAILBOX is the file of the SMTP
// server; the other variables are those of story.mjs.

import assert from "node:assert/strict";
import { codeFor } from "./chapters/mailbox.mjs";
import { client, refused, run, step, told } from "./chapters/telling.mjs";

const domain = `${run}.test`;
const { email } = client.otps;

const { organization } = await client.organizations.create({
  organization_name: "Codes",
  email_jit_provisioning: "RESTRICTED",
  email_allowed_domains: [domain],
});
const { organization_id } = organization;
const ana = `ana@${domain}`;

await step("ask for a code as somebody new", async () => {
  const answer = await email.loginOrSignup({ organization_id, email_address: ana, locale: "en" });
  assert.equal(answer.member_created, true);
  assert.equal(answer.member.status, "pending");
});

await step("a wrong code is refused", async () => {
  const code = await codeFor(ana);
  const wrong = code === "000000" ? "000001" : "000000";
  const call = () => email.authenticate({ organization_id, email_address: ana, code: wrong });
  await refused(401, "unable_to_auth_otp_code", call);
});

await step("sign in with the code of the mail", async () => {
  const code = await codeFor(ana);
  const answer = await email.authenticate({ organization_id, email_address: ana, code, session_duration_minutes: 30 });
  assert.equal(answer.member_authenticated, true);
  assert.equal(answer.member.status, "active");
  assert.equal(answer.member_session.authentication_factors[0].type, "email_otp");
  const local = await client.sessions.authenticateJwtLocal({ session_jwt: answer.session_jwt });
  assert.equal(local.member_id, answer.member_id);
});

const ben = `ben@${domain}`;

await step("ask for a code without an organization", async () => {
  const answer = await email.discovery.send({ email_address: ben });
  assert.equal(answer.status_code, 200);
});

const found = await step("discover organizations with the code of the mail", async () => {
  const answer = await email.discovery.authenticate({ email_address: ben, code: await codeFor(ben) });
  assert.deepEqual(answer.discovered_organizations.map((one) => one.membership.type), [
    "eligible_to_join_by_email_domain",
  ]);
  return answer;
});

await step("join the organization that was found", async () => {
  const { intermediate_session_token } = found;
  const answer = await client.discovery.intermediateSessions.exchange({ intermediate_session_token, organization_id });
  assert.equal(answer.member_authenticated, true);
  assert.equal(answer.member.email_address, ben);
});

console.log(`steps: ${told()}`);
