//! What comes in RelayState, and a response that is played again: neither sends the browser where
//! the sender wishes, nor opens a second session.

use serde_json::json;

use super::Acme;
use super::RETURN_URL;
use super::authenticate;
use crate::support::browser::Browser;

const WISHES: [&str; 8] = [
    "https://evil.test/",
    "//evil.test/",
    "/\\evil.test",
    "javascript:alert(1)",
    "http://app.test.evil.test/authenticate",
    "http://app.test@evil.test/",
    "x\r\nSet-Cookie: session=stolen\r\nLocation: https://evil.test/",
    "\u{0}\u{2028}<script>alert(1)</script>",
];

#[actix_web::test]
async fn relay_state_never_says_where_the_browser_goes() {
    let open = json!({ "idp_initiated_auth_disabled": false });
    let acme = Acme::with(json!({}), open).await;
    for wish in WISHES {
        let draft = acme.draft(None, "ana@acme.test");
        let page = acme.post(&draft, wish).await;
        let target = page.location().unwrap();
        assert!(target.as_str().starts_with(RETURN_URL), "{wish}: {target}");
        for value in page.headers.values() {
            let value = value.to_str().unwrap();
            assert!(
                !value.contains("evil") && !value.contains("stolen"),
                "{value}"
            );
        }
        let answer = authenticate(&acme.gateway, &page).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
}

#[actix_web::test]
async fn a_refusal_repeats_nothing_of_relay_state() {
    let acme = Acme::open().await;
    for wish in WISHES {
        let page = acme.post(&acme.draft(None, "ana@acme.test"), wish).await;
        assert_eq!(page.status, 400, "{wish}");
        assert!(!page.text.contains("evil") && !page.text.contains("<script>"));
        assert!(page.headers.get("set-cookie").is_none());
        assert!(page.location().is_none());
    }
}

#[actix_web::test]
async fn a_stolen_response_without_its_relay_state_is_no_sign_in_of_the_idp() {
    let open = json!({ "idp_initiated_auth_disabled": false });
    let acme = Acme::with(json!({}), open).await;
    let asked = acme.start().await;
    let stolen = acme.response(&asked, "ana@acme.test");
    let thief = Acme {
        browser: Browser::new(),
        ..acme
    };
    for relay_state in ["", "another", &asked.relay_state] {
        let page = thief.post(&stolen, relay_state).await;
        assert_eq!(page.status, 400, "{relay_state}: {}", page.text);
    }
    let kinds = thief.journal().await;
    assert!(
        kinds.iter().all(|kind| kind == "sign_in.refused"),
        "{kinds:?}"
    );
}

#[actix_web::test]
async fn a_response_that_was_taken_is_refused_for_as_long_as_it_would_be_valid() {
    let open = json!({ "idp_initiated_auth_disabled": false });
    let acme = Acme::with(json!({}), open).await;
    let draft = acme.draft(None, "ana@acme.test");
    let page = acme.post(&draft, "").await;
    assert_eq!(authenticate(&acme.gateway, &page).await.status, 200);
    for seconds in [0, 200, 140] {
        acme.gateway.wait(chrono::TimeDelta::seconds(seconds));
        let again = acme.post(&draft, "").await;
        assert_eq!(again.code(), "duplicate_saml_response", "{}", again.text);
    }
    acme.gateway.wait(chrono::TimeDelta::seconds(30));
    let late = acme.post(&draft, "").await;
    assert_eq!(late.code(), "expired_saml_response", "{}", late.text);
}
