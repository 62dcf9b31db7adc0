//! What SCIM requests ask of the database: no more of a large directory than of a small one, and
//! always by an index.

use std::ops::Range;

use serde_json::json;
use vestibule::domain::id::ScimGroupId;
use vestibule::storage::open::Database;

use crate::scim::directory::Directory;
use crate::scim::directory::encoded;
use crate::scim::directory::text;
use crate::support::TestGateway;
use crate::support::raw_sql::RawSql;
use crate::support::statements;

/// So many ids and names.
fn fresh(numbers: &Range<usize>) -> String {
    let (start, end) = (numbers.start, numbers.end);
    format!(
        "WITH RECURSIVE numbers(n) AS (SELECT {start} UNION ALL SELECT n + 1 FROM numbers WHERE \
         n + 1 < {end}), fresh(id, name) AS (SELECT '00000000-0000-4000-8000-' || \
         substr(CAST(1000000000000 + n AS TEXT), 2), 'user-' || CAST(n AS TEXT) FROM numbers)"
    )
}

/// What is there but for its ids and names, which are fresh.
fn like_ana(directory: &Directory<'_>) -> String {
    let organization = directory.scope().key();
    format!(
        "FROM scim_users, fresh WHERE scim_users.organization_id = '{organization}' \
         AND user_name = 'ana@acme.test'"
    )
}

/// Writes past the gateway, which would take its time.
async fn write(directory: &Directory<'_>, mut statements: Vec<String>) {
    let database = directory.gateway.storage.database().clone();
    // SQLite is not told about its tables in production either.
    if matches!(database, Database::Postgres(_)) {
        statements.push("ANALYZE".to_owned());
    }
    // Blocking elsewhere, so that the client notices when the server ends a connection meanwhile.
    let written = actix_web::rt::task::spawn_blocking(move || {
        let mut sql = RawSql::open(&database);
        for statement in statements {
            sql.execute(&statement);
        }
    });
    written.await.unwrap();
}

/// More Users, like the one that is there, in a Group.
async fn fill(directory: &Directory<'_>, group: &str, numbers: Range<usize>) {
    let group = group.parse::<ScimGroupId>().unwrap().key();
    let (fresh, ana) = (fresh(&numbers), like_ana(directory));
    let statements = vec![
        format!(
            "{fresh} INSERT INTO scim_users (organization_id, id, connection_id, user_name, \
             external_id, display_name_folded, active, resource, version, created_at, updated_at) \
             SELECT organization_id, fresh.id, connection_id, fresh.name, fresh.name, fresh.name, \
             active, '{{\"userName\":\"' || fresh.name || '\"}}', 1, created_at, updated_at {ana}"
        ),
        format!(
            "{fresh} INSERT INTO scim_user_emails (organization_id, user_id, position, \
             connection_id, value) SELECT organization_id, fresh.id, 0, connection_id, \
             fresh.name {ana}"
        ),
        format!(
            "{fresh} INSERT INTO scim_group_members (organization_id, group_id, user_id, added_at) \
             SELECT organization_id, '{group}', fresh.id, created_at {ana}"
        ),
    ];
    write(directory, statements).await;
}

/// A Group of its own for each of these Users, all in one more.
async fn fill_groups(directory: &Directory<'_>, group: &str, numbers: Range<usize>) {
    let group = group.parse::<ScimGroupId>().unwrap().key();
    let (fresh, ana) = (fresh(&numbers), like_ana(directory));
    let statements = vec![
        format!(
            "{fresh} INSERT INTO scim_groups (organization_id, id, connection_id, display_name, \
             display_name_folded, external_id, resource, version, created_at, updated_at) SELECT \
             organization_id, fresh.id, connection_id, fresh.name, fresh.name, fresh.name, \
             '{{\"displayName\":\"' || fresh.name || '\"}}', 1, created_at, updated_at {ana}"
        ),
        format!(
            "{fresh} INSERT INTO scim_group_members (organization_id, group_id, user_id, added_at) \
             SELECT organization_id, fresh.id, fresh.id, created_at {ana}"
        ),
        format!(
            "{fresh} INSERT INTO scim_group_nesting (organization_id, group_id, nested_id, added_at) \
             SELECT organization_id, '{group}', fresh.id, created_at {ana}"
        ),
    ];
    write(directory, statements).await;
}

