//! Passwords: taken over, checked, set by the old one and by a session.

mod authenticate;
mod discovery;
mod email_reset;
mod migrate;
mod sdk_stories;
mod takeover;
mod threads;

use serde_json::Value;
use serde_json::json;
use vestibule::domain::id::RequestId;
use vestibule::domain::password::strength::PasswordSettings;
use vestibule::domain::project::ProjectId;
use vestibule::storage::project_settings;
use vestibule::use_cases::mails;

use crate::support::Answer;
use crate::support::TestGateway;
use crate::support::raw_sql::RawSql;

pub const EMAIL: &str = "ana@acme.test";
pub const PASSWORD: &str = "correct horse battery staple";
pub const OTHER: &str = "seven mild otters knit socks";
/// PHP's `password_hash` of it, at the least cost.
pub const BCRYPT: &str = "$2y$04$X6.4A2gsUlWSnVwTuU6rl.60smZaxdRnUbTYapKWV2rrN6yNo1RdS";

/// An organization and what a test does with passwords in it.
pub struct Acme {
    pub gateway: TestGateway,
    pub organization_id: String,
}

impl Acme {
    pub async fn start() -> Self {
        let gateway = TestGateway::start().await;
        let acme = json!({ "organization_name": "Acme", "organization_slug": "acme" });
        let acme = gateway.organization(acme).await;
        Self {
            gateway,
            organization_id: acme["organization_id"].as_str().unwrap().to_owned(),
        }
    }

    /// An organization with a member whose password came from elsewhere.
    pub async fn with_ana() -> Self {
        let acme = Self::start().await;
        let answer = acme.migrate(json!({})).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        acme
    }

    pub async fn post(&self, call: &str, body: Value) -> Answer {
        let path = format!("/v1/b2b/passwords/{call}");
        self.gateway.post(&path, body).await
    }

    /// Takes over the hash of `PASSWORD` for `EMAIL`, with whatever else is given.
    pub async fn migrate(&self, more: Value) -> Answer {
        let mut body = json!({
            "organization_id": self.organization_id,
            "email_address": EMAIL,
            "hash_type": "bcrypt",
            "hash": BCRYPT,
        });
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        self.post("migrate", body).await
    }

    pub async fn authenticate(&self, email: &str, password: &str) -> Answer {
        let body = json!({
            "organization_id": self.organization_id,
            "email_address": email,
            "password": password,
        });
        self.post("authenticate", body).await
    }

    /// A session of `EMAIL` by this password.
    pub async fn session(&self, password: &str) -> String {
        let answer = self.authenticate(EMAIL, password).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body["session_token"].as_str().unwrap().to_owned()
    }

    pub async fn is_session(&self, token: &str) -> bool {
        let body = json!({ "session_token": token });
        let path = "/v1/b2b/sessions/authenticate";
        self.gateway.post(path, body).await.status == 200
    }

    /// The link in the newest mail of an address.
    pub async fn link_to(&self, address: &str) -> String {
        let deployment = self.gateway.deployment.clone();
        let outbox = self.gateway.storage.read(RequestId::fresh(), move |tx| {
            mails::outbox(tx, &deployment, 1000)
        });
        let letters = outbox.await.unwrap().into_iter().map(|(_, letter)| letter);
        let letter = letters.into_iter().find(|letter| letter.to == address);
        let letter = letter.unwrap_or_else(|| panic!("no mail to {address}"));
        let link = letter.text.split_whitespace();
        let mut link = link.filter(|word| word.contains("stytch_redirect_type=reset_password"));
        link.next()
            .unwrap_or_else(|| panic!("{}", letter.text))
            .to_owned()
    }

    /// The token that a link brings to the application.
    pub fn token_of(link: &str, token_type: &str) -> String {
        let url = url::Url::parse(link).unwrap();
        assert_eq!(url.host_str(), Some("app.test"));
        let parameter = |name: &str| {
            let mut pairs = url.query_pairs();
            pairs
                .find(|pair| pair.0 == name)
                .map(|pair| pair.1.into_owned())
        };
        assert_eq!(parameter("stytch_token_type").as_deref(), Some(token_type));
        parameter("token").unwrap()
    }

    pub fn sql(&self) -> RawSql {
        RawSql::open(self.gateway.storage.database())
    }

    /// Makes the organization ask for a second factor.
    pub async fn require_second_factor(&self) {
        let path = format!("/v1/b2b/organizations/{}", self.organization_id);
        let answer = self
            .gateway
            .put(&path, json!({ "mfa_policy": "REQUIRED_FOR_ALL" }));
        assert_eq!(answer.await.status, 200);
    }

    /// Declares what the project asks of passwords.
    pub async fn declare(&self, settings: PasswordSettings) {
        declare(&self.gateway, settings).await;
    }

    pub async fn share_passwords(&self) {
        self.declare(PasswordSettings {
            cross_organization: true,
            ..PasswordSettings::default()
        })
        .await;
    }
}

/// Declares what a project asks of passwords.
pub async fn declare(gateway: &TestGateway, settings: PasswordSettings) {
    let project = ProjectId::new(gateway.project_id.as_str());
    let saved = gateway.storage.transaction(RequestId::fresh(), move |tx| {
        let mut declared = project_settings::find(tx, &project)?.unwrap_or_default();
        declared.passwords = settings.clone();
        project_settings::save(tx, &project, &declared)
    });
    saved.await.unwrap();
}

/// The status and the type of a refusal.
pub fn refusal(answer: &Answer) -> (u16, &str) {
    let error_type = answer.body["error_type"].as_str();
    (
        answer.status,
        error_type.unwrap_or_else(|| panic!("{}", answer.text)),
    )
}
