// The official Node SDK, as it is, takes people in who come from an OAuth provider. STORY_OAUTH_TOKEN and
// STORY_DISCOVERY_TOKEN are tokens of redirects; the other variables are those of story.mjs.

import assert from "node:assert/strict";
import { client, env, refused, step, told } from "./chapters/telling.mjs";

await step("sign in with the token of the redirect", async () => {
  const answer = await client.oauth.authenticate({ oauth_token: env.STORY_OAUTH_TOKEN, session_duration_minutes: 30 });
  assert.equal(answer.member_authenticated, true);
  assert.equal(answer.provider_type, "Google");
  assert.equal(answer.member.oauth_registrations[0].provider_subject, answer.provider_subject);
  assert.equal(answer.member_session.authentication_factors[0].type, "oauth");
  const local = await client.sessions.authenticateJwtLocal({ session_jwt: answer.session_jwt });
  assert.equal(local.member_id, answer.member_id);
});

await step("the token is good once", async () => {
  const call = () => client.oauth.authenticate({ oauth_token: env.STORY_OAUTH_TOKEN });
  await refused(404, "oauth_token_not_found", call);
});

await step("choose an organization", async () => {
  const found = await client.oauth.discovery.authenticate({ discovery_oauth_token: env.STORY_DISCOVERY_TOKEN });
  assert.equal(found.provider_type, "Google");
  assert.equal(found.discovered_organizations.length, 1);
  const { organization } = found.discovered_organizations[0];
  const entered = await client.discovery.intermediateSessions.exchange({
    intermediate_session_token: found.intermediate_session_token,
    organization_id: organization.organization_id,
  });
  assert.equal(entered.member_authenticated, true);
});

console.log(`steps: ${told()}`);
