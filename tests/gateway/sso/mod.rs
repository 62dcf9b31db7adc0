//! Single sign-on from the browser's side, with an identity provider that can be made wrong.

use std::io::Read;
use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use serde_json::json;
use url::Url;
use vestibule::demo::saml_response::Exchange;
use vestibule::demo::saml_response::ResponseDraft;
use vestibule::demo::saml_signature::KeyPair;
use vestibule::domain::event::Event;
use vestibule::domain::id::RequestId;
use vestibule::domain::project::ProjectId;
use vestibule::domain::scope::OrgScope;
use vestibule::storage::error::StorageError;
use vestibule::storage::journal;

use crate::support::Answer;
use crate::support::TestGateway;
use crate::support::browser::Browser;
use crate::support::browser::Page;

mod attacks;
mod authorization;
mod break_glass;
mod chromium;
mod discovery;
mod encrypted;
mod explained;
mod explicit_roles;
mod external;
mod faults;
mod joining;
mod members;
mod mutations;
mod oidc;
mod oidc_checks;
mod oidc_client_key;
mod oidc_documents;
mod oidc_entra;
mod oidc_flow;
mod oidc_logout;
mod peers;
mod races;
mod refused;
mod relay_state;
mod saml;
mod saml_logout;
mod saml_mapping;
mod saml_metadata;
mod saml_refusals;
mod saml_requests;
mod sdk_stories;
mod second_factors;
mod start;

const IDP: &str = "https://idp.acme.test/saml";
const RETURN_URL: &str = "http://app.test/authenticate";
const WELCOME_URL: &str = "http://app.test/welcome?from=sso";

fn idp_key() -> &'static KeyPair {
    static KEY: OnceLock<KeyPair> = OnceLock::new();
    KEY.get_or_init(|| KeyPair::generate("idp").unwrap())
}

/// An organization with a SAML connection, and the IdP's side of it.
struct Acme {
    gateway: TestGateway,
    browser: Browser,
    organization_id: String,
    connection_id: String,
}

/// What the browser was sent to the IdP with.
#[derive(Clone, Debug)]
struct Asked {
    request_id: String,
    relay_state: String,
}

impl Asked {
    /// What a page sends the browser there with.
    fn of(page: &Page) -> Self {
        assert_eq!(page.status, 302, "{}", page.text);
        let xml = authn_request(&page.location().unwrap());
        let (_, rest) = xml.split_once(" ID=\"").unwrap();
        let (request_id, _) = rest.split_once('"').unwrap();
        Self {
            request_id: request_id.to_owned(),
            relay_state: page.parameter("RelayState").unwrap(),
        }
    }
}

impl Acme {
    async fn open() -> Self {
        Self::with(json!({}), json!({})).await
    }

    /// With further settings of the organization and of the connection.
    async fn with(organization: Value, connection: Value) -> Self {
        let gateway = TestGateway::start().await;
        let mut body = json!({ "organization_name": "Acme", "organization_slug": "acme" });
        merge(&mut body, organization);
        let organization = gateway.organization(body).await;
        let organization_id = text(&organization["organization_id"]);
        let connection_id = saml_connection(&gateway, &organization_id, connection).await;
        Self {
            gateway,
            browser: Browser::new(),
            organization_id,
            connection_id,
        }
    }

    fn acs_url(&self) -> String {
        callback_url(&self.gateway, &self.connection_id)
    }

    fn start_url(&self, more: &[(&str, &str)]) -> String {
        start_url(&self.gateway, &self.connection_id, more)
    }

    /// Sends the browser to the IdP.
    async fn start(&self) -> Asked {
        self.start_with(&[]).await
    }

    async fn start_with(&self, more: &[(&str, &str)]) -> Asked {
        let page = self.browser.get(&self.start_url(more)).await;
        Asked::of(&page)
    }

    /// The response that the IdP gives for a person.
    fn response(&self, asked: &Asked, email: &str) -> ResponseDraft {
        self.draft(Some(&asked.request_id), email)
    }

    fn draft(&self, in_response_to: Option<&str>, email: &str) -> ResponseDraft {
        let acs_url = self.acs_url();
        let exchange = Exchange {
            issuer: IDP,
            acs_url: &acs_url,
            audience: &acs_url,
            in_response_to,
            unique: &uuid::Uuid::new_v4().simple().to_string(),
        };
        let mut draft = ResponseDraft::new(exchange, email, self.gateway.now());
        let attribute = |name: &str, value: &str| (name.to_owned(), vec![value.to_owned()]);
        draft.attributes = vec![attribute("email", email), attribute("name", "Ana Anders")];
        draft
    }

    /// Has the browser post a response.
    async fn post(&self, draft: &ResponseDraft, relay_state: &str) -> Page {
        let response = draft.to_form_value(idp_key()).unwrap();
        self.post_value(response, relay_state).await
    }

    async fn post_value(&self, response: String, relay_state: &str) -> Page {
        let fields = [
            ("SAMLResponse".to_owned(), response),
            ("RelayState".to_owned(), relay_state.to_owned()),
        ];
        self.browser.post(&self.acs_url(), &fields).await
    }

