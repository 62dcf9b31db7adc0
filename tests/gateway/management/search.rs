use serde_json::Value;
use serde_json::json;

use crate::support::Answer;
use crate::support::TestGateway;

const SEARCH: &str = "/v1/b2b/organizations/search";

fn operand(name: &str, value: Value) -> Value {
    json!({ "filter_name": name, "filter_value": value })
}

async fn ask(gateway: &TestGateway, operands: Value) -> Answer {
    let body = json!({ "query": { "operator": "AND", "operands": operands } });
    gateway.post(SEARCH, body).await
}

fn slugs(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let found = answer.body["organizations"].as_array().unwrap();
    let total = &answer.body["results_metadata"]["total"];
    assert_eq!(*total, found.len(), "{}", answer.text);
    let slug = |one: &Value| one["organization_slug"].as_str().unwrap().to_owned();
    found.iter().map(slug).collect()
}

/// Three organizations that differ in whatever a filter can see: what each is called in filters.
async fn three(gateway: &TestGateway) -> (Vec<String>, String) {
    let mut ids = Vec::new();
    for (name, slug, domains) in [
        (
            "Acme Éclairs",
            "acme-eclairs",
            json!(["acme.test", "eclairs.test"]),
        ),
        ("Globex 100%_\"x\"", "Globex.100", json!(["globex.test"])),
        ("Initech", "initech", json!([])),
    ] {
        let created = gateway
            .organization(json!({
                "organization_name": name, "organization_slug": slug,
                "email_allowed_domains": domains,
                "claimed_email_domains": if slug == "initech" { json!(["initech.test"]) } else { json!([]) },
            }))
            .await;
        let id = created["organization_id"].as_str().unwrap().to_owned();
        let person = json!({ "email_address": format!("Ana.{slug}@people.test") });
        let path = format!("/v1/b2b/organizations/{id}/members");
        assert_eq!(gateway.post(&path, person).await.status, 200);
        ids.push(id);
    }
    let path = format!("/v1/b2b/sso/oidc/{}", ids[0]);
    let pending = gateway.post(&path, json!({})).await;
    let connection = pending.body["connection"]["connection_id"].as_str();
    (ids, connection.unwrap().to_owned())
}

#[actix_web::test]
async fn every_filter_finds_exactly_its_organizations() {
    let gateway = TestGateway::start().await;
    let (ids, connection) = three(&gateway).await;
    let (acme, globex, initech) = ("acme-eclairs", "Globex.100", "initech");
    for (name, value, expected) in [
        (
            "organization_ids",
            json!([ids[2], ids[0]]),
            vec![acme, initech],
        ),
        ("organization_ids", json!(["organization-test-x"]), vec![]),
        (
            "organization_slugs",
            json!(["initech", "nobody"]),
            vec![initech],
        ),
        ("organization_name_fuzzy", json!("ÉCLAIR"), vec![acme]),
        ("organization_name_fuzzy", json!("100%_"), vec![globex]),
        ("organization_name_fuzzy", json!("\"x\""), vec![globex]),
        ("organization_name_fuzzy", json!("1%0"), vec![]),
        ("organization_slug_fuzzy", json!("GLOBEX"), vec![globex]),
        ("organization_slug_fuzzy", json!("ini"), vec![initech]),
        (
            "member_emails",
            json!(["ANA.initech@people.test"]),
            vec![initech],
        ),
        (
            "member_email_fuzzy",
            json!("people.test"),
            vec![acme, globex, initech],
        ),
        ("member_email_fuzzy", json!("ana.glo"), vec![globex]),
        ("allowed_domains", json!(["Eclairs.test"]), vec![acme]),
        ("allowed_domains", json!(["clairs.test"]), vec![]),
        (
            "allowed_domains",
            json!(["acme.test", "globex.test"]),
            vec![acme, globex],
        ),
        ("allowed_domain_fuzzy", json!("X.TEST"), vec![globex]),
        ("allowed_domain_fuzzy", json!("\",\""), vec![]),
        (
            "claimed_email_domains",
            json!(["Initech.test"]),
            vec![initech],
        ),
        ("has_active_sso_connection", json!(true), vec![]),
        (
            "has_active_sso_connection",
            json!(false),
            vec![acme, globex, initech],
        ),
        ("sso_connection_id", json!(connection), vec![acme]),
        ("sso_connection_id", json!("no-connection"), vec![]),
    ] {
        let answer = ask(&gateway, json!([operand(name, value.clone())])).await;
        assert_eq!(slugs(&answer), expected, "{name} {value}");
    }
}

#[actix_web::test]
async fn changed_organizations_are_found_by_what_they_are_now() {
    let gateway = TestGateway::start().await;
    let (ids, _) = three(&gateway).await;
    let path = format!("/v1/b2b/organizations/{}", ids[0]);
    let body =
        json!({ "organization_name": "Umbrella", "email_allowed_domains": ["umbrella.test"] });
    assert_eq!(gateway.put(&path, body).await.status, 200);
    for (name, value, expected) in [
        ("organization_name_fuzzy", "umbr", vec!["acme-eclairs"]),
        ("organization_name_fuzzy", "éclairs", vec![]),
        ("allowed_domain_fuzzy", "umbr", vec!["acme-eclairs"]),
        ("allowed_domain_fuzzy", "eclairs", vec![]),
    ] {
        let answer = ask(&gateway, json!([operand(name, json!(value))])).await;
        assert_eq!(slugs(&answer), expected, "{name} {value}");
    }
}

