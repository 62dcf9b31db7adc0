use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;
use vestibule::domain::id::RequestId;
use vestibule::storage::error::StorageError;
use vestibule::storage::journal;

use crate::scim::directory::text;
use crate::support::Answer;
use crate::support::TestGateway;
use crate::support::raw_sql::RawSql;

/// A member of an organization with sessions.
struct Ana<'g> {
    gateway: &'g TestGateway,
    organization: String,
    id: String,
}

impl<'g> Ana<'g> {
    async fn of(gateway: &'g TestGateway) -> Self {
        let organization = gateway.organization(json!({ "organization_name": "Acme" }));
        let organization = text(&organization.await["organization_id"]);
        let id = gateway.member_with_roles(&organization, &["editor"]).await;
        Self {
            gateway,
            organization,
            id,
        }
    }

    async fn session(&self) -> String {
        self.gateway.session_of(&self.organization, &self.id).await
    }

    /// The sessions as `sessions.get` lists them.
    async fn sessions(&self) -> Vec<Value> {
        let (organization, member) = (&self.organization, &self.id);
        let path = format!("/v1/b2b/sessions?organization_id={organization}&member_id={member}");
        let answer = self.gateway.get(&path).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body["member_sessions"].as_array().unwrap().clone()
    }

    async fn events(&self) -> Vec<String> {
        let scope = vestibule::domain::scope::OrgScope {
            project_id: vestibule::domain::project::ProjectId::new(self.gateway.project_id.clone()),
            organization_id: self.organization.parse().unwrap(),
        };
        let storage = &self.gateway.storage;
        let read = storage.read::<_, StorageError>(RequestId::fresh(), move |tx| {
            tx.enter(scope.organization_id)?;
            journal::list(tx, &scope, 100)
        });
        let events = read.await.unwrap().into_iter();
        let kinds = events.map(|event| event.kind);
        kinds.filter(|kind| kind.contains("revoked")).collect()
    }
}

async fn authenticate(gateway: &TestGateway, token: &str) -> Answer {
    let body = json!({ "session_token": token });
    gateway.post("/v1/b2b/sessions/authenticate", body).await
}

async fn revoke(gateway: &TestGateway, body: Value) -> Answer {
    gateway.post("/v1/b2b/sessions/revoke", body).await
}

fn refusal(answer: &Answer) -> (u16, String) {
    (answer.status, text(&answer.body["error_type"]))
}

fn refused(status: u16, error_type: &str) -> (u16, String) {
    (status, error_type.to_owned())
}

#[actix_web::test]
async fn the_sessions_of_a_member_are_those_that_are_not_over() {
    let gateway = TestGateway::start().await;
    let ana = Ana::of(&gateway).await;
    assert_eq!(ana.sessions().await, Vec::<Value>::new());
    ana.session().await;
    gateway.wait(TimeDelta::minutes(40));
    let second = ana.session().await;
    assert_eq!(ana.sessions().await.len(), 2);
    gateway.wait(TimeDelta::minutes(30));
    let listed = ana.sessions().await;
    assert_eq!(listed.len(), 1);
    let session = &listed[0];
    assert_eq!(session["member_id"], json!(ana.id));
    assert_eq!(session["organization_id"], json!(ana.organization));
    assert_eq!(session["organization_slug"], "acme");
    assert_eq!(session["roles"], json!(["editor", "stytch_member"]));
    let by_token = authenticate(&gateway, &second).await.body["member_session"].clone();
    assert_eq!(session["member_session_id"], by_token["member_session_id"]);
    assert_eq!(session["expires_at"], by_token["expires_at"]);
}

