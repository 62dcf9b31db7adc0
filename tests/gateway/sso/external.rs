//! Signing in through a connection of another organization, and what ends with a connection.

use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;

use super::Acme;
use super::Asked;
use super::authenticate;
use super::events;
use super::redeem;
use super::roles;
use super::start_url;
use super::text;
use crate::support::Answer;
use crate::support::browser::Page;

/// Acme with its IdP, and Globex, which trusts it.
struct Two {
    acme: Acme,
    globex: String,
    external: String,
}

impl Two {
    async fn open() -> Self {
        Self::with(json!({}), json!({})).await
    }

    /// With settings of Globex and of its external connection.
    async fn with(organization: Value, connection: Value) -> Self {
        let groups = json!({
            "attribute_mapping": { "email": "email", "full_name": "name", "groups": "groups" },
            "saml_connection_implicit_role_assignments": [{ "role_id": "owner" }],
        });
        let acme = Acme::with(json!({}), groups).await;
        let mut body = json!({ "organization_name": "Globex", "organization_slug": "globex" });
        super::merge(&mut body, organization);
        let globex = text(&acme.gateway.organization(body).await["organization_id"]);
        let mut body = json!({
            "external_organization_id": acme.organization_id,
            "external_connection_id": acme.connection_id,
        });
        super::merge(&mut body, connection);
        let path = format!("/v1/b2b/sso/external/{globex}");
        let created = acme.gateway.post(&path, body).await;
        assert_eq!(created.status, 200, "{}", created.text);
        let external = text(&created.body["connection"]["connection_id"]);
        Self {
            acme,
            globex,
            external,
        }
    }

    async fn start(&self) -> Asked {
        let url = start_url(&self.acme.gateway, &self.external, &[]);
        asked(&self.acme.browser.get(&url).await)
    }

    /// A whole visit through the external connection, up to the page that comes.
    async fn visit(&self, email: &str) -> Page {
        let asked = self.start().await;
        let mut draft = self.acme.response(&asked, email);
        let groups = vec!["engineering".to_owned()];
        draft.attributes.push(("groups".to_owned(), groups));
        self.acme.post(&draft, &asked.relay_state).await
    }

    async fn sign_in(&self, email: &str) -> Answer {
        let page = self.visit(email).await;
        authenticate(&self.acme.gateway, &page).await
    }

