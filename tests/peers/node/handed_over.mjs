// The official Node SDK, as it is, redeems the token that a hosted page hands over.
// VESTIBULE_BASE_URL, VESTIBULE_PROJECT_ID and VESTIBULE_SECRET name the server; STORY_TOKEN is the token and
// STORY_VERIFIER the verifier of its PKCE challenge. `steps: N` at the end; the first failure ends it with status 1.

import assert from "node:assert/strict";
import { client, env, refusals, step, told } from "./chapters/telling.mjs";

const given = { magic_links_token: env.STORY_TOKEN };

await refusals(
  ["a token without its verifier", 400, "pkce_expected_code_verifier", () => client.magicLinks.authenticate(given)],
);
await step("redeem what was handed over", async () => {
  const answer = await client.magicLinks.authenticate({
    ...given,
    pkce_code_verifier: env.STORY_VERIFIER,
    session_duration_minutes: 30,
  });
  assert.equal(answer.member_authenticated, true);
  assert.equal(answer.member.email_address, "ana@acme.test");
  const [factor] = answer.member_session.authentication_factors;
  assert.equal(factor.type, "password");
  const session = await client.sessions.authenticate({ session_token: answer.session_token });
  assert.equal(session.member.member_id, answer.member_id);
});
console.log(`steps: ${told()}`);
