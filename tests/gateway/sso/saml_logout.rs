use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;
use url::Url;
use vestibule::demo::saml_signature::KeyPair;
use vestibule::protocol::saml::LogoutEnvelope;
use vestibule::protocol::saml::LogoutExpected;
use vestibule::protocol::saml::LogoutMessage;
use vestibule::protocol::saml::Message;
use vestibule::protocol::saml::NameId;
use vestibule::protocol::saml::RequestSigner;
use vestibule::protocol::saml::verify_logout_query;

use super::Acme;
use super::Asked;
use super::IDP;
use super::RETURN_URL;
use super::authn_request;
use super::events;
use super::idp_key;
use super::saml_connection;
use super::text;
use crate::support::browser::Page;

const SLO: &str = "https://idp.acme.test/saml/slo";

fn signer(key: &KeyPair) -> RequestSigner {
    let body = STANDARD.encode(&key.pkcs8);
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
    RequestSigner::from_pem(&pem).unwrap()
}

fn named(email: &str) -> NameId {
    NameId {
        value: email.to_owned(),
        format: Some("urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress".to_owned()),
        name_qualifier: None,
        sp_name_qualifier: None,
    }
}

/// An organization whose IdP takes logout messages, with a key of ours.
async fn acme() -> Acme {
    let settings = json!({ "idp_slo_url": SLO, "authn_requests_signed": true });
    Acme::with(json!({}), settings).await
}

impl Acme {
    fn logout_url(&self) -> String {
        format!("{}/logout", self.acs_url())
    }

    fn envelope(&self) -> LogoutEnvelope {
        LogoutEnvelope {
            id: format!("_{}", uuid::Uuid::new_v4().simple()),
            issue_instant: self.gateway.now(),
            issuer: IDP.to_owned(),
            destination: self.logout_url(),
        }
    }

    fn logout_request(&self, email: &str, index: Option<&str>) -> Message {
        self.envelope().request(&named(email), index)
    }

    /// Has the browser bring a message of the IdP in a query.
    async fn bring(&self, message: &Message, relay_state: &str) -> Page {
        let url = message.redirect_url(relay_state, Some(&signer(idp_key())));
        self.browser.get(&url.unwrap()).await
    }

    /// A sign-in and the IdP's name for its session.
    async fn session(&self, email: &str) -> (String, String) {
        let asked = self.start().await;
        let draft = self.response(&asked, email);
        let index = draft.session_index.clone();
        let answer = self.finish(&draft, &asked).await;
        (text(&answer.body["session_token"]), index)
    }

    async fn is_live(&self, session: &str) -> bool {
        let body = json!({ "session_token": session });
        let answer = self
            .gateway
            .post("/v1/b2b/sessions/authenticate", body)
            .await;
        answer.status == 200
    }

