// The official Node SDK, as it is, told to do what an application does.
// VESTIBULE_BASE_URL, VESTIBULE_PROJECT_ID and VESTIBULE_SECRET name the server. With STORY_SSO_TOKEN, a sign-in's
// one-time token, the steps of a session follow; STORY_ALLOWED and STORY_REFUSED (`resource:action`) say what the
// member may and may not do, and are found in the policy when they are missing. STORY_CERTIFICATE is a file.
// One line per step, `steps: N` at the end; the first failure ends it with status 1.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import stytch from "stytch";

const env = process.env;
const projectId = env.VESTIBULE_PROJECT_ID;
const connect = (secret) => new stytch.B2BClient({ project_id: projectId, secret, env: env.VESTIBULE_BASE_URL });
const client = connect(env.VESTIBULE_SECRET);
const certificate = readFileSync(env.STORY_CERTIFICATE ?? new URL("../idp-certificate.pem", import.meta.url), "utf8");

let steps = 0;
async function step(name, action) {
  try {
    const result = await action();
    steps += 1;
    console.log(`ok - ${name}`);
    return result;
  } catch (error) {
    const reason = error.error_type
      ? `${error.status_code} ${error.error_type}: ${error.error_message}`
      : String(error.message ?? error);
    console.log(`not ok - ${name}: ${reason.replaceAll("\n", " ")}`);
    process.exit(1);
  }
}

async function refused(status, type, call) {
  const error = await call().then(
    () => assert.fail(`succeeded, expected ${status} ${type}`),
    (caught) => caught,
  );
  if (error instanceof assert.AssertionError) throw error;
  assert.deepEqual([error.status_code, error.error_type], [status, type]);
  assert.ok(error.error_message && error.error_url && error.request_id, "the error has a message, a URL and a request id");
}

const run = randomUUID().slice(0, 8);
const slug = `node-story-${run}`;
const email = `ana-${run}@acme.test`;

await step("whoami", async () => {
  const answer = await client.debug.whoami();
  assert.equal(answer.project_id, projectId);
});

// Organizations

const organization = await step("create an organization", async () => {
  const { organization, status_code } = await client.organizations.create({
    organization_name: "Node Story",
    organization_slug: slug,
    email_allowed_domains: ["acme.test"],
    email_invites: "ALL_ALLOWED",
  });
  assert.equal(status_code, 200);
  assert.match(organization.organization_id, /^organization-(test|live)-/);
  assert.equal(organization.organization_slug, slug);
  assert.deepEqual(organization.email_allowed_domains, ["acme.test"]);
  return organization;
});
const organization_id = organization.organization_id;

await step("get the organization by id", async () => {
  const answer = await client.organizations.get({ organization_id });
  assert.equal(answer.organization.organization_name, "Node Story");
});

await step("get the organization by slug", async () => {
  const answer = await client.organizations.get({ organization_id: slug });
  assert.equal(answer.organization.organization_id, organization_id);
});

await step("update the organization", async () => {
  const { organization } = await client.organizations.update({
    organization_id,
    organization_name: "Node Story Renamed",
    trusted_metadata: { plan: "team" },
  });
  assert.equal(organization.organization_name, "Node Story Renamed");
  assert.equal(organization.organization_slug, slug, "what was not given stays");
  assert.deepEqual(organization.email_allowed_domains, ["acme.test"], "what was not given stays");
  assert.equal(organization.trusted_metadata.plan, "team");
});

await step("search organizations", async () => {
  const answer = await client.organizations.search({
    query: { operator: "AND", operands: [{ filter_name: "organization_slugs", filter_value: [slug] }] },
  });
  assert.deepEqual(answer.organizations.map((found) => found.organization_id), [organization_id]);
  assert.equal(answer.results_metadata.total, 1);
});

// Members

