//! What each call of the management API is sent: `<name>` stands for something of the caller's own
//! organization, `<<name>>` for something that the backend may name in its whole project.

use serde_json::Value;
use serde_json::json;

use crate::every_route::Route;

/// The name in a path's place, as a tenant has it.
pub fn in_path(route: &Route, place: &str) -> &'static str {
    let kind = ["/saml/", "/oidc/", "/external/", "/scim/"];
    let kind = kind.iter().find(|kind| route.path.contains(**kind));
    match (place, kind) {
        ("organization_id", _) => "<<organization_id>>",
        ("member_id", _) if route.call == "organizations.members.dangerouslyGet" => "<<member_id>>",
        ("member_id", _) if route.call == "organizations.members.reactivate" => {
            "<deleted_member_id>"
        }
        ("member_id", _) if route.call == "organizations.members.unlinkRetiredEmail" => {
            "<renamed_member_id>"
        }
        ("member_id", _) => "<member_id>",
        ("connection_id", Some(&"/oidc/")) => "<oidc_connection_id>",
        ("connection_id", Some(&"/external/")) => "<external_connection_id>",
        ("connection_id", Some(&"/scim/")) => "<scim_connection_id>",
        ("connection_id", _) => "<saml_connection_id>",
        // Machines are the project's, of no organization.
        ("domain", _) => "<claimed_domain>",
        ("client_id", _) if route.path.starts_with("/v1/m2m/") => "nobody",
        ("client_id", _) => "<scim_client_id>",
        ("secret_id", _) => "<scim_client_secret_id>",
        ("scim_request_id", _) => "<scim_request_id>",
        ("certificate_id", _) => "<certificate_id>",
        ("private_key_id", _) => "<private_key_id>",
        ("member_password_id", _) => "<member_password_id>",
        ("portal_link_id", _) => "<portal_link_id>",
        ("project_id", _) => "",
        ("request_id", _) => "<refused_request_id>",
        _ => panic!(
            "isolation::calls does not know the {{{place}}} of {}",
            route.path
        ),
    }
}

