//! A request from the log, run again: it tells what would happen, and nothing does.

use serde_json::Value;
use serde_json::json;
use vestibule::domain::id::RequestId;
use vestibule::domain::id::ScimRequestId;
use vestibule::protocol::scim::difference::differences;
use vestibule::use_cases::operator_error::OperatorError;
use vestibule::use_cases::provisioning::replay;
use vestibule::use_cases::provisioning::replay::Replay;
use vestibule::use_cases::scim_requests;

use crate::isolation::rows::Rows;
use crate::scim::directory::Directory;
use crate::scim::directory::PATCH_OP;
use crate::scim::directory::text;
use crate::support::TestGateway;

impl Directory<'_> {
    /// Runs the latest request again, and proves that this left no trace.
    async fn replay_latest(&self) -> Result<Replay, OperatorError> {
        self.gateway.write_request_log().await;
        let (organization, connection) = (&self.organization_id, &self.connection_id);
        let path = format!("/v1/b2b/scim/{organization}/connection/{connection}/requests/search");
        let found = self.gateway.post(&path, json!({ "limit": 1 })).await;
        let id = text(&found.body["requests"][0]["scim_request_id"]);
        let before = Rows::of(self.gateway.storage.database()).everything();
        let replayed = self.replay(id.parse().unwrap()).await;
        let after = Rows::of(self.gateway.storage.database()).everything();
        assert!(
            before.len() > 10 && before == after,
            "{before:#?}\n{after:#?}"
        );
        replayed
    }

    async fn replay(&self, id: ScimRequestId) -> Result<Replay, OperatorError> {
        let project = self.scope().project_id;
        let done = self
            .gateway
            .storage
            .transaction(RequestId::fresh(), move |tx| {
                let (request, caller) = scim_requests::find_to_replay(tx, &project, id)?;
                Ok(replay::replay(
                    tx,
                    &caller,
                    &request,
                    "http://vestibule.test",
                )?)
            });
        done.await
    }
}

fn kinds(replay: &Replay) -> Vec<&str> {
    replay
        .events
        .iter()
        .map(|event| event.kind.as_str())
        .collect()
}

#[actix_web::test]
async fn a_refused_create_would_succeed_once_its_reason_is_gone() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let id = directory.user("ana@acme.test").await;
    let body = json!({ "userName": "ANA@acme.test", "password": "secret-1" });
    assert_eq!(directory.post("/Users", body.clone()).await.status, 409);
    let again = directory.replay_latest().await.unwrap();
    assert_eq!(
        (again.status, again.refusal.unwrap().scim_type()),
        (409, Some("uniqueness"))
    );
    assert_eq!((again.events.len(), again.members.len()), (0, 0));
    directory.delete(&format!("/Users/{id}")).await;
    assert_eq!(directory.post("/Users", body).await.status, 201);
    let now = directory.replay_latest().await.unwrap();
    assert_eq!(now.status, 409);
    let id = directory.get("/Users").await.body["Resources"][0]["id"].clone();
    directory
        .patch(
            &format!("/Users/{}", text(&id)),
            json!([
                { "op": "replace", "path": "active", "value": false },
            ]),
        )
        .await;
    let same = directory.replay_latest().await.unwrap();
    assert_eq!((same.status, kinds(&same)), (200, Vec::new()));
    assert_eq!(same.resource.0, same.resource.1);
}

