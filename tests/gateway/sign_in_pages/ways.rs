//! Ways to identity providers are open only to the forms of the page that shows them, and a page is
//! its organization's alone.

use serde_json::json;

use super::ANA;
use super::Acme;
use super::doors::with_provider;
use super::text;

#[actix_web::test]
async fn a_link_on_another_site_leads_nobody_to_an_identity_provider() {
    let acme = Acme::with(json!({ "sso_jit_provisioning": "ALL_ALLOWED" })).await;
    let (_stub, id) = with_provider(&acme).await;
    let path = format!("/login/sso/{id}");
    let page = acme.open("/o/acme").await;
    for path in [path.as_str(), "/login/oauth/google"] {
        let visited = acme.browser.get(&acme.url(path)).await;
        assert_eq!(visited.status, 404, "{path}: {}", visited.text);
    }
    let form = page.form_to(&path);
    let other = acme.send(&form.clone().with("flow", "another")).await;
    assert_eq!(other.code(), "sign_in_replaced");
    let done = acme.send(&form).await;
    acme.is_in(&done, ANA, &["sso"]).await;
}

#[actix_web::test]
async fn only_the_organization_of_the_page_hears_of_the_address_that_was_typed() {
    let acme = Acme::with_ana(json!({})).await;
    let (_stub, id) = with_provider(&acme).await;
    let own = format!("/login/sso/{id}");
    let evil = json!({ "organization_name": "Evil", "organization_slug": "evil" });
    acme.gateway.organization(evil).await;

    // Typed on the page of another organization, and on the page that finds one.
    for path in ["/o/evil", "/login"] {
        let page = acme.open(path).await;
        let form = page.form_to(path).with("email", ANA);
        let page = acme.send(&form.with("way", "code")).await;
        let mut form = page.form_to("/login/code");
        form.action = acme.url(&own);
        let refused = acme.send(&form).await;
        assert_eq!(refused.code(), "sso_connection_not_found");
    }

    // Not even when this one's page is opened for a sign-in that is under way.
    let page = acme.open("/o/acme?more=1").await;
    assert!(!page.text.contains(ANA), "{}", page.text);
    let left = acme.browser.submit(&page.form_to(&own)).await;
    assert_eq!(left.parameter("login_hint"), None);

    let page = acme.open("/o/acme").await;
    let form = page.form_to("/o/acme").with("email", ANA);
    let form = form.with("way", "password").with("password", "wrong");
    let page = acme.send(&form).await;
    let left = acme.browser.submit(&page.form_to(&own)).await;
    assert_eq!(left.parameter("login_hint").as_deref(), Some(ANA));
}

#[actix_web::test]
async fn a_way_that_the_organization_shuts_is_shut_at_once() {
    let acme = Acme::with_ana(json!({})).await;
    let (_stub, id) = with_provider(&acme).await;
    let page = acme.open("/o/acme").await;
    let shut = json!({
        "auth_methods": "RESTRICTED", "allowed_auth_methods": ["password"],
    });
    let path = format!("/v1/b2b/organizations/{}", acme.organization_id);
    acme.gateway.put(&path, shut).await;
    let refused = acme.send(&page.form_to(&format!("/login/sso/{id}"))).await;
    assert_eq!(refused.code(), "sso_connection_not_found");
}

#[actix_web::test]
async fn a_page_is_of_the_organization_with_its_slug_whatever_others_are_called_outside() {
    let acme = Acme::with_ana(json!({ "email_jit_provisioning": "NOT_ALLOWED" })).await;
    let other = json!({
        "organization_name": "Other", "organization_slug": "other",
        "organization_external_id": "acme",
    });
    let other = acme.gateway.organization(other).await;
    let id = text(&other["organization_id"]);
    let page = acme.open("/o/acme").await;
    let done = acme.by(&page, ANA, "password").await;
    let answer = acme.is_in(&done, ANA, &["password"]).await;
    assert_eq!(answer.body["organization_id"], acme.organization_id);
    assert_ne!(answer.body["organization_id"], id);
    for (way, factor) in [("code", "email_otp"), ("link", "magic_link")] {
        acme.gateway.wait(chrono::TimeDelta::seconds(5));
        let page = acme.open("/o/acme").await;
        let page = acme.by(&page, ANA, way).await;
        let done = if way == "code" {
            let form = page.form_to("/login/code");
            acme.send(&form.with("code", &acme.code(ANA).await)).await
        } else {
            let link = acme.link(ANA, 2).await;
            let page = acme.browser.follow(acme.browser.get(&link).await).await;
            acme.browser.submit(&page.form()).await
        };
        let answer = acme.is_in(&done, ANA, &[factor]).await;
        assert_eq!(answer.body["organization_id"], acme.organization_id);
    }
}
