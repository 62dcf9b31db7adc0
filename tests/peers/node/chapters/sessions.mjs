// Sessions: of a member, and what follows a sign-in.

import assert from "node:assert/strict";
import { client, env, refused, refusals, step, unknown } from "./telling.mjs";

export async function live(organization_id, member_id) {
  const { sessions } = client;
  await step("list the sessions of a member", async () => {
    const { member_sessions } = await sessions.get({ organization_id, member_id });
    assert.deepEqual(member_sessions, []);
  });
  await step("end what there is not, twice", async () => {
    for (const _ of [1, 2]) await sessions.revoke({ member_id });
  });
  await refusals(
    ["an unknown session", 404, "session_not_found", () => sessions.authenticate({ session_token: "not-a-session" })],
    ["no session at all", 400, "no_session_arguments", () => sessions.authenticate({})],
    ["two sessions at once", 400, "too_many_session_arguments", () =>
      sessions.authenticate({ session_token: "a", session_jwt: "b" })],
    ["something that is no JWT", 400, "unable_to_parse_session_jwt", () => sessions.authenticate({ session_jwt: "a.b.c" })],
    ["the end of nothing", 400, "no_session_revoke_arguments", () => sessions.revoke({})],
    ["two ends at once", 400, "too_many_session_revoke_arguments", () => sessions.revoke({ session_token: "a", member_id })],
    ["the sessions of nobody", 404, "member_not_found", () => sessions.get({ organization_id, member_id: unknown("member") })],
  );
}

function check(text, organization) {
  const [resource_id, action] = text.split(":");
  return { organization_id: organization, resource_id, action };
}

function allowedBy(policy, roles) {
  for (const role of policy.roles.filter((candidate) => roles.includes(candidate.role_id))) {
    for (const { resource_id, actions } of role.permissions) {
      const known = policy.resources.find((resource) => resource.resource_id === resource_id)?.actions ?? [];
      const action = actions.find((candidate) => candidate !== "*") ?? known[0];
      if (action) return `${resource_id}:${action}`;
    }
  }
  throw new Error(`the policy lets ${roles} do nothing; set STORY_ALLOWED`);
}

/** What follows a sign-in; `elsewhere` is an organization that the member is not in. */
export async function open(sso_token, policy, elsewhere) {
  const login = await step("exchange the SSO token for a session", async () => {
    const answer = await client.sso.authenticate({ sso_token, session_duration_minutes: 30 });
    assert.equal(answer.member_authenticated, true);
    assert.equal(answer.reset_session, false);
    assert.equal(answer.intermediate_session_token, "");
    assert.ok(answer.session_token && answer.session_jwt);
    assert.equal(answer.member_session.member_id, answer.member_id);
    assert.equal(answer.member_session.authentication_factors[0].type, "sso");
    return answer;
  });
  const { session_token, session_jwt, member_id } = login;
  const home = login.organization.organization_id;
  const allowed = check(env.STORY_ALLOWED ?? allowedBy(policy, login.member_session.roles), home);
  const forbidden = check(env.STORY_REFUSED ?? "stytch.nothing:shred", home);

  await step("the SSO token works once", () =>
    refused(404, "sso_token_not_found", () => client.sso.authenticate({ sso_token })));

  await step("authenticate the session by token", async () => {
    const answer = await client.sessions.authenticate({ session_token });
    assert.equal(answer.member.member_id, member_id);
    assert.equal(answer.member_session.expires_at, login.member_session.expires_at, "nothing is extended");
  });

  await step("authenticate the session by JWT", async () => {
    const answer = await client.sessions.authenticate({ session_jwt });
    assert.equal(answer.member_session.member_session_id, login.member_session.member_session_id);
    assert.ok(answer.session_jwt);
  });

  await step("an allowed action is authorized", async () => {
    const answer = await client.sessions.authenticate({ session_token, authorization_check: allowed });
    assert.equal(answer.verdict.authorized, true);
    assert.ok(answer.verdict.granting_roles.length >= 1);
  });

  await step("a forbidden action is refused", () =>
    refused(403, "session_authorization_error", () =>
      client.sessions.authenticate({ session_token, authorization_check: forbidden })));

  await step("another organization is refused", () =>
    refused(403, "session_authorization_tenancy_error", () =>
      client.sessions.authenticate({ session_token, authorization_check: { ...allowed, organization_id: elsewhere } })));

  await step("check the JWT locally", async () => {
    const answer = await client.sessions.authenticateJwtLocal({ session_jwt });
    assert.equal(answer.member_id, member_id);
    assert.equal(answer.organization_id, home);
    assert.equal(answer.organization_slug, login.organization.organization_slug);
    assert.deepEqual([...answer.roles].sort(), [...login.member_session.roles].sort());
  });

  await step("authorize the JWT locally", () =>
    client.sessions.authenticateJwtLocal({ session_jwt, authorization_check: allowed }));

  await step("refuse the JWT locally", async () => {
    await assert.rejects(
      client.sessions.authenticateJwtLocal({ session_jwt, authorization_check: forbidden }),
      { code: "invalid_permissions" },
    );
  });

  await step("list the session and end it", async () => {
    const at = { organization_id: home, member_id };
    const { member_sessions } = await client.sessions.get(at);
    assert.ok(member_sessions.some((session) => session.member_session_id === login.member_session.member_session_id));
    await client.sessions.revoke({ session_jwt });
    await client.sessions.revoke({ member_id });
    assert.deepEqual((await client.sessions.get(at)).member_sessions, []);
  });

  await step("the session is over", () =>
    refused(404, "session_not_found", () => client.sessions.authenticate({ session_token })));

  console.log(`member: ${JSON.stringify({
    member_id,
    email_address: login.member.email_address,
    roles: login.member.roles,
    session_roles: login.member_session.roles,
  })}`);
}
