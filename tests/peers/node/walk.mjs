// The calls of tiers 1 and 2 in an order in which each finds what it needs: with what parameters, what is expected of the
// answer, what later calls take from it.

import { randomUUID, generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const certificate = readFileSync(new URL("../idp-certificate.pem", import.meta.url), "utf8");
const run = randomUUID().slice(0, 8);
const address = (name) => `${name}-${run}@walk.test`;
const where = { query: { operator: "AND", operands: [] } };

/** What only the backend can prepare: another organization with an active connection, and an IdP's metadata. */
export async function furnish(client, env) {
  const { organization } = await client.organizations.create({ organization_name: `Walk partner ${run}` });
  const organization_id = organization.organization_id;
  const { connection } = await client.sso.saml.createConnection({ organization_id });
  await client.sso.saml.updateConnection({
    organization_id,
    connection_id: connection.connection_id,
    idp_entity_id: `https://idp.walk.test/${run}`,
    idp_sso_url: "https://idp.walk.test/sso",
    x509_certificate: certificate,
    attribute_mapping: { email: "NameID", full_name: "name" },
  });
  return {
    client,
    proven: await provenMember(client, env.WALK_ORGANIZATION),
    home: { organization_id: env.WALK_ORGANIZATION },
    partner: { external_organization_id: organization_id, external_connection_id: connection.connection_id },
    project_id: env.VESTIBULE_PROJECT_ID,
    session_token: env.WALK_ADMIN,
    metadata_url: await metadata(),
  };
}

/** Only who has proven an address can be brought back; a directory proves it. */
async function provenMember(client, organization_id) {
  const { connection } = await client.scim.connection.create({ organization_id });
  const { connection_id, base_url, bearer_token } = connection;
  const email_address = address("dora");
  await fetch(`${base_url}/Users`, {
    method: "POST",
    headers: { authorization: `Bearer ${bearer_token}`, "content-type": "application/scim+json" },
    body: JSON.stringify({ userName: email_address }),
  });
  await client.scim.connection.delete({ organization_id, connection_id });
  return (await client.organizations.members.get({ organization_id, email_address })).member_id;
}

async function metadata() {
  const body = certificate.replaceAll(/-----[A-Z ]+-----|\s/g, "");
  const xml = `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.walk.test/metadata">
    <IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
      <KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data>
        <X509Certificate>${body}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>
      <SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.walk.test/sso"/>
    </IDPSSODescriptor></EntityDescriptor>`;
  const server = createServer((_, answer) => answer.setHeader("content-type", "application/samlmetadata+xml").end(xml));
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  server.unref();
  return `http://127.0.0.1:${server.address().port}/metadata`;
}

function rsaKey() {
  const form = { type: "pkcs1", format: "pem" };
  return generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export(form);
}

/** What is refused for what it names, whoever asks; in an organization that is there. */
const refused = (answer, parameters) => ({ with: ({ home }) => ({ ...home, ...parameters }), refused: answer });
const separate = (parameters) => ({
  with: () => ({ email_address: address("pia"), ...parameters }),
  refused: "400 cross_org_passwords_not_enabled",
});
const gone = "404 intermediate_session_not_found";
const home = ({ home }) => home;
const member = ({ home, member_id }) => ({ ...home, member_id });
const proven = ({ home, proven }) => ({ ...home, member_id: proven });
const saml = ({ home, saml }) => ({ ...home, connection_id: saml });
const scim = ({ home, scim }) => ({ ...home, connection_id: scim });
const mona = ({ home, mona }) => ({ ...home, member_id: mona });
const pia = ({ home }) => ({ ...home, email_address: address("pia") });
const machine = ({ machine }) => ({ client_id: machine });
const passwords = ["correct horse battery staple", "seven mild otters knit socks", "nine calm badgers play whist"];

export const walk = {
  "debug.whoami": { with: () => undefined },

  "organizations.create": { with: () => ({ organization_name: `Walked ${run}` }) },
  "organizations.get": { with: home },
  "organizations.update": { with: ({ home }) => ({ ...home, organization_name: "Walked on" }) },
  "organizations.search": { with: () => where },
  "organizations.metrics": { with: home },
  "organizations.deleteExternalId": { with: home },

  "organizations.members.create": {
    with: ({ home }) => ({ ...home, email_address: address("ana"), name: "Ana" }),
    then: (state, { member_id }) => Object.assign(state, { member_id }),
  },
  "organizations.members.get": { with: member },
  "organizations.members.dangerouslyGet": { with: ({ member_id }) => ({ member_id, include_deleted: true }) },
  "organizations.members.search": { with: ({ home }) => ({ organization_ids: [home.organization_id], ...where }) },
  "organizations.members.update": { with: (state) => ({ ...member(state), email_address: address("anna") }) },
  "organizations.members.unlinkRetiredEmail": { with: (state) => ({ ...member(state), email_address: address("ana") }) },
  "organizations.members.deleteExternalId": { with: member, backendOnly: true },
  "sessions.get": { with: member },
  "sessions.revoke": { with: ({ member_id }) => ({ member_id }) },
  "organizations.members.delete": { with: proven },
  "organizations.members.reactivate": { with: proven },

  "sso.saml.createConnection": {
    with: ({ home }) => ({ ...home, display_name: "Walk", identity_provider: "okta" }),
    then: (state, { connection }) => Object.assign(state, { saml: connection.connection_id }),
  },
  "sso.saml.updateConnection": {
    with: (state) => ({ ...saml(state), x509_certificate: certificate, saml_encryption_private_key: rsaKey() }),
    then: (state, { connection }) =>
      Object.assign(state, {
        certificate_id: connection.verification_certificates[0].certificate_id,
        private_key_id: connection.encryption_private_keys[0].private_key_id,
      }),
  },
  "sso.saml.deleteVerificationCertificate": {
    with: (state) => ({ ...saml(state), certificate_id: state.certificate_id }),
  },
  "sso.saml.deleteEncryptionPrivateKey": {
    with: (state) => ({ ...saml(state), private_key_id: state.private_key_id }),
  },
  "sso.saml.updateByURL": { with: (state) => ({ ...saml(state), metadata_url: state.metadata_url }) },
  "sso.oidc.createConnection": {
    with: home,
    then: (state, { connection }) => Object.assign(state, { oidc: connection.connection_id }),
  },
  "sso.oidc.updateConnection": {
    with: ({ home, oidc }) => ({ ...home, connection_id: oidc, client_id: "walk", jwks_url: "https://idp.walk.test/jwks" }),
  },
  "sso.external.createConnection": {
    with: ({ home, partner }) => ({ ...home, ...partner, display_name: "Partner" }),
    then: (state, { connection }) => Object.assign(state, { external: connection.connection_id }),
  },
  "sso.external.updateConnection": {
    with: ({ home, external }) => ({ ...home, connection_id: external, display_name: "Partners" }),
  },
  "sso.getConnections": { with: home },
  "sso.deleteConnection": { with: ({ home, oidc }) => ({ ...home, connection_id: oidc }) },
  "sso.authenticate": { with: () => ({ sso_token: "nobody-has-it" }), refused: "404 sso_token_not_found" },

  "scim.connection.create": {
    with: ({ home }) => ({ ...home, identity_provider: "microsoft-entra" }),
    then: (state, { connection }) => Object.assign(state, { scim: connection.connection_id }),
  },
  "scim.connection.get": { with: home },
  "scim.connection.update": { with: (state) => ({ ...scim(state), display_name: "Walk" }) },
  "scim.connection.getGroups": { with: (state) => ({ ...scim(state), limit: 10 }) },
  "scim.connection.rotateStart": { with: scim },
  "scim.connection.rotateComplete": { with: scim },
  "scim.connection.rotateCancel": {
    with: async (state) => {
      await state.client.scim.connection.rotateStart(scim(state));
      return scim(state);
    },
  },
  "scim.connection.delete": { with: scim },

  "rbac.policy": { with: () => undefined },
  "rbac.organizations.getOrgPolicy": { with: home },
  "rbac.organizations.setOrgPolicy": { with: ({ home }) => ({ ...home, org_policy: { roles: [] } }) },

  "sessions.authenticate": { with: ({ session_token }) => ({ session_token }) },
  "sessions.getJWKS": { with: ({ project_id }) => ({ project_id }) },
  "sessions.exchange": refused("404 session_not_found", { session_token: "x" }),
  "sessions.attest": refused("404 trusted_auth_token_profile_not_found", { profile_id: "x", token: "x" }),
  "sessions.migrate": refused("400 session_migration_not_configured", { session_token: "x" }),
  "impersonation.authenticate": { with: () => ({ impersonation_token: "x" }), refused: "404 impersonation_token_not_found" },

  "discovery.intermediateSessions.exchange": refused(gone, { intermediate_session_token: "x" }),
  "discovery.organizations.create": refused(gone, { intermediate_session_token: "x" }),
  "discovery.organizations.list": refused(gone, { intermediate_session_token: "x" }),
  "magicLinks.email.loginOrSignup": { with: ({ home }) => ({ ...home, email_address: address("anna") }) },
  "magicLinks.email.invite": { with: ({ home }) => ({ ...home, email_address: address("eve") }) },
  "magicLinks.email.discovery.send": { with: () => ({ email_address: address("nobody") }) },
  "magicLinks.authenticate": { with: () => ({ magic_links_token: "x" }), refused: "404 magic_link_not_found" },
  "magicLinks.discovery.authenticate": {
    with: () => ({ discovery_magic_links_token: "x" }),
    refused: "404 magic_link_not_found",
  },

  "totps.migrate": { with: (state) => ({ ...member(state), secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", recovery_codes: ["one"] }) },
  "totps.create": { with: proven },
  "totps.authenticate": {
    with: (state) => ({ ...member(state), session_token: state.session_token, code: "000000" }),
    refused: "400 member_session_member_id_mismatch",
  },
  "recoveryCodes.recover": {
    with: (state) => ({ ...member(state), session_token: state.session_token, recovery_code: "one" }),
    refused: "400 member_session_member_id_mismatch",
  },
  "recoveryCodes.get": { with: member },
  "recoveryCodes.rotate": { with: member },
  "organizations.members.deleteTOTP": { with: member },
  "otps.sms.send": {
    with: async (state) => {
      const parameters = { ...state.home, email_address: address("mona"), mfa_phone_number: "+15551234567" };
      const { member_id } = await state.client.organizations.members.create(parameters);
      return mona(Object.assign(state, { mona: member_id }));
    },
  },
  "otps.sms.authenticate": {
    with: (state) => ({ ...mona(state), session_token: state.session_token, code: "000000" }),
    refused: "400 member_session_member_id_mismatch",
  },
  "organizations.members.deleteMFAPhoneNumber": { with: mona },

  "passwords.strengthCheck": { with: () => ({ password: passwords[1] }) },
  "passwords.migrate": {
    with: (state) => ({
      ...pia(state),
      hash_type: "sha_1",
      hash: "3dc1d3785e7054e2f65e227aa47386e81752be1c",
      sha_1_config: { prepend_salt: "before", append_salt: "after" },
    }),
  },
  "passwords.authenticate": {
    with: (state) => ({ ...pia(state), password: passwords[0] }),
    then: (state, { session_token }) => Object.assign(state, { pias: session_token }),
  },
  "passwords.sessions.reset": {
    with: ({ home, pias }) => ({ ...home, session_token: pias, password: passwords[1] }),
  },
  "passwords.existingPassword.reset": {
    with: (state) => ({ ...pia(state), existing_password: passwords[1], new_password: passwords[2] }),
    then: (state, { member }) => Object.assign(state, { member_password_id: member.member_password_id }),
  },
  "passwords.email.resetStart": { with: pia },
  "passwords.email.reset": {
    with: () => ({ password_reset_token: "x", password: passwords[0] }),
    refused: "401 unable_to_auth_password_reset_token",
  },
  "passwords.email.requireReset": { with: pia, refused: "400 cross_org_passwords_not_enabled" },
  "organizations.members.deletePassword": {
    with: ({ home, member_password_id }) => ({ ...home, member_password_id }),
  },
  "passwords.discovery.authenticate": separate({ password: passwords[0] }),
  "passwords.discovery.email.resetStart": separate({}),
  "passwords.discovery.email.reset": {
    with: () => ({ password_reset_token: "x", password: passwords[0] }),
    refused: "400 cross_org_passwords_not_enabled",
  },

  "organizations.members.oidcProviders": { with: member },
  "organizations.members.startEmailUpdate": { with: (state) => ({ ...proven(state), email_address: address("dorothy") }) },
  "oauth.authenticate": { with: () => ({ oauth_token: "x" }), refused: "404 oauth_token_not_found" },
  "oauth.discovery.authenticate": { with: () => ({ discovery_oauth_token: "x" }), refused: "404 oauth_token_not_found" },
  "otps.email.loginOrSignup": { with: ({ home }) => ({ ...home, email_address: address("dora") }) },
  "otps.email.authenticate": refused("401 unable_to_auth_otp_code", { email_address: address("nobody"), code: "000000" }),
  "otps.email.discovery.send": { with: () => ({ email_address: address("somebody") }) },
  "otps.email.discovery.authenticate": {
    with: () => ({ email_address: address("nobody"), code: "000000" }),
    refused: "401 unable_to_auth_otp_code",
  },

  "m2m.clients.create": {
    with: () => ({ scopes: ["read:walks"] }),
    then: (state, { m2m_client }) => Object.assign(state, { machine: m2m_client.client_id, secret: m2m_client.client_secret }),
  },
  "m2m.clients.get": { with: machine },
  "m2m.clients.search": { with: () => where },
  "m2m.clients.update": { with: (state) => ({ ...machine(state), client_name: "Walker" }) },
  "m2m.token": { with: (state) => ({ ...machine(state), client_secret: state.secret, scopes: ["read:walks"] }) },
  "m2m.clients.secrets.rotateStart": { with: machine },
  "m2m.clients.secrets.rotateCancel": { with: machine },
  "m2m.clients.secrets.rotate": {
    with: async (state) => {
      await state.client.m2m.clients.secrets.rotateStart(machine(state));
      return machine(state);
    },
  },
  "m2m.clients.delete": { with: machine },
  "project.metrics": { with: () => undefined },

  "organizations.delete": { with: home },
};