fn asked(gateway: &TestGateway) -> Vec<String> {
    statements::heard(gateway.storage.database())
}

/// What a statement is narrowed by, without quotation marks.
fn narrowed(statement: &str) -> String {
    let condition = statement.split_once(" WHERE ").map_or("", |parts| parts.1);
    let condition = condition.split(" ORDER BY ").next().unwrap();
    condition.replace(['`', '"'], "")
}

/// Whether a step of a plan says how a table is read.
fn is_read(step: &str) -> bool {
    let words = ["SEARCH ", "SCAN ", "Index Cond: ", "Seq Scan "];
    words.iter().any(|word| step.contains(word))
}

/// Whether an index leads to the rows with a value of this column, or a range of values.
fn is_by(plan: &[String], column: &str) -> bool {
    let is_led = |step: &String| match step.split_once("Index Cond: ") {
        Some((_, led)) => [" = ", ")::text >= "]
            .iter()
            .any(|compared| led.contains(&format!("({column}{compared}"))),
        None => {
            step.contains("SEARCH ")
                && ["=?", ">?"]
                    .iter()
                    .any(|compared| step.contains(&format!(" AND {column}{compared}")))
        }
    };
    plan.iter().any(is_led)
}

#[actix_web::test]
async fn a_patch_asks_the_same_of_fifty_members_and_of_fifty_thousand() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let ana = directory.user("ana@acme.test").await;
    let group = directory.group("Everybody", &[]).await;
    directory.give_role("editor", &group).await;
    let path = format!("/Groups/{group}");
    let (value, by_filter) = (
        json!([{ "value": ana }]),
        format!("members[value eq \"{ana}\"]"),
    );
    let add = json!([{ "op": "add", "path": "members", "value": value }]);
    let patches = [
        add.clone(),
        json!([{ "op": "remove", "path": "members", "value": value }]),
        add,
        json!([{ "op": "remove", "path": by_filter }]),
    ];
    let (mut rounds, mut there) = (Vec::new(), 1);
    for members in [50, 50_000] {
        fill(&directory, &group, there..members + 1).await;
        there = members + 1;
        asked(&gateway);
        for operations in &patches {
            let answer = directory.patch(&path, operations.clone()).await;
            assert!(answer.status < 300, "{}", answer.text);
        }
        rounds.push(asked(&gateway));
    }
    assert_eq!(rounds[0], rounds[1]);
    let mut sql = RawSql::open(gateway.storage.database());
    let mut looked_at = 0;
    for statement in &rounds[1] {
        let adds = ["INSERT", "WITH part_0 AS (INSERT INTO scim_group_members "];
        if !statement.contains("scim_group_members")
            || adds.iter().any(|begin| statement.starts_with(begin))
        {
            continue;
        }
        let by_user = narrowed(statement).contains("scim_group_members.user_id ")
            || statement.contains("scim_group_members ON user_id = ");
        assert!(by_user || statement.contains(" LIMIT "), "{statement}");
        let column = if by_user { "user_id" } else { "group_id" };
        let plan = sql.plan(statement);
        assert!(is_by(&plan, column), "{statement}: {plan:#?}");
        let sorts = |step: &String| step.contains("TEMP B-TREE") || step.contains("Sort");
        assert!(!plan.iter().any(sorts), "{statement}: {plan:#?}");
        looked_at += 1;
    }
    assert!(looked_at >= patches.len(), "{:#?}", rounds[1]);
}

