use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use serde_json::json;
use vestibule::demo::saml_response::ResponseDraft;
use vestibule::demo::saml_signature::KeyPair;

use super::Acme;
use super::authenticate;
use super::events;
use super::idp_key;
use super::saml_connection;
use crate::support::browser::Browser;
use crate::support::browser::Page;

/// Nothing is left of a refused sign-in but its line in the journal.
async fn assert_refused(acme: &Acme, page: &Page, code: &str, check: &str) {
    assert_eq!(
        (page.status, page.code().as_str()),
        (400, code),
        "{}",
        page.text
    );
    assert!(page.text.contains("<p>") && page.shown("Request").starts_with("request-id-test-"));
    let header = |name: &str| page.headers[name].to_str().unwrap().to_owned();
    assert!(header("content-security-policy").starts_with("default-src 'none'"));
    assert_eq!(header("x-frame-options"), "DENY");
    assert_eq!(header("referrer-policy"), "no-referrer");
    assert_eq!(header("cache-control"), "no-store");
    let all = events(&acme.gateway, &acme.organization_id).await;
    let last = all.last().unwrap();
    assert_eq!(
        (last.kind.as_str(), &last.object_id),
        ("sign_in.refused", &acme.connection_id)
    );
    let told = last.after.as_ref().unwrap();
    assert_eq!(
        (&told["code"], &told["check"]),
        (&json!(code), &json!(check))
    );
    assert_eq!(last.request_id, page.shown("Request"));
    assert_eq!(last.actor, "sign_in");
}

async fn assert_nobody_came(acme: &Acme) {
    let kinds = acme.journal().await;
    assert!(
        kinds.iter().all(|kind| kind == "sign_in.refused"),
        "{kinds:?}"
    );
    let search = json!({ "organization_ids": [acme.organization_id] });
    let found = acme
        .gateway
        .post("/v1/b2b/organizations/members/search", search)
        .await;
    assert_eq!(found.body["members"], json!([]), "{}", found.text);
}

type Spoil = fn(&mut ResponseDraft);

#[actix_web::test]
async fn a_response_that_breaks_a_rule_is_refused_by_its_code() {
    let acme = Acme::open().await;
    let table: [(Spoil, &str, &str); 8] = [
        (
            |it| it.sign_assertion = false,
            "missing_signature_saml_response",
            "unsigned",
        ),
        (
            |it| it.audiences = vec!["https://other.test".to_owned()],
            "invalid_audience_saml_response",
            "audience",
        ),
        (
            |it| it.recipient = Some("https://other.test/acs".to_owned()),
            "invalid_saml_response",
            "recipient",
        ),
        (
            |it| it.destination = Some("https://other.test/acs".to_owned()),
            "invalid_saml_response",
            "destination",
        ),
        (
            |it| it.not_on_or_after = Some(it.issue_instant - TimeDelta::seconds(61)),
            "expired_saml_response",
            "not_on_or_after",
        ),
        (
            |it| it.in_response_to = Some("_another".to_owned()),
            "unsolicited_saml_response",
            "in_response_to",
        ),
        (
            |it| it.issuer = "https://other.test".to_owned(),
            "invalid_saml_response",
            "issuer",
        ),
        (
            |it| it.attributes.retain(|(name, _)| name != "email"),
            "invalid_saml_response_email",
            "email_missing",
        ),
    ];
    let asked = acme.start().await;
    for (spoil, code, check) in table {
        let mut draft = acme.response(&asked, "ana@acme.test");
        spoil(&mut draft);
        let page = acme.post(&draft, &asked.relay_state).await;
        assert_refused(&acme, &page, code, check).await;
    }
    assert_nobody_came(&acme).await;
    let draft = acme.response(&asked, "ana@acme.test");
    assert_eq!(acme.finish(&draft, &asked).await.status, 200);
}

