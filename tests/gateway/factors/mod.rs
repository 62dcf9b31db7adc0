//! Second factors, from outside: authenticator applications, recovery codes, codes by SMS, locks.

mod lock;
mod races;
mod recovery_codes;
mod rust_sdk;
mod sms;
mod sms_gateway;
mod totps;

use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;
use vestibule::domain::email::EmailAddress;
use vestibule::domain::factor::EmailFactor;
use vestibule::domain::factor::EmailMethod;
use vestibule::domain::factor::Factor;
use vestibule::domain::id::RequestId;
use vestibule::domain::sms_message::SmsMessage;
use vestibule::protocol::otp::base32;
use vestibule::protocol::otp::totp;
use vestibule::use_cases::intermediate_sessions;
use vestibule::use_cases::intermediate_sessions::IntermediateSession;
use vestibule::use_cases::sms_messages;

use crate::support::Answer;
use crate::support::TestGateway;

pub const NUMBER: &str = "+15551234567";

/// Ana of Acme, who has proven a first factor as often as she likes.
pub struct Ana {
    pub gateway: TestGateway,
    pub organization_id: String,
    pub member_id: String,
}

impl Ana {
    /// Ana in an organization with these settings.
    pub async fn of(settings: Value, member: Value) -> Self {
        let gateway = TestGateway::start().await;
        let mut body = json!({ "organization_name": "Acme", "organization_slug": "acme" });
        merge(&mut body, settings);
        let organization = gateway.organization(body).await;
        let organization_id = organization["organization_id"].as_str().unwrap().to_owned();
        let mut body = json!({ "email_address": "ana@acme.test" });
        merge(&mut body, member);
        let path = format!("/v1/b2b/organizations/{organization_id}/members");
        let created = gateway.post(&path, body).await;
        assert_eq!(created.status, 200, "{}", created.text);
        let member_id = created.body["member_id"].as_str().unwrap().to_owned();
        Self {
            gateway,
            organization_id,
            member_id,
        }
    }

    /// Ana where everybody needs a second factor.
    pub async fn owing() -> Self {
        Self::of(json!({ "mfa_policy": "REQUIRED_FOR_ALL" }), json!({})).await
    }

    /// An intermediate session that holds a mail that Ana has read.
    pub async fn first_factor(&self) -> String {
        let email = EmailAddress::parse("ana@acme.test").unwrap();
        let project = self.gateway.deployment.project_id.clone();
        let (organization, member) = (
            self.organization_id.parse().unwrap(),
            self.member_id.parse().unwrap(),
        );
        let opened = self
            .gateway
            .storage
            .transaction(RequestId::fresh(), move |tx| {
                let content = IntermediateSession {
                    email_address: email.clone(),
                    organization_id: Some(organization),
                    member_id: Some(member),
                    factors: vec![Factor::Email(EmailFactor {
                        method: EmailMethod::MagicLink,
                        email_address: email.clone(),
                        authenticated_at: tx.now,
                    })],
                    ends_no_later_than: None,
                };
                intermediate_sessions::open(tx, &project, &content)
            });
        opened.await.unwrap().token
    }

    /// A call about Ana's second factors.
    pub async fn post(&self, path: &str, more: Value) -> Answer {
        let mut body = json!({
            "organization_id": self.organization_id,
            "member_id": self.member_id,
        });
        merge(&mut body, more);
        self.gateway.post(&format!("/v1/b2b/{path}"), body).await
    }

    /// A call that completes a sign-in.
    pub async fn complete(&self, path: &str, more: Value) -> Answer {
        let mut body = json!({ "intermediate_session_token": self.first_factor().await });
        merge(&mut body, more);
        self.post(path, body).await
    }

    /// Ana as she is.
    pub async fn shown(&self) -> Value {
        let (organization, member) = (&self.organization_id, &self.member_id);
        let path = format!("/v1/b2b/organizations/{organization}/member?member_id={member}");
        self.gateway.get(&path).await.body["member"].clone()
    }

    pub async fn change(&self, body: Value) {
        let (organization, member) = (&self.organization_id, &self.member_id);
        let path = format!("/v1/b2b/organizations/{organization}/members/{member}");
        let changed = self.gateway.put(&path, body).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
    }

    /// The code that an authenticator application with this secret shows after so many steps.
    pub fn code(&self, secret: &str, steps: i64) -> String {
        let step = totp::step(self.gateway.now()) + steps;
        totp::code(&base32::decode(secret).unwrap(), step).unwrap()
    }

    /// A code that is none of those around now.
    pub fn wrong_code(&self, secret: &str) -> String {
        let around: Vec<String> = (-3..=3).map(|steps| self.code(secret, steps)).collect();
        let mut all = (0..).map(|number: u32| format!("{number:06}"));
        all.find(|code| !around.contains(code)).unwrap()
    }

    /// Gives Ana an authenticator application that has proven itself; its secret and the codes.
    pub async fn enrol(&self) -> (String, Vec<String>) {
        let created = self.post("totp", json!({})).await;
        assert_eq!(created.status, 200, "{}", created.text);
        let secret = created.body["secret"].as_str().unwrap().to_owned();
        let codes = created.body["recovery_codes"].as_array().unwrap();
        let codes = codes.iter().map(|code| code.as_str().unwrap().to_owned());
        let code = json!({ "code": self.code(&secret, 0) });
        let proven = self.complete("totp/authenticate", code).await;
        assert_eq!(proven.status, 200, "{}", proven.text);
        self.gateway.wait(TimeDelta::seconds(60));
        (secret, codes.collect())
    }

    /// The message that waits longest, which is taken.
    pub async fn message(&self) -> Option<SmsMessage> {
        let deployment = self.gateway.deployment.clone();
        let taken = self
            .gateway
            .storage
            .transaction(RequestId::fresh(), move |tx| {
                let due = sms_messages::claim(tx, &deployment)?;
                if let Some(due) = &due {
                    sms_messages::done(tx, due)?;
                }
                Ok::<_, vestibule::use_cases::error::ManagementError>(due)
            });
        taken.await.unwrap().map(|due| due.message)
    }
}

pub fn merge(body: &mut Value, more: Value) {
    let more = more.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(more);
}

/// What was refused.
pub fn refusal(answer: &Answer) -> (u16, &str) {
    let kind = answer.body["error_type"].as_str().unwrap_or_default();
    (answer.status, kind)
}

/// The kinds of the factors of a session.
pub fn factors(answer: &Answer) -> Vec<&str> {
    let all = &answer.body["member_session"]["authentication_factors"];
    let all = all.as_array().unwrap().iter();
    all.map(|factor| factor["type"].as_str().unwrap()).collect()
}