const member = await step("create a member", async () => {
  const { member, member_id } = await client.organizations.members.create({
    organization_id,
    email_address: email,
    name: "Ana Anders",
    roles: ["stytch_admin"],
  });
  assert.equal(member.member_id, member_id);
  assert.equal(member.status, "active");
  const admin = member.roles.find((role) => role.role_id === "stytch_admin");
  assert.deepEqual(admin?.sources.map((source) => source.type), ["direct_assignment"]);
  assert.ok(member.roles.some((role) => role.role_id === "stytch_member"), "everyone is stytch_member");
  return member;
});
const member_id = member.member_id;

await step("get the member by id", async () => {
  const answer = await client.organizations.members.get({ organization_id, member_id });
  assert.equal(answer.member.email_address, email);
});

await step("get the member by email address", async () => {
  const answer = await client.organizations.members.get({ organization_id, email_address: email });
  assert.equal(answer.member.member_id, member_id);
});

await step("search members", async () => {
  const answer = await client.organizations.members.search({
    organization_ids: [organization_id],
    query: { operator: "AND", operands: [{ filter_name: "member_emails", filter_value: [email] }] },
  });
  assert.deepEqual(answer.members.map((found) => found.member_id), [member_id]);
  assert.ok(answer.organizations[organization_id], "the organizations of the members come along");
});

await step("dangerously get the member", async () => {
  const answer = await client.organizations.members.dangerouslyGet({ member_id, include_deleted: true });
  assert.equal(answer.organization.organization_id, organization_id);
});

// Connections

const saml = await step("create a SAML connection", async () => {
  const { connection } = await client.sso.saml.createConnection({
    organization_id, display_name: "Story SAML", identity_provider: "okta",
  });
  assert.equal(connection.status, "pending");
  assert.ok(connection.acs_url.endsWith(`/v1/b2b/sso/callback/${connection.connection_id}`));
  return connection;
});

await step("complete the SAML connection", async () => {
  const { connection } = await client.sso.saml.updateConnection({
    organization_id,
    connection_id: saml.connection_id,
    idp_entity_id: `https://idp.example.test/${run}`,
    idp_sso_url: "https://idp.example.test/sso",
    x509_certificate: certificate,
    attribute_mapping: { email: "email", first_name: "givenName", last_name: "sn", groups: "groups" },
    saml_group_implicit_role_assignments: [{ role_id: "stytch_admin", group: "admins" }],
  });
  assert.equal(connection.status, "active");
  assert.equal(connection.verification_certificates.length, 1);
  assert.equal(connection.attribute_mapping.email, "email");
});

const oidc = await step("create an OIDC connection", async () => {
  const { connection } = await client.sso.oidc.createConnection({ organization_id, display_name: "Story OIDC" });
  assert.equal(connection.status, "pending");
  assert.ok(connection.redirect_url.endsWith(`/v1/b2b/sso/callback/${connection.connection_id}`));
  return connection;
});

await step("an unreachable issuer is a warning", async () => {
  const { connection, warning } = await client.sso.oidc.updateConnection({
    organization_id,
    connection_id: oidc.connection_id,
    issuer: "https://127.0.0.1:1",
    client_id: "story",
    client_secret: "story-secret",
  });
  assert.ok(warning, "there is a warning");
  assert.equal(connection.issuer, "https://127.0.0.1:1");
  assert.equal(connection.status, "pending");
});

await step("complete the OIDC connection", async () => {
  const { connection } = await client.sso.oidc.updateConnection({
    organization_id,
    connection_id: oidc.connection_id,
    authorization_url: "https://idp.example.test/authorize",
    token_url: "https://idp.example.test/token",
    userinfo_url: "https://idp.example.test/userinfo",
    jwks_url: "https://idp.example.test/jwks",
  });
  assert.equal(connection.status, "active");
});

await step("list the connections", async () => {
  const answer = await client.sso.getConnections({ organization_id });
  assert.deepEqual(answer.saml_connections.map((found) => found.connection_id), [saml.connection_id]);
  assert.deepEqual(answer.oidc_connections.map((found) => found.connection_id), [oidc.connection_id]);
  assert.deepEqual(answer.external_connections, []);
});

