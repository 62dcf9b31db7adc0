//! The hosted pages, as somebody with a plain browser and no scripts meets them.

use std::time::Duration;

use serde_json::Value;
use serde_json::json;

use crate::support::Answer;
use crate::support::TestGateway;
use crate::support::browser::Browser;
use crate::support::browser::Form;
use crate::support::browser::Page;

mod doors;
mod ends;
mod explained;
mod guards;
mod journeys;
mod newcomers;
mod second_factor;
mod ways;

pub const ANA: &str = "ana@acme.test";
pub const PASSWORD: &str = "correct horse battery staple";
/// PHP's `password_hash` of it, at the least cost.
const BCRYPT: &str = "$2y$04$X6.4A2gsUlWSnVwTuU6rl.60smZaxdRnUbTYapKWV2rrN6yNo1RdS";
pub const APP: &str = "http://app.test/authenticate";
/// The pair of RFC 7636, appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// An organization whose people sign in on the hosted pages.
pub struct Acme {
    pub gateway: TestGateway,
    pub organization_id: String,
    pub browser: Browser,
}

impl Acme {
    pub async fn with(settings: Value) -> Self {
        Self::at(TestGateway::start().await, settings).await
    }

    pub async fn at(gateway: TestGateway, settings: Value) -> Self {
        let mut body = json!({
            "organization_name": "Acme", "organization_slug": "acme",
            "email_jit_provisioning": "RESTRICTED", "email_allowed_domains": ["acme.test"],
        });
        merge(&mut body, settings);
        let organization = gateway.organization(body).await;
        Self {
            gateway,
            organization_id: text(&organization["organization_id"]),
            browser: Browser::new(),
        }
    }

    /// Ana is a member, with a password.
    pub async fn with_ana(settings: Value) -> Self {
        let acme = Self::with(settings).await;
        let asked = json!({
            "organization_id": acme.organization_id, "email_address": ANA, "name": "Ana",
            "hash_type": "bcrypt", "hash": BCRYPT,
        });
        let path = "/v1/b2b/passwords/migrate";
        let answer = acme.gateway.post(path, asked).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        acme
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.gateway.base_url)
    }

    pub async fn open(&self, path: &str) -> Page {
        let page = self.browser.get(&self.url(path)).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        page
    }

    /// Sends a form and goes where it leads.
    pub async fn send(&self, form: &Form) -> Page {
        let page = self.browser.submit(form).await;
        self.browser.follow(page).await
    }

    /// Fills the form of the organization's page in.
    pub async fn by(&self, page: &Page, email: &str, way: &str) -> Page {
        let form = page.form_to("/o/acme").with("email", email);
        self.send(&form.with("password", PASSWORD).with("way", way))
            .await
    }

    /// What Ana's application gets for the token that a page leads to it with.
    pub async fn redeem(&self, page: &Page, more: Value) -> Answer {
        let kind = page.parameter("stytch_token_type");
        let told = format!("{} {:?} {}", page.status, page.location(), page.text);
        assert_eq!(kind.as_deref(), Some("multi_tenant_magic_links"), "{told}");
        let mut body = json!({ "magic_links_token": page.parameter("token") });
        merge(&mut body, more);
        let path = "/v1/b2b/magic_links/authenticate";
        self.gateway.post(path, body).await
    }

    /// The same, which has to be a session of somebody with these factors.
    pub async fn is_in(&self, page: &Page, email: &str, factors: &[&str]) -> Answer {
        let answer = self.redeem(page, json!({})).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.body["member_authenticated"], true, "{}", answer.text);
        assert_eq!(answer.body["member"]["email_address"], email);
        let held = &answer.body["member_session"]["authentication_factors"];
        let held: Vec<_> = held
            .as_array()
            .unwrap()
            .iter()
            .map(|it| text(&it["type"]))
            .collect();
        assert_eq!(held, factors);
        answer
    }

    /// The text of the newest mail to an address, once it is written.
    pub async fn mail(&self, address: &str, count: usize) -> String {
        for _ in 0..200 {
            let letters = self.gateway.mails_to(address).await;
            if letters.len() >= count {
                return letters[0].text.clone();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("no mail {count} to {address}");
    }

    pub async fn code(&self, address: &str) -> String {
        let mail = self.mail(address, 1).await;
        let is_code = |line: &&str| line.len() == 6 && line.chars().all(|c| c.is_ascii_digit());
        mail.lines().find(is_code).unwrap().to_owned()
    }

    /// The link of the newest mail.
    pub async fn link(&self, address: &str, count: usize) -> String {
        let mail = self.mail(address, count).await;
        let mut links = mail.split_whitespace().filter(|it| it.starts_with("http"));
        links.next().unwrap().to_owned()
    }

    /// A project that says this of itself.
    pub async fn declare(
        &self,
        change: impl Fn(&mut vestibule::domain::project_settings::ProjectSettings) + Send + 'static,
    ) {
        use vestibule::storage::project_settings as rows;
        let project = self.gateway.deployment.project_id.clone();
        let changed = self.gateway.storage.transaction(
            vestibule::domain::id::RequestId::fresh(),
            move |tx| {
                let mut settings = rows::find(tx, &project)?.unwrap_or_default();
                change(&mut settings);
                rows::save(tx, &project, &settings)
            },
        );
        changed.await.unwrap();
    }
}

pub fn merge(body: &mut Value, more: Value) {
    let more = more.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(more);
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
