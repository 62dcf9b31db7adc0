use chrono::TimeDelta;
use serde_json::json;

use super::Acme;
use super::LOGIN_OR_SIGNUP;
use super::RETURN_URL;
use super::follow;
use super::link_to;
use super::parameter;
use super::token_to;

const ANA: &str = "ana@acme.test";

#[actix_web::test]
async fn scanners_that_visit_a_link_leave_it_good() {
    let acme = Acme::open().await;
    acme.asked(LOGIN_OR_SIGNUP, ANA, json!({})).await;
    let link = link_to(&acme.gateway, ANA).await;
    for _ in 0..20 {
        for method in [reqwest::Method::GET, reqwest::Method::HEAD] {
            let visit = acme.gateway.http.request(method, &link);
            let answer = acme.gateway.send(visit).await;
            assert_eq!(answer.status, 302);
            assert_eq!(answer.headers["cache-control"], "no-store");
            assert_eq!(answer.headers["referrer-policy"], "no-referrer");
            assert_eq!(answer.text, "");
        }
    }
    let token = token_to(&acme.gateway, ANA).await;
    assert_eq!(acme.authenticate(&token, json!({})).await.status, 200);
}

#[actix_web::test]
async fn a_link_leads_to_the_applications_own_url_with_all_that_it_needs() {
    let acme = Acme::open().await;
    acme.asked(LOGIN_OR_SIGNUP, ANA, json!({})).await;
    let link = link_to(&acme.gateway, ANA).await;
    assert!(link.starts_with(&acme.gateway.base_url), "{link}");
    let target = follow(&acme.gateway, &link).await;
    assert!(target.starts_with(&format!("{RETURN_URL}?")), "{target}");
    let of_target = |name| parameter(&target, name).unwrap();
    assert_eq!(of_target("slug"), "acme");
    assert_eq!(of_target("stytch_token_type"), "multi_tenant_magic_links");
    assert_eq!(Some(of_target("token")), parameter(&link, "token"));
    // What the link does not say, nobody can add to it.
    let more = format!("{link}&redirect_url=https://evil.test&stytch_redirect_type=https://evil");
    assert_eq!(follow(&acme.gateway, &more).await, target);
    let renamed = json!({ "organization_slug": "acme-2" });
    acme.change(renamed).await;
    let target = follow(&acme.gateway, &link).await;
    assert_eq!(parameter(&target, "slug").unwrap(), "acme-2");
}

#[actix_web::test]
async fn a_link_that_opens_nothing_leads_to_a_page_that_says_so() {
    let acme = Acme::open().await;
    acme.asked(LOGIN_OR_SIGNUP, ANA, json!({})).await;
    let link = link_to(&acme.gateway, ANA).await;
    let (_, stranger) = acme.gateway.another_project().await;
    let table = [
        (
            link.replace("token=", "token=x"),
            404,
            "magic_link_not_found",
        ),
        (
            link.replace("multi_tenant_magic_links", "discovery"),
            404,
            "magic_link_not_found",
        ),
        (
            link.replace("multi_tenant_magic_links", "sso"),
            404,
            "magic_link_not_found",
        ),
        (
            format!("{}/v1/magic_links/redirect", acme.gateway.base_url),
            404,
            "magic_link_not_found",
        ),
        (
            format!("{link}&public_token=public-token-test-{stranger}"),
            404,
            "public_token_not_found",
        ),
    ];
    for (link, status, code) in table {
        let page = acme.gateway.send(acme.gateway.http.get(&link)).await;
        assert_eq!(page.status, status, "{link}");
        assert!(
            page.text.contains(&format!("<dd>{code}</dd>")),
            "{}",
            page.text
        );
        assert!(!page.headers.contains_key("location"));
    }
    let named = format!("{link}&public_token={}", acme.gateway.public_token);
    follow(&acme.gateway, &named).await;
    acme.gateway.wait(TimeDelta::minutes(61));
    let late = acme.gateway.send(acme.gateway.http.get(&link)).await;
    assert_eq!(late.status, 404);
}
