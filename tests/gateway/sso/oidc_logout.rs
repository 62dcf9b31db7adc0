//! Back-channel logout: which tokens end which sessions, once.

use chrono::Utc;
use jsonwebtoken::Algorithm;
use serde_json::Value;
use serde_json::json;

use super::authenticate;
use super::events;
use super::oidc_flow::Hooli;
use super::text;
use crate::support::Answer;
use crate::support::oidc_stub::StubKey;

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

fn claims(hooli: &Hooli, more: Value) -> Value {
    let now = Utc::now().timestamp();
    let mut claims = json!({
        "iss": hooli.provider.issuer(), "aud": "vestibule", "iat": now, "exp": now + 120,
        "jti": uuid::Uuid::new_v4().to_string(), "events": { EVENT: {} },
    });
    super::merge(&mut claims, more);
    claims
        .as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    claims
}

async fn present(hooli: &Hooli, token: &str) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("logout_token", token)
        .finish();
    let request = hooli
        .gateway
        .http
        .post(format!("{}/backchannel_logout", hooli.callback()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    let answer = hooli.gateway.send(request).await;
    assert_eq!(answer.headers["cache-control"], "no-store");
    answer
}

async fn log_out(hooli: &Hooli, more: Value) -> Answer {
    let key = hooli.provider.conduct(|conduct| conduct.signs.clone());
    let token = key.sign(Some(key.kid), "logout+jwt", &claims(hooli, more));
    present(hooli, &token).await
}

#[actix_web::test]
async fn a_provider_ends_one_of_its_sessions_or_all_of_a_person() {
    let hooli = Hooli::open().await;
    let session = async |sub: &str, sid: &str| {
        let email = format!("{sub}@acme.test");
        hooli
            .provider
            .says(json!({ "sub": sub, "sid": sid, "email": email }));
        hooli.sign_in().await
    };
    let (first, second) = (session("ana", "s1").await, session("ana", "s2").await);
    let ben = session("ben", "s3").await;
    let live = async || {
        let mut live = Vec::new();
        for signed_in in [&first, &second, &ben] {
            live.push(hooli.session(signed_in).await == 200);
        }
        live
    };
    assert_eq!(live().await, [true, true, true]);
    assert_eq!(log_out(&hooli, json!({ "sid": "s1" })).await.status, 200);
    assert_eq!(live().await, [false, true, true]);
    // Somebody else's session under her name ends nothing.
    assert_eq!(
        log_out(&hooli, json!({ "sid": "s3", "sub": "ana" }))
            .await
            .status,
        200
    );
    assert_eq!(live().await, [false, true, true]);
    assert_eq!(log_out(&hooli, json!({ "sub": "ana" })).await.status, 200);
    assert_eq!(live().await, [false, false, true]);
    let journal = events(&hooli.gateway, &hooli.organization_id).await;
    let revoked = journal
        .iter()
        .filter(|event| event.kind == "session.revoked");
    assert_eq!(revoked.count(), 2);
    // What is on its way to be a session ends too.
    hooli
        .provider
        .says(json!({ "sub": "ben", "sid": "s4", "email": "ben@acme.test" }));
    let page = hooli.visit().await;
    assert_eq!(log_out(&hooli, json!({ "sid": "s4" })).await.status, 200);
    let late = authenticate(&hooli.gateway, &page).await;
    assert_eq!(late.body["error_type"], "sso_token_not_found");
    assert_eq!(live().await, [false, false, true]);
}

#[actix_web::test]
async fn sessions_of_organizations_that_trust_the_connection_end_too() {
    let hooli = Hooli::open().await;
    let gateway = &hooli.gateway;
    let globex = json!({ "organization_name": "Globex" });
    let globex = text(&gateway.organization(globex).await["organization_id"]);
    let body = json!({
        "external_organization_id": hooli.organization_id,
        "external_connection_id": hooli.connection_id,
    });
    let made = gateway
        .post(&format!("/v1/b2b/sso/external/{globex}"), body)
        .await;
    let external = text(&made.body["connection"]["connection_id"]);
    hooli.provider.says(json!({ "sid": "s1" }));
    let page = hooli.visit_through(&external).await;
    let theirs = authenticate(gateway, &page).await;
    assert_eq!(
        theirs.body["organization_id"],
        globex.as_str(),
        "{}",
        theirs.text
    );
    let factor = &theirs.body["member_session"]["authentication_factors"][0];
    assert_eq!(factor["delivery_method"], "sso_oidc");
    let own = hooli.sign_in().await;
    assert_ne!(own.body["member_id"], theirs.body["member_id"]);
    assert_eq!(log_out(&hooli, json!({ "sid": "s1" })).await.status, 200);
    assert_eq!(hooli.session(&theirs).await, 404);
    assert_eq!(hooli.session(&own).await, 404);
}

#[actix_web::test]
async fn a_logout_token_that_is_wrong_ends_nothing_and_one_works_once() {
    let hooli = Hooli::open().await;
    let signed_in = hooli.sign_in().await;
    let sub = json!({ "sub": "ana" });
    let with = |more: Value| {
        let mut claims = sub.clone();
        super::merge(&mut claims, more);
        claims
    };
    let now = Utc::now().timestamp();
    let table = [
        (with(json!({ "iss": "https://other.test" })), "iss is"),
        (with(json!({ "aud": "them" })), "aud must be"),
        (with(json!({ "iat": null })), "no iat"),
        (with(json!({ "exp": null })), "no exp"),
        (with(json!({ "exp": now - 61 })), "has expired"),
        (with(json!({ "jti": null })), "no jti"),
        (with(json!({ "events": null })), "events"),
        (with(json!({ "nonce": "n" })), "nonce"),
        (json!({}), "neither sub nor sid"),
    ];
    for (more, expected) in table {
        let answer = log_out(&hooli, more.clone()).await;
        let told = text(&answer.body["error_description"]);
        assert!(told.contains(expected), "{more}: {told}");
        assert_eq!(
            (answer.status, &answer.body["error"]),
            (400, &json!("invalid_request"))
        );
    }
    let stranger = StubKey::rsa("k1", Algorithm::RS256);
    let good = claims(&hooli, sub.clone());
    let own = hooli.provider.conduct(|conduct| conduct.signs.clone());
    let signed = own.sign(Some("k1"), "logout+jwt", &good);
    let (head, _) = signed.rsplit_once('.').unwrap();
    let forged = [
        (
            stranger.sign(Some("k1"), "logout+jwt", &good),
            "signature is wrong",
        ),
        (own.sign(Some("k9"), "logout+jwt", &good), "no key"),
        (own.sign(Some("k1"), "at+jwt", &good), "typ is"),
        (format!("{head}."), "signature is wrong"),
        ("x".to_owned(), "no JWT"),
        (String::new(), "no JWT"),
    ];
    for (token, expected) in forged {
        let answer = present(&hooli, &token).await;
        let told = text(&answer.body["error_description"]);
        assert!(
            answer.status == 400 && told.contains(expected),
            "{expected}: {told}"
        );
    }
    assert_eq!(hooli.session(&signed_in).await, 200);
    assert_eq!(present(&hooli, &signed).await.status, 200);
    assert_eq!(hooli.session(&signed_in).await, 404);
    let again = present(&hooli, &signed).await;
    assert!(text(&again.body["error_description"]).contains("used before"));
}
