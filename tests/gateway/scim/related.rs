//! Members and groups in such numbers that no answer can hold all of them.

use std::fmt::Write;

use serde_json::json;
use vestibule::domain::id::RequestId;
use vestibule::domain::id::ScimGroupId;
use vestibule::storage::error::StorageError;
use vestibule::storage::group_members;
use vestibule::storage::groups;

use crate::scim::directory::Directory;
use crate::scim::search::search;
use crate::support::Answer;
use crate::support::TestGateway;
use crate::support::raw_sql::RawSql;

/// Twice a page and a half, so that neither a page of Users nor one of Groups can show all.
const EACH: usize = 501;

/// Every User of a directory in every Group.
async fn crowded(gateway: &TestGateway) -> (Directory<'_>, String, String) {
    let directory = Directory::start(gateway).await;
    let organization = directory.scope().key();
    let user = directory.user("ana@acme.test").await;
    let group = directory.group("Everybody", &[]).await;
    let key = |number: usize| format!("00000000-0000-4000-8000-{number:012}");
    let (mut users, mut groups) = (String::new(), String::new());
    for number in 1..EACH {
        let comma = if number > 1 { "," } else { "" };
        write!(users, "{comma}('{}', 'user-{number}')", key(number)).unwrap();
        write!(groups, "{comma}('{}', 'group-{number}')", key(number)).unwrap();
    }
    let database = gateway.storage.database().clone();
    // Blocking elsewhere, so that the client notices when the server ends a connection meanwhile.
    let filled = actix_web::rt::task::spawn_blocking(move || {
        let mut sql = RawSql::open(&database);
        sql.execute(&format!(
        "WITH fresh(id, name) AS (VALUES {users}) INSERT INTO scim_users (organization_id, id, \
         connection_id, user_name, active, resource, version, created_at, updated_at) SELECT \
         organization_id, fresh.id, connection_id, fresh.name, active, \
         '{{\"userName\":\"' || fresh.name || '\"}}', 1, created_at, updated_at FROM scim_users, fresh \
         WHERE organization_id = '{organization}'"
    ));
        sql.execute(&format!(
        "WITH fresh(id, name) AS (VALUES {groups}) INSERT INTO scim_groups (organization_id, id, \
         connection_id, display_name, display_name_folded, resource, version, created_at, \
         updated_at) SELECT organization_id, fresh.id, connection_id, fresh.name, fresh.name, \
         '{{\"displayName\":\"' || fresh.name || '\"}}', 1, created_at, updated_at FROM scim_groups, \
         fresh WHERE organization_id = '{organization}'"
    ));
        sql.execute(&format!(
            "INSERT INTO scim_group_members (organization_id, group_id, user_id, added_at) SELECT \
         scim_users.organization_id, scim_groups.id, scim_users.id, scim_users.created_at FROM \
         scim_users JOIN scim_groups ON scim_groups.organization_id = scim_users.organization_id \
         WHERE scim_users.organization_id = '{organization}'"
        ));
    });
    filled.await.unwrap();
    (directory, user, group)
}

fn refused(answer: &Answer, relation: &str) {
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert_eq!(answer.body["scimType"], "tooMany");
    let told = answer.body["detail"].as_str().unwrap();
    assert!(
        told.contains(&format!("excludedAttributes={relation}")) && told.contains("count"),
        "{told}"
    );
}

#[actix_web::test]
async fn a_page_shows_so_many_members_and_no_more() {
    let gateway = TestGateway::start().await;
    let (directory, user, group) = crowded(&gateway).await;
    for (path, relation) in [("/Groups", "members"), ("/Users", "groups")] {
        refused(&directory.get(&format!("{path}?count=200")).await, relation);
        let named = json!({ "count": 200, "attributes": [relation] });
        refused(&search(&directory, path, named).await, relation);
        let without = format!("{path}?count=200&excludedAttributes={relation}");
        let page = directory.get(&without).await;
        assert_eq!(
            (page.status, &page.body["itemsPerPage"]),
            (200, &json!(200))
        );
        let few = directory.get(&format!("{path}?count=2")).await;
        let shown = few.body["Resources"][1][relation].as_array().unwrap();
        assert_eq!(shown.len(), EACH);
    }
    refused(&directory.get("?count=200&startIndex=400").await, "members");
    for (path, relation) in [
        (format!("/Groups/{group}"), "members"),
        (format!("/Users/{user}"), "groups"),
    ] {
        let one = directory.get(&path).await;
        assert_eq!(one.body[relation].as_array().unwrap().len(), EACH, "{path}");
    }
}

/// What is read of a page's members does not grow with the members.
#[actix_web::test]
async fn no_more_rows_are_read_than_are_enough_to_refuse() {
    let gateway = TestGateway::start().await;
    let (directory, user, _) = crowded(&gateway).await;
    let (scope, connection) = (directory.scope(), directory.connection_id.parse().unwrap());
    let user = user.parse().unwrap();
    let read = gateway
        .storage
        .read::<_, StorageError>(RequestId::fresh(), move |tx| {
            tx.enter(scope.organization_id)?;
            let all = groups::names_after(tx, (&scope, connection), (None, 200))?;
            let all: Vec<ScimGroupId> = all.into_iter().map(|(id, _)| id).collect();
            let members = group_members::list_all(tx, &scope, &all, 1000)?.len();
            let whole = group_members::list_all(tx, &scope, &all, i64::MAX)?.len();
            let places = group_members::places(tx, &scope, &[user], 100)?.len();
            Ok((members, whole, places))
        });
    assert_eq!(read.await.unwrap(), (1000, 200 * EACH, 100));
}
