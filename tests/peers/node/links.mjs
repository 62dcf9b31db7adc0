// The official Node SDK, as it is, sends links in mails; told again with the tokens of those mails, it redeems them.
// VESTIBULE_BASE_URL, VESTIBULE_PROJECT_ID and VESTIBULE_SECRET name the server. STORY_ORGANIZATION lets acme.test join,
// STORY_MEMBER is one of its members; STORY_LOGIN_TOKEN, STORY_INVITE_TOKEN, STORY_DISCOVERY_TOKEN and
// STORY_UPDATE_TOKEN are the tokens. One line per step, `steps: N` at the end; the first failure ends it with status 1.

import assert from "node:assert/strict";
import { client, env, refusals, step, told } from "./chapters/telling.mjs";

const organization_id = env.STORY_ORGANIZATION;
const member_id = env.STORY_MEMBER;
const { magicLinks, organizations } = client;

async function send() {
  await step("send a link to somebody new", async () => {
    const answer = await magicLinks.email.loginOrSignup({ organization_id, email_address: "login@acme.test" });
    assert.equal(answer.member_created, true);
    assert.equal(answer.member.status, "pending");
  });
  await step("invite somebody", async () => {
    const answer = await magicLinks.email.invite({
      organization_id,
      email_address: "invited@acme.test",
      invited_by_member_id: member_id,
      name: "Ida",
      roles: ["editor"],
      invite_expiration_minutes: 60,
    });
    assert.equal(answer.member.status, "invited");
    assert.equal(answer.member_id, answer.member.member_id);
  });
  await step("send a link of discovery", () => magicLinks.email.discovery.send({ email_address: "discovery@acme.test" }));
  await step("let a member prove another address", async () => {
    const answer = await organizations.members.startEmailUpdate({
      organization_id,
      member_id,
      email_address: "updated@acme.test",
      delivery_method: "EMAIL_MAGIC_LINK",
    });
    assert.equal(answer.member.email_address, "member@acme.test");
  });
  await refusals(
    ["inviting who is in", 400, "duplicate_member_email", () =>
      magicLinks.email.invite({ organization_id, email_address: "member@acme.test" })],
    ["a URL that is not the project's", 400, "no_match_for_provided_magic_link_url", () =>
      magicLinks.email.discovery.send({ email_address: "a@acme.test", discovery_redirect_url: "https://evil.test" })],
    ["a link that lasts too long", 400, "invalid_expiration", () =>
      magicLinks.email.loginOrSignup({ organization_id, email_address: "a@acme.test", login_expiration_minutes: 10081 })],
  );
}

async function redeem() {
  const redeemed = (magic_links_token) => magicLinks.authenticate({ magic_links_token, session_duration_minutes: 30 });
  await step("redeem the link of somebody new", async () => {
    const answer = await redeemed(env.STORY_LOGIN_TOKEN);
    assert.equal(answer.member_authenticated, true);
    assert.equal(answer.member.status, "active");
    assert.equal(answer.member.email_address_verified, true);
    const [factor] = answer.member_session.authentication_factors;
    assert.deepEqual([factor.type, factor.delivery_method], ["magic_link", "email"]);
    const session = await client.sessions.authenticate({ session_jwt: answer.session_jwt });
    assert.equal(session.member.member_id, answer.member_id);
  });
  await step("redeem an invitation", async () => {
    const answer = await redeemed(env.STORY_INVITE_TOKEN);
    assert.ok(answer.member_session.roles.includes("editor"));
  });
  await step("redeem a link of discovery", async () => {
    const answer = await magicLinks.discovery.authenticate({ discovery_magic_links_token: env.STORY_DISCOVERY_TOKEN });
    assert.equal(answer.email_address, "discovery@acme.test");
    assert.ok(answer.intermediate_session_token);
    assert.ok(Array.isArray(answer.discovered_organizations));
  });
  await step("take the proven address", async () => {
    const answer = await redeemed(env.STORY_UPDATE_TOKEN);
    assert.equal(answer.member_id, member_id);
    assert.equal(answer.member.email_address, "updated@acme.test");
  });
  await refusals(
    ["a link that was used", 401, "unable_to_auth_magic_link", () => redeemed(env.STORY_LOGIN_TOKEN)],
    ["what is no token", 404, "magic_link_not_found", () => redeemed("wrong")],
  );
}

await (env.STORY_LOGIN_TOKEN ? redeem() : send());
console.log(`steps: ${told()}`);