    /// A whole sign-in of a person, up to what the application's server gets.
    async fn sign_in(&self, email: &str) -> Answer {
        let asked = self.start().await;
        let draft = self.response(&asked, email);
        self.finish(&draft, &asked).await
    }

    async fn finish(&self, draft: &ResponseDraft, asked: &Asked) -> Answer {
        let page = self.post(draft, &asked.relay_state).await;
        authenticate(&self.gateway, &page).await
    }

    /// The names of what the journal holds, oldest first, from the first sign-in on.
    async fn journal(&self) -> Vec<String> {
        let events = events(&self.gateway, &self.organization_id).await;
        let kinds = events.into_iter().map(|event| event.kind);
        let set_up =
            |kind: &String| kind.starts_with("organization.") || kind.starts_with("connection.");
        kinds.filter(|kind| !set_up(kind)).collect()
    }

    async fn create_member(&self, body: Value) -> Value {
        let path = format!("/v1/b2b/organizations/{}/members", self.organization_id);
        let answer = self.gateway.post(&path, body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body["member"].clone()
    }

    async fn change(&self, body: Value) {
        let path = format!("/v1/b2b/organizations/{}", self.organization_id);
        let answer = self.gateway.put(&path, body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    async fn change_connection(&self, body: Value) {
        let path = format!(
            "/v1/b2b/sso/saml/{}/connections/{}",
            self.organization_id, self.connection_id
        );
        let answer = self.gateway.put(&path, body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
}

/// An active SAML connection of an organization, its id.
async fn saml_connection(gateway: &TestGateway, organization: &str, more: Value) -> String {
    let path = format!("/v1/b2b/sso/saml/{organization}");
    let created = gateway.post(&path, json!({ "display_name": "SAML" })).await;
    let id = text(&created.body["connection"]["connection_id"]);
    let mut settings = json!({
        "idp_entity_id": IDP,
        "idp_sso_url": format!("{IDP}/sso"),
        "x509_certificate": idp_key().certificate_pem,
        "attribute_mapping": { "email": "email", "full_name": "name" },
    });
    merge(&mut settings, more);
    let updated = gateway
        .put(&format!("{path}/connections/{id}"), settings)
        .await;
    assert_eq!(updated.status, 200, "{}", updated.text);
    assert_eq!(updated.body["connection"]["status"], "active");
    id
}

fn callback_url(gateway: &TestGateway, connection: &str) -> String {
    format!("{}/v1/b2b/sso/callback/{connection}", gateway.base_url)
}

fn start_url(gateway: &TestGateway, connection: &str, more: &[(&str, &str)]) -> String {
    let mut url = Url::parse(&format!("{}/v1/public/sso/start", gateway.base_url)).unwrap();
    url.query_pairs_mut()
        .append_pair("connection_id", connection)
        .append_pair("public_token", &gateway.public_token)
        .append_pair("login_redirect_url", RETURN_URL)
        .append_pair("signup_redirect_url", WELCOME_URL)
        .extend_pairs(more);
    url.into()
}

/// The XML of the request in a redirect to an IdP.
pub(crate) fn authn_request(url: &Url) -> String {
    let (_, request) = url
        .query_pairs()
        .find(|(name, _)| name == "SAMLRequest")
        .unwrap();
    let deflated = STANDARD.decode(request.as_bytes()).unwrap();
    let mut xml = String::new();
    flate2::read::DeflateDecoder::new(deflated.as_slice())
        .read_to_string(&mut xml)
        .unwrap();
    xml
}

/// What the application's server gets for the token of a redirect.
async fn authenticate(gateway: &TestGateway, page: &Page) -> Answer {
    assert_eq!(page.status, 302, "{}", page.text);
    assert_eq!(page.parameter("stytch_token_type").as_deref(), Some("sso"));
    let token = page.parameter("token").unwrap();
    redeem(gateway, json!({ "sso_token": token })).await
}

async fn redeem(gateway: &TestGateway, body: Value) -> Answer {
    gateway.post("/v1/b2b/sso/authenticate", body).await
}

/// The journal of an organization, oldest event first.
async fn events(gateway: &TestGateway, organization: &str) -> Vec<Event> {
    let scope = OrgScope {
        project_id: ProjectId::new(gateway.project_id.as_str()),
        organization_id: organization.parse().unwrap(),
    };
    let mut events = gateway
        .storage
        .read::<_, StorageError>(RequestId::fresh(), move |tx| {
            tx.enter(scope.organization_id)?;
            journal::list(tx, &scope, 100)
        })
        .await
        .unwrap();
    events.reverse();
    events
}

fn merge(into: &mut Value, more: Value) {
    let fields = into.as_object_mut().unwrap();
    for (name, value) in more.as_object().unwrap() {
        fields.insert(name.clone(), value.clone());
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// The roles of a member object, each with the types of its sources.
fn roles(member: &Value) -> Vec<(String, Vec<String>)> {
    let all = member["roles"].as_array().unwrap().iter();
    all.map(|role| {
        let sources = role["sources"].as_array().unwrap().iter();
        let types = sources.map(|source| text(&source["type"]));
        (text(&role["role_id"]), types.collect())
    })
    .collect()
}
