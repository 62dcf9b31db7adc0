// The official Node SDK, as it is: passwords that are forgotten or taken out of use, in a project whose organizations
// share them. STORY_MAILBOX is the file of the SMTP server; the other variables are those of story.mjs.

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { tokenFor } from "./chapters/mailbox.mjs";
import { client, refusals, run, step, told } from "./chapters/telling.mjs";

const { passwords } = client;
const [email_address, newcomer] = [`pia.${run}@acme.test`, `nina.${run}@acme.test`];
const first = "correct horse battery staple";
const second = "seven mild otters knit socks";
const third = "nine calm badgers play whist";
const { organization } = await client.organizations.create({ organization_name: "Resets" });
const { organization_id } = organization;
const whose = { organization_id, email_address };
const login = (password) => passwords.authenticate({ ...whose, password, session_duration_minutes: 30 });

await step("take a password over", () =>
  passwords.migrate({
    ...whose,
    hash_type: "sha_1",
    hash: "3dc1d3785e7054e2f65e227aa47386e81752be1c",
    sha_1_config: { prepend_salt: "before", append_salt: "after" },
  }));
const { session_token } = await step("sign in by it", () => login(first));

const forgotten = await step("ask for a link", async () => {
  const answer = await passwords.email.resetStart({ ...whose, reset_password_expiration_minutes: 30, locale: "en" });
  assert.equal(answer.member.email_address, email_address);
  assert.match(answer.member_email_id, /^email-test-/);
  return { answer, password_reset_token: await tokenFor(email_address, "multi_tenant_passwords") };
});
const { password_reset_token } = forgotten;
const reset = (password) => passwords.email.reset({ password_reset_token, password, session_duration_minutes: 30 });
await refusals(["a weak password", 400, "weak_password", () => reset("password1")]);
await step("set another one by the link", async () => {
  const answer = await reset(second);
  assert.equal(answer.member_authenticated, true);
  assert.equal(answer.member_email_id, forgotten.answer.member_email_id);
  assert.deepEqual(answer.member_session.authentication_factors.map((factor) => factor.type), ["magic_link", "password"]);
});
await refusals(
  ["a link that was used", 401, "unable_to_auth_password_reset_token", () => reset(third)],
  ["the old password", 401, "unauthorized_credentials", () => login(first)],
  ["a session of before", 404, "session_not_found", () => client.sessions.authenticate({ session_token })],
);

await step("take it out of use", async () => {
  const { member } = await passwords.email.requireReset(whose);
  assert.equal(member.email_address, email_address);
});
await refusals(
  ["what is out of use", 400, "member_reset_password", () => login(second)],
  ["what is out of use everywhere", 400, "member_reset_password", () =>
    passwords.discovery.authenticate({ email_address, password: second })],
);

async function byLink(address, password) {
  // An address gets one mail a second.
  await pause(1100);
  await passwords.discovery.email.resetStart({ email_address: address });
  const password_reset_token = await tokenFor(address, "discovery");
  return passwords.discovery.email.reset({ password_reset_token, password });
}
const slugs = ({ discovered_organizations }) => discovered_organizations.map((one) => one.organization.organization_slug);

await step("set one for every organization, whoever asks", async () => {
  const known = await byLink(email_address, third);
  assert.deepEqual([known.email_address, slugs(known)], [email_address, [organization.organization_slug]]);
  const unknown = await byLink(newcomer, third);
  assert.deepEqual([unknown.email_address, slugs(unknown)], [newcomer, []]);
});
await step("enter by it", async () => {
  const answer = await passwords.discovery.authenticate({ email_address, password: third });
  assert.deepEqual(slugs(answer), [organization.organization_slug]);
  const { intermediate_session_token } = answer;
  const entered = await client.discovery.intermediateSessions.exchange({ intermediate_session_token, organization_id });
  assert.equal(entered.member_authenticated, true);
  assert.equal(entered.member_session.authentication_factors[0].type, "password");
});
await refusals(["a wrong password", 401, "unauthorized_credentials", () =>
  passwords.discovery.authenticate({ email_address, password: second })]);
console.log(`steps: ${told()}`);