#[actix_web::test]
async fn a_change_shows_resource_members_roles_and_events_as_they_would_be() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let ana = directory.user("ana@acme.test").await;
    let group = directory.group("Editors", &[]).await;
    let (organization, connection) = (&directory.organization_id, &directory.connection_id);
    let path = format!("/v1/b2b/scim/{organization}/connection/{connection}");
    let roles = json!({ "scim_group_implicit_role_assignments": [{ "role_id": "editor", "group_id": group }] });
    assert_eq!(gateway.put(&path, roles).await.status, 200);
    let path = format!("/Groups/{group}");
    directory
        .patch(
            &path,
            json!([{ "op": "add", "path": "members", "value": [{ "value": ana }] }]),
        )
        .await;
    directory
        .patch(
            &path,
            json!([{ "op": "Remove", "path": "members", "value": [{ "value": ana }] }]),
        )
        .await;
    let nothing = directory.replay_latest().await.unwrap();
    assert_eq!((nothing.status, nothing.members.len()), (200, 0));
    directory
        .gateway
        .scim(
            ("PUT", &format!("{}{path}", directory.base)),
            &directory.token,
            Some(json!({ "displayName": "Editors", "members": [{ "value": ana }] })),
        )
        .await;
    directory.gateway.write_request_log().await;
    directory
        .patch(
            &path,
            json!([{ "op": "remove", "path": "members", "value": [{ "value": ana }] }]),
        )
        .await;
    directory
        .patch(
            &path,
            json!([{ "op": "add", "path": "members", "value": [{ "value": ana }] }]),
        )
        .await;
    gateway.write_request_log().await;
    let search = format!("/v1/b2b/scim/{organization}/connection/{connection}/requests/search");
    let found = gateway.post(&search, json!({})).await;
    let removal = text(&found.body["requests"][1]["scim_request_id"]);
    let before = Rows::of(gateway.storage.database()).everything();
    let would = directory.replay(removal.parse().unwrap()).await.unwrap();
    assert_eq!(Rows::of(gateway.storage.database()).everything(), before);
    assert_eq!(
        (would.status, kinds(&would)),
        (200, vec!["scim_group.updated"])
    );
    let names: Vec<&str> = would
        .departures
        .iter()
        .map(|departure| departure.name())
        .collect();
    assert_eq!(names, ["remove_by_value"]);
    let changed = differences(would.resource.0.as_ref(), would.resource.1.as_ref());
    assert_eq!(changed.len(), 1);
    assert_eq!(
        (changed[0].path.as_str(), &changed[0].after),
        ("members", &None)
    );
    let [member] = would.members.as_slice() else {
        panic!("{:?}", would.members);
    };
    let (had, has) = (
        member.before.clone().unwrap(),
        member.after.clone().unwrap(),
    );
    assert!(had.roles.contains("editor") && !has.roles.contains("editor"));
    assert_eq!(
        (had.email_address.as_str(), has.status),
        ("ana@acme.test", "active")
    );
}

#[actix_web::test]
async fn a_delete_and_a_bulk_request_are_told_with_the_members_that_they_end() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let ana = directory.user("ana@acme.test").await;
    directory.delete(&format!("/Users/{ana}")).await;
    let gone = directory.replay_latest().await.unwrap();
    assert_eq!((gone.status, gone.resource), (404, (None, None)));
    let bea = directory.user("bea@acme.test").await;
    let bulk = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [{ "method": "PATCH", "path": format!("/Users/{bea}"), "data": {
            "schemas": [PATCH_OP], "Operations": [{ "op": "replace", "path": "title", "value": "Dr" }] } }] });
    assert_eq!(directory.post("/Bulk", bulk).await.status, 200);
    directory
        .patch(
            &format!("/Users/{bea}"),
            json!([{ "op": "remove", "path": "title" }]),
        )
        .await;
    gateway.write_request_log().await;
    let (organization, connection) = (&directory.organization_id, &directory.connection_id);
    let search = format!("/v1/b2b/scim/{organization}/connection/{connection}/requests/search");
    let found = gateway.post(&search, json!({})).await;
    let requests = found.body["requests"].as_array().unwrap();
    let bulk = requests.iter().find(|it| it["path"] == "/Bulk").unwrap();
    let would = directory
        .replay(text(&bulk["scim_request_id"]).parse().unwrap())
        .await
        .unwrap();
    assert_eq!(
        (would.status, kinds(&would)),
        (200, vec!["scim_user.updated"])
    );
    assert_eq!(would.members.len(), 1);
}

#[actix_web::test]
async fn what_was_not_kept_whole_or_only_reads_a_list_is_not_run_again() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let refused = |replayed: Result<Replay, OperatorError>| match replayed {
        Err(OperatorError::NotReplayed(reason)) => reason,
        other => panic!("{other:?}"),
    };
    directory.get("/Users").await;
    assert!(refused(directory.replay_latest().await).contains("a list"));
    let long: Value = json!({ "userName": "x", "displayName": "x".repeat(20_000) });
    directory.post("/Users", long).await;
    assert!(refused(directory.replay_latest().await).contains("whole"));
    gateway
        .scim(("GET", &format!("{}/Users", directory.base)), "wrong", None)
        .await;
    assert!(refused(directory.replay_latest().await).contains("credentials"));
}