#[actix_web::test]
async fn sessions_are_listed_for_a_member_that_is_there() {
    let gateway = TestGateway::start().await;
    let (ana, other) = (Ana::of(&gateway).await, Ana::of(&gateway).await);
    let organization = ana.organization.as_str();
    let unknown = "member-test-00000000-0000-4000-8000-000000000000";
    for (query, status, error_type) in [
        (
            format!("organization_id={organization}&member_id={unknown}"),
            404,
            "member_not_found",
        ),
        (
            format!("organization_id={organization}&member_id={}", other.id),
            404,
            "member_not_found",
        ),
        (
            format!("organization_id=nowhere&member_id={}", ana.id),
            404,
            "organization_not_found",
        ),
        (
            format!("organization_id={organization}"),
            400,
            "invalid_member_get_fields",
        ),
        (
            format!("member_id={}", ana.id),
            400,
            "invalid_organization_id",
        ),
    ] {
        let answer = gateway.get(&format!("/v1/b2b/sessions?{query}")).await;
        assert_eq!(refusal(&answer), refused(status, error_type), "{query}");
    }
}

#[actix_web::test]
async fn a_session_that_is_over_leaves_no_row_when_it_is_revoked() {
    let gateway = TestGateway::start().await;
    let ana = Ana::of(&gateway).await;
    for field in ["member_session_id", "session_token"] {
        let token = ana.session().await;
        let session = authenticate(&gateway, &token).await.body;
        let id = &session["member_session"]["member_session_id"];
        let value = if field == "session_token" {
            json!(token)
        } else {
            id.clone()
        };
        gateway.wait(TimeDelta::minutes(61));
        assert_eq!(revoke(&gateway, json!({ field: value })).await.status, 200);
        let mut sql = RawSql::open(gateway.storage.database());
        let rows = sql.texts("SELECT id AS value FROM sessions");
        assert!(rows.is_empty(), "{field}: {rows:?}");
    }
    assert!(ana.events().await.is_empty());
}

#[actix_web::test]
async fn one_session_ends_by_its_id_its_token_or_its_jwt() {
    let gateway = TestGateway::start().await;
    let ana = Ana::of(&gateway).await;
    let kept = ana.session().await;
    for field in ["member_session_id", "session_token", "session_jwt"] {
        let token = ana.session().await;
        let session = authenticate(&gateway, &token).await.body;
        let value = match field {
            "member_session_id" => session["member_session"][field].clone(),
            _ => session[field].clone(),
        };
        let body = json!({ field: value });
        let revoked = revoke(&gateway, body.clone()).await;
        assert_eq!(revoked.status, 200, "{}", revoked.text);
        let names: Vec<_> = revoked.body.as_object().unwrap().keys().collect();
        assert_eq!(names, ["request_id", "status_code"]);
        let over = refused(404, "session_not_found");
        assert_eq!(refusal(&authenticate(&gateway, &token).await), over);
        let jwt = json!({ "session_jwt": session["session_jwt"] });
        let by_jwt = gateway.post("/v1/b2b/sessions/authenticate", jwt).await;
        assert_eq!(refusal(&by_jwt), over);
        assert_eq!(revoke(&gateway, body).await.status, 200, "again: {field}");
    }
    assert_eq!(authenticate(&gateway, &kept).await.status, 200);
    assert_eq!(ana.sessions().await.len(), 1);
    assert_eq!(ana.events().await, ["session.revoked"; 3]);
}

#[actix_web::test]
async fn all_sessions_of_a_member_end_at_once() {
    let gateway = TestGateway::start().await;
    let ana = Ana::of(&gateway).await;
    let ben = gateway.member_session(&ana.organization, &[]).await;
    ana.session().await;
    ana.session().await;
    for _ in 0..2 {
        let revoked = revoke(&gateway, json!({ "member_id": ana.id })).await;
        assert_eq!(revoked.status, 200, "{}", revoked.text);
        assert_eq!(ana.sessions().await, Vec::<Value>::new());
    }
    assert_eq!(authenticate(&gateway, &ben).await.status, 200);
    assert_eq!(ana.events().await, ["sessions.revoked"]);
}

