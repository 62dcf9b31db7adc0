//! Why a member has a role, where it came by hand, by address or by single sign-on.

use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;

use super::Acme;
use super::text;
use crate::support::raw_sql::RawSql;

impl Acme {
    pub(crate) async fn explained(&self, member: &str) -> Value {
        let organization = &self.organization_id;
        let path = format!("/v1/b2b/organizations/{organization}/members/{member}/explain");
        let answer = self.gateway.get(&path).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body["explanation"].clone()
    }

    async fn put_at(&self, path: &str, body: Value) {
        let answer = self.gateway.put(path, body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    async fn rules(&self, body: Value) {
        let (organization, connection) = (&self.organization_id, &self.connection_id);
        self.put_at(
            &format!("/v1/b2b/sso/saml/{organization}/connections/{connection}"),
            body,
        )
        .await;
    }
}

/// What a role's sources are: kind, since when, and the kinds of the events behind them.
fn sources(explained: &Value, role: &str) -> Vec<(String, Value, Vec<String>)> {
    let roles = explained["roles"].as_array().unwrap();
    let Some(found) = roles.iter().find(|it| it["role_id"] == role) else {
        return Vec::new();
    };
    let read = |source: &Value| {
        let facts = source["facts"].as_array().unwrap().iter();
        let kinds = facts.map(|fact| match &fact["event"] {
            Value::Null => "none".to_owned(),
            event => text(&event["kind"]),
        });
        (
            text(&source["type"]),
            source["since"]
                .as_str()
                .map_or(Value::Null, |at| json!(at.get(..10).unwrap())),
            kinds.collect(),
        )
    };
    found["sources"]
        .as_array()
        .unwrap()
        .iter()
        .map(read)
        .collect()
}

fn by_group() -> Value {
    json!({
        "display_name": "Okta",
        "attribute_mapping": { "email": "email", "full_name": "name", "groups": "groups" },
        "saml_connection_implicit_role_assignments": [{ "role_id": "viewer" }],
        "saml_group_implicit_role_assignments": [{ "role_id": "editor", "group": "Engineering" }],
    })
}

async fn sign_in_with(acme: &Acme, groups: &[&str]) -> String {
    let asked = acme.start().await;
    let mut draft = acme.response(&asked, "ana@acme.test");
    let groups = groups.iter().map(|group| (*group).to_owned()).collect();
    draft.attributes.push(("groups".to_owned(), groups));
    let answer = acme.finish(&draft, &asked).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    text(&answer.body["member_id"])
}

fn day(at: chrono::DateTime<chrono::Utc>) -> Value {
    json!(at.format("%Y-%m-%d").to_string())
}

#[actix_web::test]
async fn each_source_is_told_with_what_made_it_true_and_when() {
    let acme = Acme::with(json!({}), by_group()).await;
    acme.gateway.wait(TimeDelta::days(1));
    let member = sign_in_with(&acme, &["Sales", "Engineering"]).await;
    let signed_in = day(acme.gateway.now());
    let explained = acme.explained(&member).await;
    let named = |kind: &str, since: &Value, facts: &[&str]| {
        let facts = facts.iter().map(|it| (*it).to_owned()).collect();
        (kind.to_owned(), since.clone(), facts)
    };
    let came = "sso_registration.created";
    assert_eq!(
        sources(&explained, "stytch_member"),
        [named("direct_assignment", &signed_in, &["member.created"])]
    );
    let by_all = named("sso_connection", &signed_in, &[came, "connection.updated"]);
    assert_eq!(sources(&explained, "viewer"), std::slice::from_ref(&by_all));
    let by_group = named(
        "sso_connection_group",
        &signed_in,
        &[came, "connection.updated"],
    );
    assert_eq!(
        sources(&explained, "editor"),
        std::slice::from_ref(&by_group)
    );

    acme.gateway.wait(TimeDelta::days(1));
    let organization = format!("/v1/b2b/organizations/{}", acme.organization_id);
    let rule = json!([{ "domain": "acme.test", "role_id": "editor" }]);
    acme.put_at(
        &organization,
        json!({ "rbac_email_implicit_role_assignments": rule }),
    )
    .await;
    let ruled = day(acme.gateway.now());
    acme.gateway.wait(TimeDelta::days(1));
    let by_hand = json!({ "roles": ["editor", "auditor"] });
    acme.put_at(&format!("{organization}/members/{member}"), by_hand)
        .await;
    let given = day(acme.gateway.now());
    let explained = acme.explained(&member).await;
    assert_eq!(
        sources(&explained, "editor"),
        [
            named("direct_assignment", &given, &["member.updated"]),
            named(
                "email_assignment",
                &ruled,
                &["member.created", "organization.updated"]
            ),
            by_group,
        ]
    );
    let editor = explained["roles"].as_array().unwrap().iter();
    let editor = editor
        .into_iter()
        .find(|role| role["role_id"] == "editor")
        .unwrap();
    let decides: Vec<&Value> = editor["sources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["decides"])
        .collect();
    assert_eq!(decides, [false, false, true], "the group gave it first");
    let sentence = text(&editor["sources"][2]["sentence"]);
    assert!(
        sentence.contains("is editor because Okta put ")
            && sentence.contains("into Engineering")
            && sentence.contains("gives editor to Engineering"),
        "{sentence}"
    );
    let lacked = explained["lacked_roles"].as_array().unwrap().iter();
    let lacked: Vec<String> = lacked.map(|role| text(&role["role_id"])).collect();
    assert!(lacked.contains(&"owner".to_owned()) && !lacked.contains(&"editor".to_owned()));
}

#[actix_web::test]
async fn dates_are_of_the_last_time_that_it_became_true() {
    let acme = Acme::with(json!({}), by_group()).await;
    let member = sign_in_with(&acme, &["Engineering"]).await;
    acme.gateway.wait(TimeDelta::days(1));
    sign_in_with(&acme, &["Sales"]).await;
    assert_eq!(sources(&acme.explained(&member).await, "editor"), []);
    acme.gateway.wait(TimeDelta::days(1));
    sign_in_with(&acme, &["Sales", "Engineering"]).await;
    let again = day(acme.gateway.now());
    acme.gateway.wait(TimeDelta::days(1));
    sign_in_with(&acme, &["Engineering", "Other"]).await;
    let kinds = vec![
        "sso_registration.updated".to_owned(),
        "connection.updated".to_owned(),
    ];
    let by_group = |since: &Value| {
        (
            "sso_connection_group".to_owned(),
            since.clone(),
            kinds.clone(),
        )
    };
    assert_eq!(
        sources(&acme.explained(&member).await, "editor"),
        [by_group(&again)]
    );

    acme.gateway.wait(TimeDelta::days(1));
    acme.rules(json!({ "saml_group_implicit_role_assignments": [] }))
        .await;
    assert_eq!(sources(&acme.explained(&member).await, "editor"), []);
    acme.gateway.wait(TimeDelta::days(1));
    let rule = json!([{ "role_id": "editor", "group": "Engineering" }]);
    acme.rules(json!({ "saml_group_implicit_role_assignments": rule }))
        .await;
    let ruled = day(acme.gateway.now());
    acme.gateway.wait(TimeDelta::days(1));
    acme.rules(json!({ "display_name": "Okta again" })).await;
    assert_eq!(
        sources(&acme.explained(&member).await, "editor"),
        [by_group(&ruled)]
    );
}

#[actix_web::test]
async fn what_the_journal_does_not_hold_is_not_guessed() {
    let acme = Acme::with(json!({}), by_group()).await;
    let member = sign_in_with(&acme, &["Engineering"]).await;
    RawSql::open(acme.gateway.storage.database())
        .execute("DELETE FROM journal WHERE kind LIKE 'connection.%'");
    let explained = acme.explained(&member).await;
    let (_, since, kinds) = sources(&explained, "editor").remove(0);
    assert_eq!(kinds, ["sso_registration.created", "none"]);
    assert_eq!(since, day(acme.gateway.now()));
    RawSql::open(acme.gateway.storage.database()).execute("DELETE FROM journal");
    let explained = acme.explained(&member).await;
    let (_, since, kinds) = sources(&explained, "editor").remove(0);
    assert_eq!((since, kinds), (Value::Null, vec!["none".to_owned(); 2]));
    assert!(explained.to_string().contains("before the journal"));
}

#[actix_web::test]
async fn who_is_gone_has_no_roles_and_is_told_what_ended_that() {
    let acme = Acme::with(json!({}), by_group()).await;
    let member = sign_in_with(&acme, &["Engineering"]).await;
    let path = format!(
        "/v1/b2b/organizations/{}/members/{member}",
        acme.organization_id
    );
    let deleted = acme.gateway.call("DELETE", &path, None).await;
    assert_eq!(deleted.status, 200, "{}", deleted.text);
    let explained = acme.explained(&member).await;
    assert_eq!(explained["roles"], json!([]));
    assert_eq!(explained["status"], "deleted");
    assert_eq!(explained["ended_by"]["kind"], "member.deleted");
    assert_eq!(
        explained["ended_by"]["request_id"],
        deleted.body["request_id"]
    );
}

#[actix_web::test]
async fn members_are_told_about_themselves_and_others_by_right() {
    let acme = Acme::with(json!({}), by_group()).await;
    let gateway = &acme.gateway;
    gateway
        .declare_role("searcher", &[("stytch.member", "search")])
        .await;
    let member = sign_in_with(&acme, &["Engineering"]).await;
    let organization = acme.organization_id.as_str();
    let path = format!("/v1/b2b/organizations/{organization}/members/{member}/explain");
    let own = gateway.session_of(organization, &member).await;
    let other = gateway.member_session(organization, &[]).await;
    let searcher = gateway.member_session(organization, &["searcher"]).await;
    for (token, status) in [(&own, 200), (&other, 403), (&searcher, 200)] {
        let answer = gateway.call_as(token, ("GET", &path), None).await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
}

#[actix_web::test]
async fn hostile_names_stay_whole_in_fields_and_short_in_sentences() {
    let names = [
        "<script>alert(1)</script>\"'",
        "\u{202e}gnp.exe",
        &"x".repeat(10_000),
    ];
    for name in names {
        let mut connection = by_group();
        connection["saml_group_implicit_role_assignments"] =
            json!([{ "role_id": "editor", "group": name }]);
        let acme = Acme::with(json!({}), connection).await;
        let member = sign_in_with(&acme, &[name]).await;
        let explained = acme.explained(&member).await;
        let editor = explained["roles"].as_array().unwrap().iter();
        let editor = editor
            .into_iter()
            .find(|role| role["role_id"] == "editor")
            .unwrap();
        let source = &editor["sources"][0];
        assert_eq!(source["group_name"], name);
        let sentence = text(&source["sentence"]);
        assert!(
            !sentence.contains('\u{202e}') && sentence.chars().count() < 600,
            "{sentence}"
        );
    }
}
