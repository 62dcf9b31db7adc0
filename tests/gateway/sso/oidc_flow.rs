//! An organization whose OIDC connection leads to a provider that a test conducts.

use serde_json::Value;
use serde_json::json;

use super::authenticate;
use super::merge;
use super::start_url;
use super::text;
use crate::support::Answer;
use crate::support::TestGateway;
use crate::support::browser::Browser;
use crate::support::browser::Page;
use crate::support::oidc_stub::OidcStub;

pub struct Hooli {
    pub gateway: TestGateway,
    pub provider: OidcStub,
    pub organization_id: String,
    pub connection_id: String,
}

/// An active OIDC connection of an organization to a provider, its id.
pub async fn connect(
    gateway: &TestGateway,
    organization: &str,
    issuer: &str,
    more: Value,
) -> String {
    let path = format!("/v1/b2b/sso/oidc/{organization}");
    let created = gateway.post(&path, json!({ "display_name": "OIDC" })).await;
    let id = text(&created.body["connection"]["connection_id"]);
    let mut settings = json!({
        "issuer": issuer, "client_id": "vestibule", "client_secret": "a-secret-of-some-length",
    });
    merge(&mut settings, more);
    let path = format!("{path}/connections/{id}");
    let updated = gateway.put(&path, settings).await;
    assert_eq!(updated.status, 200, "{}", updated.text);
    assert_eq!(
        updated.body["connection"]["status"], "active",
        "{}",
        updated.text
    );
    id
}

impl Hooli {
    pub async fn open() -> Self {
        Self::with(OidcStub::start(), json!({}), json!({})).await
    }

    /// With settings of the organization and of the connection.
    pub async fn with(provider: OidcStub, organization: Value, connection: Value) -> Self {
        let gateway = TestGateway::start().await;
        let mut body = json!({ "organization_name": "Hooli", "organization_slug": "hooli" });
        merge(&mut body, organization);
        let organization_id = text(&gateway.organization(body).await["organization_id"]);
        let issuer = provider.issuer();
        let connection_id = connect(&gateway, &organization_id, &issuer, connection).await;
        Self {
            gateway,
            provider,
            organization_id,
            connection_id,
        }
    }

    pub fn path(&self) -> String {
        format!(
            "/v1/b2b/sso/oidc/{}/connections/{}",
            self.organization_id, self.connection_id
        )
    }

    pub fn callback(&self) -> String {
        super::callback_url(&self.gateway, &self.connection_id)
    }

    pub async fn change(&self, body: Value) -> Answer {
        self.gateway.put(&self.path(), body).await
    }

    pub async fn change_organization(&self, body: Value) {
        let path = format!("/v1/b2b/organizations/{}", self.organization_id);
        let answer = self.gateway.put(&path, body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    /// A sign-in in a browser of its own, up to the page that comes.
    pub async fn visit(&self) -> Page {
        self.visit_through(&self.connection_id).await
    }

    pub async fn visit_through(&self, connection: &str) -> Page {
        let browser = Browser::new();
        let page = browser
            .get(&start_url(&self.gateway, connection, &[]))
            .await;
        assert_eq!(page.status, 302, "{}", page.text);
        browser.follow(page).await
    }

    pub async fn sign_in(&self) -> Answer {
        authenticate(&self.gateway, &self.visit().await).await
    }

    /// The check by which a sign-in is refused; empty if it is not.
    pub async fn check(&self) -> String {
        let page = self.visit().await;
        if page.status == 302 {
            return String::new();
        }
        let (check, code) = (page.shown("Check"), page.code());
        if check.is_empty() { code } else { check }
    }

    /// Whether a session is still one.
    pub async fn session(&self, signed_in: &Answer) -> u16 {
        let body = json!({ "session_token": signed_in.body["session_token"] });
        let path = "/v1/b2b/sessions/authenticate";
        self.gateway.post(path, body).await.status
    }
}
