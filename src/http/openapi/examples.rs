//! One body for each call that takes one: what people read first and try first.

use serde_json::Value;
use serde_json::json;

mod machines;
mod sign_in;

/// A body for the call of this name.
pub(super) fn example(call: &str) -> Option<Value> {
    organizations(call)
        .or_else(|| connections(call))
        .or_else(|| links(call))
        .or_else(|| sessions(call))
        .or_else(|| sign_in::passwords(call))
        .or_else(|| sign_in::second_factors(call))
        .or_else(|| discovery(call))
        .or_else(|| mailed_codes(call))
        .or_else(|| machines::example(call))
}

fn organizations(call: &str) -> Option<Value> {
    let search = |filter: &str, value: Value| json!({ "operator": "AND", "operands": [{ "filter_name": filter, "filter_value": value }] });
    let body = match call {
        "organizations.create" => json!({
            "organization_name": "Acme",
            "organization_slug": "acme",
            "email_allowed_domains": ["acme.example"],
            "email_jit_provisioning": "RESTRICTED"
        }),
        "organizations.update" => json!({ "organization_name": "Acme Corporation" }),
        "organizations.domains.claim" => json!({ "domain": "acme.example" }),
        "organizations.search" => json!({
            "limit": 100,
            "query": search("organization_slugs", json!(["acme"]))
        }),
        "organizations.members.create" => json!({
            "email_address": "ada@acme.example",
            "name": "Ada Lovelace"
        }),
        "organizations.members.update" => json!({ "name": "Ada King" }),
        "organizations.members.search" => json!({
            "organization_ids": ["acme"],
            "query": search("member_emails", json!(["ada@acme.example"]))
        }),
        "organizations.members.startEmailUpdate" => json!({ "email_address": "ada@new.example" }),
        "organizations.members.unlinkRetiredEmail" => json!({ "email_address": "ada@old.example" }),
        "rbac.organizations.setOrgPolicy" => json!({
            "org_policy": { "roles": [{
                "role_id": "sso-admin",
                "description": "Sets up single sign-on.",
                "permissions": [{ "resource_id": "stytch.sso", "actions": ["*"] }]
            }] }
        }),
        _ => return None,
    };
    Some(body)
}

fn connections(call: &str) -> Option<Value> {
    let named = |provider: &str| json!({ "display_name": "Acme", "identity_provider": provider });
    let body = match call {
        "sso.saml.createConnection" | "sso.oidc.createConnection" | "scim.connection.create" => {
            named("okta")
        }
        "scim.connection.searchRequests" => json!({
            "limit": 50,
            "query": { "operator": "AND", "operands": [
                { "filter_name": "only_errors", "filter_value": true }
            ] }
        }),
        "scim.connection.searchUsers" => json!({
            "limit": 50,
            "query": { "operator": "AND", "operands": [
                { "filter_name": "has_member", "filter_value": false }
            ] }
        }),
        "scim.connection.update" => named("microsoft-entra"),
        "scim.connection.replaceSchemas" => schemas(),
        "sso.saml.updateConnection" => json!({
            "idp_entity_id": "https://idp.example/saml",
            "idp_sso_url": "https://idp.example/saml/sso",
            "attribute_mapping": { "email": "NameID", "full_name": "displayName" }
        }),
        "scim.connection.createClient" => json!({
            "display_name": "Entra",
            "client_assertion": {
                "issuer": "https://login.microsoftonline.com/3c1d0c5e-0000-4000-8000-000000000000/v2.0",
                "subject": "7d3a9f1e-0000-4000-8000-000000000000",
                "audience": "api://9b2c4d6e-0000-4000-8000-000000000000",
                "jwks_url": "https://login.microsoftonline.com/3c1d0c5e-0000-4000-8000-000000000000/discovery/v2.0/keys"
            }
        }),
        "scim.connection.updateClient" => json!({ "display_name": "Entra, provisioning" }),
        "scim.connection.createClientSecret" => {
            json!({ "secret_expires_at": "2099-12-31T00:00:00Z" })
        }
        "sso.saml.updateByMetadata" => {
            json!({ "metadata": "<md:EntityDescriptor entityID=\"https://idp.example/saml\">…" })
        }
        "sso.saml.updateByURL" => json!({ "metadata_url": "https://idp.example/saml/metadata" }),
        "sso.oidc.updateConnection" => json!({
            "issuer": "https://idp.example",
            "client_id": "vestibule",
            "client_secret": "the secret that the provider gave"
        }),
        "sso.discoverConnections" => json!({ "email_address": "ada@acme.example" }),
        "sso.external.createConnection" => json!({
            "external_organization_id": "acme-holding",
            "external_connection_id": "saml-connection-test-019a9c3e-0000-7000-8000-000000000000",
            "display_name": "Acme Holding"
        }),
        "sso.external.updateConnection" => json!({ "display_name": "Acme Holding" }),
        _ => return None,
    };
    Some(body)
}

