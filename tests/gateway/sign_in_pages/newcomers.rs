//! People who are no members yet, on the page of an organization that lets them join by e-mail.

use serde_json::json;
use vestibule::domain::email::EmailAddress;
use vestibule::domain::id::RequestId;
use vestibule::use_cases::credentials::ProjectCaller;
use vestibule::use_cases::error::ManagementError;
use vestibule::use_cases::hosted_sign_in::newcomers;
use vestibule::use_cases::hosted_sign_in::newcomers::Wanted;

use super::Acme;

const ZOE: &str = "zoe@acme.test";

async fn is_member(acme: &Acme, email: &str) -> bool {
    let path = format!(
        "/v1/b2b/organizations/{}/member?email_address={email}",
        acme.organization_id
    );
    acme.gateway.get(&path).await.status == 200
}

#[actix_web::test]
async fn asking_for_a_mail_makes_nobody_a_member_and_using_it_does() {
    for way in ["code", "link", "new-password"] {
        let acme = Acme::with(json!({})).await;
        let page = acme.open("/o/acme").await;
        let page = acme.by(&page, ZOE, way).await;
        let mail = acme.mail(ZOE, 1).await;
        assert!(!is_member(&acme, ZOE).await, "{way}");
        let (done, factors) = if way == "code" {
            let form = page.form_to("/login/code");
            let wrong = acme.send(&form.clone().with("code", "wrong")).await;
            assert_eq!(wrong.status, 400, "{mail}");
            assert!(!is_member(&acme, ZOE).await);
            let code = acme.code(ZOE).await;
            let done = acme.send(&form.with("code", &code)).await;
            (done, &["email_otp"][..])
        } else {
            let link = acme.link(ZOE, 1).await;
            let page = acme.browser.follow(acme.browser.get(&link).await).await;
            assert!(page.text.contains(ZOE), "{}", page.text);
            assert!(!is_member(&acme, ZOE).await, "{way}: shown");
            let form = page.form();
            let form = form.with("password", "seven mild otters knit socks");
            let factors = if way == "link" {
                &["magic_link"][..]
            } else {
                &["magic_link", "password"][..]
            };
            (acme.send(&form).await, factors)
        };
        let answer = acme.is_in(&done, ZOE, factors).await;
        assert_eq!(answer.body["member"]["status"], "active", "{way}");
    }
}

#[actix_web::test]
async fn who_may_not_join_any_more_does_not_by_a_mail_of_before() {
    let acme = Acme::with(json!({})).await;
    let page = acme.open("/o/acme").await;
    let page = acme.by(&page, ZOE, "code").await;
    let code = acme.code(ZOE).await;
    let path = format!("/v1/b2b/organizations/{}", acme.organization_id);
    let shut = json!({ "email_jit_provisioning": "NOT_ALLOWED" });
    assert_eq!(acme.gateway.put(&path, shut).await.status, 200);
    let refused = acme
        .send(&page.form_to("/login/code").with("code", &code))
        .await;
    assert_ne!(refused.status, 303, "{}", refused.text);
    assert!(!is_member(&acme, ZOE).await);
}

#[actix_web::test]
async fn an_organization_mails_so_many_newcomers_an_hour() {
    let acme = Acme::with_ana(json!({})).await;
    let (deployment, organization) = (
        acme.gateway.deployment.clone(),
        acme.organization_id.clone(),
    );
    let asked = acme.gateway.storage.transaction(
        RequestId::fresh(),
        move |tx| -> Result<(), ManagementError> {
            let caller = ProjectCaller {
                project_id: deployment.project_id.clone(),
            };
            for turn in 1..=201 {
                let address = EmailAddress::parse(&format!("new{turn}@acme.test")).unwrap();
                let place = (&caller, &*deployment);
                let who = (organization.as_str(), &address);
                assert!(newcomers::send(tx, place, who, &Wanted::Code)?);
            }
            Ok(())
        },
    );
    asked.await.unwrap();
    for (turn, mails) in [(1, 1), (200, 1), (201, 0)] {
        let sent = acme.gateway.mails_to(&format!("new{turn}@acme.test")).await;
        assert_eq!(sent.len(), mails, "{turn}");
    }
    // Members are mailed all the same.
    let page = acme.open("/o/acme").await;
    acme.by(&page, super::ANA, "code").await;
    acme.mail(super::ANA, 1).await;
}
