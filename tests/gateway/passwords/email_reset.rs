use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;

use super::Acme;
use super::EMAIL;
use super::OTHER;
use super::PASSWORD;
use super::refusal;
use crate::support::Answer;

const AT_ONCE: usize = 50;

impl Acme {
    async fn start_reset(&self, more: Value) -> Answer {
        let mut body = json!({ "organization_id": "acme", "email_address": EMAIL });
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        // An address gets one mail a second.
        self.gateway.wait(TimeDelta::seconds(2));
        self.post("email/reset/start", body).await
    }

    /// The token of the newest mail, as its link brings it to the application.
    async fn token(&self) -> String {
        let link = self.link_to(EMAIL).await;
        Self::token_of(&link, "multi_tenant_passwords")
    }

    async fn begun(&self) -> String {
        let started = self.start_reset(json!({})).await;
        assert_eq!(started.status, 200, "{}", started.text);
        self.token().await
    }

    async fn reset(&self, token: &str, password: &str) -> Answer {
        let body = json!({ "password_reset_token": token, "password": password });
        self.post("email/reset", body).await
    }
}

#[actix_web::test]
async fn a_link_in_a_mail_sets_a_password_once_and_ends_every_session() {
    let acme = Acme::with_ana().await;
    let session = acme.session(PASSWORD).await;
    let started = acme.start_reset(json!({})).await;
    assert_eq!(started.status, 200, "{}", started.text);
    let email_id = &started.body["member_email_id"];
    assert!(email_id.as_str().unwrap().starts_with("email-test-"));
    let token = acme.token().await;
    assert!(!started.text.contains(&token));
    let weak = acme.reset(&token, EMAIL).await;
    assert_eq!(refusal(&weak), (400, "weak_password"));
    let answer = acme.reset(&token, OTHER).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["member_email_id"], *email_id);
    let factors = &answer.body["member_session"]["authentication_factors"];
    let types: Vec<_> = factors
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["type"])
        .collect();
    assert_eq!(types, ["magic_link", "password"]);
    assert!(!acme.is_session(&session).await);
    let again = acme.reset(&token, PASSWORD).await;
    assert_eq!(
        refusal(&again),
        (401, "unable_to_auth_password_reset_token")
    );
    assert_eq!(acme.authenticate(EMAIL, PASSWORD).await.status, 401);
    assert_eq!(acme.authenticate(EMAIL, OTHER).await.status, 200);
}

#[actix_web::test]
async fn one_token_sets_one_password_however_many_come_with_it_at_once() {
    let acme = Rc::new(Acme::with_ana().await);
    let token = acme.begun().await;
    let node = acme.gateway.another_node();
    let bases = [acme.gateway.base_url.clone(), node.base_url.clone()];
    let calls: Vec<_> = (0..AT_ONCE)
        .map(|number| {
            let (acme, token) = (acme.clone(), token.clone());
            let url = format!("{}/v1/b2b/passwords/email/reset", bases[number % 2]);
            let body = json!({
                "password_reset_token": token,
                "password": format!("seven mild otters knit {number} socks"),
            });
            actix_web::rt::spawn(async move {
                let request = acme.gateway.http.post(url);
                let request = request
                    .basic_auth(&acme.gateway.project_id, Some(&acme.gateway.secret))
                    .header("content-type", "application/json")
                    .body(body.to_string());
                acme.gateway.send(request).await
            })
        })
        .collect();
    let mut through = 0;
    for call in calls {
        let answer = call.await.unwrap();
        match answer.status {
            200 => through += 1,
            401 => assert_eq!(
                answer.body["error_type"],
                "unable_to_auth_password_reset_token"
            ),
            other => panic!("{other}: {}", answer.text),
        }
    }
    assert_eq!(through, 1);
    let kinds = "SELECT kind AS value FROM journal WHERE kind = 'session.started'";
    assert_eq!(acme.sql().texts(kinds).len(), 1);
}

#[actix_web::test]
async fn a_token_is_good_for_half_an_hour_and_for_the_address_that_it_was_sent_to() {
    let acme = Acme::with_ana().await;
    let token = acme.begun().await;
    acme.gateway.wait(TimeDelta::minutes(31));
    let late = acme.reset(&token, OTHER).await;
    assert_eq!(refusal(&late), (401, "unable_to_auth_password_reset_token"));
    let token = acme.begun().await;
    let member = acme.authenticate(EMAIL, PASSWORD).await.body["member_id"].clone();
    let members = format!(
        "/v1/b2b/organizations/acme/members/{}",
        member.as_str().unwrap()
    );
    let renamed = acme
        .gateway
        .put(&members, json!({ "email_address": "an@acme.test" }))
        .await;
    assert_eq!(renamed.status, 200, "{}", renamed.text);
    let stale = acme.reset(&token, OTHER).await;
    assert_eq!(
        refusal(&stale),
        (401, "unable_to_auth_password_reset_token")
    );
}

