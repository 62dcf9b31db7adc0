//! Intermediate sessions and sessions that hold what a test wants.

use serde_json::Value;
use vestibule::domain::email::EmailAddress;
use vestibule::domain::factor::EmailFactor;
use vestibule::domain::factor::EmailMethod;
use vestibule::domain::factor::Factor;
use vestibule::domain::factor::PasswordFactor;
use vestibule::domain::id::RequestId;
use vestibule::use_cases::error::ManagementError;
use vestibule::use_cases::intermediate_sessions;
use vestibule::use_cases::intermediate_sessions::IntermediateSession;

use crate::support::Answer;
use crate::support::TestGateway;

pub fn link(gateway: &TestGateway, address: &str) -> Factor {
    Factor::Email(EmailFactor {
        method: EmailMethod::MagicLink,
        email_address: EmailAddress::parse(address).unwrap(),
        authenticated_at: gateway.now(),
    })
}

pub fn password(gateway: &TestGateway) -> Factor {
    let authenticated_at = gateway.now();
    Factor::Password(PasswordFactor {
        email_address: None,
        authenticated_at,
    })
}

/// An intermediate session of somebody who has chosen no organization.
pub async fn bag(gateway: &TestGateway, address: &str, factors: Vec<Factor>) -> String {
    let project = gateway.deployment.project_id.clone();
    let content = IntermediateSession {
        email_address: EmailAddress::parse(address).unwrap(),
        organization_id: None,
        member_id: None,
        factors,
        ends_no_later_than: None,
    };
    let opened = gateway
        .storage
        .transaction::<_, ManagementError>(RequestId::fresh(), move |tx| {
            intermediate_sessions::open(tx, &project, &content)
        });
    opened.await.unwrap().token
}

/// The status and the error type of a refusal.
pub fn told(answer: &Answer) -> (u16, &str) {
    let error_type = answer.body["error_type"].as_str();
    (answer.status, error_type.unwrap_or_default())
}

/// What an answer has at these places, as text.
pub fn text(value: &Value, place: &str) -> String {
    value
        .pointer(place)
        .and_then(Value::as_str)
        .unwrap()
        .to_owned()
}
