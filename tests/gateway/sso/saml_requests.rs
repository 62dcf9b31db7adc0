use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde_json::json;

use super::Acme;
use super::Asked;
use super::authenticate;
use super::authn_request;
use crate::support::browser::Browser;
use crate::support::saml::canonical::canonical;
use crate::support::saml::sign::Algorithm;
use crate::support::saml::sign::Digest;
use crate::support::saml::sign::hashed;
use crate::support::saml::sign::place_of;
use crate::support::saml::tree::Element;
use crate::support::saml::tree::Node;
use crate::support::saml::tree::parse;
use crate::support::saml::weak::verifies;

#[actix_web::test]
async fn a_request_asks_for_what_the_connection_says() {
    let acme = Acme::open().await;
    let asked = async || {
        let page = acme.browser.get(&acme.start_url(&[])).await;
        authn_request(&page.location().unwrap())
    };
    let plain = asked().await;
    let email = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
    assert!(plain.contains(email), "{plain}");
    for absent in ["ForceAuthn", "RequestedAuthnContext"] {
        assert!(!plain.contains(absent), "{plain}");
    }
    let class = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";
    acme.change_connection(json!({
        "force_authn": true,
        "requested_authn_context": class,
        "nameid_format": "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
    }))
    .await;
    let full = asked().await;
    for part in ["ForceAuthn=\"true\"", class, "nameid-format:unspecified"] {
        assert!(full.contains(part), "{full}");
    }
    acme.change_connection(json!({ "nameid_format": "", "requested_authn_context": "" }))
        .await;
    let bare = asked().await;
    assert!(
        !bare.contains("NameIDPolicy") && !bare.contains(class),
        "{bare}"
    );
}

#[actix_web::test]
async fn an_answer_that_does_not_do_what_was_asked_is_refused() {
    // Somebody took it out of the request on its way, or the IdP does not care.
    let acme = Acme::with(json!({}), json!({ "force_authn": true })).await;
    let session_of = |minutes: i64| acme.gateway.now() - TimeDelta::minutes(minutes);
    let answered = async |asked: &Asked, signed_in: DateTime<Utc>| {
        let mut draft = acme.response(asked, "ana@acme.test");
        draft.authn_instant = Some(signed_in);
        acme.post(&draft, &asked.relay_state).await
    };
    let asked = acme.start().await;
    let page = answered(&asked, session_of(5)).await;
    assert_eq!(page.code(), "expired_saml_response");
    assert_eq!(page.shown("Check"), "authn_too_old");
    acme.gateway.wait(TimeDelta::minutes(4));
    assert_eq!(answered(&asked, session_of(3)).await.status, 302);
    // The password's class is what the demo's responses have.
    let context = |name: &str| {
        let class = format!("urn:oasis:names:tc:SAML:2.0:ac:classes:{name}");
        json!({ "force_authn": false, "requested_authn_context": class })
    };
    acme.change_connection(context("TimeSyncToken")).await;
    let page = answered(&acme.start().await, session_of(60)).await;
    assert_eq!(page.shown("Check"), "authn_context");
    acme.change_connection(context("PasswordProtectedTransport"))
        .await;
    let page = answered(&acme.start().await, session_of(60)).await;
    assert_eq!(page.status, 302, "{}", page.text);
    // Nor does it pass as something that nobody asked for.
    let unasked = json!({
        "idp_initiated_auth_disabled": false, "force_authn": true, "requested_authn_context": "",
    });
    acme.change_connection(unasked).await;
    for (minutes, check) in [(7, "authn_too_old"), (4, "")] {
        let mut draft = acme.draft(None, "ana@acme.test");
        draft.authn_instant = Some(session_of(minutes));
        assert_eq!(acme.post(&draft, "").await.shown("Check"), check);
    }
}

