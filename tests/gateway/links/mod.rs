//! Links in mails, from the inbox of the person and from the application's backend.

use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;
use url::Url;
use vestibule::domain::id::RequestId;
use vestibule::domain::letter::Letter;
use vestibule::storage::error::StorageError;
use vestibule::use_cases::mails;

use crate::support::Answer;
use crate::support::TestGateway;

mod discovery;
mod email_update;
mod invite;
mod login;
mod races;
mod redirect;
mod refusals;
mod sdk_stories;

const RETURN_URL: &str = "http://app.test/authenticate";
const WELCOME_URL: &str = "http://app.test/welcome?from=sso";
const AUTHENTICATE: &str = "/v1/b2b/magic_links/authenticate";
const INVITE: &str = "/v1/b2b/magic_links/email/invite";
const LOGIN_OR_SIGNUP: &str = "/v1/b2b/magic_links/email/login_or_signup";
const SEND_DISCOVERY: &str = "/v1/b2b/magic_links/email/discovery/send";
// The pair of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// An organization that anybody with its domain may join, and be invited to.
struct Acme {
    gateway: TestGateway,
    organization_id: String,
}

fn merge(into: &mut Value, more: Value) {
    let fields = into.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value}"))
        .to_owned()
}

/// Status and error type.
fn refusal(answer: &Answer) -> (u16, String) {
    assert!(answer.status >= 400, "{}", answer.text);
    (answer.status, text(&answer.body["error_type"]))
}

fn refused(status: u16, error_type: &str) -> (u16, String) {
    (status, error_type.to_owned())
}

/// A parameter of a URL.
fn parameter(url: &str, name: &str) -> Option<String> {
    let url = Url::parse(url).unwrap();
    let mut pairs = url.query_pairs();
    pairs.find(|pair| pair.0 == name).map(|pair| pair.1.into())
}

/// The mails of an address that wait to be sent, the newest first.
pub async fn inbox(gateway: &TestGateway, address: &str) -> Vec<Letter> {
    let deployment = gateway.deployment.clone();
    let outbox = gateway
        .storage
        .read(RequestId::fresh(), move |tx| {
            mails::outbox(tx, &deployment, 1000)
        })
        .await
        .unwrap();
    let letters = outbox.into_iter().map(|(_, letter)| letter);
    letters
        .filter(|letter| letter.to.eq_ignore_ascii_case(address))
        .collect()
}

/// The link in the newest mail of an address.
async fn link_to(gateway: &TestGateway, address: &str) -> String {
    let letters = inbox(gateway, address).await;
    let letter = letters
        .first()
        .unwrap_or_else(|| panic!("no mail to {address}"));
    let link = letter
        .text
        .split_whitespace()
        .find(|word| word.contains("/v1/magic_links/redirect?"));
    let link = link.unwrap_or_else(|| panic!("{}", letter.text)).to_owned();
    assert!(letter.html.contains(&link.replace('&', "&amp;")));
    link
}

/// Where a link leads.
async fn follow(gateway: &TestGateway, link: &str) -> String {
    let answer = gateway.send(gateway.http.get(link)).await;
    assert_eq!(answer.status, 302, "{}", answer.text);
    answer.headers["location"].to_str().unwrap().to_owned()
}

/// The token in the newest mail of an address, as the application gets it.
pub async fn token_to(gateway: &TestGateway, address: &str) -> String {
    let link = link_to(gateway, address).await;
    parameter(&follow(gateway, &link).await, "token").unwrap()
}

/// What the journal of an organization says: kind and content, the oldest first.
async fn journal(gateway: &TestGateway, organization_id: &str) -> Vec<(String, Value)> {
    let scope = vestibule::domain::scope::OrgScope {
        project_id: gateway.deployment.project_id.clone(),
        organization_id: organization_id.parse().unwrap(),
    };
    let events = gateway.storage.read(RequestId::fresh(), move |tx| {
        tx.enter(scope.organization_id)?;
        vestibule::storage::journal::list(tx, &scope, 1000)
    });
    let events: Result<Vec<_>, StorageError> = events.await;
    let told = events.unwrap().into_iter().rev();
    told.map(|event| (event.kind, event.after.unwrap_or_default()))
        .collect()
}

impl Acme {
    async fn open() -> Self {
        Self::with(json!({})).await
    }

    /// With further settings of the organization.
    async fn with(more: Value) -> Self {
        Self::at(TestGateway::start().await, more).await
    }

    async fn at(gateway: TestGateway, more: Value) -> Self {
        let mut body = json!({
            "organization_name": "Acme",
            "organization_slug": "acme",
            "email_allowed_domains": ["acme.test"],
            "email_jit_provisioning": "RESTRICTED",
            "email_invites": "ALL_ALLOWED",
        });
        merge(&mut body, more);
        let organization = gateway.organization(body).await;
        Self {
            organization_id: text(&organization["organization_id"]),
            gateway,
        }
    }

    async fn change(&self, settings: Value) {
        let path = format!("/v1/b2b/organizations/{}", self.organization_id);
        let answer = self.gateway.put(&path, settings).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    /// Creates a member, and gives its id.
    async fn member(&self, draft: Value) -> String {
        let answer = self.gateway.post(&self.members(), draft).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        text(&answer.body["member_id"])
    }

    fn members(&self) -> String {
        format!("/v1/b2b/organizations/{}/members", self.organization_id)
    }

    /// A member as it is now.
    async fn find(&self, member_id: &str) -> Value {
        let path = "/v1/b2b/organizations/members/dangerously_get";
        let path = format!("{path}/{member_id}?include_deleted=true");
        self.gateway.get(&path).await.body["member"].clone()
    }

    /// Asks for a mail; a moment passes first, so that the address may have another one.
    async fn ask(&self, path: &str, address: &str, more: Value) -> Answer {
        self.gateway.wait(TimeDelta::seconds(2));
        let mut body = json!({
            "organization_id": self.organization_id,
            "email_address": address,
        });
        merge(&mut body, more);
        self.gateway.post(path, body).await
    }

    async fn asked(&self, path: &str, address: &str, more: Value) -> Value {
        let answer = self.ask(path, address, more).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body
    }

    /// Has a link sent, and gives its token.
    async fn login_token(&self, address: &str) -> String {
        self.asked(LOGIN_OR_SIGNUP, address, json!({})).await;
        token_to(&self.gateway, address).await
    }

    async fn authenticate(&self, token: &str, more: Value) -> Answer {
        let mut body = json!({ "magic_links_token": token });
        merge(&mut body, more);
        self.gateway.post(AUTHENTICATE, body).await
    }

    /// Signs somebody in by a link, and gives the answer.
    async fn sign_in(&self, address: &str) -> Value {
        let token = self.login_token(address).await;
        let answer = self.authenticate(&token, json!({})).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body
    }

    async fn kinds(&self) -> Vec<String> {
        let told = journal(&self.gateway, &self.organization_id).await;
        told.into_iter().map(|event| event.0).collect()
    }
}
