//! An organization whose members a test changes, and what it asks about the outcome.

use serde_json::Value;
use serde_json::json;
use vestibule::domain::event::Event;
use vestibule::domain::id::MemberId;
use vestibule::domain::id::RequestId;
use vestibule::domain::project::ProjectId;
use vestibule::domain::scope::OrgScope;
use vestibule::storage::error::StorageError;
use vestibule::storage::journal;
use vestibule::storage::members as member_rows;

use crate::support::Answer;
use crate::support::TestGateway;

/// An organization.
pub struct Acme {
    pub gateway: TestGateway,
    pub organization_id: String,
    /// The path of its members.
    pub members: String,
}

impl Acme {
    pub async fn start() -> Self {
        let gateway = TestGateway::start().await;
        let acme = gateway
            .organization(json!({ "organization_name": "Acme" }))
            .await;
        let organization_id = text(&acme["organization_id"]);
        Self {
            members: format!("/v1/b2b/organizations/{organization_id}/members"),
            gateway,
            organization_id,
        }
    }

    /// Creates a member and gives its id.
    pub async fn member(&self, body: Value) -> String {
        let answer = self.gateway.post(&self.members, body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        text(&answer.body["member_id"])
    }

    /// Creates a member with this address and gives its id.
    pub async fn at(&self, address: &str) -> String {
        self.member(json!({ "email_address": address })).await
    }

    pub async fn update(&self, member: &str, body: Value) -> Answer {
        let path = format!("{}/{member}", self.members);
        self.gateway.put(&path, body).await
    }

    /// An update that works; the member as it is then.
    pub async fn updated(&self, member: &str, body: Value) -> Value {
        let answer = self.update(member, body.clone()).await;
        assert_eq!(answer.status, 200, "{body}: {}", answer.text);
        assert_eq!(answer.body["member_id"], answer.body["member"]["member_id"]);
        assert_eq!(
            answer.body["organization"]["organization_id"],
            *self.organization_id
        );
        answer.body["member"].clone()
    }

    pub async fn call(&self, method: &str, rest: &str) -> Answer {
        let path = format!("{}/{rest}", self.members);
        self.gateway.call(method, &path, None).await
    }

    /// A member by its id, even if it is deleted.
    pub async fn any(&self, id: &str) -> Value {
        let path =
            format!("/v1/b2b/organizations/members/dangerously_get/{id}?include_deleted=true");
        self.gateway.get(&path).await.body["member"].clone()
    }

    /// Whether a session still counts.
    pub async fn is_session(&self, token: &str) -> bool {
        let path = "/v1/b2b/sessions/authenticate";
        let answer = self.gateway.post(path, json!({ "session_token": token }));
        answer.await.status == 200
    }

    pub fn scope(&self) -> OrgScope {
        OrgScope {
            project_id: ProjectId::new(self.gateway.project_id.clone()),
            organization_id: self.organization_id.parse().unwrap(),
        }
    }

    /// The journal, oldest event first.
    pub async fn journal(&self) -> Vec<Event> {
        let scope = self.scope();
        let read = self
            .gateway
            .storage
            .read::<_, StorageError>(RequestId::fresh(), move |tx| {
                tx.enter(scope.organization_id)?;
                journal::list(tx, &scope, 1000)
            });
        let mut events = read.await.unwrap();
        events.reverse();
        events
    }

    /// The kinds of the events that are newer than the first so many.
    pub async fn events_since(&self, known: usize) -> Vec<String> {
        let newer = self.journal().await.into_iter().skip(known);
        newer.map(|event| event.kind).collect()
    }
}

pub fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}

/// The status and the error type of a refusal, which has all five fields.
pub fn refusal(answer: &Answer) -> (u16, String) {
    for field in ["status_code", "request_id", "error_message", "error_url"] {
        assert!(!answer.body[field].is_null(), "{field}: {}", answer.text);
    }
    (answer.status, text(&answer.body["error_type"]))
}

pub fn refused(status: u16, error_type: &str) -> (u16, String) {
    (status, error_type.to_owned())
}

impl Acme {
    /// Proves a member's address, as a sign-in would.
    pub async fn verify(&self, member: &str) {
        let (scope, id): (_, MemberId) = (self.scope(), member.parse().unwrap());
        let storage = &self.gateway.storage;
        let proven = storage.transaction::<_, StorageError>(RequestId::fresh(), move |tx| {
            tx.enter(scope.organization_id)?;
            let mut member = member_rows::find(tx, &scope, id)?.unwrap();
            member.email_address_verified = true;
            member_rows::save(tx, &member)
        });
        proven.await.unwrap();
    }
}