/// The bodies of a call, or its queries where it has no body.
pub fn bodies(route: &Route) -> Vec<Value> {
    match route.call.as_str() {
        // They name nothing but what their path does.
        "debug.whoami"
        | "organizations.create"
        | "organizations.get"
        | "organizations.delete"
        | "organizations.metrics"
        | "organizations.deleteExternalId"
        | "organizations.domains.check"
        | "organizations.domains.list"
        | "organizations.domains.release"
        | "organizations.refusals.get"
        | "organizations.refusals.search"
        | "organizations.members.dangerouslyGet"
        | "organizations.members.delete"
        | "organizations.members.explain"
        | "organizations.members.deleteExternalId"
        | "organizations.members.deleteTOTP"
        | "organizations.members.deleteMFAPhoneNumber"
        | "organizations.members.deletePassword"
        | "organizations.members.unlock"
        | "recoveryCodes.get"
        | "rbac.organizations.getOrgPolicy"
        | "organizations.members.reactivate"
        | "m2m.clients.create"
        | "m2m.clients.delete"
        | "m2m.clients.get"
        | "m2m.clients.search"
        | "m2m.clients.secrets.rotate"
        | "m2m.clients.secrets.rotateCancel"
        | "m2m.clients.secrets.rotateStart"
        | "m2m.clients.update"
        | "organizations.members.oidcProviders"
        | "portalLinks.list"
        | "portalLinks.revoke"
        | "project.metrics"
        | "rbac.policy"
        | "scim.connection.create"
        | "scim.connection.createClient"
        | "scim.connection.createClientSecret"
        | "scim.connection.delete"
        | "scim.connection.deleteClient"
        | "scim.connection.deleteClientSecret"
        | "scim.connection.getClients"
        | "scim.connection.get"
        | "scim.connection.getGroups"
        | "scim.connection.getSchemas"
        | "scim.connection.replaceSchemas"
        | "scim.connection.rotateCancel"
        | "scim.connection.rotateComplete"
        | "scim.connection.rotateStart"
        | "scim.connection.searchRequests"
        | "scim.connection.searchUsers"
        | "scim.connection.updateClient"
        | "scim.connection.getRequest"
        | "sessions.getJWKS"
        | "sso.deleteConnection"
        | "sso.getConnections"
        | "sso.oidc.completeClientKeyRotation"
        | "sso.oidc.startClientKeyRotation"
        | "sso.saml.acceptMetadata"
        | "sso.saml.createEncryptionPrivateKey"
        | "sso.saml.deleteEncryptionPrivateKey"
        | "sso.saml.deleteVerificationCertificate" => vec![json!({})],
        "discovery.intermediateSessions.exchange" => vec![json!({
            "intermediate_session_token": "wrong", "organization_id": "<<organization_id>>",
        })],
        "discovery.organizations.create" => vec![json!({
            "intermediate_session_token": "wrong", "organization_name": "taken over",
        })],
        "organizations.update" => vec![
            json!({ "sso_default_connection_id": "<saml_connection_id>" }),
            json!({ "sso_jit_provisioning": "RESTRICTED",
                "sso_jit_provisioning_allowed_connections": ["<saml_connection_id>"] }),
        ],
        "organizations.domains.claim" => vec![json!({ "domain": "fresh.test" })],
        "organizations.search" => organization_searches(),
        "organizations.members.create" => vec![json!({ "email_address": "new@own.test" })],
        "organizations.members.get" => vec![
            json!({ "member_id": "<member_id>" }),
            json!({ "member_id": "<member_external_id>" }),
            json!({ "email_address": "<email>" }),
        ],
        "organizations.members.search" => member_searches(),
        "organizations.members.update" => vec![json!({ "name": "taken over" })],
        "organizations.members.startEmailUpdate" => {
            vec![json!({ "email_address": "taken@over.test" })]
        }
        "organizations.members.unlinkRetiredEmail" => {
            vec![json!({ "email_id": "<retired_email_id>" })]
        }
        "magicLinks.authenticate" => vec![json!({ "magic_links_token": "wrong" })],
        "magicLinks.discovery.authenticate" => {
            vec![json!({ "discovery_magic_links_token": "wrong" })]
        }
        "magicLinks.email.discovery.send" => {
            vec![json!({ "email_address": format!("{}@nowhere.test", uuid::Uuid::new_v4()) })]
        }
        "magicLinks.email.invite" => vec![json!({
            "organization_id": "<<organization_id>>",
            "email_address": "guest@own.test",
            "invited_by_member_id": "<member_id>",
        })],
        "passwords.strengthCheck" => vec![json!({ "password": "otters" })],
        "passwords.migrate" => vec![json!({
            "organization_id": "<<organization_id>>",
            "email_address": "new@own.test",
            "hash_type": "md_5",
            "hash": "9cc2ae8a1ba7a93da39b46fc1019c481",
        })],
        "passwords.authenticate" => vec![json!({
            "organization_id": "<<organization_id>>",
            "email_address": "<email>",
            "password": "correct horse battery staple",
        })],
        "passwords.existingPassword.reset" => vec![json!({
            "organization_id": "<<organization_id>>",
            "email_address": "<email>",
            "existing_password": "correct horse battery staple",
            "new_password": "seven mild otters knit socks",
        })],
        "passwords.email.requireReset" => vec![
            json!({ "organization_id": "<<organization_id>>", "email_address": "<email>" }),
            json!({ "organization_id": "<<organization_id>>", "email_address": "<email>",
                "member_id": "<member_id>" }),
        ],
        // An address alone, which is of no organization.
        "passwords.discovery.authenticate" => {
            vec![json!({ "email_address": "nobody@nowhere.test", "password": "otters" })]
        }
        "passwords.email.reset" | "passwords.discovery.email.reset" => {
            vec![json!({ "password_reset_token": "wrong", "password": "otters" })]
        }
        "passwords.sessions.reset" => vec![json!({
            "organization_id": "<<organization_id>>",
            "session_token": "<<session_token>>",
            "password": "seven mild otters knit socks",
        })],
        "otps.sms.authenticate" | "totps.authenticate" => vec![json!({
            "organization_id": "<<organization_id>>", "member_id": "<member_id>",
            "code": "000000", "session_token": "<<session_token>>",
        })],
        "otps.sms.send" => vec![json!({
            "organization_id": "<<organization_id>>", "member_id": "<member_id>",
            "mfa_phone_number": "+15557654321",
        })],
        "recoveryCodes.recover" => vec![json!({
            "organization_id": "<<organization_id>>", "member_id": "<member_id>",
            "recovery_code": "aaaa-aaaa-aaaa", "session_token": "<<session_token>>",
        })],
        "totps.migrate" => vec![json!({
            "organization_id": "<<organization_id>>", "member_id": "<member_id>",
            "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "recovery_codes": ["taken-over"],
        })],
        "portalLinks.create" => vec![json!({ "organization_id": "<<organization_id>>" })],
        "rbac.organizations.setOrgPolicy" => vec![json!({ "org_policy": { "roles": [] } })],
        "scim.connection.update" => vec![json!({ "scim_group_implicit_role_assignments": [
            { "role_id": "editor", "group_id": "<group_id>" },
        ] })],
        "sessions.authenticate" => vec![
            json!({ "session_token": "<<session_token>>" }),
            json!({ "session_token": "<<session_token>>", "authorization_check": {
                "organization_id": "<organization_id>", "resource_id": "stytch.member",
                "action": "search",
            } }),
        ],
        "sessions.exchange" => vec![json!({
            "session_token": "<<session_token>>", "organization_id": "<<organization_id>>",
        })],
        "recoveryCodes.rotate" | "sessions.get" | "totps.create" => vec![json!({
            "organization_id": "<<organization_id>>", "member_id": "<member_id>",
        })],
        "sessions.revoke" => vec![
            json!({ "member_session_id": "<<member_session_id>>" }),
            json!({ "member_id": "<<member_id>>" }),
            json!({ "session_token": "<<session_token>>" }),
        ],
        "magicLinks.email.loginOrSignup"
        | "otps.email.loginOrSignup"
        | "passwords.email.resetStart" => vec![json!({
            "organization_id": "<<organization_id>>", "email_address": "<email>",
        })],
        "otps.email.discovery.authenticate" => {
            vec![json!({ "email_address": "nobody@nowhere.test", "code": "000000" })]
        }
        "otps.email.authenticate" => vec![json!({
            "organization_id": "<<organization_id>>", "email_address": "<email>", "code": "000000",
        })],
        "oauth.authenticate" => vec![json!({ "oauth_token": "wrong" })],
        "oauth.discovery.authenticate" => vec![json!({ "discovery_oauth_token": "wrong" })],
        "sso.authenticate" => vec![json!({ "sso_token": "wrong" })],
        // An address or its domain decides, which no name of a tenant stands for.
        "sso.discoverConnections"
        | "otps.email.discovery.send"
        | "passwords.discovery.email.resetStart" => {
            vec![json!({ "email_address": "nobody@nowhere.test" })]
        }
        "sessions.attest" => vec![json!({ "profile_id": "nobody", "token": "wrong" })],
        "sessions.migrate" => vec![json!({
            "session_token": "wrong", "organization_id": "<<organization_id>>",
        })],
        "impersonation.authenticate" => vec![json!({ "impersonation_token": "wrong" })],
        "sso.external.createConnection" => vec![json!({
            "external_organization_id": "<<organization_id>>",
            "external_connection_id": "<<saml_connection_id>>",
        })],
        "sso.external.updateConnection"
        | "sso.oidc.createConnection"
        | "sso.oidc.updateConnection"
        | "sso.saml.createConnection"
        | "sso.saml.updateConnection" => vec![json!({ "display_name": "taken over" })],
        "discovery.organizations.list" | "sso.logout" => {
            vec![json!({ "session_token": "<<session_token>>" })]
        }
        "sso.saml.updateByMetadata" => vec![json!({ "metadata": "<md/>" })],
        "sso.saml.updateByURL" => vec![json!({ "metadata_url": "http://127.0.0.1:9/metadata" })],
        call => panic!("isolation::calls has no entry for {call}: say what it is sent"),
    }
}

fn organization_searches() -> Vec<Value> {
    let search = |name: &str, value: Value| {
        json!({ "query": { "operator": "AND", "operands": [
            { "filter_name": name, "filter_value": value },
        ] } })
    };
    vec![
        search("organization_ids", json!(["<<organization_id>>"])),
        search("organization_slugs", json!(["<<organization_slug>>"])),
        search(
            "organization_external_ids",
            json!(["<<organization_external_id>>"]),
        ),
        search("organization_slug_fuzzy", json!("<<organization_slug>>")),
        search("organization_name_fuzzy", json!("<<organization_slug>>")),
        search("member_emails", json!(["<<email>>"])),
        search("sso_connection_id", json!("<<saml_connection_id>>")),
    ]
}

fn member_searches() -> Vec<Value> {
    let search = |name: &str, value: Value| {
        json!({ "organization_ids": ["<<organization_id>>"],
            "query": { "operator": "AND", "operands": [
                { "filter_name": name, "filter_value": value },
            ] } })
    };
    vec![
        search("member_ids", json!(["<member_id>"])),
        search("member_ids", json!(["<member_external_id>"])),
        search("member_emails", json!(["<email>"])),
        search("member_email_fuzzy", json!("<email>")),
    ]
}
