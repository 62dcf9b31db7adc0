//! Second factors on the hosted pages: proven, set up, locked.

use serde_json::json;
use vestibule::protocol::otp::base32;
use vestibule::protocol::otp::totp;

use super::ANA;
use super::Acme;
use super::BCRYPT;
use super::PASSWORD;
use crate::factors::Ana;
use crate::factors::NUMBER;
use crate::support::browser::Browser;
use crate::support::browser::Page;

const OWED: &str = "/login/second-factor";

fn between(page: &Page, before: &str, after: &str) -> String {
    let (_, rest) = page.text.split_once(before).expect(&page.text);
    rest.split_once(after).unwrap().0.to_owned()
}

/// The code that an application shows now.
fn code(acme: &Acme, secret: &str) -> String {
    let secret = base32::decode(&secret.replace(' ', "")).unwrap();
    totp::code(&secret, totp::step(acme.gateway.now())).unwrap()
}

async fn first(acme: &Acme) -> Page {
    let page = acme.open("/o/acme").await;
    let page = acme.by(&page, ANA, "password").await;
    assert_eq!(page.url.path(), OWED, "{}", page.text);
    page
}

/// Ana sets an application up; gives its secret and its recovery codes.
async fn set_up(acme: &Acme) -> (String, Vec<String>) {
    let page = first(acme).await;
    let page = acme
        .send(&page.form_to("/login/second-factor/application"))
        .await;
    assert_eq!(
        page.url.path(),
        "/login/second-factor/application",
        "{}",
        page.text
    );
    let secret = between(&page, "<code id=\"secret\">", "</code>");
    let codes = between(&page, "aria-label=\"Recovery codes\">", "</pre>");
    let codes: Vec<_> = codes.lines().map(str::to_owned).collect();
    assert_eq!(codes.len(), 10);
    assert!(page.text.contains("data:image/png;base64,"));
    let form = page.form_to(OWED);
    let wrong = acme.send(&form.with("code", "000000")).await;
    assert_eq!(wrong.status, 400, "{}", wrong.text);
    assert_eq!(between(&wrong, "<code id=\"secret\">", "</code>"), secret);
    let form = wrong.form_to(OWED).with("code", &code(acme, &secret));
    let done = acme.send(&form).await;
    acme.is_in(&done, ANA, &["password", "totp"]).await;
    (secret, codes)
}

#[actix_web::test]
async fn an_application_is_set_up_asked_for_and_stood_in_for() {
    let acme = Acme::with_ana(json!({ "mfa_policy": "REQUIRED_FOR_ALL" })).await;
    let (secret, codes) = set_up(&acme).await;
    acme.gateway.wait(chrono::TimeDelta::seconds(60));
    let page = first(&acme).await;
    assert!(!page.text.contains("Set up an authenticator app"));
    let form = page.form_to(OWED).with("code", &code(&acme, &secret));
    let done = acme.send(&form).await;
    acme.is_in(&done, ANA, &["password", "totp"]).await;

    let form = first(&acme).await.form_to(OWED);
    let used = acme.send(&form.with("code", &code(&acme, &secret))).await;
    assert!(used.text.contains("was used already"), "{}", used.text);
    let form = first(&acme).await.form_to(OWED).with("method", "recovery");
    let done = acme.send(&form.clone().with("code", &codes[0])).await;
    acme.is_in(&done, ANA, &["password", "recovery_codes"])
        .await;
    let form = first(&acme).await.form_to(OWED).with("method", "recovery");
    let again = acme.send(&form.with("code", &codes[0])).await;
    assert!(
        again.text.contains("none of your recovery codes"),
        "{}",
        again.text
    );
}

#[actix_web::test]
async fn too_many_wrong_codes_lock_and_the_page_says_until_when() {
    let acme = Acme::with_ana(json!({ "mfa_policy": "REQUIRED_FOR_ALL" })).await;
    let (secret, _) = set_up(&acme).await;
    acme.gateway.wait(chrono::TimeDelta::seconds(60));
    let page = first(&acme).await;
    let mut last = page.form_to(OWED);
    for number in 0..10 {
        let refused = acme.send(&last.clone().with("code", "000000")).await;
        assert_eq!(refused.status, 400, "{number}: {}", refused.text);
        if number < 9 {
            last = refused.form_to(OWED);
        } else {
            assert!(refused.text.contains("Locked for now"), "{}", refused.text);
        }
    }
    let right = acme.send(&last.with("code", &code(&acme, &secret))).await;
    assert!(right.text.contains("Locked for now"), "{}", right.text);
    assert!(right.location().is_none());
}

#[actix_web::test]
async fn nobody_skips_the_second_factor() {
    let acme = Acme::with_ana(json!({ "mfa_policy": "REQUIRED_FOR_ALL" })).await;
    let page = first(&acme).await;
    let form = page.form_to("/login/second-factor/application");
    for (path, field) in [
        (
            "/login/organizations",
            ("organization", acme.organization_id.as_str()),
        ),
        ("/login/code", ("code", "000000")),
        ("/login/link", ("x", "x")),
        (OWED, ("code", "000000")),
    ] {
        let mut form = form.clone().with(field.0, field.1);
        form.action = acme.url(path);
        let page = acme.send(&form).await;
        let location = page.location().map(|it| it.to_string()).unwrap_or_default();
        assert!(!location.contains("token="), "{path}: {location}");
    }
}

#[actix_web::test]
async fn a_number_is_named_proven_and_sent_a_code_the_next_time() {
    let ana = Ana::of(json!({ "mfa_policy": "REQUIRED_FOR_ALL" }), json!({})).await;
    let hash = json!({
        "organization_id": ana.organization_id, "email_address": ANA,
        "hash_type": "bcrypt", "hash": BCRYPT,
    });
    let path = "/v1/b2b/passwords/migrate";
    assert_eq!(ana.gateway.post(path, hash).await.status, 200);
    let browser = Browser::new();
    let sign_in = async || {
        let page = browser
            .get(&format!("{}/o/acme", ana.gateway.base_url))
            .await;
        let form = page
            .form_to("/o/acme")
            .with("email", ANA)
            .with("way", "password");
        let page = browser.submit(&form.with("password", PASSWORD)).await;
        browser.follow(page).await
    };
    let page = sign_in().await;
    let form = page.form_to("/login/second-factor/message");
    let wrong = browser.submit(&form.clone().with("number", "12")).await;
    assert_eq!(wrong.status, 400, "{}", wrong.text);
    let sent = browser
        .submit(&form.with("number", "+1 (555) 123-4567"))
        .await;
    let page = browser.follow(sent).await;
    assert!(page.text.contains("on its way"), "{}", page.text);
    let message = ana.message().await.unwrap();
    assert_eq!(message.to, NUMBER);
    let form = page.form_to(OWED);
    let form = form.with("method", "message").with("code", &message.code);
    let done = browser.submit(&form).await;
    assert!(done.parameter("token").is_some(), "{}", done.text);

    ana.gateway.wait(chrono::TimeDelta::seconds(5));
    let page = sign_in().await;
    assert!(page.text.contains("ends in 4567"), "{}", page.text);
    let message = ana.message().await.unwrap();
    let form = page.form_to(OWED).with("code", &message.code);
    let done = browser.submit(&form).await;
    let token = done.parameter("token").unwrap();
    let body = json!({ "magic_links_token": token });
    let path = "/v1/b2b/magic_links/authenticate";
    let answer = ana.gateway.post(path, body).await;
    let factors = &answer.body["member_session"]["authentication_factors"];
    assert_eq!(factors[1]["delivery_method"], "sms", "{}", answer.text);
}
