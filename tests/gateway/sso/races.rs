//! The same response many times at once, on two nodes where the database allows two: one session.

use std::rc::Rc;

use serde_json::json;
use vestibule::demo::saml_response::ResponseDraft;

use super::Acme;
use super::idp_key;
use super::oidc_flow::Hooli;
use super::redeem;
use super::start_url;
use crate::support::TestGateway;
use crate::support::browser::Browser;
use crate::support::browser::Page;
use crate::support::race;

const AT_ONCE: usize = 50;
const EMAIL: &str = "ana@acme.test";

/// Posts one form many times at once, by turns to each node.
async fn post_everywhere(
    acme: &Rc<Acme>,
    nodes: &[String],
    (draft, relay_state): (&ResponseDraft, &str),
) -> Vec<Page> {
    let fields = [
        (
            "SAMLResponse".to_owned(),
            draft.to_form_value(idp_key()).unwrap(),
        ),
        ("RelayState".to_owned(), relay_state.to_owned()),
    ];
    let path = format!("/v1/b2b/sso/callback/{}", acme.connection_id);
    let posts: Vec<_> = (0..AT_ONCE)
        .map(|number| {
            let (acme, fields) = (acme.clone(), fields.clone());
            let url = format!("{}{path}", nodes[number % nodes.len()]);
            actix_web::rt::spawn(async move { acme.browser.post(&url, &fields).await })
        })
        .collect();
    let mut pages = Vec::new();
    for post in posts {
        pages.push(post.await.unwrap());
    }
    pages
}

/// The token of the one post that got through; all others were refused for what they are.
fn only_token(pages: &[Page], codes: &[&str]) -> String {
    let (through, refused): (Vec<&Page>, Vec<&Page>) =
        pages.iter().partition(|page| page.status == 302);
    assert_eq!(through.len(), 1, "{pages:?}");
    for page in refused {
        assert_eq!(page.status, 400, "{}", page.text);
        assert!(codes.contains(&page.code().as_str()), "{}", page.text);
    }
    through[0].parameter("token").unwrap()
}

/// Redeems a token many times at once and counts the sessions.
async fn redeem_at_once(gateway: &TestGateway, token: &str) -> usize {
    let body = json!({ "sso_token": token });
    let refusal = (404, "sso_token_not_found");
    race::call(gateway, ("/v1/b2b/sso/authenticate", &body), refusal).await
}

#[actix_web::test]
async fn of_fifty_posts_of_one_response_at_once_one_makes_a_session() {
    let acme = Acme::open().await;
    let node = acme.gateway.another_node();
    let nodes = [acme.gateway.base_url.clone(), node.base_url.clone()];
    let acme = Rc::new(acme);
    let asked = acme.start().await;
    let draft = acme.response(&asked, EMAIL);
    let pages = post_everywhere(&acme, &nodes, (&draft, &asked.relay_state)).await;
    let codes = [
        "duplicate_saml_response",
        "unsolicited_saml_response",
        "missing_saml_csrf_cookie",
    ];
    let token = only_token(&pages, &codes);
    assert_eq!(redeem_at_once(&acme.gateway, &token).await, 1);
    let kinds = acme.journal().await;
    for kind in ["member.created", "session.started"] {
        let count = kinds.iter().filter(|it| *it == kind).count();
        assert_eq!(count, 1, "{kind}");
    }
}

#[actix_web::test]
async fn of_fifty_posts_at_once_of_what_the_idp_began_one_makes_a_session() {
    let open = json!({ "idp_initiated_auth_disabled": false });
    let acme = Acme::with(json!({}), open).await;
    let node = acme.gateway.another_node();
    let nodes = [acme.gateway.base_url.clone(), node.base_url.clone()];
    let acme = Rc::new(acme);
    let draft = acme.draft(None, EMAIL);
    let pages = post_everywhere(&acme, &nodes, (&draft, "")).await;
    let token = only_token(&pages, &["duplicate_saml_response"]);
    assert_eq!(redeem_at_once(&acme.gateway, &token).await, 1);
}

#[actix_web::test]
async fn of_fifty_returns_from_an_openid_provider_at_once_one_makes_a_session() {
    let hooli = Hooli::open().await;
    hooli.provider.conduct(|conduct| conduct.keeps_codes = true);
    let browser = Browser::new();
    let page = browser
        .get(&start_url(&hooli.gateway, &hooli.connection_id, &[]))
        .await;
    let page = browser.get(page.location().unwrap().as_str()).await;
    let callback: String = page.location().unwrap().into();
    let pages = race::come_back(
        &hooli.gateway,
        (&browser, &callback),
        &["unsolicited_oidc_response"],
    )
    .await;
    assert_eq!(pages.len(), 1);
    let token = pages[0].parameter("token").unwrap();
    assert_eq!(redeem_at_once(&hooli.gateway, &token).await, 1);
}

#[actix_web::test]
async fn what_one_node_began_another_one_finishes() {
    let acme = Acme::open().await;
    let node = acme.gateway.another_node();
    let asked = acme.start().await;
    let draft = acme.response(&asked, EMAIL);
    let fields = [
        (
            "SAMLResponse".to_owned(),
            draft.to_form_value(idp_key()).unwrap(),
        ),
        ("RelayState".to_owned(), asked.relay_state.clone()),
    ];
    let url = format!(
        "{}/v1/b2b/sso/callback/{}",
        node.base_url, acme.connection_id
    );
    let page = acme.browser.post(&url, &fields).await;
    let token = json!({ "sso_token": page.parameter("token").unwrap() });
    assert_eq!(redeem(&acme.gateway, token).await.status, 200);
}

#[actix_web::test]
async fn an_assertion_works_once_whichever_request_it_answers() {
    let acme = Acme::open().await;
    let first = acme.start().await;
    let draft = acme.response(&first, EMAIL);
    assert_eq!(acme.post(&draft, &first.relay_state).await.status, 302);
    let second = acme.start().await;
    let again = ResponseDraft {
        assertion_id: draft.assertion_id,
        ..acme.response(&second, EMAIL)
    };
    let page = acme.post(&again, &second.relay_state).await;
    assert_eq!(page.code(), "duplicate_saml_response", "{}", page.text);
    // The refusal used nothing up: the request may still be answered by what is new.
    let fresh = acme.response(&second, EMAIL);
    assert_eq!(acme.post(&fresh, &second.relay_state).await.status, 302);
}
