//! What authenticating a session many times costs nothing of: being right at once.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde_json::Value;
use serde_json::json;
use vestibule::domain::id::MemberId;
use vestibule::domain::id::OrganizationId;
use vestibule::domain::id::RequestId;
use vestibule::domain::member::Member;
use vestibule::domain::member::MemberStatus;
use vestibule::domain::project::ProjectId;
use vestibule::domain::scope::OrgScope;
use vestibule::storage::members as member_rows;
use vestibule::use_cases::members;

use crate::support::Answer;
use crate::support::TestGateway;
use crate::support::raw_sql::RawSql;

struct Ana {
    gateway: TestGateway,
    scope: OrgScope,
    member: MemberId,
    token: String,
}

impl Ana {
    async fn sign_in() -> Self {
        let gateway = TestGateway::start().await;
        let acme = json!({ "organization_name": "Acme", "organization_slug": "acme" });
        let acme = gateway.organization(acme).await;
        let id = acme["organization_id"].as_str().unwrap();
        let member = gateway.member_with_roles(id, &["editor"]).await;
        let token = gateway.session_of(id, &member).await;
        let scope = OrgScope {
            project_id: ProjectId::new(gateway.project_id.as_str()),
            organization_id: id.parse::<OrganizationId>().unwrap(),
        };
        Self {
            member: member.parse().unwrap(),
            gateway,
            scope,
            token,
        }
    }

    async fn ask(&self, more: Value) -> Answer {
        let mut body = json!({ "session_token": self.token });
        let fields = body.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        let path = "/v1/b2b/sessions/authenticate";
        self.gateway.post(path, body).await
    }

    async fn authenticate(&self) -> Value {
        let answer = self.ask(json!({})).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body
    }

    async fn change(&self, change: fn(&mut Member)) {
        let (scope, id) = (self.scope.clone(), self.member);
        let changed = self
            .gateway
            .storage
            .transaction(RequestId::fresh(), move |tx| {
                tx.enter(scope.organization_id)?;
                let before = member_rows::find(tx, &scope, id)?.unwrap();
                let mut after = before.clone();
                change(&mut after);
                members::commit(tx, Some(&before), &after)
            });
        changed.await.unwrap();
    }
}

fn last_accessed(body: &Value) -> DateTime<Utc> {
    let at = body["member_session"]["last_accessed_at"].as_str();
    at.unwrap().parse().unwrap()
}

#[actix_web::test]
async fn use_is_noted_once_a_minute() {
    let ana = Ana::sign_in().await;
    let first = last_accessed(&ana.authenticate().await);
    ana.gateway.wait(TimeDelta::seconds(30));
    assert_eq!(last_accessed(&ana.authenticate().await), first);
    ana.gateway.wait(TimeDelta::seconds(31));
    let second = last_accessed(&ana.authenticate().await);
    assert!(second - first >= TimeDelta::seconds(60), "{first} {second}");
    assert_eq!(last_accessed(&ana.authenticate().await), second);
}

#[actix_web::test]
async fn a_jwt_is_given_out_again_for_seconds_and_only_while_nothing_changes() {
    let ana = Ana::sign_in().await;
    let jwt = |body: &Value| body["session_jwt"].as_str().unwrap().to_owned();
    let first = jwt(&ana.authenticate().await);
    assert_eq!(jwt(&ana.authenticate().await), first);
    ana.gateway.wait(TimeDelta::seconds(30));
    let second = jwt(&ana.authenticate().await);
    assert_ne!(second, first);
    ana.change(|member| member.explicit_roles.clear()).await;
    let body = ana.authenticate().await;
    assert_eq!(body["member_session"]["roles"], json!(["stytch_member"]));
    assert_ne!(jwt(&body), second);
    let claims = ana
        .ask(json!({ "session_custom_claims": { "plan": "pro" } }))
        .await;
    assert_eq!(
        claims.body["member_session"]["custom_claims"],
        json!({ "plan": "pro" })
    );
    assert_ne!(jwt(&claims.body), jwt(&body));
    assert_eq!(jwt(&ana.authenticate().await), jwt(&claims.body));
}

#[actix_web::test]
async fn what_is_asked_for_is_written_at_once() {
    let ana = Ana::sign_in().await;
    let ends = |body: &Value| -> DateTime<Utc> {
        let at = body["member_session"]["expires_at"].as_str();
        at.unwrap().parse().unwrap()
    };
    let before = ends(&ana.authenticate().await);
    let extended = ana.ask(json!({ "session_duration_minutes": 120 })).await;
    assert!(ends(&extended.body) - before > TimeDelta::minutes(50));
    assert_eq!(ends(&ana.authenticate().await), ends(&extended.body));
}

#[actix_web::test]
async fn a_deleted_member_has_no_session_from_the_very_next_request_on() {
    let ana = Ana::sign_in().await;
    ana.authenticate().await;
    ana.change(|member| member.status = MemberStatus::Deleted)
        .await;
    let answer = ana.ask(json!({})).await;
    let got = (answer.status, &answer.body["error_type"]);
    assert_eq!(got, (404, &json!("session_not_found")));
}

/// Another process on the same database ends the session, as a second node would.
#[actix_web::test]
async fn what_another_node_ends_is_over_within_a_second() {
    let ana = Ana::sign_in().await;
    ana.authenticate().await;
    RawSql::open(ana.gateway.storage.database()).execute("DELETE FROM sessions");
    ana.gateway.wait(TimeDelta::seconds(1));
    assert_eq!(ana.ask(json!({})).await.status, 404);
}

#[actix_web::test]
async fn what_this_node_ends_is_over_at_once() {
    let ana = Ana::sign_in().await;
    for _ in 0..3 {
        ana.authenticate().await;
    }
    let token = json!({ "session_token": ana.token });
    let revoked = ana.gateway.post("/v1/b2b/sessions/revoke", token).await;
    assert_eq!(revoked.status, 200, "{}", revoked.text);
    assert_eq!(ana.ask(json!({})).await.status, 404);
}
