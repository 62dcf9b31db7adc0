//! How somebody else's password, or a way around it, must not be come by.

use serde_json::json;
use vestibule::domain::email::EmailAddress;
use vestibule::domain::id::MemberId;
use vestibule::domain::id::OrganizationId;
use vestibule::domain::id::RequestId;
use vestibule::domain::member::Member;
use vestibule::domain::scope::OrgScope;
use vestibule::storage::error::StorageError;
use vestibule::storage::members as member_rows;
use vestibule::use_cases::members;

use super::Acme;
use super::EMAIL;
use super::OTHER;
use super::PASSWORD;
use super::refusal;

const VICTIM: &str = "victim@corp.test";

impl Acme {
    /// The id of Acme's Ana.
    async fn ana(&self) -> String {
        let path = format!(
            "/v1/b2b/organizations/{}/member?email_address={EMAIL}",
            self.organization_id
        );
        let answer = self.gateway.get(&path).await;
        answer.body["member"]["member_id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Gives a member an address, as its own identity provider may at a sign-in.
    async fn takes_address(&self, member: &str, address: &str) {
        let organization: OrganizationId = self.organization_id.parse().unwrap();
        let member: MemberId = member.parse().unwrap();
        let address = EmailAddress::parse(address).unwrap();
        let scope = OrgScope {
            project_id: self.gateway.deployment.project_id.clone(),
            organization_id: organization,
        };
        let storage = &self.gateway.storage;
        let renamed = storage.transaction(RequestId::fresh(), move |tx| {
            tx.enter(organization)?;
            let before = member_rows::find(tx, &scope, member)?.unwrap();
            let after = Member {
                email_address: address.clone(),
                ..before.clone()
            };
            members::commit(tx, Some(&before), &after)?;
            Ok::<_, StorageError>(())
        });
        renamed.await.unwrap();
    }
}

#[actix_web::test]
async fn a_shared_password_proves_the_address_that_it_was_given_for_and_no_later_one() {
    let acme = Acme::shared().await;
    let theirs = json!({ "organization_id": "globex", "email_address": VICTIM });
    assert_eq!(acme.migrate(theirs).await.status, 200);
    let session = acme.session(PASSWORD).await;
    acme.takes_address(&acme.ana().await, VICTIM).await;
    assert!(acme.is_session(&session).await);
    let body = json!({ "organization_id": "acme", "session_token": session, "password": OTHER });
    let answer = acme.post("session/reset", body).await;
    assert_eq!(refusal(&answer), (400, "insufficient_factors"));
    assert_eq!(acme.discover(VICTIM, PASSWORD).await.status, 200);
    assert_eq!(acme.discover(VICTIM, OTHER).await.status, 401);
}

#[actix_web::test]
async fn sessions_and_tokens_end_with_the_address_that_they_were_given_for() {
    let acme = Acme::with_ana().await;
    let ana = acme.ana().await;
    let session = acme.session(PASSWORD).await;
    acme.require_second_factor().await;
    let owing = acme.authenticate(EMAIL, PASSWORD).await;
    let path = format!(
        "/v1/b2b/organizations/{}/members/{ana}",
        acme.organization_id
    );
    let named = json!({ "name": "Ana" });
    assert_eq!(acme.gateway.put(&path, named).await.status, 200);
    assert!(acme.is_session(&session).await);
    let renamed = json!({ "email_address": VICTIM });
    assert_eq!(acme.gateway.put(&path, renamed).await.status, 200);
    assert!(!acme.is_session(&session).await);
    let token = &owing.body["intermediate_session_token"];
    let answer = acme.exchange(token, "acme").await;
    assert_eq!(refusal(&answer), (404, "intermediate_session_not_found"));
}
