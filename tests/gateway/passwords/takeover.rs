//! How somebody else's password, or a way around it, must not be come by.

use chrono::TimeDelta;
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

#[actix_web::test]
async fn an_intermediate_session_lives_no_longer_for_being_shown_again() {
    let acme = Acme::with_ana().await;
    acme.require_second_factor().await;
    let owing = acme.authenticate(EMAIL, PASSWORD).await;
    let token = &owing.body["intermediate_session_token"];
    acme.gateway.wait(TimeDelta::minutes(6));
    let shown = acme.exchange(token, "acme").await;
    assert_eq!(shown.body["intermediate_session_token"], *token);
    acme.gateway.wait(TimeDelta::minutes(5));
    let late = acme.exchange(token, "acme").await;
    assert_eq!(refusal(&late), (404, "intermediate_session_not_found"));
}

#[actix_web::test]
async fn a_reset_voids_the_links_and_the_proofs_of_its_member() {
    let acme = Acme::with_ana().await;
    acme.require_second_factor().await;
    let start = json!({ "organization_id": "acme", "email_address": EMAIL });
    let mut links = Vec::new();
    for _ in 0..2 {
        acme.gateway.wait(TimeDelta::seconds(2));
        let started = acme.post("email/reset/start", start.clone()).await;
        assert_eq!(started.status, 200, "{}", started.text);
        let link = acme.link_to(EMAIL).await;
        links.push(Acme::token_of(&link, "multi_tenant_passwords"));
    }
    let owing = acme.authenticate(EMAIL, PASSWORD).await;
    let reset = |token: &str| json!({ "password_reset_token": token, "password": OTHER });
    let answer = acme.post("email/reset", reset(&links[1])).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let older = acme.post("email/reset", reset(&links[0])).await;
    assert_eq!(
        refusal(&older),
        (401, "unable_to_auth_password_reset_token")
    );
    let token = &owing.body["intermediate_session_token"];
    let gone = (404, "intermediate_session_not_found");
    assert_eq!(refusal(&acme.exchange(token, "acme").await), gone);
}

#[actix_web::test]
async fn a_new_shared_password_puts_out_whoever_came_by_the_old_one_everywhere() {
    let acme = Acme::shared().await;
    for call in ["discovery/email/reset", "existing_password/reset"] {
        let (old, new) = match call {
            "discovery/email/reset" => (PASSWORD, OTHER),
            _ => (OTHER, PASSWORD),
        };
        let there = json!({ "organization_id": "globex", "email_address": EMAIL, "password": old });
        let there = acme.post("authenticate", there).await;
        let session = there.body["session_token"].as_str().unwrap();
        let proof = acme.discover(EMAIL, old).await.body["intermediate_session_token"].clone();
        let stranger = json!({ "organization_id": "globex", "email_address": "ben@acme.test" });
        acme.migrate(stranger).await;
        let other = acme.discover("ben@acme.test", PASSWORD).await;
        let answer = if call == "discovery/email/reset" {
            let body = json!({ "email_address": EMAIL });
            acme.post("discovery/email/reset/start", body).await;
            let token = Acme::token_of(&acme.link_to(EMAIL).await, "discovery");
            let body = json!({ "password_reset_token": token, "password": new });
            acme.post(call, body).await
        } else {
            let body = json!({ "organization_id": "acme", "email_address": EMAIL,
                "existing_password": old, "new_password": new });
            acme.post(call, body).await
        };
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(!acme.is_session(session).await, "{call}");
        let gone = (404, "intermediate_session_not_found");
        let voided = acme.exchange(&proof, "globex").await;
        assert_eq!(refusal(&voided), gone, "{call}");
        let own = &other.body["intermediate_session_token"];
        assert_eq!(acme.exchange(own, "globex").await.status, 200, "{call}");
    }
}

#[actix_web::test]
async fn no_organization_takes_a_shared_password_out_of_use() {
    let acme = Acme::shared().await;
    let victim = json!({ "organization_id": "acme", "email_address": VICTIM });
    assert_eq!(acme.migrate(victim).await.status, 200);
    let roles = ["stytch_admin"];
    let admin = acme.gateway.member_session(&acme.organization_id, &roles);
    let admin = admin.await;
    let path = "/v1/b2b/passwords/email/require_reset";
    let body = json!({ "email_address": VICTIM, "organization_id": "acme" });
    let call = ("POST", path);
    let answer = acme.gateway.call_as(&admin, call, Some(body)).await;
    assert_eq!(refusal(&answer), (403, "session_authorization_error"));
    assert_eq!(acme.discover(VICTIM, PASSWORD).await.status, 200);
}