#[actix_web::test]
async fn a_revocation_names_exactly_one_thing() {
    let gateway = TestGateway::start().await;
    for (body, status, error_type) in [
        (json!({}), 400, "no_session_revoke_arguments"),
        (
            json!({ "session_token": "", "member_id": null }),
            400,
            "no_session_revoke_arguments",
        ),
        (
            json!({ "session_token": "a", "member_id": "b" }),
            400,
            "too_many_session_revoke_arguments",
        ),
        (
            json!({ "session_token": "a", "session_jwt": "b" }),
            400,
            "too_many_session_revoke_arguments",
        ),
        (
            json!({ "session_jwt": "not.a.jwt" }),
            400,
            "unable_to_parse_session_jwt",
        ),
        (
            json!({ "member_session_id": "nonsense" }),
            404,
            "session_not_found",
        ),
        (
            json!({ "member_id": "member-test-00000000-0000-4000-8000-000000000000" }),
            404,
            "member_not_found",
        ),
        (json!({ "member_id": "nonsense" }), 404, "member_not_found"),
        (json!({ "session_token": 5 }), 400, "bad_request"),
    ] {
        let answer = revoke(&gateway, body.clone()).await;
        assert_eq!(refusal(&answer), refused(status, error_type), "{body}");
    }
    let unknown = json!({ "session_token": "whoever had it, it is over" });
    assert_eq!(revoke(&gateway, unknown).await.status, 200);
}

#[actix_web::test]
async fn everybody_may_end_their_own_sessions_and_some_those_of_others() {
    let gateway = TestGateway::start().await;
    let ana = Ana::of(&gateway).await;
    gateway
        .declare_role("warden", &[("stytch.member", "revoke-sessions")])
        .await;
    let ben = gateway.member_session(&ana.organization, &["editor"]).await;
    let warden = gateway.member_session(&ana.organization, &["warden"]).await;
    let stranger = gateway.organization(json!({ "organization_name": "Globex" }));
    let stranger = text(&stranger.await["organization_id"]);
    let stranger = gateway.member_session(&stranger, &["stytch_admin"]).await;
    let revoke_as = async |token: &str, body: &Value| {
        let call = ("POST", "/v1/b2b/sessions/revoke");
        gateway.call_as(token, call, Some(body.clone())).await
    };
    for own in [false, true] {
        let token = ana.session().await;
        let id = ana.sessions().await[0]["member_session_id"].clone();
        for body in [
            json!({ "member_id": ana.id }),
            json!({ "member_session_id": id }),
        ] {
            assert_eq!(
                refusal(&revoke_as(&ben, &body).await),
                refused(403, "session_authorization_error")
            );
            assert_eq!(
                refusal(&revoke_as(&stranger, &body).await),
                refused(403, "session_authorization_tenancy_error")
            );
        }
        assert_eq!(ana.sessions().await.len(), 1);
        let (who, body) = if own {
            (&token, json!({ "member_session_id": id }))
        } else {
            (&warden, json!({ "member_id": ana.id }))
        };
        let revoked = revoke_as(who, &body).await;
        assert_eq!(revoked.status, 200, "{}", revoked.text);
        assert_eq!(ana.sessions().await, Vec::<Value>::new());
    }
    let nobody = "test-00000000-0000-4000-8000-000000000000";
    for missing in [
        json!({ "member_id": format!("member-{nobody}") }),
        json!({ "member_session_id": format!("session-{nobody}") }),
    ] {
        assert_eq!(
            refusal(&revoke_as(&stranger, &missing).await),
            refused(403, "session_authorization_tenancy_error")
        );
    }
}

#[actix_web::test]
async fn the_list_is_not_for_members() {
    let gateway = TestGateway::start().await;
    let ana = Ana::of(&gateway).await;
    let token = ana.session().await;
    let (organization, member) = (&ana.organization, &ana.id);
    let path = format!("/v1/b2b/sessions?organization_id={organization}&member_id={member}");
    let answer = gateway.call_as(&token, ("GET", &path), None).await;
    assert_eq!(
        refusal(&answer),
        refused(403, "session_authorization_error")
    );
}