fn discovery(call: &str) -> Option<Value> {
    let token = "the intermediate_session_token of a sign-in";
    let body = match call {
        "oauth.authenticate" => json!({
            "oauth_token": "the token of the redirect",
            "session_duration_minutes": 60
        }),
        "oauth.discovery.authenticate" => json!({
            "discovery_oauth_token": "the token of the redirect"
        }),
        "discovery.organizations.list" => json!({ "intermediate_session_token": token }),
        "discovery.intermediateSessions.exchange" => json!({
            "intermediate_session_token": token,
            "organization_id": "acme"
        }),
        "discovery.organizations.create" => json!({
            "intermediate_session_token": token,
            "organization_name": "Acme"
        }),
        _ => return None,
    };
    Some(body)
}

fn schemas() -> Value {
    let urn = "urn:example:params:scim:schemas:2.0:Badge";
    json!({
        "schemas": [{
            "id": urn,
            "name": "Badge",
            "attributes": [{ "name": "number", "caseExact": true, "uniqueness": "server" }]
        }],
        "resource_types": [{
            "name": "User",
            "schemaExtensions": [{ "schema": urn, "required": false }]
        }]
    })
}

fn links(call: &str) -> Option<Value> {
    let body = match call {
        "magicLinks.email.loginOrSignup" => json!({
            "organization_id": "acme",
            "email_address": "ada@acme.example",
            "login_redirect_url": "https://app.example/authenticate"
        }),
        "magicLinks.email.invite" => json!({
            "organization_id": "acme",
            "email_address": "ada@acme.example",
            "name": "Ada Lovelace",
            "roles": ["stytch_admin"]
        }),
        "magicLinks.email.discovery.send" => json!({ "email_address": "ada@acme.example" }),
        "magicLinks.authenticate" => json!({
            "magic_links_token": "the token of the redirect",
            "session_duration_minutes": 60
        }),
        "magicLinks.discovery.authenticate" => {
            json!({ "discovery_magic_links_token": "the token of the redirect" })
        }
        _ => return None,
    };
    Some(body)
}

fn sessions(call: &str) -> Option<Value> {
    let body = match call {
        "sso.authenticate" => json!({
            "sso_token": "the token of the redirect",
            "session_duration_minutes": 60
        }),
        "sso.logout" => json!({
            "session_token": "the token of the session",
            "logout_redirect_url": "https://app.example/authenticate"
        }),
        "sessions.authenticate" => json!({
            "session_token": "the token of the session",
            "authorization_check": {
                "organization_id": "acme",
                "resource_id": "stytch.sso",
                "action": "create"
            }
        }),
        "sessions.revoke" => json!({ "session_token": "the token of the session" }),
        "sessions.exchange" => json!({
            "session_token": "the token of the session",
            "organization_id": "acme"
        }),
        _ => return None,
    };
    Some(body)
}

fn mailed_codes(call: &str) -> Option<Value> {
    let body = match call {
        "otps.email.loginOrSignup" => json!({
            "organization_id": "acme",
            "email_address": "ada@acme.example"
        }),
        "otps.email.authenticate" => json!({
            "organization_id": "acme",
            "email_address": "ada@acme.example",
            "code": "123456",
            "session_duration_minutes": 60
        }),
        "otps.email.discovery.send" => json!({ "email_address": "ada@acme.example" }),
        "otps.email.discovery.authenticate" => json!({
            "email_address": "ada@acme.example",
            "code": "123456"
        }),
        _ => return None,
    };
    Some(body)
}
