// What a signed-in member may do, asked of the server and checked locally by the official Node SDK, as it is.
// VESTIBULE_BASE_URL, VESTIBULE_PROJECT_ID and VESTIBULE_SECRET name the server, STORY_SSO_TOKEN is a sign-in's one-time
// token, STORY_GRANTS and STORY_REFUSED are lists of `resource:action` with commas between, STORY_ELSEWHERE another
// organization. One line per step, `steps: N` at the end; the first failure ends it with status 1.

import assert from "node:assert/strict";
import stytch from "stytch";

const env = process.env;
const client = new stytch.B2BClient({
  project_id: env.VESTIBULE_PROJECT_ID,
  secret: env.VESTIBULE_SECRET,
  env: env.VESTIBULE_BASE_URL,
});

let steps = 0;
async function step(name, action) {
  try {
    const result = await action();
    steps += 1;
    console.log(`ok - ${name}`);
    return result;
  } catch (error) {
    console.log(`not ok - ${name}: ${error.error_type ?? ""} ${String(error.message ?? error).replaceAll("\n", " ")}`);
    process.exit(1);
  }
}

const { session_token, session_jwt, organization } = await step("sign in", () =>
  client.sso.authenticate({ sso_token: env.STORY_SSO_TOKEN, session_duration_minutes: 30 }));
const home = organization.organization_id;

function check(text, organization_id) {
  const [resource_id, action] = text.split(":");
  return { organization_id, resource_id, action };
}

const forServer = (authorization_check) => client.sessions.authenticate({ session_token, authorization_check });
const forFallback = (authorization_check) => client.sessions.authenticateJwt({ session_jwt, authorization_check });
const locally = (authorization_check) => client.sessions.authenticateJwtLocal({ session_jwt, authorization_check });

for (const asked of env.STORY_GRANTS.split(",")) {
  const wanted = check(asked, home);
  await step(`${asked} is authorized by the server`, async () => {
    const { verdict } = await forServer(wanted);
    assert.equal(verdict.authorized, true);
    assert.ok(verdict.granting_roles.length >= 1);
  });
  await step(`${asked} is authorized locally`, () => locally(wanted));
  await step(`${asked} is authorized locally or by the server`, () => forFallback(wanted));
}

for (const asked of env.STORY_REFUSED.split(",")) {
  const wanted = check(asked, home);
  await step(`${asked} is refused by the server`, () =>
    assert.rejects(forServer(wanted), { status_code: 403, error_type: "session_authorization_error" }));
  await step(`${asked} is refused locally`, () => assert.rejects(locally(wanted), { code: "invalid_permissions" }));
}

const elsewhere = check(env.STORY_GRANTS.split(",")[0], env.STORY_ELSEWHERE);
await step("another organization is refused by the server", () =>
  assert.rejects(forServer(elsewhere), { status_code: 403, error_type: "session_authorization_tenancy_error" }));
await step("another organization is refused locally", () =>
  assert.rejects(locally(elsewhere), { code: "tenancy_mismatch" }));

console.log(`steps: ${steps}`);
