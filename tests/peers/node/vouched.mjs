// The official Node SDK, as it is, takes people in for whom somebody else vouches. STORY_ORGANIZATION and STORY_MEMBER say
// who it is; STORY_IMPERSONATION_TOKEN is an operator's, STORY_TRUSTED_TOKEN one of the profile `partner`, STORY_OLD_TOKEN
// one of the system before.

import assert from "node:assert/strict";
import { client, env, step, told } from "./chapters/telling.mjs";

const organization_id = env.STORY_ORGANIZATION;
const asked = { organization_id, session_duration_minutes: 30 };
const rows = [
  ["as an operator", "impersonated", () =>
    client.impersonation.authenticate({ impersonation_token: env.STORY_IMPERSONATION_TOKEN })],
  ["with a trusted token", "trusted_auth_token", () =>
    client.sessions.attest({ ...asked, profile_id: "partner", token: env.STORY_TRUSTED_TOKEN })],
  ["with a session of the system before", "trusted_auth_token", () =>
    client.sessions.migrate({ ...asked, session_token: env.STORY_OLD_TOKEN })],
];
for (const [name, factor, call] of rows) {
  await step(`enter ${name}`, async () => {
    const answer = await call();
    assert.equal(answer.member_id, env.STORY_MEMBER);
    assert.equal(answer.member_session.authentication_factors[0]?.type, factor);
    const { member } = await client.sessions.authenticate({ session_token: answer.session_token });
    assert.equal(member.member_id, env.STORY_MEMBER);
  });
}
console.log(`steps: ${told()}`);