    async fn log_out(&self, body: Value) -> String {
        let answer = self.gateway.post("/v1/b2b/sso/logout", body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        text(&answer.body["logout_url"])
    }

    /// What the browser carries to the IdP, if our key has signed it.
    async fn carried(&self, url: &Url) -> (LogoutMessage, String) {
        let path = format!("/v1/b2b/sso/{}", self.organization_id);
        let connection = self.gateway.get(&path).await.body["saml_connections"][0].clone();
        let certificate = text(&connection["signing_certificates"][0]["certificate"]);
        let expected = LogoutExpected {
            certificates: vec![certificate],
            idp_entity_id: self.acs_url(),
            url: SLO.to_owned(),
            clock_skew: TimeDelta::seconds(60),
        };
        verify_logout_query(url.query().unwrap(), &expected, self.gateway.now()).unwrap()
    }

    async fn last(&self) -> (String, Value) {
        let all = events(&self.gateway, &self.organization_id).await;
        let last = all.last().unwrap().clone();
        (last.kind, last.after.unwrap_or_default())
    }
}

#[actix_web::test]
async fn a_logout_at_the_idp_ends_the_sessions_that_it_names() {
    let acme = acme().await;
    let (first, index) = acme.session("ana@acme.test").await;
    let (second, _) = acme.session("ana@acme.test").await;
    let (third, _) = acme.session("ana@acme.test").await;
    let (ben, _) = acme.session("ben@acme.test").await;
    let request = acme.logout_request("ana@acme.test", Some(&index));
    let page = acme.bring(&request, "idp&state").await;
    assert_eq!(page.status, 302, "{}", page.text);
    let target = page.location().unwrap();
    assert!(
        target.as_str().starts_with(&format!("{SLO}?SAMLResponse=")),
        "{target}"
    );
    let (answer, relay_state) = acme.carried(&target).await;
    let LogoutMessage::Response {
        in_response_to,
        is_success,
    } = answer
    else {
        panic!("{answer:?}");
    };
    assert!(authn_request_id(&request) == in_response_to && is_success);
    assert_eq!(relay_state, "idp&state");
    let live = [acme.is_live(&first).await, acme.is_live(&second).await];
    assert_eq!(live, [false, true]);

    // By a form, and for whatever session she has.
    let form = acme.logout_request("ana@acme.test", None);
    let form = form.post_form("", Some(&signer(idp_key()))).unwrap();
    let fields = [(form.field.to_owned(), form.message.clone())];
    let page = acme.browser.post(&form.action, &fields).await;
    assert_eq!(page.status, 302, "{}", page.text);
    let live = [acme.is_live(&second).await, acme.is_live(&third).await];
    assert_eq!(live, [false, false]);
    assert!(acme.is_live(&ben).await);
    let journal = acme.journal().await;
    let revoked = journal.iter().filter(|kind| *kind == "session.revoked");
    assert_eq!(revoked.count(), 3, "{journal:?}");
    // Somebody who has no session is signed out as well.
    let nobody = acme.logout_request("nobody@acme.test", None);
    assert_eq!(acme.bring(&nobody, "").await.status, 302);
}

/// The ID that a message of ours was given.
fn authn_request_id(message: &Message) -> String {
    let url = message.redirect_url("", None).unwrap();
    let xml = authn_request(&Url::parse(&url).unwrap());
    let (_, rest) = xml.split_once(" ID=\"").unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

#[actix_web::test]
async fn a_logout_that_the_idp_did_not_sign_for_this_connection_changes_nothing() {
    let acme = acme().await;
    let other = saml_connection(&acme.gateway, &acme.organization_id, json!({})).await;
    let (session, _) = acme.session("ana@acme.test").await;
    let request = acme.logout_request("ana@acme.test", None);
    let unsigned = request.redirect_url("", None).unwrap();
    let stranger = signer(&KeyPair::generate("stranger").unwrap());
    let forged = request.redirect_url("", Some(&stranger)).unwrap();
    let good = request.redirect_url("", Some(&signer(idp_key()))).unwrap();
    let doubled = format!("{good}&SAMLRequest=x");
    let elsewhere = good.replace(&acme.connection_id, &other);
    let table = [
        (unsigned, "unsigned"),
        (forged, "signature_invalid"),
        (doubled, "query_parameters"),
        (elsewhere, "logout_destination"),
    ];
    for (url, check) in table {
        let page = acme.browser.get(&url).await;
        let told = (page.status, page.code(), page.shown("Check"));
        assert_eq!(
            told,
            (400, "saml_logout_refused".to_owned(), check.to_owned())
        );
        let (kind, told) = acme.last().await;
        assert_eq!(
            (kind.as_str(), &told["check"]),
            ("single_logout.refused", &json!(check))
        );
    }
    assert!(acme.is_live(&session).await);
    assert_eq!(acme.browser.get(&good).await.status, 302);
    assert!(!acme.is_live(&session).await);
    let again = acme.browser.get(&good).await;
    assert_eq!(again.shown("Check"), "logout_used", "{}", again.text);
}

#[actix_web::test]
async fn our_logout_ends_our_session_first_and_the_idps_silence_changes_nothing() {
    let acme = acme().await;
    let (session, index) = acme.session("ana@acme.test").await;
    let asked = json!({ "session_token": session, "logout_redirect_url": RETURN_URL });
    let url = acme.log_out(asked.clone()).await;
    assert!(!acme.is_live(&session).await);
    let again = acme.gateway.post("/v1/b2b/sso/logout", asked).await;
    assert_eq!(again.body["error_type"], "session_not_found");

    let page = acme.browser.get(&url).await;
    let target = page.location().unwrap();
    assert!(
        target.as_str().starts_with(&format!("{SLO}?SAMLRequest=")),
        "{target}"
    );
    let (
        LogoutMessage::Request {
            id,
            name_id,
            session_indexes,
            ..
        },
        state,
    ) = acme.carried(&target).await
    else {
        panic!("{target}");
    };
    assert_eq!(
        (name_id, session_indexes),
        (named("ana@acme.test"), vec![index])
    );

    let page = acme
        .bring(&acme.envelope().response("_another"), &state)
        .await;
    assert_eq!(page.shown("Check"), "unknown_logout", "{}", page.text);
    let page = acme.bring(&acme.envelope().response(&id), "another").await;
    assert_eq!(page.shown("Check"), "unknown_logout", "{}", page.text);
    let page = acme.bring(&acme.envelope().response(&id), &state).await;
    assert_eq!(page.location().unwrap().as_str(), RETURN_URL);
    let (kind, told) = acme.last().await;
    assert_eq!(
        (kind.as_str(), &told["is_success"]),
        ("single_logout.answered", &json!(true))
    );
    let page = acme.bring(&acme.envelope().response(&id), &state).await;
    assert_eq!(page.shown("Check"), "unknown_logout", "{}", page.text);
}

#[actix_web::test]
async fn a_logout_goes_by_form_where_the_connection_says_so() {
    let acme = acme().await;
    acme.change_connection(json!({ "slo_binding": "post" }))
        .await;
    let (session, _) = acme.session("ana@acme.test").await;
    let url = acme.log_out(json!({ "session_token": session })).await;
    let form = acme.browser.get(&url).await.form();
    assert_eq!(form.action, SLO);
    let names: Vec<_> = form.fields.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["SAMLRequest", "RelayState"]);
}

#[actix_web::test]
async fn where_the_idp_takes_no_logout_the_browser_goes_home() {
    let acme = Acme::open().await;
    let (session, _) = acme.session("ana@acme.test").await;
    let unregistered =
        json!({ "session_token": session, "logout_redirect_url": "https://evil.test" });
    let answer = acme.gateway.post("/v1/b2b/sso/logout", unregistered).await;
    assert_eq!(answer.body["error_type"], "no_match_for_provided_sso_url");
    assert!(acme.is_live(&session).await);
    let url = acme.log_out(json!({ "session_token": session })).await;
    assert_eq!(url, RETURN_URL);
    assert!(!acme.is_live(&session).await);
    // An IdP that asks and takes no answer leaves the browser with us.
    let (session, _) = acme.session("ana@acme.test").await;
    let page = acme
        .bring(&acme.logout_request("ana@acme.test", None), "")
        .await;
    assert!(
        page.status == 200 && page.text.contains("You are signed out"),
        "{}",
        page.text
    );
    assert!(!acme.is_live(&session).await);
}

#[actix_web::test]
async fn a_logout_ends_the_sessions_of_other_organizations_that_trust_the_connection() {
    let acme = acme().await;
    let globex = json!({ "organization_name": "Globex", "organization_slug": "globex" });
    let globex = text(&acme.gateway.organization(globex).await["organization_id"]);
    let external = json!({
        "external_organization_id": acme.organization_id,
        "external_connection_id": acme.connection_id,
    });
    let path = format!("/v1/b2b/sso/external/{globex}");
    let external = acme.gateway.post(&path, external).await;
    let id = text(&external.body["connection"]["connection_id"]);
    let url = super::start_url(&acme.gateway, &id, &[]);
    let page = acme.browser.get(&url).await;
    let xml = authn_request(&page.location().unwrap());
    let (_, rest) = xml.split_once(" ID=\"").unwrap();
    let asked = Asked {
        request_id: rest.split_once('"').unwrap().0.to_owned(),
        relay_state: page.parameter("RelayState").unwrap(),
    };
    let draft = acme.response(&asked, "ana@acme.test");
    let there = text(&acme.finish(&draft, &asked).await.body["session_token"]);
    let (here, _) = acme.session("ana@acme.test").await;
    let page = acme
        .bring(&acme.logout_request("ana@acme.test", None), "")
        .await;
    assert_eq!(page.status, 302, "{}", page.text);
    assert_eq!(
        [acme.is_live(&here).await, acme.is_live(&there).await],
        [false, false]
    );
    // The other way round the IdP is told of it as well.
    let (page, asked) = {
        let page = acme.browser.get(&url).await;
        let xml = authn_request(&page.location().unwrap());
        let (_, rest) = xml.split_once(" ID=\"").unwrap();
        let request_id = rest.split_once('"').unwrap().0.to_owned();
        let relay_state = page.parameter("RelayState").unwrap();
        (
            page,
            Asked {
                request_id,
                relay_state,
            },
        )
    };
    assert_eq!(page.status, 302);
    let draft = acme.response(&asked, "ana@acme.test");
    let there = text(&acme.finish(&draft, &asked).await.body["session_token"]);
    let url = acme.log_out(json!({ "session_token": there })).await;
    assert!(
        acme.browser
            .get(&url)
            .await
            .location()
            .unwrap()
            .as_str()
            .starts_with(SLO)
    );
}

#[actix_web::test]
async fn a_logout_at_the_idp_ends_what_is_on_its_way_to_be_a_session() {
    let acme = acme().await;
    let asked = acme.start().await;
    let draft = acme.response(&asked, "ana@acme.test");
    let arrived = acme.post(&draft, &asked.relay_state).await;

    // On the hosted pages, as far as the application.
    let page = acme
        .browser
        .get(&format!("{}/o/acme", acme.gateway.base_url))
        .await;
    let form = page.form_to(&format!("/login/sso/{}", acme.connection_id));
    let left = acme.browser.submit(&form).await;
    let asked = Asked::of(&left);
    let draft = acme.response(&asked, "ana@acme.test");
    let back = acme.post(&draft, &asked.relay_state).await;
    let done = acme.browser.follow(back).await;
    let token = done.parameter("token").unwrap();

    let request = acme.logout_request("ana@acme.test", None);
    acme.bring(&request, "").await;
    let late = super::authenticate(&acme.gateway, &arrived).await;
    assert_eq!(
        late.body["error_type"], "sso_token_not_found",
        "{}",
        late.text
    );
    let path = "/v1/b2b/magic_links/authenticate";
    let late = acme
        .gateway
        .post(path, json!({ "magic_links_token": token }))
        .await;
    assert_eq!(late.status, 401, "{}", late.text);
}