const scim = await step("create a SCIM connection", async () => {
  const { connection } = await client.scim.connection.create({
    organization_id, display_name: "Story SCIM", identity_provider: "okta",
  });
  assert.equal(connection.status, "active");
  assert.ok(connection.bearer_token.length >= 32, "the token is shown once");
  assert.ok(connection.base_url.endsWith(`/v1/b2b/scim/${connection.connection_id}`));
  return connection;
});

await step("get the SCIM connection", async () => {
  const { connection } = await client.scim.connection.get({ organization_id });
  assert.equal(connection.connection_id, scim.connection_id);
  assert.equal(connection.bearer_token_last_four, scim.bearer_token.slice(-4));
  assert.equal(connection.bearer_token, undefined, "the token is not shown again");
});

await step("update the SCIM connection", async () => {
  const { connection } = await client.scim.connection.update({
    organization_id, connection_id: scim.connection_id, display_name: "Story SCIM renamed",
  });
  assert.equal(connection.display_name, "Story SCIM renamed");
  assert.equal(connection.identity_provider, "okta");
});

// Policy and keys

const policy = await step("read the project policy", async () => {
  const { policy } = await client.rbac.policy();
  const roles = policy.roles.map((role) => role.role_id);
  assert.ok(roles.includes("stytch_member") && roles.includes("stytch_admin"));
  assert.ok(policy.resources.some((resource) => resource.resource_id === "stytch.self"));
  return policy;
});

await step("read the organization's policy", async () => {
  const { org_policy } = await client.rbac.organizations.getOrgPolicy({ organization_id });
  assert.deepEqual(org_policy.roles, []);
});

await step("read the keys", async () => {
  const { keys } = await client.sessions.getJWKS({ project_id: projectId });
  assert.ok(keys.length >= 1);
  for (const key of keys) assert.deepEqual([key.kty, key.alg, key.use], ["RSA", "RS256", "sig"]);
});

// Refusals

await step("a slug in use is refused", () =>
  refused(400, "organization_slug_already_used", () =>
    client.organizations.create({ organization_name: "Again", organization_slug: slug })));

await step("an unknown organization is refused", () =>
  refused(404, "organization_not_found", () =>
    client.organizations.get({ organization_id: `organization-test-${randomUUID()}` })));

await step("a wrong secret is refused", () =>
  refused(401, "unauthorized_credentials", () => connect("secret-test-wrong").organizations.get({ organization_id })));

await step("an unknown SSO token is refused", () =>
  refused(404, "sso_token_not_found", () => client.sso.authenticate({ sso_token: "not-a-token" })));

await step("an unknown session is refused", () =>
  refused(404, "session_not_found", () => client.sessions.authenticate({ session_token: "not-a-session" })));

await step("a second active SCIM connection is refused", () =>
  refused(400, "active_scim_connection_exists", () => client.scim.connection.create({ organization_id })));

// A session

function check(text, organization) {
  const [resource_id, action] = text.split(":");
  return { organization_id: organization, resource_id, action };
}

function allowedBy(roles) {
  for (const role of policy.roles.filter((candidate) => roles.includes(candidate.role_id))) {
    for (const { resource_id, actions } of role.permissions) {
      const known = policy.resources.find((resource) => resource.resource_id === resource_id)?.actions ?? [];
      const action = actions.find((candidate) => candidate !== "*") ?? known[0];
      if (action) return `${resource_id}:${action}`;
    }
  }
  throw new Error(`the policy lets ${roles} do nothing; set STORY_ALLOWED`);
}

async function session(sso_token) {
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
  const allowed = check(env.STORY_ALLOWED ?? allowedBy(login.member_session.roles), home);
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
      client.sessions.authenticate({ session_token, authorization_check: { ...allowed, organization_id } })));

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

  console.log(`member: ${JSON.stringify({
    member_id,
    email_address: login.member.email_address,
    roles: login.member.roles,
    session_roles: login.member_session.roles,
  })}`);
}

if (env.STORY_SSO_TOKEN) await session(env.STORY_SSO_TOKEN);
console.log(`steps: ${steps}`);
