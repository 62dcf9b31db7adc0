// The official Node SDK, as it is, told to do what an application does.
// VESTIBULE_BASE_URL, VESTIBULE_PROJECT_ID and VESTIBULE_SECRET name the server. With STORY_SSO_TOKEN, a sign-in's
// one-time token, the steps of a session follow; STORY_ALLOWED and STORY_REFUSED (`resource:action`) say what the
// member may and may not do, and are found in the policy when they are missing. STORY_CERTIFICATE is a file.
// One line per step, `steps: N` at the end; the first failure ends it with status 1.

import assert from "node:assert/strict";
import * as machines from "./chapters/machines.mjs";
import * as members from "./chapters/members.mjs";
import * as organizations from "./chapters/organizations.mjs";
import * as passwords from "./chapters/passwords.mjs";
import * as policies from "./chapters/policy.mjs";
import * as scim from "./chapters/scim.mjs";
import * as sessions from "./chapters/sessions.mjs";
import * as sso from "./chapters/sso.mjs";
import { client, env, projectId, step, told } from "./chapters/telling.mjs";

await step("whoami", async () => {
  const answer = await client.debug.whoami();
  assert.equal(answer.project_id, projectId);
});

const organization_id = await organizations.create();
await organizations.live(organization_id);
await members.live(organization_id);
const policy = await policies.read();
await policies.live(organization_id);
await sso.live(organization_id);
await passwords.live(organization_id);
const member_id = await scim.live(organization_id);
await sessions.live(organization_id, member_id);
await machines.live();
if (env.STORY_SSO_TOKEN) await sessions.open(env.STORY_SSO_TOKEN, policy, organization_id);
await organizations.end(organization_id);
console.log(`steps: ${told()}`);
