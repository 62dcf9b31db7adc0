//! What the hosted pages do not do, whoever asks.

use serde_json::json;

use super::ANA;
use super::APP;
use super::Acme;
use crate::support::browser::Browser;
use crate::support::browser::Page;

/// A page without what differs by chance and by what was typed.
fn bare(page: &Page, email: &str) -> String {
    let text = page.text.replace(email, "EMAIL");
    let pieces = text.split("name=\"flow\" value=\"");
    let mut pieces = pieces.map(|piece| piece.split_once('"').map_or(piece, |(_, rest)| rest));
    let first = text.split("name=\"flow\"").next().unwrap().to_owned();
    pieces.next();
    first + &pieces.collect::<String>()
}

#[actix_web::test]
async fn nothing_tells_whether_an_address_is_known() {
    let acme = Acme::with_ana(json!({ "email_jit_provisioning": "NOT_ALLOWED" })).await;
    let ways = [
        ("/login", ""),
        ("/login", "link"),
        ("/o/acme", "code"),
        ("/o/acme", "link"),
        ("/o/acme", "password"),
        ("/o/acme", "new-password"),
    ];
    for (path, way) in ways {
        let mut told = Vec::new();
        for email in [ANA, "nobody@acme.test"] {
            let page = acme.open(path).await;
            let form = page.form_to(path).with("email", email).with("way", way);
            let page = acme.send(&form.with("password", "wrong")).await;
            let mut seen = bare(&page, email);
            if page.url.path() == "/login/code" {
                let form = page.form_to("/login/code").with("code", "000000");
                let wrong = acme.send(&form).await;
                assert_eq!(wrong.status, 400, "{}", wrong.text);
                seen += &bare(&wrong, email);
            }
            told.push((page.status, page.url.path().to_owned(), seen));
        }
        assert_eq!(told[0], told[1], "{path} {way}");
    }
}

#[actix_web::test]
async fn an_organization_without_a_way_in_looks_like_none() {
    let acme = Acme::with(json!({})).await;
    let shut = json!({
        "organization_name": "Shut", "organization_slug": "shut",
        "auth_methods": "RESTRICTED", "allowed_auth_methods": ["sso"],
    });
    acme.gateway.organization(shut).await;
    let mut told = Vec::new();
    for slug in ["shut", "nobody"] {
        let page = acme.browser.get(&acme.url(&format!("/o/{slug}"))).await;
        let request = page.shown("Request");
        told.push((page.status, page.text.replace(&request, "")));
    }
    assert_eq!(told[0].0, 404);
    assert_eq!(told[0], told[1]);
}

#[actix_web::test]
async fn nobody_is_sent_where_the_project_has_not_registered() {
    let acme = Acme::with(json!({})).await;
    for url in [
        "https://evil.test/",
        "//evil.test",
        "http://app.test/authenticate/",
        "http://app.test.evil.test/authenticate",
        "javascript:alert(1)",
        &acme.url("/login/return"),
    ] {
        for path in ["/login", "/o/acme", "/invite", "/login/link"] {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("redirect_url", url)
                .append_pair("token", "x")
                .finish();
            let page = acme
                .browser
                .get(&acme.url(&format!("{path}?{query}")))
                .await;
            assert_eq!(page.status, 400, "{path} {url}");
            assert_eq!(page.code(), "no_match_for_provided_sso_url", "{path} {url}");
        }
    }
    let page = acme
        .browser
        .get(&acme.url("/login?public_token=public-token-test-x"))
        .await;
    assert_eq!(page.code(), "public_token_not_found");
    let own = format!("/login?public_token={}", acme.gateway.public_token);
    acme.open(&own).await;
    let page = acme
        .browser
        .get(&acme.url("/login?code_challenge=short"))
        .await;
    assert_eq!(page.code(), "invalid_pkce_code_challenge");
    let long = "x".repeat(600);
    let page = acme
        .browser
        .get(&acme.url(&format!("/login?state={long}")))
        .await;
    assert_eq!(page.code(), "bad_request");
}

#[actix_web::test]
async fn a_form_from_elsewhere_does_nothing() {
    let acme = Acme::with_ana(json!({})).await;
    acme.open("/o/acme").await;
    for path in [
        "/login",
        "/o/acme",
        "/login/sso/saml-connection-test-x",
        "/login/oauth/google",
        "/login/code",
        "/login/link",
        "/invite",
        "/login/password",
        "/login/organizations",
        "/login/second-factor",
        "/login/second-factor/message",
        "/login/second-factor/application",
    ] {
        for (name, value) in [
            ("origin", "https://evil.test"),
            ("sec-fetch-site", "cross-site"),
            ("x-nothing", "said"),
        ] {
            let request = acme.gateway.http.post(acme.url(path)).header(name, value);
            let request = request.header("content-type", "application/x-www-form-urlencoded");
            let answer = acme
                .gateway
                .send(request.body("email=ana%40acme.test"))
                .await;
            assert_eq!(answer.status, 403, "{path} {name}");
        }
    }
}