#[actix_web::test]
async fn operators_join_filters_and_pages_follow_one_another() {
    let gateway = TestGateway::start().await;
    three(&gateway).await;
    let both = json!([
        operand("organization_slug_fuzzy", json!("globex")),
        operand("member_email_fuzzy", json!("initech")),
    ]);
    for (operator, expected) in [("AND", vec![]), ("OR", vec!["Globex.100", "initech"])] {
        let body = json!({ "query": { "operator": operator, "operands": both } });
        assert_eq!(
            slugs(&gateway.post(SEARCH, body).await),
            expected,
            "{operator}"
        );
    }
    let nothing = json!({ "query": { "operator": "OR", "operands": [] } });
    assert_eq!(slugs(&gateway.post(SEARCH, nothing).await).len(), 3);
    let (mut seen, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let page = gateway
            .post(SEARCH, json!({ "limit": 2, "cursor": cursor }))
            .await;
        assert_eq!(page.body["results_metadata"]["total"], 3, "{}", page.text);
        let found = page.body["organizations"].as_array().unwrap();
        seen.extend(found.iter().map(|one| one["organization_slug"].clone()));
        cursor = page.body["results_metadata"]["next_cursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    assert_eq!(seen, ["acme-eclairs", "Globex.100", "initech"]);
}

#[actix_web::test]
async fn what_a_search_does_not_understand_is_refused_by_name() {
    let gateway = TestGateway::start().await;
    let (ids, _) = three(&gateway).await;
    let member = "member-test-0190a000-0000-7000-8000-000000000000";
    for (name, value, error_type) in [
        (
            "shoe_size",
            json!(42),
            "member_search_filter_name_not_recognized",
        ),
        (
            "member_ids",
            json!([member, "hr-1"]),
            "member_search_cannot_mix_internal_and_external_member_ids",
        ),
        ("member_ids", json!([]), "member_search_missing_member_ids"),
        (
            "member_ids",
            Value::Null,
            "member_search_missing_filter_value",
        ),
        (
            "member_emails",
            json!("a@b.test"),
            "member_search_expected_array_of_strings",
        ),
        (
            "member_email_fuzzy",
            json!("éé"),
            "member_search_member_email_fuzzy_too_short",
        ),
        (
            "member_email_fuzzy",
            json!(["abc"]),
            "member_search_expected_string",
        ),
        (
            "member_is_breakglass",
            json!("true"),
            "member_search_expected_boolean",
        ),
        (
            "statuses",
            json!(["asleep"]),
            "search_invalid_status_filter",
        ),
        (
            "member_phone_number_fuzzy",
            json!("+1"),
            "member_search_member_phone_number_fuzzy_too_short",
        ),
        (
            "member_mfa_phone_number_fuzzy",
            json!("+1"),
            "member_search_member_mfa_phone_number_fuzzy_too_short",
        ),
        (
            "organization_slug_fuzzy",
            json!("a"),
            "member_search_organization_slug_fuzzy_too_short",
        ),
        (
            "member_roles",
            json!(["a", 1]),
            "member_search_expected_array_of_strings",
        ),
        (
            "password_exists",
            json!(1),
            "member_search_expected_boolean",
        ),
        (
            "totp_exists",
            json!(null),
            "member_search_missing_filter_value",
        ),
        (
            "oauth_providers",
            json!(true),
            "member_search_expected_array_of_strings",
        ),
    ] {
        let query = json!({ "operator": "AND", "operands": [operand(name, value.clone())] });
        let body = json!({ "organization_ids": [ids[0]], "query": query });
        let answer = gateway
            .post("/v1/b2b/organizations/members/search", body)
            .await;
        let got = (answer.status, &answer.body["error_type"]);
        assert_eq!(got, (400, &json!(error_type)), "{name} {value}");
    }
    for (query, error_type) in [
        (
            json!({ "operator": "XOR" }),
            "search_operator_not_recognized",
        ),
        (
            json!({ "operands": [{ "filter_name": 1, "filter_value": 1 }] }),
            "organization_search_filter_name_must_be_string",
        ),
        (
            json!({ "operands": [operand("organization_slugs", json!([]))] }),
            "organization_search_missing_organization_slugs",
        ),
        (
            json!({ "operands": [operand("allowed_domain_fuzzy", json!("ab"))] }),
            "organization_search_allowed_domain_fuzzy_too_short",
        ),
        (
            json!({ "operands": [operand("member_email_fuzzy", json!("ab"))] }),
            "organization_search_member_email_fuzzy_too_short",
        ),
    ] {
        let answer = gateway.post(SEARCH, json!({ "query": query })).await;
        let got = (answer.status, &answer.body["error_type"]);
        assert_eq!(got, (400, &json!(error_type)), "{query}");
    }
}
