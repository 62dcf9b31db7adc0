use serde_json::Value;
use serde_json::json;

use crate::support::TestGateway;

const ORGANIZATIONS: &str = "/v1/b2b/organizations";

#[actix_web::test]
async fn an_organization_has_every_required_field_and_its_defaults() {
    let gateway = TestGateway::start().await;
    let acme = gateway
        .organization(json!({ "organization_name": "Acme, Inc." }))
        .await;
    for (field, expected) in [
        ("organization_slug", json!("acme-inc")),
        ("organization_logo_url", json!("")),
        ("sso_jit_provisioning", json!("ALL_ALLOWED")),
        ("email_jit_provisioning", json!("NOT_ALLOWED")),
        ("email_invites", json!("ALL_ALLOWED")),
        ("auth_methods", json!("ALL_ALLOWED")),
        ("mfa_policy", json!("OPTIONAL")),
        ("sso_active_connections", json!([])),
        ("scim_active_connection", Value::Null),
        ("custom_roles", json!([])),
        ("trusted_metadata", json!({})),
        ("claimed_email_domains", json!([])),
    ] {
        assert_eq!(acme[field], expected, "{field}");
    }
    assert!(acme["created_at"].as_str().unwrap().ends_with('Z'));
}

#[actix_web::test]
async fn an_organization_is_found_by_id_slug_and_external_id() {
    let gateway = TestGateway::start().await;
    let acme = gateway
        .organization(json!({
            "organization_name": "Acme", "organization_slug": "acme-1", "organization_external_id": "crm|7",
        }))
        .await;
    let id = acme["organization_id"].as_str().unwrap();
    for named in [id, "acme-1", "crm%7C7", &id.replace('-', "%2D")] {
        let answer = gateway.get(&format!("{ORGANIZATIONS}/{named}")).await;
        assert_eq!(
            (answer.status, &answer.body["organization"]),
            (200, &acme),
            "{named}"
        );
        assert_eq!(answer.body["status_code"], 200);
        assert!(
            answer.body["request_id"]
                .as_str()
                .unwrap()
                .starts_with("request-id-test-")
        );
    }
}

#[actix_web::test]
async fn an_update_changes_what_it_names_and_merges_metadata() {
    let gateway = TestGateway::start().await;
    let acme = gateway
        .organization(
            json!({ "organization_name": "Acme", "trusted_metadata": { "a": 1, "b": 2 } }),
        )
        .await;
    let path = format!(
        "{ORGANIZATIONS}/{}",
        acme["organization_id"].as_str().unwrap()
    );
    let body = json!({
        "organization_name": "Acme 2",
        "organization_slug": null,
        "trusted_metadata": { "a": null, "c": 3 },
        "email_jit_provisioning": "RESTRICTED",
        "email_allowed_domains": ["acme.test"],
        "not_a_field": true,
    });
    let answer = gateway.put(&path, body).await;
    let updated = &answer.body["organization"];
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(updated["organization_name"], "Acme 2");
    assert_eq!(updated["organization_slug"], acme["organization_slug"]);
    assert_eq!(updated["trusted_metadata"], json!({ "b": 2, "c": 3 }));
    assert_eq!(updated["email_allowed_domains"], json!(["acme.test"]));
    assert_eq!(updated["mfa_policy"], "OPTIONAL");
}

#[actix_web::test]
async fn slugs_and_external_ids_are_unique_and_a_clash_changes_nothing() {
    let gateway = TestGateway::start().await;
    let first = json!({ "organization_name": "Acme", "organization_external_id": "x" });
    gateway.organization(first).await;
    let other = gateway
        .organization(json!({ "organization_name": "Acme" }))
        .await;
    assert!(
        other["organization_slug"]
            .as_str()
            .unwrap()
            .starts_with("acme-")
    );
    let path = format!(
        "{ORGANIZATIONS}/{}",
        other["organization_id"].as_str().unwrap()
    );
    for (body, error_type) in [
        (
            json!({ "organization_slug": "acme" }),
            "organization_slug_already_used",
        ),
        (
            json!({ "organization_external_id": "x" }),
            "organization_external_id_already_used",
        ),
    ] {
        let answer = gateway.put(&path, body).await;
        assert_eq!(
            (answer.status, &answer.body["error_type"]),
            (400, &json!(error_type))
        );
    }
    assert_eq!(gateway.get(&path).await.body["organization"], other);
}

#[actix_web::test]
async fn search_pages_through_what_its_filters_match() {
    let gateway = TestGateway::start().await;
    for n in 0..5 {
        gateway
            .organization(json!({ "organization_name": format!("Acme 100%_{n}") }))
            .await;
    }
    gateway
        .organization(json!({ "organization_name": "Globex" }))
        .await;
    let search = |body: Value| gateway.post("/v1/b2b/organizations/search", body);
    let all = search(json!({})).await;
    assert_eq!(
        all.body["results_metadata"],
        json!({ "total": 6, "next_cursor": null })
    );
    let query = json!({ "operator": "AND", "operands": [
        { "filter_name": "organization_name_fuzzy", "filter_value": "ACME 100%_" },
    ]});
    let mut seen = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let page = search(json!({ "limit": 2, "cursor": cursor, "query": query })).await;
        assert_eq!(page.body["results_metadata"]["total"], 5, "{}", page.text);
        let found = page.body["organizations"].as_array().unwrap();
        seen.extend(
            found
                .iter()
                .map(|o| o["organization_name"].as_str().unwrap().to_owned()),
        );
        cursor = page.body["results_metadata"]["next_cursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    assert_eq!(
        seen,
        [
            "Acme 100%_0",
            "Acme 100%_1",
            "Acme 100%_2",
            "Acme 100%_3",
            "Acme 100%_4"
        ]
    );
    let none = json!({ "operands": [{ "filter_name": "organization_name_fuzzy", "filter_value": "100__" }] });
    assert_eq!(
        search(json!({ "query": none })).await.body["results_metadata"]["total"],
        0
    );
}