    async fn delete(&self, organization: &str, connection: &str) {
        let path = format!("/v1/b2b/sso/{organization}/connections/{connection}");
        let answer = self.acme.gateway.call("DELETE", &path, None).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    async fn session(&self, token: &Value) -> u16 {
        let body = json!({ "session_token": token });
        let path = "/v1/b2b/sessions/authenticate";
        self.acme.gateway.post(path, body).await.status
    }

    async fn kinds(&self, organization: &str) -> Vec<String> {
        let events = events(&self.acme.gateway, organization).await;
        events.into_iter().map(|event| event.kind).collect()
    }
}

fn asked(page: &Page) -> Asked {
    assert_eq!(page.status, 302, "{}", page.text);
    let xml = super::authn_request(&page.location().unwrap());
    let (_, rest) = xml.split_once(" ID=\"").unwrap();
    let (request_id, _) = rest.split_once('"').unwrap();
    Asked {
        request_id: request_id.to_owned(),
        relay_state: page.parameter("RelayState").unwrap(),
    }
}

#[actix_web::test]
async fn a_person_of_acmes_idp_enters_globex_under_the_rules_of_globex() {
    let given = json!({
        "connection_implicit_role_assignments": [{ "role_id": "employee" }],
        "group_implicit_role_assignments": [
            { "role_id": "editor", "group": "engineering" },
            { "role_id": "auditor", "group": "audit" },
        ],
    });
    let two = Two::with(json!({}), given).await;
    let page = two.visit("ana@acme.test").await;
    assert_eq!(page.parameter("slug").as_deref(), Some("globex"));
    let answer = authenticate(&two.acme.gateway, &page).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let member = &answer.body["member"];
    assert_eq!(answer.body["organization_id"], two.globex.as_str());
    assert_eq!(member["organization_id"], two.globex.as_str());
    let registrations = member["sso_registrations"].as_array().unwrap();
    assert_eq!(registrations.len(), 1);
    assert_eq!(registrations[0]["connection_id"], two.external.as_str());
    let source = |role: &str, source: &str| (role.to_owned(), vec![source.to_owned()]);
    assert_eq!(
        roles(member),
        [
            source("editor", "external_assignment"),
            source("employee", "external_assignment"),
            source("stytch_member", "direct_assignment"),
        ]
    );
    let details: Vec<_> = member["roles"].as_array().unwrap().iter().take(2).collect();
    assert_eq!(
        details[0]["sources"][0]["details"],
        json!({ "connection_id": two.external, "group": "engineering" })
    );
    assert_eq!(
        details[1]["sources"][0]["details"],
        json!({ "connection_id": two.external })
    );
    let session = &answer.body["member_session"];
    assert_eq!(
        session["roles"],
        json!(["editor", "employee", "stytch_member"])
    );
    let factor = &session["authentication_factors"][0];
    assert_eq!(factor["delivery_method"], "sso_saml");
    assert_eq!(
        factor["saml_sso_factor"]["provider_id"],
        two.external.as_str()
    );
    // Without a factor of the connection its roles do not count.
    let id = text(&answer.body["member_id"]);
    let other = two.acme.gateway.session_of(&two.globex, &id).await;
    let body = json!({ "session_token": other });
    let checked = two
        .acme
        .gateway
        .post("/v1/b2b/sessions/authenticate", body)
        .await;
    assert_eq!(
        checked.body["member_session"]["roles"],
        json!(["stytch_member"])
    );
    // Acme hears nothing of it, and its own door leads to itself.
    let own = two.acme.sign_in("ana@acme.test").await;
    assert_eq!(
        own.body["organization_id"],
        two.acme.organization_id.as_str()
    );
    assert_ne!(own.body["member_id"], answer.body["member_id"]);
    let again = two.sign_in("ana@acme.test").await;
    assert_eq!(again.body["member_id"], answer.body["member_id"]);
}

#[actix_web::test]
async fn an_organization_is_enough_when_its_only_connection_is_external() {
    let two = Two::open().await;
    let url = format!(
        "{}/v1/public/sso/start?organization_id=globex&public_token={}",
        two.acme.gateway.base_url, two.acme.gateway.public_token
    );
    let asked = asked(&two.acme.browser.get(&url).await);
    let draft = two.acme.response(&asked, "ana@acme.test");
    let page = two.acme.post(&draft, &asked.relay_state).await;
    assert_eq!(page.parameter("slug").as_deref(), Some("globex"));
}

#[actix_web::test]
async fn globex_refuses_for_itself_and_says_so_in_its_own_journal() {
    let closed = json!({ "sso_jit_provisioning": "NOT_ALLOWED", "email_invites": "ALL_ALLOWED" });
    let two = Two::with(closed, json!({})).await;
    let page = two.visit("ana@acme.test").await;
    assert_eq!(page.code(), "jit_not_allowed");
    let refused = "sign_in.refused".to_owned();
    assert!(two.kinds(&two.globex).await.contains(&refused));
    assert!(
        !two.kinds(&two.acme.organization_id)
            .await
            .contains(&refused)
    );
    // What the IdP begins by itself is for the organization that it belongs to.
    two.acme
        .change_connection(json!({ "idp_initiated_auth_disabled": false }))
        .await;
    let draft = two.acme.draft(None, "ana@acme.test");
    let page = two.acme.post(&draft, "").await;
    assert_eq!(page.parameter("slug").as_deref(), Some("acme"));
}

#[actix_web::test]
async fn what_rests_on_an_external_connection_ends_with_it() {
    let two = Two::open().await;
    let signed_in = two.sign_in("ana@acme.test").await;
    let kept = two.acme.sign_in("ana@acme.test").await;
    let token = two.visit("bo@acme.test").await.parameter("token").unwrap();
    let open = two.start().await;
    two.delete(&two.globex, &two.external).await;
    assert_eq!(two.session(&signed_in.body["session_token"]).await, 404);
    assert_eq!(two.session(&kept.body["session_token"]).await, 200);
    let late = redeem(&two.acme.gateway, json!({ "sso_token": token })).await;
    assert_eq!(late.body["error_type"], "sso_token_not_found");
    let draft = two.acme.response(&open, "cy@acme.test");
    let page = two.acme.post(&draft, &open.relay_state).await;
    assert_eq!(
        (page.status, page.code().as_str()),
        (400, "unsolicited_saml_response")
    );
    let path = format!("/v1/b2b/organizations/{}/member", two.globex);
    let id = text(&signed_in.body["member_id"]);
    let member = two
        .acme
        .gateway
        .get(&format!("{path}?member_id={id}"))
        .await;
    assert_eq!(member.body["member"]["sso_registrations"], json!([]));
    assert_eq!(roles(&member.body["member"]).len(), 1);
    let page = two
        .acme
        .browser
        .get(&start_url(&two.acme.gateway, &two.external, &[]))
        .await;
    assert_eq!(page.code(), "sso_connection_not_found");
    let kinds = two.kinds(&two.globex).await;
    let last = ["session.revoked", "connection.deleted"].map(str::to_owned);
    assert!(kinds.ends_with(&last), "{kinds:?}");
}

#[actix_web::test]
async fn an_external_connection_ends_with_the_one_that_it_stands_for() {
    let two = Two::open().await;
    let theirs = two.sign_in("ana@acme.test").await;
    let own = two.acme.sign_in("ana@acme.test").await;
    let token = two.visit("bo@acme.test").await.parameter("token").unwrap();
    two.delete(&two.acme.organization_id, &two.acme.connection_id)
        .await;
    assert_eq!(two.session(&theirs.body["session_token"]).await, 404);
    assert_eq!(two.session(&own.body["session_token"]).await, 404);
    let late = redeem(&two.acme.gateway, json!({ "sso_token": token })).await;
    assert_eq!(late.body["error_type"], "sso_token_not_found");
    for (organization, connection) in [
        (&two.globex, &two.external),
        (&two.acme.organization_id, &two.acme.connection_id),
    ] {
        let url = start_url(&two.acme.gateway, connection, &[]);
        let page = two.acme.browser.get(&url).await;
        assert_eq!(page.code(), "sso_connection_not_found");
        let kinds = two.kinds(organization).await;
        assert_eq!(kinds.last().map(String::as_str), Some("connection.deleted"));
    }
}

#[actix_web::test]
async fn the_journal_of_a_connection_holds_no_secret() {
    let two = Two::open().await;
    let (_, key) = crate::support::private_key::rsa_key();
    two.acme
        .change_connection(
            json!({ "signing_private_key": key, "saml_encryption_private_key": key }),
        )
        .await;
    let path = format!("/v1/b2b/sso/oidc/{}", two.acme.organization_id);
    let created = two.acme.gateway.post(&path, json!({})).await;
    let id = text(&created.body["connection"]["connection_id"]);
    let secret = json!({ "client_secret": "s3cret-abcd" });
    two.acme
        .gateway
        .put(&format!("{path}/connections/{id}"), secret)
        .await;
    two.delete(&two.acme.organization_id, &two.acme.connection_id)
        .await;
    two.acme.gateway.wait(TimeDelta::seconds(1));
    let events = events(&two.acme.gateway, &two.acme.organization_id).await;
    assert!(
        events
            .iter()
            .any(|event| event.kind == "connection.deleted")
    );
    let all = format!("{events:?}");
    for word in ["sealed", "PRIVATE KEY", "s3cret", "v1."] {
        assert!(!all.contains(word), "{word}");
    }
}

#[actix_web::test]
async fn acmes_idp_does_not_speak_for_the_people_that_globex_has() {
    let globex = json!({
        "email_allowed_domains": ["globex.example"],
        "email_jit_provisioning": "RESTRICTED",
    });
    let two = Two::with(globex, json!({})).await;
    let path = format!("/v1/b2b/organizations/{}/members", two.globex);
    let boss = json!({ "email_address": "boss@globex.example", "is_breakglass": true });
    assert_eq!(two.acme.gateway.post(&path, boss).await.status, 200);
    let page = two.visit("boss@globex.example").await;
    assert_eq!(page.code(), "email_taken", "{}", page.text);
}

#[actix_web::test]
async fn acmes_idp_makes_nobody_of_the_domains_of_globex() {
    for field in ["email_allowed_domains", "claimed_email_domains"] {
        let globex = json!({
            field: ["globex.example"],
            "rbac_email_implicit_role_assignments":
                [{ "role_id": "stytch_admin", "domain": "globex.example" }],
        });
        let two = Two::with(globex, json!({})).await;
        let page = two.visit("ceo@globex.example").await;
        assert_eq!(page.code(), "connection_not_allowed_for_jit", "{field}");
        let refused = "sign_in.refused".to_owned();
        assert!(two.kinds(&two.globex).await.contains(&refused), "{field}");
        assert_eq!(two.sign_in("ana@acme.test").await.status, 200, "{field}");
    }
}
