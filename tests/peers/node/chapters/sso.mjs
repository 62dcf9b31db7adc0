// Single sign-on connections: SAML, OIDC, external.

import assert from "node:assert/strict";
import { certificate, client, refusals, run, step, unknown } from "./telling.mjs";

const { sso } = client;

function createSaml(organization_id) {
  return step("create a SAML connection", async () => {
    const { connection } = await sso.saml.createConnection({
      organization_id, display_name: "Story SAML", identity_provider: "okta",
    });
    assert.equal(connection.status, "pending");
    assert.ok(connection.acs_url.endsWith(`/v1/b2b/sso/callback/${connection.connection_id}`));
    return connection.connection_id;
  });
}

async function saml(organization_id) {
  const connection_id = await createSaml(organization_id);
  await step("complete the SAML connection", async () => {
    const { connection } = await sso.saml.updateConnection({
      organization_id,
      connection_id,
      idp_entity_id: `https://idp.example.test/${organization_id}`,
      idp_sso_url: "https://idp.example.test/sso",
      x509_certificate: certificate,
      attribute_mapping: { email: "email", first_name: "givenName", last_name: "sn", groups: "groups" },
      saml_group_implicit_role_assignments: [{ role_id: "stytch_admin", group: "admins" }],
    });
    assert.equal(connection.status, "active");
    assert.equal(connection.verification_certificates.length, 1);
    assert.equal(connection.attribute_mapping.email, "email");
  });
  return connection_id;
}

async function oidc(organization_id) {
  const connection_id = await step("create an OIDC connection", async () => {
    const { connection } = await sso.oidc.createConnection({ organization_id, display_name: "Story OIDC" });
    assert.equal(connection.status, "pending");
    assert.ok(connection.redirect_url.endsWith(`/v1/b2b/sso/callback/${connection.connection_id}`));
    return connection.connection_id;
  });
  await step("an unreachable issuer is a warning", async () => {
    const { connection, warning } = await sso.oidc.updateConnection({
      organization_id,
      connection_id,
      issuer: "https://127.0.0.1:1",
      client_id: "story",
      client_secret: "story-secret",
    });
    assert.ok(warning, "there is a warning");
    assert.equal(connection.issuer, "https://127.0.0.1:1");
    assert.equal(connection.status, "pending");
  });
  await step("complete the OIDC connection", async () => {
    const { connection } = await sso.oidc.updateConnection({
      organization_id,
      connection_id,
      authorization_url: "https://idp.example.test/authorize",
      token_url: "https://idp.example.test/token",
      userinfo_url: "https://idp.example.test/userinfo",
      jwks_url: "https://idp.example.test/jwks",
    });
    assert.equal(connection.status, "active");
  });
  return connection_id;
}

async function external(organization_id) {
  const partner = await step("create a partner", async () => {
    const { organization } = await client.organizations.create({ organization_name: `Node Partner ${run}` });
    return organization.organization_id;
  });
  const shared = await saml(partner);
  const connection_id = await step("trust the partner's connection", async () => {
    const { connection } = await sso.external.createConnection({
      organization_id,
      external_organization_id: partner,
      external_connection_id: shared,
      connection_implicit_role_assignments: [{ role_id: "stytch_admin" }],
    });
    assert.equal(connection.status, "active");
    assert.deepEqual(connection.external_connection_implicit_role_assignments, [{ role_id: "stytch_admin" }]);
    return connection.connection_id;
  });
  await step("rename the partner's connection", async () => {
    const { connection } = await sso.external.updateConnection({ organization_id, connection_id, display_name: "Partner" });
    assert.equal(connection.display_name, "Partner");
  });
  return connection_id;
}

function refuse(organization_id, connection_id) {
  const update = (draft) => () => sso.saml.updateConnection({ organization_id, connection_id, ...draft });
  return refusals(
    ["something that is no certificate", 400, "invalid_x509_certificate", update({ x509_certificate: "none" })],
    ["a mapping without an address", 400, "saml_connection_email_mapping_required",
      update({ attribute_mapping: { full_name: "name" } })],
    ["an identity provider that nobody knows", 400, "invalid_sso_idp", () =>
      sso.saml.createConnection({ organization_id, identity_provider: "myspace" })],
    ["an unknown connection", 404, "saml_connection_not_found", update({ connection_id: unknown("saml-connection") })],
    ["trust in oneself", 400, "external_organization_id_same_as_organization_id", () =>
      sso.external.createConnection({
        organization_id, external_organization_id: organization_id, external_connection_id: connection_id,
      })],
    ["an unknown SSO token", 404, "sso_token_not_found", () => sso.authenticate({ sso_token: "not-a-token" })],
  );
}

export async function live(organization_id) {
  const [first, second, third] = [
    await saml(organization_id), await oidc(organization_id), await external(organization_id),
  ];
  await step("list the connections", async () => {
    const answer = await sso.getConnections({ organization_id });
    const ids = (connections) => connections.map((found) => found.connection_id);
    assert.deepEqual(ids(answer.saml_connections), [first]);
    assert.deepEqual(ids(answer.oidc_connections), [second]);
    assert.deepEqual(ids(answer.external_connections), [third]);
  });
  await refuse(organization_id, first);
  await step("delete the partner's connection", async () => {
    const answer = await sso.deleteConnection({ organization_id, connection_id: third });
    assert.equal(answer.connection_id, third);
  });
}