#[actix_web::test]
async fn a_response_that_was_changed_or_signed_by_another_key_is_refused() {
    let acme = Acme::open().await;
    let asked = acme.start().await;
    let draft = acme.response(&asked, "ana@acme.test");
    let tampered = draft
        .to_xml(idp_key())
        .unwrap()
        .replace("ana@acme.test", "eve@acme.test");
    let page = acme
        .post_value(STANDARD.encode(tampered), &asked.relay_state)
        .await;
    assert_refused(
        &acme,
        &page,
        "invalid_signature_saml_response",
        "signature_invalid",
    )
    .await;
    let stranger = KeyPair::generate("stranger").unwrap();
    let foreign = draft.to_form_value(&stranger).unwrap();
    let page = acme.post_value(foreign, &asked.relay_state).await;
    assert_refused(
        &acme,
        &page,
        "invalid_signature_saml_response",
        "signature_invalid",
    )
    .await;
    let page = acme
        .post_value("not base64 !".to_owned(), &asked.relay_state)
        .await;
    assert_refused(
        &acme,
        &page,
        "invalid_xml_saml_response",
        "response_not_base64",
    )
    .await;
    let page = acme.post_value(String::new(), &asked.relay_state).await;
    assert_refused(
        &acme,
        &page,
        "missing_saml_response",
        "missing_saml_response",
    )
    .await;
    assert_nobody_came(&acme).await;
}

#[actix_web::test]
async fn a_form_that_is_too_large_is_refused_unread() {
    let acme = Acme::open().await;
    let asked = acme.start().await;
    let page = acme
        .post_value("A".repeat(410 * 1024), &asked.relay_state)
        .await;
    assert_eq!(
        (page.status, page.code().as_str()),
        (413, "request_too_large")
    );
}

#[actix_web::test]
async fn a_response_is_taken_once() {
    let acme = Acme::open().await;
    let asked = acme.start().await;
    let draft = acme.response(&asked, "ana@acme.test");
    assert_eq!(acme.finish(&draft, &asked).await.status, 200);
    let again = acme.post(&draft, &asked.relay_state).await;
    assert_refused(&acme, &again, "unsolicited_saml_response", "unknown_flow").await;
}

#[actix_web::test]
async fn of_two_parallel_posts_one_gets_a_token() {
    let acme = Acme::open().await;
    for _ in 0..3 {
        let asked = acme.start().await;
        let one = acme.response(&asked, "ana@acme.test");
        // The other one is another assertion for the same request.
        let two = acme.response(&asked, "ana@acme.test");
        let posts = [
            acme.post(&one, &asked.relay_state),
            acme.post(&one, &asked.relay_state),
            acme.post(&two, &asked.relay_state),
            acme.post(&two, &asked.relay_state),
        ];
        let pages = futures(posts).await;
        let through = pages.iter().filter(|page| page.status == 302).count();
        assert_eq!(through, 1, "{pages:?}");
        for page in pages.iter().filter(|page| page.status != 302) {
            let codes = [
                "duplicate_saml_response",
                "unsolicited_saml_response",
                "missing_saml_csrf_cookie",
            ];
            assert!(codes.contains(&page.code().as_str()), "{}", page.text);
        }
    }
}

async fn futures<const N: usize>(all: [impl Future<Output = Page>; N]) -> Vec<Page> {
    let mut all: Vec<_> = all.into_iter().map(Box::pin).collect();
    let mut done: Vec<Option<Page>> = (0..N).map(|_| None).collect();
    std::future::poll_fn(move |context| {
        for (future, page) in all.iter_mut().zip(&mut done) {
            if page.is_none()
                && let std::task::Poll::Ready(ready) = future.as_mut().poll(context)
            {
                *page = Some(ready);
            }
        }
        if done.iter().all(Option::is_some) {
            std::task::Poll::Ready(done.iter_mut().filter_map(Option::take).collect())
        } else {
            std::task::Poll::Pending
        }
    })
    .await
}

