use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;

use super::Acme;
use super::EMAIL;
use super::OTHER;
use super::PASSWORD;
use super::refusal;
use crate::support::Answer;

impl Acme {
    /// Acme's and Globex's Ana, whose project shares passwords.
    pub async fn shared() -> Self {
        let acme = Self::start().await;
        acme.share_passwords().await;
        let globex = json!({ "organization_name": "Globex", "organization_slug": "globex" });
        acme.gateway.organization(globex).await;
        for organization in ["acme", "globex"] {
            let answer = acme
                .migrate(json!({ "organization_id": organization }))
                .await;
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
        acme
    }

    pub async fn discover(&self, email: &str, password: &str) -> Answer {
        let body = json!({ "email_address": email, "password": password });
        self.post("discovery/authenticate", body).await
    }

    pub async fn exchange(&self, token: &Value, organization: &str) -> Answer {
        let body = json!({ "intermediate_session_token": token, "organization_id": organization });
        let path = "/v1/b2b/discovery/intermediate_sessions/exchange";
        self.gateway.post(path, body).await
    }
}

fn slugs(answer: &Answer) -> Vec<&str> {
    let found = answer.body["discovered_organizations"].as_array();
    let found = found.unwrap_or_else(|| panic!("{}", answer.text)).iter();
    let mut slugs: Vec<_> = found
        .map(|it| it["organization"]["organization_slug"].as_str().unwrap())
        .collect();
    slugs.sort_unstable();
    slugs
}

#[actix_web::test]
async fn one_password_opens_each_organization_of_its_address() {
    let acme = Acme::shared().await;
    let answer = acme.discover(EMAIL, PASSWORD).await;
    assert_eq!(slugs(&answer), ["acme", "globex"]);
    let token = &answer.body["intermediate_session_token"];
    let entered = acme.exchange(token, "globex").await;
    assert_eq!(
        entered.body["member_authenticated"], true,
        "{}",
        entered.text
    );
    let factors = &entered.body["member_session"]["authentication_factors"];
    assert_eq!(factors[0]["type"], "password");
    assert_eq!(acme.authenticate(EMAIL, PASSWORD).await.status, 200);
    let member = acme.authenticate(EMAIL, PASSWORD).await.body["member"].clone();
    assert_ne!(member["member_password_id"], "");
    for (email, password) in [
        (EMAIL, OTHER),
        ("nobody@acme.test", PASSWORD),
        ("no address", ""),
    ] {
        let wrong = acme.discover(email, password).await;
        assert_eq!(
            refusal(&wrong),
            (401, "unauthorized_credentials"),
            "{email}"
        );
    }
}

#[actix_web::test]
async fn a_link_sets_the_password_of_any_address_and_answers_alike_for_all() {
    let acme = Acme::shared().await;
    let new = "new@nowhere.test";
    for address in [EMAIL, new] {
        let body = json!({ "email_address": address });
        let started = acme.post("discovery/email/reset/start", body).await;
        let mut shown = started.body.clone();
        shown.as_object_mut().unwrap().remove("request_id");
        assert_eq!(shown, json!({ "status_code": 200 }));
        let token = Acme::token_of(&acme.link_to(address).await, "discovery");
        let body = json!({ "password_reset_token": token, "password": OTHER });
        let answer = acme.post("discovery/email/reset", body.clone()).await;
        assert_eq!(answer.body["email_address"], address, "{}", answer.text);
        let expected: &[&str] = if address == EMAIL {
            &["acme", "globex"]
        } else {
            &[]
        };
        assert_eq!(slugs(&answer), expected);
        let again = acme.post("discovery/email/reset", body).await;
        assert_eq!(
            refusal(&again),
            (401, "unable_to_auth_password_reset_token")
        );
        assert_eq!(acme.discover(address, OTHER).await.status, 200);
    }
    assert_eq!(acme.authenticate(EMAIL, PASSWORD).await.status, 401);
    assert_eq!(acme.authenticate(EMAIL, OTHER).await.status, 200);
}

#[actix_web::test]
async fn a_password_that_has_to_be_reset_says_so_to_whoever_knows_it() {
    let acme = Acme::shared().await;
    let body = json!({ "email_address": EMAIL, "organization_id": "acme" });
    let required = acme.post("email/require_reset", body).await;
    assert_eq!(
        required.body["member"]["email_address"], EMAIL,
        "{}",
        required.text
    );
    let expected = (400, "member_reset_password");
    assert_eq!(refusal(&acme.discover(EMAIL, PASSWORD).await), expected);
    assert_eq!(refusal(&acme.authenticate(EMAIL, PASSWORD).await), expected);
    let wrong = acme.authenticate(EMAIL, OTHER).await;
    assert_eq!(refusal(&wrong), (401, "unauthorized_credentials"));
    let start = json!({ "email_address": EMAIL, "organization_id": "acme" });
    assert_eq!(acme.post("email/reset/start", start).await.status, 200);
    let token = Acme::token_of(&acme.link_to(EMAIL).await, "multi_tenant_passwords");
    let body = json!({ "password_reset_token": token, "password": OTHER });
    assert_eq!(acme.post("email/reset", body).await.status, 200);
    assert_eq!(acme.discover(EMAIL, OTHER).await.status, 200);
    let unknown = json!({ "email_address": "nobody@acme.test" });
    let unknown = acme.post("email/require_reset", unknown).await;
    assert_eq!(refusal(&unknown), (404, "member_password_not_found"));
}

#[actix_web::test]
async fn a_session_sets_a_shared_password_only_by_what_proves_the_address() {
    let acme = Acme::shared().await;
    let session = acme.session(PASSWORD).await;
    let body = |token: &str| json!({ "organization_id": "acme", "session_token": token, "password": OTHER });
    let answer = acme.post("session/reset", body(&session)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let member = answer.body["member_id"].as_str().unwrap();
    let bare = acme.gateway.session_of(&acme.organization_id, member).await;
    let refused = acme.post("session/reset", body(&bare)).await;
    assert_eq!(
        refusal(&refused),
        (400, "session_too_old_to_reset_password")
    );
    acme.gateway.wait(TimeDelta::minutes(1));
    assert_eq!(acme.discover(EMAIL, OTHER).await.status, 200);
}

#[actix_web::test]
async fn without_shared_passwords_these_calls_are_refused_and_with_them_deletion_is() {
    let acme = Acme::with_ana().await;
    let table = [
        (
            "discovery/authenticate",
            json!({ "email_address": EMAIL, "password": PASSWORD }),
        ),
        (
            "discovery/email/reset/start",
            json!({ "email_address": EMAIL }),
        ),
        (
            "discovery/email/reset",
            json!({ "password_reset_token": "x", "password": OTHER }),
        ),
        ("email/require_reset", json!({ "email_address": EMAIL })),
    ];
    for (call, body) in table {
        let answer = acme.post(call, body).await;
        assert_eq!(
            refusal(&answer),
            (400, "cross_org_passwords_not_enabled"),
            "{call}"
        );
    }
    acme.share_passwords().await;
    let path = format!(
        "/v1/b2b/organizations/acme/members/passwords/member-password-test-{}",
        uuid::Uuid::new_v4()
    );
    let answer = acme.gateway.call("DELETE", &path, None).await;
    assert_eq!(refusal(&answer), (400, "cross_org_passwords_enabled"));
}

#[actix_web::test]
async fn guessing_at_a_shared_password_locks_each_member_of_its_address() {
    let acme = Acme::shared().await;
    for turn in 0..9 {
        assert_eq!(acme.discover(EMAIL, OTHER).await.status, 401, "{turn}");
    }
    assert_eq!(acme.authenticate(EMAIL, OTHER).await.status, 401);
    let shown = |organization: &str| {
        format!("/v1/b2b/organizations/{organization}/member?email_address={EMAIL}")
    };
    let is_locked = async |organization: &str| {
        let shown = acme.gateway.get(&shown(organization)).await;
        shown.body["member"]["is_locked"] == true
    };
    assert!(is_locked("acme").await && !is_locked("globex").await);
    assert_eq!(acme.discover(EMAIL, PASSWORD).await.status, 200);
    assert_eq!(acme.discover(EMAIL, OTHER).await.status, 401);
    assert!(is_locked("globex").await);
    let locked = acme.discover(EMAIL, PASSWORD).await;
    assert_eq!(refusal(&locked), (401, "unauthorized_credentials"));
    acme.gateway.wait(TimeDelta::minutes(61));
    assert_eq!(acme.discover(EMAIL, PASSWORD).await.status, 200);
}

#[actix_web::test]
async fn the_mail_offers_discovery_without_a_password_where_the_application_wants_that() {
    let acme = Acme::shared().await;
    let asked = |url: &str| json!({ "email_address": EMAIL, "discovery_redirect_url": url });
    let start = "discovery/email/reset/start";
    let evil = acme.post(start, asked("https://evil.test")).await;
    assert_eq!(
        refusal(&evil),
        (400, "no_match_for_provided_magic_link_url")
    );
    acme.gateway.wait(TimeDelta::seconds(2));
    let discovery = "http://app.test/authenticate";
    let started = acme.post(start, asked(discovery)).await;
    assert_eq!(started.status, 200, "{}", started.text);
    let letter = acme.gateway.mails_to(EMAIL).await.remove(0);
    let mut words = letter.text.split_whitespace();
    let link = words.find(|word| word.contains("/v1/magic_links/redirect?"));
    let visit = acme
        .gateway
        .send(acme.gateway.http.get(link.unwrap()))
        .await;
    let target = visit.headers["location"].to_str().unwrap();
    assert!(target.starts_with(&format!("{discovery}?stytch_redirect_type=login&")));
    let token = Acme::token_of(target, "discovery");
    let body = json!({ "discovery_magic_links_token": token });
    let path = "/v1/b2b/magic_links/discovery/authenticate";
    let found = acme.gateway.post(path, body).await;
    assert_eq!(slugs(&found), ["acme", "globex"]);
}

#[actix_web::test]
async fn whoever_begins_a_reset_before_an_organization_with_a_challenge_ends_with_its_verifier() {
    // The pair of RFC 7636, appendix B.
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let acme = Acme::shared().await;
    let body = json!({ "email_address": EMAIL, "pkce_code_challenge": challenge });
    let started = acme.post("discovery/email/reset/start", body).await;
    assert_eq!(started.status, 200, "{}", started.text);
    let token = Acme::token_of(&acme.link_to(EMAIL).await, "discovery");
    let reset = |verifier: Option<&str>| {
        let body = json!({ "password_reset_token": token, "password": OTHER,
            "pkce_code_verifier": verifier });
        acme.post("discovery/email/reset", body)
    };
    assert_eq!(
        refusal(&reset(None).await),
        (400, "pkce_expected_code_verifier")
    );
    assert_eq!(
        refusal(&reset(Some(challenge)).await),
        (400, "pkce_mismatch")
    );
    assert_eq!(reset(Some(verifier)).await.status, 200);
    let without = json!({ "email_address": "new@nowhere.test" });
    let started = acme.post("discovery/email/reset/start", without).await;
    assert_eq!(started.status, 200, "{}", started.text);
    let link = acme.link_to("new@nowhere.test").await;
    let token = Acme::token_of(&link, "discovery");
    let body = json!({ "password_reset_token": token, "password": OTHER,
        "pkce_code_verifier": verifier });
    let unasked = acme.post("discovery/email/reset", body).await;
    assert_eq!(
        refusal(&unasked),
        (400, "pkce_did_not_expect_code_verifier")
    );
}

#[actix_web::test]
async fn a_wrong_shared_password_is_written_down_whoever_it_is_of() {
    let acme = Acme::shared().await;
    let strangers = || {
        let mut sql = acme.sql();
        let rows = sql.texts("SELECT CAST(tries_left AS TEXT) AS value FROM email_codes");
        rows.len()
    };
    for (email, expected) in [(EMAIL, 0), ("nobody@acme.test", 1), ("no address", 2)] {
        assert_eq!(acme.discover(email, OTHER).await.status, 401);
        assert_eq!(strangers(), expected, "{email}");
    }
}
