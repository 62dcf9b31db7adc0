//! An organization with one of everything, and the ids of what it has.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;

use crate::links::token_to;
use crate::support::TestGateway;

const CERTIFICATE: &str = include_str!("../../peers/idp-certificate.pem");

/// Ids and names of an organization's things, by what `calls.rs` calls them.
#[derive(Clone, Debug)]
pub struct Tenant(BTreeMap<&'static str, String>);

impl Tenant {
    pub fn get(&self, name: &str) -> &str {
        self.0
            .get(name)
            .unwrap_or_else(|| panic!("a tenant has no {name}"))
    }

    pub fn names(&self) -> impl Iterator<Item = &&'static str> {
        self.0.keys()
    }

    pub fn values(&self) -> impl Iterator<Item = &String> {
        self.0.values()
    }

    /// The same with another value in one place.
    pub fn with(&self, name: &'static str, value: &str) -> Self {
        let mut other = self.clone();
        other.0.insert(name, value.to_owned());
        other
    }

    /// What nobody has, in the same forms.
    pub fn missing(&self) -> Self {
        let fresh = |value: &String| match value.rsplit_once("-test-") {
            Some((kind, _)) => format!("{kind}-test-{}", uuid::Uuid::new_v4()),
            None if uuid::Uuid::parse_str(value).is_ok() => uuid::Uuid::new_v4().to_string(),
            None => format!("missing-{value}"),
        };
        Self(
            self.0
                .iter()
                .map(|(name, value)| (*name, fresh(value)))
                .collect(),
        )
    }

    /// An organization in which everything is called after `name`.
    pub async fn furnish(gateway: &TestGateway, name: &str) -> Self {
        let mut own = BTreeMap::new();
        let organization = gateway
            .organization(json!({
                "organization_name": name,
                "organization_slug": name,
                "organization_external_id": format!("external-{name}"),
                "email_allowed_domains": [format!("{name}.test")],
            }))
            .await;
        let id = text(&organization["organization_id"]);
        own.insert("organization_slug", name.to_owned());
        own.insert("organization_external_id", format!("external-{name}"));
        let domain = format!("claimed-{name}.test");
        let path = format!("/v1/b2b/organizations/{id}/domains");
        expect(gateway, "POST", &path, json!({ "domain": domain })).await;
        own.insert("claimed_domain", domain);
        people(gateway, (&id, name), &mut own).await;
        connections(gateway, &id, &mut own).await;
        directory(gateway, (&id, name), &mut own).await;
        let body = json!({ "organization_id": id });
        let link = expect(gateway, "POST", "/v1/b2b/portal_links", body).await;
        let link = &link["portal_link"]["portal_link_id"];
        own.insert("portal_link_id", text(link));
        own.insert("organization_id", id);
        Self(own)
    }
}

async fn people(
    gateway: &TestGateway,
    (organization, name): (&str, &str),
    own: &mut BTreeMap<&'static str, String>,
) {
    let path = format!("/v1/b2b/organizations/{organization}/members");
    let body = json!({ "email_address": format!("bea@{name}.test"), "external_id": format!("bea-{name}") });
    let member = expect(gateway, "POST", &path, body).await;
    let member_id = text(&member["member_id"]);
    let token = gateway.session_of(organization, &member_id).await;
    let body = json!({ "session_token": token });
    let session = expect(gateway, "POST", "/v1/b2b/sessions/authenticate", body).await;
    own.insert(
        "member_session_id",
        text(&session["member_session"]["member_session_id"]),
    );
    own.insert("session_token", token);
    own.insert(
        "admin_token",
        gateway
            .member_session(organization, &["stytch_admin"])
            .await,
    );
    let address = format!("bea@{name}.test");
    let body = json!({ "organization_id": organization, "email_address": address });
    let path = "/v1/b2b/magic_links/email/login_or_signup";
    expect(gateway, "POST", path, body).await;
    own.insert("link_token", token_to(gateway, &address).await);
    // The address may have another mail from here on.
    gateway.wait(TimeDelta::seconds(2));
    let body = json!({
        "organization_id": organization,
        "email_address": format!("bea@{name}.test"),
        "hash_type": "md_5",
        "hash": "9cc2ae8a1ba7a93da39b46fc1019c481",
    });
    let migrated = expect(gateway, "POST", "/v1/b2b/passwords/migrate", body).await;
    own.insert(
        "member_password_id",
        text(&migrated["member"]["member_password_id"]),
    );
    own.insert("member_id", member_id);
    own.insert("member_external_id", format!("bea-{name}"));
    own.insert("email", format!("bea@{name}.test"));
}

async fn connections(
    gateway: &TestGateway,
    organization: &str,
    own: &mut BTreeMap<&'static str, String>,
) {
    let path = format!("/v1/b2b/sso/saml/{organization}");
    let made = expect(gateway, "POST", &path, json!({ "display_name": "SAML" })).await;
    let id = text(&made["connection"]["connection_id"]);
    let settings = json!({
        "idp_entity_id": "https://idp.test",
        "idp_sso_url": "https://idp.test/sso",
        "x509_certificate": CERTIFICATE,
        "attribute_mapping": { "email": "NameID", "full_name": "name" },
    });
    let made = expect(
        gateway,
        "PUT",
        &format!("{path}/connections/{id}"),
        settings,
    )
    .await;
    let certificate = &made["connection"]["verification_certificates"][0]["certificate_id"];
    own.insert("certificate_id", text(certificate));
    own.insert("saml_connection_id", id);
    let key = format!("saml-encryption-key-test-{}", uuid::Uuid::new_v4());
    own.insert("private_key_id", key);
    let path = format!("/v1/b2b/sso/oidc/{organization}");
    let made = expect(gateway, "POST", &path, json!({ "display_name": "OIDC" })).await;
    own.insert(
        "oidc_connection_id",
        text(&made["connection"]["connection_id"]),
    );
    let external = format!("external-connection-test-{}", uuid::Uuid::new_v4());
    own.insert("external_connection_id", external);
}