#[actix_web::test]
async fn a_posted_request_leaves_with_a_form_that_works_without_scripts() {
    let acme = Acme::with(json!({}), json!({ "authn_request_binding": "post" })).await;
    let page = acme.browser.get(&acme.start_url(&[])).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("script-src 'sha256-") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert_eq!(page.headers["x-frame-options"], "DENY");
    assert!(page.text.contains("<button>"), "{}", page.text);
    let form = page.form();
    assert_eq!(form.action, "https://idp.acme.test/saml/sso");
    let field = |name: &str| {
        let found = form.fields.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let xml = String::from_utf8(STANDARD.decode(field("SAMLRequest")).unwrap()).unwrap();
    assert!(!xml.contains("Signature"), "{xml}");
    let relay_state = field("RelayState");
    assert!((1..=80).contains(&relay_state.len()), "{relay_state}");
    let (_, rest) = xml.split_once(" ID=\"").unwrap();
    let asked = Asked {
        request_id: rest.split_once('"').unwrap().0.to_owned(),
        relay_state,
    };
    let draft = acme.response(&asked, "ana@acme.test");
    assert_eq!(acme.finish(&draft, &asked).await.status, 200);
}

fn written(element: &Element) -> &str {
    match element.children.first() {
        Some(Node::Text(text)) => text,
        _ => "",
    }
}

/// Whether an IdP that knows this certificate finds the request signed as a whole.
fn is_signed(xml: &str, certificate: &str) -> bool {
    let document = parse(xml).unwrap();
    let (_, id) = xml.split_once(" ID=\"").unwrap();
    let root = place_of(&document, id.split_once('"').unwrap().0).unwrap();
    let [signature] = &document.places_of("Signature")[..] else {
        return false;
    };
    assert_eq!(signature.len(), root.len() + 1);
    let element = document.at(signature).unwrap();
    let info = element.child("SignedInfo").unwrap();
    let reference = info.child("Reference").unwrap();
    let named = document.at(&root).unwrap().attribute("ID").unwrap();
    assert_eq!(
        reference.attribute("URI"),
        Some(format!("#{named}").as_str())
    );
    let whole = canonical(&document, (&root, Some(signature)), &[]).unwrap();
    let digest = hashed(Digest::Sha256, &whole);
    let at_info = [signature.as_slice(), &[0]].concat();
    let message = canonical(&document, (&at_info, None), &[]).unwrap();
    let value = written(element.child("SignatureValue").unwrap());
    let value = STANDARD.decode(value).unwrap();
    let method = info
        .child("SignatureMethod")
        .unwrap()
        .attribute("Algorithm");
    let algorithm = Algorithm::of_uri(method.unwrap()).unwrap();
    digest == written(reference.child("DigestValue").unwrap())
        && verifies(certificate, algorithm, (&message, &value))
}

#[actix_web::test]
async fn a_connection_signs_with_its_own_key_when_it_is_told_to() {
    let acme = Acme::with(json!({}), json!({ "authn_requests_signed": true })).await;
    let page = acme.browser.get(&acme.start_url(&[])).await;
    assert!(page.parameter("Signature").is_some(), "{}", page.text);
    acme.change_connection(json!({ "authn_request_binding": "post" }))
        .await;
    let form = acme.browser.get(&acme.start_url(&[])).await.form();
    let (_, request) = &form.fields[0];
    let xml = String::from_utf8(STANDARD.decode(request).unwrap()).unwrap();
    assert!(xml.contains("</saml:Issuer><ds:Signature"), "{xml}");
    let metadata = format!("{}/metadata", acme.acs_url());
    let metadata = acme.browser.get(&metadata).await.text;
    let (_, ours) = metadata.split_once("use=\"signing\"").unwrap();
    let (_, ours) = ours.split_once("<ds:X509Certificate>").unwrap();
    let (ours, _) = ours.split_once('<').unwrap();
    assert!(is_signed(&xml, ours), "{xml}");
    for (part, instead) in [
        ("https://idp.acme.test", "https://idp.evil.test"),
        ("Version=\"2.0\"", "Version=\"2.0\" ForceAuthn=\"false\""),
        ("</saml:Issuer>", "x</saml:Issuer>"),
    ] {
        let changed = xml.replacen(part, instead, 1);
        assert!(changed != xml && !is_signed(&changed, ours), "{changed}");
    }
    let another = super::idp_key()
        .certificate_pem
        .lines()
        .filter(|line| !line.starts_with('-'));
    assert!(!is_signed(&xml, &another.collect::<String>()));
    acme.change_connection(json!({ "authn_requests_signed": false }))
        .await;
    let form = acme.browser.get(&acme.start_url(&[])).await.form();
    let xml = String::from_utf8(STANDARD.decode(&form.fields[0].1).unwrap()).unwrap();
    assert!(!xml.contains("Signature"), "{xml}");
}

#[actix_web::test]
async fn during_a_migration_the_old_names_are_used_and_understood() {
    let (acs, audience) = ("https://old.test/acs", "https://old.test/audience");
    let migrating = json!({
        "alternative_acs_url": acs, "alternative_audience_uri": audience,
        "allow_gateway_callback": true,
    });
    let acme = Acme::with(json!({}), migrating).await;
    let page = acme.browser.get(&acme.start_url(&[])).await;
    let xml = authn_request(&page.location().unwrap());
    assert!(
        xml.contains(&format!("AssertionConsumerServiceURL=\"{acs}\"")),
        "{xml}"
    );
    assert!(xml.contains(&format!(">{audience}</saml:Issuer>")), "{xml}");
    let asked = acme.start().await;
    let mut draft = acme.response(&asked, "ana@acme.test");
    draft.destination = Some(acs.to_owned());
    draft.recipient = Some(acs.to_owned());
    draft.audiences = vec![audience.to_owned()];
    // The gateway at the old address posts it, and has no cookie of the browser.
    let gateway = Acme {
        browser: Browser::new(),
        ..acme
    };
    let page = gateway.post(&draft, &asked.relay_state).await;
    assert_eq!(authenticate(&gateway.gateway, &page).await.status, 200);
    let asked = gateway.start().await;
    gateway.browser.spoil_cookies();
    let page = gateway
        .post(
            &gateway.response(&asked, "ana@acme.test"),
            &asked.relay_state,
        )
        .await;
    assert_eq!(page.code(), "saml_csrf_cookie_mismatch");
}

#[actix_web::test]
async fn settings_that_are_none_are_refused() {
    let acme = Acme::open().await;
    let path = format!(
        "/v1/b2b/sso/saml/{}/connections/{}",
        acme.organization_id, acme.connection_id
    );
    let setting = "invalid_saml_connection_setting";
    let table = [
        (json!({ "authn_request_binding": "artifact" }), setting),
        (json!({ "slo_binding": "" }), setting),
        (json!({ "groups_syntax": "xml" }), setting),
        (json!({ "attribute_mapping_preset": "myspace" }), setting),
        (
            json!({ "requested_authn_context": "x".repeat(1025) }),
            setting,
        ),
        (
            json!({ "idp_slo_url": "javascript:x" }),
            "invalid_idp_slo_url",
        ),
        (
            json!({ "idp_slo_response_url": "ftp://idp" }),
            "invalid_idp_slo_url",
        ),
    ];
    for (body, error_type) in table {
        let answer = acme.gateway.put(&path, body.clone()).await;
        let told = (answer.status, answer.body["error_type"].as_str());
        assert_eq!(told, (400, Some(error_type)), "{body}");
    }
}

#[actix_web::test]
async fn an_idp_initiated_response_must_be_fresh() {
    let acme = Acme::with(json!({}), json!({ "idp_initiated_auth_disabled": false })).await;
    for (seconds, code) in [(350, ""), (361, "expired_saml_response")] {
        let mut draft = acme.draft(None, "ana@acme.test");
        let issued = acme.gateway.now() - TimeDelta::seconds(seconds);
        let end = acme.gateway.now() + TimeDelta::hours(1);
        draft.issue_instant = issued;
        draft.not_before = Some(issued);
        draft.not_on_or_after = Some(end);
        draft.confirmation_not_on_or_after = Some(end);
        let page = acme.post(&draft, "").await;
        assert_eq!(page.code(), code, "{seconds}: {}", page.text);
    }
}