#[actix_web::test]
async fn a_form_of_another_sign_in_or_of_none_does_nothing() {
    let acme = Acme::with_ana(json!({})).await;
    let first = acme
        .open(&format!("/o/acme?redirect_url={APP}&state=first"))
        .await;
    acme.open("/o/acme?state=second").await;
    let replaced = acme.by(&first, ANA, "password").await;
    assert_eq!(
        (replaced.status, replaced.code().as_str()),
        (409, "sign_in_replaced")
    );
    acme.browser.spoil_cookies();
    let lost = acme.by(&first, ANA, "password").await;
    assert_eq!(
        (lost.status, lost.code().as_str()),
        (400, "sign_in_not_open")
    );
    let page = acme.open("/o/acme").await;
    acme.gateway.wait(chrono::TimeDelta::minutes(31));
    let late = acme.by(&page, ANA, "password").await;
    assert_eq!(late.code(), "sign_in_not_open");
}

#[actix_web::test]
async fn a_sign_in_goes_on_at_another_node() {
    let acme = Acme::with_ana(json!({})).await;
    let node = acme.gateway.another_node();
    let page = acme.open("/o/acme").await;
    // The other node stands behind the same address, which the browser tells as its origin.
    let form = page
        .form_to("/o/acme")
        .with("email", ANA)
        .with("way", "code");
    let page = acme.send(&form).await;
    let form = page
        .form_to("/login/code")
        .with("code", &acme.code(ANA).await);
    let there = form.action.replace(&acme.gateway.base_url, &node.base_url);
    let (browser, origin) = (&acme.browser, acme.gateway.base_url.as_str());
    let done = browser.post_from(origin, &there, &form.fields).await;
    acme.is_in(&done, ANA, &["email_otp"]).await;
}

#[actix_web::test]
async fn codes_have_few_tries_and_tokens_one() {
    let acme = Acme::with_ana(json!({})).await;
    let page = acme.open("/o/acme").await;
    let page = acme.by(&page, ANA, "code").await;
    let form = page.form_to("/login/code");
    let code = acme.code(ANA).await;
    let wrong = if code == "000000" { "111111" } else { "000000" };
    for _ in 0..5 {
        let refused = acme.send(&form.clone().with("code", wrong)).await;
        assert_eq!(refused.status, 400);
    }
    let late = acme.send(&form.with("code", &code)).await;
    assert_eq!(late.status, 400, "{}", late.text);
    assert!(late.text.contains("not the code that was sent last"));
}

#[actix_web::test]
async fn hostile_names_stay_text() {
    let hostile = "<script>alert(1)</script>\"'&";
    let acme = Acme::with(json!({ "organization_name": hostile })).await;
    let page = acme.open("/o/acme").await;
    assert!(!page.text.contains("<script>alert"), "{}", page.text);
    let policy = page.headers.get("content-security-policy").unwrap();
    assert!(!policy.to_str().unwrap().contains("unsafe"));
    let form = page
        .form_to("/o/acme")
        .with("email", "\"><script>alert(1)</script>@x");
    let page = acme.send(&form.with("way", "code")).await;
    assert_eq!(page.status, 400);
    assert!(!page.text.contains("<script>alert"), "{}", page.text);
}

#[actix_web::test]
async fn cookies_are_sealed_and_bound_to_the_host() {
    let acme = Acme::with_ana(json!({})).await;
    let node = acme.gateway.node_behind_https();
    let browser = Browser::new();
    let page = browser
        .get(&format!("{}/o/acme?state=tell-nobody", node.base_url))
        .await;
    let cookie = page.headers.get("set-cookie").unwrap().to_str().unwrap();
    assert!(cookie.starts_with("__Host-vestibule_sign_in="), "{cookie}");
    for word in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(word), "{cookie}");
    }
    assert!(!cookie.contains("tell-nobody") && cookie.len() < 4096);
}

#[actix_web::test]
async fn pages_are_held_to_the_rate_of_an_address() {
    let gateway = crate::support::TestGateway::start_with(true).await;
    let acme = Acme::at(gateway, json!({})).await;
    let mut refused = 0;
    for _ in 0..150 {
        let page = acme.browser.get(&acme.url("/o/acme")).await;
        refused += usize::from(page.status == 429);
    }
    assert!(refused > 0);
}

#[actix_web::test]
async fn visitors_behind_a_trusted_proxy_do_not_use_up_each_other_s_rate() {
    let gateway = crate::support::TestGateway::start_with(true).await;
    for (proxies, told_apart) in [("127.0.0.1", true), ("192.0.2.0/24", false)] {
        let node = gateway.node_behind_proxies(proxies);
        let url = format!("{}/login", node.base_url);
        let visit = |visitor: &'static str| {
            let page = gateway.http.get(&url).header("x-forwarded-for", visitor);
            async move { page.send().await.unwrap().status().as_u16() }
        };
        let mut greedy = 0;
        for _ in 0..150 {
            greedy += usize::from(visit("198.51.100.1").await == 429);
        }
        assert!(greedy > 0, "{proxies}");
        assert_eq!(visit("198.51.100.2").await == 200, told_apart, "{proxies}");
    }
}