/// A directory with a User in a Group, one with an address given up, and one that is gone.
async fn directory(
    gateway: &TestGateway,
    (organization, name): (&str, &str),
    own: &mut BTreeMap<&'static str, String>,
) {
    let path = format!("/v1/b2b/scim/{organization}/connection");
    let body = json!({ "identity_provider": "generic" });
    let made = expect(gateway, "POST", &path, body).await;
    let token = text(&made["connection"]["bearer_token"]);
    let connection = text(&made["connection"]["connection_id"]);
    let clients = format!("{path}/{connection}/clients");
    let made = expect(gateway, "POST", &clients, json!({})).await;
    let client = &made["client"];
    own.insert("scim_client_id", text(&client["client_id"]));
    let secret = text(&client["secrets"][0]["secret_id"]);
    own.insert("scim_client_secret_id", secret);
    let users = format!("/v1/b2b/scim/{connection}/Users");
    let nobody = format!("{users}/nobody-of-{name}");
    let refused = gateway.scim(("GET", &nobody), &token, None).await;
    let refused = refused.headers["x-request-id"].to_str().unwrap();
    own.insert("refused_request_id", refused.to_owned());
    let mut ids = Vec::new();
    for person in ["ana", "old", "gone"] {
        let user = json!({ "userName": format!("{person}@{name}.test"), "externalId": format!("{person}-{name}") });
        let made = gateway.scim(("POST", &users), &token, Some(user)).await;
        assert_eq!(made.status, 201, "{}", made.text);
        ids.push(text(&made.body["id"]));
    }
    let renamed =
        json!({ "userName": format!("new@{name}.test"), "externalId": format!("old-{name}") });
    let path = format!("{users}/{}", ids[1]);
    let answer = gateway.scim(("PUT", &path), &token, Some(renamed)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let path = format!("{users}/{}", ids[2]);
    let answer = gateway.scim(("DELETE", &path), &token, None).await;
    assert_eq!(answer.status, 204, "{}", answer.text);
    let groups = format!("/v1/b2b/scim/{connection}/Groups");
    let group = json!({ "displayName": format!("group {name}"), "members": [{ "value": ids[0] }] });
    let made = gateway.scim(("POST", &groups), &token, Some(group)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    own.insert("group_id", text(&made.body["id"]));
    device(gateway, (organization, &connection, &token), name, own).await;
    own.insert("group_name", format!("group {name}"));
    own.insert("user_id", ids[0].clone());
    own.insert("user_name", format!("ana@{name}.test"));
    own.insert("user_external_id", format!("ana-{name}"));
    let path = format!("/v1/b2b/organizations/{organization}/member");
    let member = gateway
        .get(&format!("{path}?email_address=new@{name}.test"))
        .await;
    let member = member.body["member"].clone();
    own.insert(
        "retired_email_id",
        text(&member["retired_email_addresses"][0]["email_id"]),
    );
    own.insert("renamed_member_id", text(&member["member_id"]));
    let search = json!({
        "organization_ids": [organization],
        "query": { "operator": "AND", "operands": [
            { "filter_name": "statuses", "filter_value": ["deleted"] },
        ] },
    });
    let found = expect(
        gateway,
        "POST",
        "/v1/b2b/organizations/members/search",
        search,
    )
    .await;
    own.insert("deleted_member_id", text(&found["members"][0]["member_id"]));
    gateway.write_request_log().await;
    let path = format!("/v1/b2b/scim/{organization}/connection/{connection}/requests/search");
    let found = expect(gateway, "POST", &path, json!({})).await;
    let request = text(&found["requests"][0]["scim_request_id"]);
    own.insert("scim_request_id", request);
    own.insert("scim_connection_id", connection);
    own.insert("scim_token", token);
}

/// A resource of a type that the connection declares.
async fn device(
    gateway: &TestGateway,
    (organization, connection, token): (&str, &str, &str),
    name: &str,
    own: &mut BTreeMap<&'static str, String>,
) {
    let urn = "urn:example:2.0:Device";
    let declared = json!({
        "schemas": [{ "id": urn, "attributes": [{ "name": "serial", "uniqueness": "server" }] }],
        "resource_types": [{ "name": "Device", "endpoint": "/Devices", "schema": urn }],
    });
    let path = format!("/v1/b2b/scim/{organization}/connection/{connection}/schemas");
    expect(gateway, "PUT", &path, declared).await;
    let devices = format!("/v1/b2b/scim/{connection}/Devices");
    let device = json!({ "serial": format!("serial-{name}") });
    let made = gateway.scim(("POST", &devices), token, Some(device)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    own.insert("device_id", text(&made.body["id"]));
    own.insert("device_serial", format!("serial-{name}"));
}

async fn expect(gateway: &TestGateway, method: &str, path: &str, body: Value) -> Value {
    let answer = gateway.call(method, path, Some(body)).await;
    assert_eq!(answer.status, 200, "{method} {path}: {}", answer.text);
    answer.body
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}