#[actix_web::test]
async fn search_filters_combine() {
    let gateway = TestGateway::start().await;
    let acme = gateway
        .organization(json!({ "organization_name": "Acme" }))
        .await;
    gateway
        .organization(json!({ "organization_name": "Globex" }))
        .await;
    let id = acme["organization_id"].as_str().unwrap();
    let member = json!({ "email_address": "Ana@acme.test" });
    gateway
        .post(&format!("{ORGANIZATIONS}/{id}/members"), member)
        .await;
    let total = async |operands: Value| {
        let body = json!({ "query": { "operator": "AND", "operands": operands } });
        let answer = gateway.post("/v1/b2b/organizations/search", body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body["results_metadata"]["total"].as_i64().unwrap()
    };
    let filter = |name: &str, value: Value| json!({ "filter_name": name, "filter_value": value });
    let ids = filter("organization_ids", json!([id, "organization-test-unknown"]));
    let emails = filter("member_emails", json!(["ana@ACME.test"]));
    let no_sso = filter("has_active_sso_connection", json!(false));
    let slug = filter("organization_slugs", json!(["globex"]));
    let fuzzy = filter("organization_slug_fuzzy", json!("LOBE"));
    assert_eq!(total(json!([ids])).await, 1);
    assert_eq!(total(json!([emails, no_sso])).await, 1);
    assert_eq!(total(json!([no_sso])).await, 2);
    assert_eq!(total(json!([slug, fuzzy])).await, 1);
    assert_eq!(total(json!([slug, emails])).await, 0);
}

#[actix_web::test]
async fn names_that_stand_in_urls_are_names_like_any_other() {
    let gateway = TestGateway::start().await;
    for slug in ["search", "members", "metrics", "~x"] {
        let body = json!({ "organization_name": "A", "organization_slug": slug });
        let created = gateway.organization(body).await;
        let path = format!("{ORGANIZATIONS}/{slug}");
        assert_eq!(
            gateway.get(&path).await.body["organization"],
            created,
            "{slug}"
        );
        assert_eq!(
            gateway.call("DELETE", &path, None).await.status,
            200,
            "{slug}"
        );
    }
    let odd = gateway.get(&format!("{ORGANIZATIONS}/a%00b")).await;
    assert_eq!(odd.body["error_type"], "organization_not_found");
}

#[actix_web::test]
async fn domains_and_settings_are_kept_in_their_one_form_and_echoed() {
    let gateway = TestGateway::start().await;
    let given = json!({
        "organization_name": " Acme ",
        "email_jit_provisioning": "RESTRICTED",
        "email_allowed_domains": ["Acme.Test", "B\u{fc}cher.example"],
        "claimed_email_domains": ["ACME.test"],
        "allowed_auth_methods": ["sso", "email_otp"],
        "auth_methods": "RESTRICTED",
        "mfa_methods": "RESTRICTED",
        "allowed_mfa_methods": ["totp"],
        "oauth_tenant_jit_provisioning": "RESTRICTED",
        "allowed_oauth_tenants": { "slack": ["T1"], "github": ["1", "2"] },
        "rbac_email_implicit_role_assignments": [{ "domain": "Acme.test", "role_id": "editor" }],
        "first_party_connected_apps_allowed_type": "RESTRICTED",
        "allowed_first_party_connected_apps": ["connected-app-test-1"],
        "third_party_connected_apps_allowed_type": "NOT_ALLOWED",
    });
    let acme = gateway.organization(given.clone()).await;
    let kept = [
        ("organization_name", json!("Acme")),
        (
            "email_allowed_domains",
            json!(["acme.test", "xn--bcher-kva.example"]),
        ),
        ("claimed_email_domains", json!(["acme.test"])),
        (
            "rbac_email_implicit_role_assignments",
            json!([{ "domain": "acme.test", "role_id": "editor" }]),
        ),
    ];
    for (field, value) in given.as_object().unwrap() {
        let own_form = kept.iter().find(|(name, _)| name == field);
        let expected = own_form.map_or(value, |(_, expected)| expected);
        assert_eq!(&acme[field], expected, "{field}");
    }
    assert_eq!(acme["email_invites"], "NOT_ALLOWED");
}

#[actix_web::test]
async fn an_update_that_changes_nothing_is_none() {
    let gateway = TestGateway::start().await;
    let acme = gateway
        .organization(json!({ "organization_name": "Acme" }))
        .await;
    gateway.wait(chrono::TimeDelta::hours(1));
    let path = format!("{ORGANIZATIONS}/acme");
    for body in [
        json!({}),
        json!({ "organization_name": "Acme", "mfa_policy": "OPTIONAL" }),
    ] {
        assert_eq!(gateway.put(&path, body).await.body["organization"], acme);
    }
    let changed = gateway
        .put(&path, json!({ "organization_name": "B" }))
        .await;
    assert_ne!(
        changed.body["organization"]["updated_at"],
        acme["updated_at"]
    );
    assert_eq!(
        changed.body["organization"]["created_at"],
        acme["created_at"]
    );
}
