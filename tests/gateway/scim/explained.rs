//! Why a member has a role, where a directory gave it.

use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;

use crate::scim::directory::Directory;
use crate::scim::directory::text;
use crate::support::TestGateway;
use crate::support::statements;

impl Directory<'_> {
    async fn explained(&self, address: &str) -> Value {
        let member = text(&self.member(address).await["member_id"]);
        let organization = &self.organization_id;
        let path = format!("/v1/b2b/organizations/{organization}/members/{member}/explain");
        let answer = self.gateway.get(&path).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body["explanation"].clone()
    }

    /// The days since when the sources of a role give it, and the events behind the last one.
    async fn told(&self, role: &str) -> (Vec<(String, Value)>, Vec<(String, String)>) {
        let explained = self.explained("ana@acme.test").await;
        let roles = explained["roles"].as_array().unwrap().clone();
        let Some(role) = roles.into_iter().find(|it| it["role_id"] == role) else {
            return (Vec::new(), Vec::new());
        };
        let sources = role["sources"].as_array().unwrap();
        let since = sources.iter().map(|it| {
            (
                text(&it["type"]),
                json!(text(&it["since"]).get(..10).unwrap()),
            )
        });
        let facts = sources.last().unwrap()["facts"].as_array().unwrap().iter();
        let facts = facts.map(|fact| {
            let event = &fact["event"];
            (
                text(&event["kind"]),
                text(&event["occurred_at"]).get(..10).unwrap().to_owned(),
            )
        });
        (since.collect(), facts.collect())
    }

    fn today(&self) -> String {
        self.gateway.now().format("%Y-%m-%d").to_string()
    }

    async fn place(&self, op: &str, group: &str, user: &str) {
        let operation = match op {
            "add" => json!({ "op": "add", "path": "members", "value": [{ "value": user }] }),
            _ => json!({ "op": "remove", "path": format!("members[value eq \"{user}\"]") }),
        };
        let answer = self
            .patch(&format!("/Groups/{group}"), json!([operation]))
            .await;
        assert!(answer.status < 300, "{}", answer.text);
    }
}

#[actix_web::test]
async fn a_group_of_a_directory_is_told_with_push_and_rule_whenever_they_came() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let created = directory.today();
    let ana = directory.user("ana@acme.test").await;
    let ben = directory.user("ben@acme.test").await;
    gateway.wait(TimeDelta::days(1));
    let group = directory.group("Engineering", &[&ana, &ben]).await;
    gateway.wait(TimeDelta::days(1));
    directory.give_role("editor", &group).await;
    let ruled = directory.today();
    let (sources, facts) = directory.told("editor").await;
    assert_eq!(
        sources,
        [("scim_connection_group".to_owned(), json!(ruled))]
    );
    assert_eq!(facts[0], ("scim_user.created".to_owned(), created.clone()));
    assert_eq!(facts[1].0, "scim_group.created");
    assert_eq!(facts[2], ("connection.updated".to_owned(), ruled.clone()));

    gateway.wait(TimeDelta::days(1));
    directory.place("remove", &group, &ana).await;
    assert_eq!(directory.told("editor").await.0, []);
    gateway.wait(TimeDelta::days(1));
    directory.place("add", &group, &ana).await;
    let again = directory.today();
    gateway.wait(TimeDelta::days(1));
    directory.place("remove", &group, &ben).await;
    let (sources, facts) = directory.told("editor").await;
    assert_eq!(
        sources,
        [("scim_connection_group".to_owned(), json!(again))]
    );
    assert_eq!(facts[1], ("scim_group.updated".to_owned(), again.clone()));

    let off = json!([{ "op": "replace", "path": "active", "value": false }]);
    directory.patch(&format!("/Users/{ana}"), off).await;
    gateway.wait(TimeDelta::days(1));
    let on = json!([{ "op": "replace", "path": "active", "value": true }]);
    directory.patch(&format!("/Users/{ana}"), on).await;
    let back = directory.today();
    let (sources, facts) = directory.told("editor").await;
    assert_eq!(sources, [("scim_connection_group".to_owned(), json!(back))]);
    assert_eq!(facts[0], ("scim_user.updated".to_owned(), back));
    let explained = directory.explained("ana@acme.test").await;
    let told = explained.to_string();
    assert!(told.contains("into Engineering on "), "{told}");
}

#[actix_web::test]
async fn everybody_in_a_directory_and_the_last_administrator_are_told_too() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let ana = directory.user("ana@acme.test").await;
    let admins = directory.group("Admins", &[&ana]).await;
    let rules = json!({
        "scim_group_implicit_role_assignments":
            [{ "role_id": "stytch_admin", "group_id": admins }],
    });
    directory.configure(rules).await;
    gateway.wait(TimeDelta::days(1));
    directory.place("remove", &admins, &ana).await;
    let today = directory.today();
    let (sources, facts) = directory.told("stytch_admin").await;
    assert_eq!(sources, [("last_admin".to_owned(), json!(today))]);
    assert_eq!(facts[0].0, "last_admin.kept");
    let explained = directory.explained("ana@acme.test").await;
    assert!(explained.to_string().contains("nobody else is"));
}

#[actix_web::test]
async fn what_it_would_take_is_told_for_each_role_that_is_lacked() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    directory.user("ana@acme.test").await;
    let group = directory.group("Engineering", &[]).await;
    directory.give_role("editor", &group).await;
    let explained = directory.explained("ana@acme.test").await;
    let lacked = explained["lacked_roles"].as_array().unwrap().iter();
    let editor = lacked
        .into_iter()
        .find(|role| role["role_id"] == "editor")
        .unwrap();
    let ways = editor["ways"].as_array().unwrap();
    assert_eq!(ways.len(), 2, "{editor}");
    assert_eq!(ways[0]["type"], "direct_assignment");
    assert_eq!(ways[1]["connection_id"], json!(directory.connection_id));
    assert!(text(&ways[1]["sentence"]).ends_with("into the group Engineering."));
}

#[actix_web::test]
async fn many_groups_take_no_more_statements_than_one() {
    let gateway = TestGateway::start().await;
    let mut counts = Vec::new();
    for groups in [1, 40] {
        let directory = Directory::start(&gateway).await;
        let ana = directory.user("ana@acme.test").await;
        let mut rules = Vec::new();
        for number in 0..groups {
            let group = directory.group(&format!("Group {number}"), &[&ana]).await;
            rules.push(json!({ "role_id": "editor", "group_id": group }));
        }
        let rules = json!({ "scim_group_implicit_role_assignments": rules });
        directory.configure(rules).await;
        let member = text(&directory.member("ana@acme.test").await["member_id"]);
        let organization = &directory.organization_id;
        let path = format!("/v1/b2b/organizations/{organization}/members/{member}/explain");
        gateway.get(&path).await;
        statements::heard(gateway.storage.database());
        let explained = gateway.get(&path).await;
        let mut asked = statements::heard(gateway.storage.database());
        asked.retain(|statement| statement.contains("journal") || statement.contains("scim_"));
        let editor = explained.body["explanation"]["roles"].as_array().unwrap();
        assert_eq!(editor[0]["sources"].as_array().unwrap().len(), groups);
        counts.push(asked.len());
    }
    assert_eq!(counts[0], counts[1]);
}