#[actix_web::test]
async fn whoever_begins_with_a_challenge_ends_with_its_verifier() {
    let acme = Acme::with_ana().await;
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
    let challenge = URL_SAFE_NO_PAD.encode(digest.as_ref());
    let started = acme
        .start_reset(json!({ "code_challenge": challenge }))
        .await;
    assert_eq!(started.status, 200, "{}", started.text);
    let token = acme.token().await;
    let without = acme.reset(&token, OTHER).await;
    assert_eq!(refusal(&without), (400, "pkce_expected_code_verifier"));
    let body = |verifier: &str| json!({ "password_reset_token": token, "password": OTHER, "code_verifier": verifier });
    let wrong = acme.post("email/reset", body(&challenge)).await;
    assert_eq!(refusal(&wrong), (400, "pkce_mismatch"));
    assert_eq!(acme.post("email/reset", body(verifier)).await.status, 200);
}

#[actix_web::test]
async fn what_a_reset_cannot_begin_with_is_told_by_its_name() {
    let acme = Acme::with_ana().await;
    let table = [
        (
            json!({ "reset_password_redirect_url": "https://evil.test" }),
            (400, "invalid_password_reset_redirect_url"),
        ),
        (
            json!({ "reset_password_expiration_minutes": 4 }),
            (400, "invalid_expiration"),
        ),
        (
            json!({ "code_challenge": "x" }),
            (400, "invalid_pkce_code_challenge"),
        ),
        (
            json!({ "organization_id": "nowhere" }),
            (404, "organization_not_found"),
        ),
    ];
    for (more, expected) in table {
        let answer = acme.start_reset(more.clone()).await;
        assert_eq!(refusal(&answer), expected, "{more}");
    }
    let unknown = acme
        .start_reset(json!({ "email_address": "nobody@acme.test" }))
        .await;
    assert_eq!(unknown.status, 400, "{}", unknown.text);
    let anything = acme.reset("wrong", OTHER).await;
    assert_eq!(
        refusal(&anything),
        (401, "unable_to_auth_password_reset_token")
    );
}

#[actix_web::test]
async fn somebody_whom_the_organization_lets_join_by_address_begins_with_a_password() {
    let acme = Acme::start().await;
    let path = format!("/v1/b2b/organizations/{}", acme.organization_id);
    let open =
        json!({ "email_jit_provisioning": "RESTRICTED", "email_allowed_domains": ["acme.test"] });
    assert_eq!(acme.gateway.put(&path, open).await.status, 200);
    let started = acme.start_reset(json!({})).await;
    assert_eq!(
        started.body["member"]["status"], "pending",
        "{}",
        started.text
    );
    let token = acme.token().await;
    let answer = acme.reset(&token, OTHER).await;
    assert_eq!(answer.body["member"]["status"], "active", "{}", answer.text);
    assert_eq!(answer.body["member"]["email_address_verified"], true);
}

#[actix_web::test]
async fn the_mail_offers_to_sign_in_without_a_password_where_the_application_wants_that() {
    let acme = Acme::with_ana().await;
    let login = "http://app.test/authenticate";
    let evil = acme
        .start_reset(json!({ "login_redirect_url": "https://evil.test" }))
        .await;
    assert_eq!(
        refusal(&evil),
        (400, "no_match_for_provided_magic_link_url")
    );
    let started = acme
        .start_reset(json!({ "login_redirect_url": login }))
        .await;
    assert_eq!(started.status, 200, "{}", started.text);
    let letter = acme.gateway.mails_to(EMAIL).await.remove(0);
    let mut words = letter.text.split_whitespace();
    let link = words.find(|word| word.contains("/v1/magic_links/redirect?"));
    let link = link.unwrap();
    assert!(letter.html.contains(&link.replace('&', "&amp;")));
    let visit = acme.gateway.send(acme.gateway.http.get(link)).await;
    let target = visit.headers["location"].to_str().unwrap();
    assert!(target.starts_with(&format!("{login}?slug=acme&stytch_redirect_type=login&")));
    let token = Acme::token_of(target, "multi_tenant_magic_links");
    let body = json!({ "magic_links_token": token });
    let path = "/v1/b2b/magic_links/authenticate";
    let entered = acme.gateway.post(path, body).await;
    assert_eq!(
        entered.body["member_authenticated"], true,
        "{}",
        entered.text
    );
    assert_eq!(acme.authenticate(EMAIL, PASSWORD).await.status, 200);
    assert_eq!(acme.reset(&acme.token().await, OTHER).await.status, 200);

    let plain = acme.start_reset(json!({ "login_redirect_url": "" })).await;
    assert_eq!(plain.status, 200, "{}", plain.text);
    let letter = acme.gateway.mails_to(EMAIL).await.remove(0);
    assert!(!letter.text.contains("/v1/magic_links/redirect"));
}