#[actix_web::test]
async fn filters_are_answered_by_an_index() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let ana = directory.user("ana@acme.test").await;
    let group = directory.group("Everybody", &[]).await;
    fill(&directory, &group, 1..2000).await;
    fill_groups(&directory, &group, 1..2000).await;
    let mut sql = RawSql::open(gateway.storage.database());
    for (list, filter, column) in [
        (
            "Users",
            "userName eq \"ana@acme.test\"".to_owned(),
            "user_name",
        ),
        ("Users", "userName sw \"ana\"".to_owned(), "user_name"),
        ("Users", "externalId eq \"a\"".to_owned(), "external_id"),
        ("Users", "emails.value eq \"a\"".to_owned(), "value"),
        ("Users", "emails[value eq \"a\"]".to_owned(), "value"),
        (
            "Users",
            "displayName eq \"a\"".to_owned(),
            "display_name_folded",
        ),
        ("Users", format!("id eq \"{ana}\""), "id"),
        ("Users", format!("groups.value eq \"{group}\""), "group_id"),
        (
            "Groups",
            "displayName eq \"a\"".to_owned(),
            "display_name_folded",
        ),
        ("Groups", "externalId eq \"a\"".to_owned(), "external_id"),
        ("Groups", format!("id eq \"{group}\""), "id"),
        ("Groups", format!("members.value eq \"{ana}\""), "user_id"),
        ("Groups", format!("members[value eq \"{ana}\"]"), "user_id"),
        (
            "Groups",
            format!("members.value eq \"{group}\""),
            "nested_id",
        ),
    ] {
        asked(&gateway);
        let answer = directory
            .get(&format!("/{list}?filter={}", encoded(&filter)))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let table = format!(" FROM scim_{}", list.to_lowercase());
        let mut looked_at = 0;
        for search in asked(&gateway) {
            if !search.replace(['`', '"'], "").contains(&table) {
                continue;
            }
            let plan = sql.plan(&search);
            assert!(is_by(&plan, column), "{filter}: {search} {plan:#?}");
            // No table is read further than the index leads.
            let is_wide = |step: &&String| {
                let names = |column| is_by(std::slice::from_ref(*step), column);
                is_read(step) && !names(column) && !names("id")
            };
            assert_eq!(plan.iter().find(is_wide), None, "{filter}: {search}");
            looked_at += 1;
        }
        assert!(looked_at > 0, "{filter}");
    }
}

#[actix_web::test]
async fn the_last_page_is_read_from_the_end_and_nobody_counts() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let ana = directory.user("ana@acme.test").await;
    let group = directory.group("Everybody", &[]).await;
    fill(&directory, &group, 1..3000).await;
    let names =
        |range: Range<usize>| -> Vec<String> { range.map(|n| format!("user-{n}")).collect() };
    let last = [names(2951..3000), vec!["ana@acme.test".to_owned()]].concat();
    for (start, shown, is_backwards) in [
        (1, names(1..101), false),
        (1001, names(1001..1101), false),
        (2851, names(2851..2951), true),
        (2951, last, true),
        (3001, Vec::new(), false),
    ] {
        asked(&gateway);
        let path = format!("/Users?startIndex={start}&count=100");
        let page = directory.get(&path).await.body;
        assert_eq!(page["totalResults"], 3000, "{path}");
        let users = page["Resources"].as_array().unwrap();
        let user_names: Vec<String> = users.iter().map(|user| text(&user["userName"])).collect();
        assert_eq!(user_names, shown, "{path}");
        let asked = asked(&gateway);
        let counts = |statement: &&String| statement.to_lowercase().contains("count(*)");
        assert_eq!(asked.iter().find(counts), None, "{path}");
        let backwards = asked.iter().any(|it| it.contains("scim_users.id DESC"));
        assert_eq!(backwards, is_backwards, "{path}");
    }
    assert_eq!(directory.delete(&format!("/Users/{ana}")).await.status, 204);
    let page = directory.get("/Users?startIndex=2000&count=1").await.body;
    assert_eq!(page["totalResults"], 2999);
}
