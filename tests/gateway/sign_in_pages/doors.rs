//! The ways in: what each page leads to, and what the application gets.

use serde_json::json;

use super::ANA;
use super::APP;
use super::Acme;
use super::CHALLENGE;
use super::VERIFIER;
use super::text;
use crate::journeys::oauth::House;
use crate::support::browser::Browser;
use crate::support::oidc_stub::OidcStub;

#[actix_web::test]
async fn a_password_leads_to_the_application_with_a_token_that_works_once() {
    let acme = Acme::with_ana(json!({})).await;
    let asked = format!("/o/acme?redirect_url={APP}&state=s%261&code_challenge={CHALLENGE}");
    let page = acme.open(&asked).await;
    assert!(page.text.contains("Continue") || page.text.contains("Sign in"));
    let page = acme.by(&page, ANA, "password").await;
    let target = page.location().unwrap();
    assert_eq!(format!("http://app.test{}", target.path()), APP);
    assert_eq!(page.parameter("state").as_deref(), Some("s&1"));
    assert_eq!(page.parameter("slug").as_deref(), Some("acme"));
    for refused in [json!({}), json!({ "pkce_code_verifier": CHALLENGE })] {
        assert_eq!(acme.redeem(&page, refused).await.status, 400);
    }
    let token = page.parameter("token").unwrap();
    let path = "/v1/b2b/sessions/authenticate";
    let session = acme
        .gateway
        .post(path, json!({ "session_token": token }))
        .await;
    assert_ne!(session.status, 200, "the URL held a session");
    let verified = json!({ "pkce_code_verifier": VERIFIER, "session_duration_minutes": 45 });
    let answer = acme.redeem(&page, verified.clone()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let factors = &answer.body["member_session"]["authentication_factors"];
    assert_eq!(factors[0]["type"], "password");
    let again = acme.redeem(&page, verified).await;
    assert_eq!(again.status, 401, "{}", again.text);
    // The cookie of the finished sign-in is gone; the method stays.
    let names = acme.browser.cookie_names();
    assert_eq!(names, ["vestibule_last_method"]);
}

#[actix_web::test]
async fn a_code_by_mail_opens_an_organization_or_one_that_is_found() {
    let acme = Acme::with_ana(json!({})).await;
    let page = acme.open("/o/acme").await;
    let page = acme.by(&page, ANA, "code").await;
    assert_eq!(page.url.path(), "/login/code");
    let form = page.form_to("/login/code");
    let code = acme.code(ANA).await;
    let (start, end) = code.split_at(3);
    let spaced = format!(" {start} {end}");
    let page = acme.send(&form.with("code", &spaced)).await;
    acme.is_in(&page, ANA, &["email_otp"]).await;

    acme.gateway.wait(chrono::TimeDelta::seconds(5));
    let page = acme.open("/login").await;
    let page = acme.send(&page.form_to("/login").with("email", ANA)).await;
    assert_eq!(page.url.path(), "/login/code");
    acme.mail(ANA, 2).await;
    let form = page.form_to("/login/code");
    let page = acme.send(&form.with("code", &acme.code(ANA).await)).await;
    // There is one organization for Ana and none to create, so that she is not asked.
    acme.is_in(&page, ANA, &["email_otp"]).await;
}

#[actix_web::test]
async fn a_link_by_mail_is_used_up_by_its_button_alone_in_any_browser() {
    for (start, form) in [("/o/acme?state=x", "/o/acme"), ("/login?state=x", "/login")] {
        let acme = Acme::with_ana(json!({})).await;
        let page = acme.open(start).await;
        let form = page.form_to(form).with("email", ANA).with("way", "link");
        let page = acme.send(&form).await;
        assert_eq!(page.url.path(), "/login/sent", "{}", page.text);
        let link = acme.link(ANA, 1).await;
        let phone = Browser::new();
        for _ in 0..3 {
            let scanned = Browser::new();
            let page = scanned.follow(scanned.get(&link).await).await;
            assert_eq!((page.status, page.url.path()), (200, "/login/link"));
        }
        let page = phone.follow(phone.get(&link).await).await;
        assert!(page.text.contains(ANA), "{}", page.text);
        let form = page.form();
        let done = phone.submit(&form).await;
        assert_eq!(done.parameter("state").as_deref(), Some("x"));
        acme.is_in(&done, ANA, &["magic_link"]).await;
        let again = phone.follow(phone.get(&link).await).await;
        assert_eq!(
            (again.status, again.code().as_str()),
            (404, "magic_link_not_found")
        );
    }
}

#[actix_web::test]
async fn an_invitation_is_shown_before_it_is_accepted() {
    let acme = Acme::with(json!({ "email_invites": "ALL_ALLOWED" })).await;
    let asked = json!({
        "organization_id": acme.organization_id, "email_address": ANA,
        "invite_redirect_url": acme.url("/invite"),
    });
    let path = "/v1/b2b/magic_links/email/invite";
    let sent = acme.gateway.post(path, asked).await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    let link = acme.link(ANA, 1).await;
    let page = acme.browser.follow(acme.browser.get(&link).await).await;
    assert_eq!(
        (page.status, page.url.path()),
        (200, "/invite"),
        "{}",
        page.text
    );
    assert!(page.text.contains("You are invited") && page.text.contains(ANA));
    assert!(page.text.contains("for somebody else"), "{}", page.text);
    let form = page.form();
    let done = acme.browser.submit(&form).await;
    let answer = acme.is_in(&done, ANA, &["magic_link"]).await;
    assert_eq!(answer.body["member"]["status"], "active");
    let again = acme.browser.submit(&form).await;
    assert_eq!(
        (again.status, again.code().as_str()),
        (400, "sign_in_not_open")
    );
    let again = acme.browser.follow(acme.browser.get(&link).await).await;
    assert_eq!(again.code(), "magic_link_not_found");
    assert!(again.text.contains("used already, or it has expired"));
}

#[actix_web::test]
async fn a_forgotten_password_is_set_anew_by_mail() {
    let acme = Acme::with_ana(json!({})).await;
    let page = acme.open("/o/acme?state=x").await;
    let page = acme.by(&page, ANA, "new-password").await;
    assert_eq!(page.url.path(), "/login/sent");
    let link = acme.link(ANA, 1).await;
    let page = acme.browser.follow(acme.browser.get(&link).await).await;
    assert_eq!(
        (page.status, page.url.path()),
        (200, "/login/password"),
        "{}",
        page.text
    );
    let form = page.form_to("/login/password");
    let weak = acme.send(&form.clone().with("password", "password1")).await;
    assert_eq!(weak.status, 400);
    assert!(weak.text.contains("role=\"alert\""), "{}", weak.text);
    let form = weak.form_to("/login/password");
    let done = acme
        .send(
            &form
                .clone()
                .with("password", "seven mild otters knit socks"),
        )
        .await;
    assert_eq!(done.parameter("state").as_deref(), Some("x"));
    acme.is_in(&done, ANA, &["magic_link", "password"]).await;
    let again = acme.browser.follow(acme.browser.get(&link).await).await;
    assert_eq!(again.code(), "magic_link_not_found");
    let page = acme.open("/o/acme").await;
    let old = acme.by(&page, ANA, "password").await;
    assert_eq!(old.status, 400);
    assert!(old.text.contains("do not belong together"));
}

/// Acme with an OIDC provider that says Ana is there; gives the connection's id.
pub async fn with_provider(acme: &Acme) -> (OidcStub, String) {
    let stub = OidcStub::start();
    stub.says(json!({ "sub": "ana", "email": ANA, "email_verified": true, "name": "Ana" }));
    let path = format!("/v1/b2b/sso/oidc/{}", acme.organization_id);
    let created = acme
        .gateway
        .post(&path, json!({ "display_name": "Acme ID" }))
        .await;
    let id = text(&created.body["connection"]["connection_id"]);
    let settings = json!({
        "issuer": stub.issuer(), "client_id": "vestibule", "client_secret": "a-secret-of-some-length",
    });
    let updated = acme
        .gateway
        .put(&format!("{path}/connections/{id}"), settings)
        .await;
    assert_eq!(
        updated.body["connection"]["status"], "active",
        "{}",
        updated.text
    );
    (stub, id)
}

#[actix_web::test]
async fn who_only_says_that_it_allows_a_domain_leads_nobody_away() {
    let acme = Acme::with(json!({ "sso_jit_provisioning": "ALL_ALLOWED" })).await;
    let (_stub, _) = with_provider(&acme).await;
    let page = acme.open("/login").await;
    let page = acme.send(&page.form_to("/login").with("email", ANA)).await;
    assert_eq!(page.url.path(), "/login/code", "{}", page.text);
}

#[actix_web::test]
async fn the_domain_of_an_address_leads_to_single_sign_on_and_back() {
    let acme = Acme::with(json!({
        "sso_jit_provisioning": "ALL_ALLOWED", "claimed_email_domains": ["acme.test"],
    }));
    let acme = acme.await;
    let (_stub, id) = with_provider(&acme).await;
    let page = acme.open("/login?state=x").await;
    let done = acme.send(&page.form_to("/login").with("email", ANA)).await;
    assert_eq!(
        done.parameter("state").as_deref(),
        Some("x"),
        "{}",
        done.text
    );
    acme.is_in(&done, ANA, &["sso"]).await;
    // On the organization's own page it is the last one that was used.
    let page = acme.open("/o/acme").await;
    assert!(page.text.contains(&format!("/login/sso/{id}")) && page.text.contains("last used"));
    let done = acme.send(&page.form_to(&format!("/login/sso/{id}"))).await;
    acme.is_in(&done, ANA, &["sso"]).await;
}

#[actix_web::test]
async fn what_comes_back_from_a_provider_is_for_the_browser_that_left() {
    let acme = Acme::with(json!({ "sso_jit_provisioning": "ALL_ALLOWED" })).await;
    let (_stub, id) = with_provider(&acme).await;
    let stolen = {
        let page = acme.open("/o/acme").await;
        let form = page.form_to(&format!("/login/sso/{id}"));
        let mut page = acme.browser.submit(&form).await;
        while !page.location().unwrap().path().starts_with("/login/return") {
            page = acme.browser.get(page.location().unwrap().as_str()).await;
        }
        page.location().unwrap()
    };
    let victim = Browser::new();
    let none = victim.get(stolen.as_str()).await;
    assert_eq!(
        (none.status, none.code().as_str()),
        (400, "sign_in_not_open")
    );
    victim.get(&acme.url("/o/acme")).await;
    let other = victim.get(stolen.as_str()).await;
    assert_ne!(other.status, 303, "{}", other.text);
    let done = acme.browser.get(stolen.as_str()).await;
    acme.is_in(&done, ANA, &["sso"]).await;
    let again = acme.browser.get(stolen.as_str()).await;
    assert_eq!(again.code(), "sign_in_not_open");
}

#[actix_web::test]
async fn somebody_chooses_or_creates_an_organization() {
    let acme = Acme::with_ana(json!({})).await;
    let globex = json!({ "organization_name": "Globex", "organization_slug": "globex" });
    acme.gateway.organization(globex).await;
    let member = json!({ "email_address": ANA });
    acme.gateway
        .post("/v1/b2b/organizations/globex/members", member)
        .await;
    let choose = async |count| {
        acme.gateway.wait(chrono::TimeDelta::seconds(5));
        let page = acme.open("/login").await;
        let page = acme.send(&page.form_to("/login").with("email", ANA)).await;
        acme.mail(ANA, count).await;
        let form = page.form_to("/login/code");
        acme.send(&form.with("code", &acme.code(ANA).await)).await
    };
    let page = choose(1).await;
    assert_eq!(page.url.path(), "/login/organizations", "{}", page.text);
    assert!(page.text.contains("Acme") && page.text.contains("Globex"));
    assert!(!page.text.contains("Create a new one"));
    let form = page.form_to("/login/organizations");
    let forbidden = acme.send(&form.clone().with("name", "Initech")).await;
    assert_eq!(forbidden.status, 403, "{}", forbidden.text);
    let done = acme
        .send(&form.with("organization", &acme.organization_id))
        .await;
    acme.is_in(&done, ANA, &["email_otp"]).await;

    acme.declare(|settings| settings.sign_in_pages.create_organizations = true)
        .await;
    let page = choose(2).await;
    assert!(page.text.contains("Create a new one"));
    let form = page.form_to("/login/organizations");
    let nameless = acme
        .send(&form.clone().with("name", &"x".repeat(200)))
        .await;
    assert_eq!(nameless.status, 400, "{}", nameless.text);
    let done = acme.send(&form.with("name", "Initech")).await;
    let answer = acme.is_in(&done, ANA, &["email_otp"]).await;
    assert_eq!(answer.body["organization"]["organization_name"], "Initech");
}

#[actix_web::test]
async fn what_is_not_enough_is_kept_while_the_right_way_is_taken() {
    let settings = json!({
        "auth_methods": "RESTRICTED", "allowed_auth_methods": ["password"],
    });
    let acme = Acme::with_ana(settings).await;
    let page = acme.open("/login").await;
    let page = acme.send(&page.form_to("/login").with("email", ANA)).await;
    let form = page.form_to("/login/code");
    let page = acme.send(&form.with("code", &acme.code(ANA).await)).await;
    assert_eq!(page.url.path(), "/o/acme", "{}", page.text);
    assert!(page.text.contains("asks for one of these"));
    assert!(!page.text.contains("value=\"link\""));
    let done = acme.by(&page, ANA, "password").await;
    acme.is_in(&done, ANA, &["email_otp", "password"]).await;
}

#[actix_web::test]
async fn an_oauth_provider_leads_back_here_with_or_without_an_organization() {
    let House { gateway, provider } = House::open().await;
    let acme = Acme::at(gateway, json!({})).await;
    provider.says(json!({ "sub": "ana", "email": ANA, "email_verified": true }));
    let member = json!({ "email_address": ANA });
    let path = "/v1/b2b/organizations/acme/members";
    acme.gateway.post(path, member).await;
    for start in ["/o/acme?state=x", "/login?state=x"] {
        let page = acme.open(start).await;
        let done = acme.send(&page.form_to("/login/oauth/google")).await;
        assert_eq!(
            done.parameter("state").as_deref(),
            Some("x"),
            "{}",
            done.text
        );
        acme.is_in(&done, ANA, &["oauth"]).await;
    }
}