#[actix_web::test]
async fn the_answer_to_one_connection_is_nothing_to_another() {
    let acme = Acme::open().await;
    let other = saml_connection(&acme.gateway, &acme.organization_id, json!({})).await;
    let asked = acme.start().await;
    let draft = acme.response(&asked, "ana@acme.test");
    let fields = [
        (
            "SAMLResponse".to_owned(),
            draft.to_form_value(idp_key()).unwrap(),
        ),
        ("RelayState".to_owned(), asked.relay_state.clone()),
    ];
    let page = acme
        .browser
        .post(&super::callback_url(&acme.gateway, &other), &fields)
        .await;
    assert_eq!(
        (page.status, page.code().as_str()),
        (400, "unsolicited_saml_response")
    );
    // Not even when the other one lets the IdP begin.
    let path = format!(
        "/v1/b2b/sso/saml/{}/connections/{other}",
        acme.organization_id
    );
    let open = json!({ "idp_initiated_auth_disabled": false });
    assert_eq!(acme.gateway.put(&path, open).await.status, 200);
    let page = acme
        .browser
        .post(&super::callback_url(&acme.gateway, &other), &fields)
        .await;
    assert_eq!(page.status, 400, "{}", page.text);
    assert_nobody_came(&acme).await;
    assert_eq!(acme.finish(&draft, &asked).await.status, 200);
}

#[actix_web::test]
async fn only_the_browser_that_began_may_bring_the_answer() {
    let acme = Acme::open().await;
    let asked = acme.start().await;
    let draft = acme.response(&asked, "ana@acme.test");
    let victim = Acme {
        browser: Browser::new(),
        ..acme
    };
    let page = victim.post(&draft, &asked.relay_state).await;
    let missing = "missing_saml_csrf_cookie";
    assert_refused(&victim, &page, missing, missing).await;
    let asked = victim.start().await;
    victim.browser.spoil_cookies();
    let draft = victim.response(&asked, "ana@acme.test");
    let page = victim.post(&draft, &asked.relay_state).await;
    let mismatch = "saml_csrf_cookie_mismatch";
    assert_refused(&victim, &page, mismatch, mismatch).await;
    assert_nobody_came(&victim).await;
}

#[actix_web::test]
async fn an_answer_without_an_open_sign_in_is_refused() {
    let acme = Acme::open().await;
    let asked = acme.start().await;
    let draft = acme.response(&asked, "ana@acme.test");
    let page = acme.post(&draft, "unknown").await;
    assert_refused(&acme, &page, "unsolicited_saml_response", "unknown_flow").await;
    let disabled = "saml_idp_initiated_auth_disabled";
    let page = acme.post(&draft, "").await;
    assert_refused(&acme, &page, disabled, disabled).await;
    let unsolicited = acme.draft(None, "ana@acme.test");
    let page = acme.post(&unsolicited, "").await;
    assert_refused(&acme, &page, disabled, disabled).await;
    acme.gateway.wait(TimeDelta::seconds(601));
    let late = acme.response(&asked, "ana@acme.test");
    let page = acme.post(&late, &asked.relay_state).await;
    assert_refused(&acme, &page, "unsolicited_saml_response", "unknown_flow").await;
    assert_nobody_came(&acme).await;
}

#[actix_web::test]
async fn a_name_id_that_changes_each_time_needs_a_mapped_user_id() {
    let acme = Acme::open().await;
    let transient = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
    let answer = async |id: &str| {
        let asked = acme.start().await;
        let mut draft = acme.response(&asked, "ana@acme.test");
        draft.name_id_format = transient.to_owned();
        draft.name_id = format!("_{}", uuid::Uuid::new_v4());
        draft
            .attributes
            .push(("uid".to_owned(), vec![id.to_owned()]));
        acme.post(&draft, &asked.relay_state).await
    };
    let page = answer("17").await;
    assert_refused(&acme, &page, "invalid_saml_response", "transient_name_id").await;
    let mapping = json!({ "email": "email", "full_name": "name", "idp_user_id": "uid" });
    acme.change_connection(json!({ "attribute_mapping": mapping }))
        .await;
    let page = answer("").await;
    assert_refused(&acme, &page, "invalid_saml_response", "idp_user_id_missing").await;
    let member = authenticate(&acme.gateway, &answer("17").await).await;
    assert_eq!(
        member.body["member"]["sso_registrations"][0]["external_id"],
        "17"
    );
}
