use serde_json::Value;
use serde_json::json;

use super::members_acme::Acme;
use super::members_acme::refusal;
use super::members_acme::refused;
use crate::support::TestGateway;

async fn acme(gateway: &TestGateway) -> String {
    let acme = gateway
        .organization(json!({ "organization_name": "Acme" }))
        .await;
    acme["organization_id"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn a_member_has_every_required_field_and_the_default_role() {
    let gateway = TestGateway::start().await;
    let path = format!("/v1/b2b/organizations/{}/members", acme(&gateway).await);
    let body = json!({ "email_address": "Ana@Acme.test", "name": "Ana", "roles": ["editor"] });
    let answer = gateway.post(&path, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let member = &answer.body["member"];
    assert_eq!(answer.body["member_id"], member["member_id"]);
    for (field, expected) in [
        ("email_address", json!("Ana@Acme.test")),
        ("status", json!("active")),
        ("email_address_verified", json!(false)),
        ("mfa_phone_number", json!("")),
        ("totp_registration_id", json!("")),
        ("member_password_id", json!("")),
        ("default_mfa_method", json!("")),
        ("is_locked", json!(false)),
        ("sso_registrations", json!([])),
        ("scim_registration", Value::Null),
        ("retired_email_addresses", json!([])),
        (
            "roles",
            json!([
                { "role_id": "editor", "sources": [{ "type": "direct_assignment", "details": {} }] },
                { "role_id": "stytch_member", "sources": [{ "type": "direct_assignment", "details": {} }] },
            ]),
        ),
    ] {
        assert_eq!(member[field], expected, "{field}");
    }
}

#[actix_web::test]
async fn a_member_is_found_by_id_address_and_external_id() {
    let gateway = TestGateway::start().await;
    let organization = acme(&gateway).await;
    let base = format!("/v1/b2b/organizations/{organization}");
    let body = json!({ "email_address": "ana@acme.test", "external_id": "hr-7" });
    let created = gateway.post(&format!("{base}/members"), body).await.body["member"].clone();
    let id = created["member_id"].as_str().unwrap();
    for query in [
        format!("member_id={id}"),
        "email_address=ANA%40acme.test".to_owned(),
        "member_id=hr-7".to_owned(),
        format!("member_id={id}&organization_id={organization}"),
    ] {
        let answer = gateway.get(&format!("{base}/member?{query}")).await;
        assert_eq!(
            (answer.status, &answer.body["member"]),
            (200, &created),
            "{query}"
        );
    }
    let dangerous = "/v1/b2b/organizations/members/dangerously_get";
    for flag in ["", "?include_deleted=True", "?include_deleted=false"] {
        let answer = gateway.get(&format!("{dangerous}/{id}{flag}")).await;
        assert_eq!(
            (answer.status, &answer.body["member"]),
            (200, &created),
            "{flag}"
        );
        assert_eq!(answer.body["organization"]["organization_id"], organization);
    }
}

#[actix_web::test]
async fn addresses_and_external_ids_are_unique_among_live_members() {
    let gateway = TestGateway::start().await;
    let path = format!("/v1/b2b/organizations/{}/members", acme(&gateway).await);
    let ana = json!({ "email_address": "ana@acme.test", "external_id": "7" });
    gateway.post(&path, ana).await;
    for (body, error_type) in [
        (
            json!({ "email_address": "ANA@acme.test" }),
            "duplicate_member_email",
        ),
        (
            json!({ "email_address": "b@acme.test", "external_id": "7" }),
            "duplicate_member_external_id",
        ),
        (
            json!({ "email_address": "b@acme.test", "roles": ["stytch_member"] }),
            "cannot_assign_default_rbac_role_id",
        ),
        (
            json!({ "email_address": "b@acme.test", "roles": ["no good"] }),
            "invalid_rbac_role_id",
        ),
        (json!({}), "invalid_email"),
        (json!({ "email_address": "nobody" }), "invalid_email"),
        (
            json!({ "email_address": "b@acme.test", "mfa_phone_number": "12" }),
            "invalid_phone_number",
        ),
    ] {
        let answer = gateway.post(&path, body.clone()).await;
        assert_eq!(
            (answer.status, &answer.body["error_type"]),
            (400, &json!(error_type)),
            "{body}"
        );
    }
}

#[actix_web::test]
async fn the_same_address_may_be_a_member_of_two_organizations() {
    let gateway = TestGateway::start().await;
    for name in ["Acme", "Globex"] {
        let id = gateway
            .organization(json!({ "organization_name": name }))
            .await;
        let path = format!(
            "/v1/b2b/organizations/{}/members",
            id["organization_id"].as_str().unwrap()
        );
        assert_eq!(
            gateway
                .post(&path, json!({ "email_address": "ana@acme.test" }))
                .await
                .status,
            200
        );
    }
}

#[actix_web::test]
async fn search_finds_members_of_the_given_organizations_only() {
    let gateway = TestGateway::start().await;
    let (acme, globex) = (acme(&gateway).await, acme(&gateway).await);
    for n in 0..3 {
        let body = json!({ "email_address": format!("person{n}@acme.test"), "create_member_as_pending": n == 2 });
        gateway
            .post(&format!("/v1/b2b/organizations/{acme}/members"), body)
            .await;
    }
    let other = json!({ "email_address": "person9@globex.test" });
    gateway
        .post(&format!("/v1/b2b/organizations/{globex}/members"), other)
        .await;
    let search = async |body: Value| {
        let answer = gateway
            .post("/v1/b2b/organizations/members/search", body)
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body
    };
    let found = search(json!({ "organization_ids": [acme] })).await;
    assert_eq!(found["results_metadata"]["total"], 3);
    assert_eq!(found["members"].as_array().unwrap().len(), 3);
    assert_eq!(
        found["organizations"][&acme]["organization_id"],
        acme.as_str()
    );
    let operands = json!([
        { "filter_name": "member_email_fuzzy", "filter_value": "PERSON" },
        { "filter_name": "statuses", "filter_value": ["active"] },
    ]);
    let both = json!([acme, globex]);
    let query = json!({ "operator": "AND", "operands": operands });
    let first = search(json!({ "organization_ids": both, "query": query, "limit": 2 })).await;
    assert_eq!(first["results_metadata"]["total"], 3);
    assert_eq!(first["members"].as_array().unwrap().len(), 2);
    let cursor = &first["results_metadata"]["next_cursor"];
    let rest = search(json!({ "organization_ids": both, "query": query, "cursor": cursor })).await;
    assert_eq!(rest["members"][0]["email_address"], "person9@globex.test");
    assert!(rest["results_metadata"]["next_cursor"].is_null());
}

#[actix_web::test]
async fn every_field_of_a_new_member_is_kept_with_one_event() {
    let acme = Acme::start().await;
    let known = acme.journal().await.len();
    let body = json!({
        "email_address": "ana@acme.test",
        "name": "Ana",
        "trusted_metadata": { "a": 1, "b": null },
        "untrusted_metadata": { "theme": "dark" },
        "create_member_as_pending": true,
        "is_breakglass": true,
        "mfa_phone_number": "+15551234567",
        "mfa_enrolled": true,
        "roles": ["editor", "stytch_admin", "editor"],
        "external_id": "hr-7",
    });
    let member = acme.any(&acme.member(body.clone()).await).await;
    for field in [
        "email_address",
        "name",
        "untrusted_metadata",
        "is_breakglass",
        "mfa_phone_number",
        "mfa_enrolled",
        "external_id",
    ] {
        assert_eq!(member[field], body[field], "{field}");
    }
    assert_eq!(member["trusted_metadata"], json!({ "a": 1 }));
    assert_eq!(
        (&member["status"], &member["is_admin"]),
        (&json!("pending"), &json!(true))
    );
    let roles = member["roles"].as_array().unwrap().iter();
    let roles: Vec<_> = roles.map(|role| role["role_id"].clone()).collect();
    assert_eq!(roles, ["editor", "stytch_admin", "stytch_member"]);
    assert_eq!(acme.events_since(known).await, ["member.created"]);
    let refused = acme.gateway.post(&acme.members, body).await;
    assert_eq!(refused.body["error_type"], "duplicate_member_email");
    assert_eq!(acme.journal().await.len(), known + 1);
}

#[actix_web::test]
async fn a_member_is_read_by_one_of_its_names_or_not_at_all() {
    let acme = Acme::start().await;
    let base = format!("/v1/b2b/organizations/{}/member", acme.organization_id);
    let dangerous = "/v1/b2b/organizations/members/dangerously_get";
    let nobody = "member-test-00000000-0000-4000-8000-000000000000";
    for (path, status, error_type) in [
        (base.clone(), 400, "invalid_member_get_fields"),
        (
            format!("{base}?member_id=&email_address="),
            400,
            "invalid_member_get_fields",
        ),
        (
            format!("{base}?member_id={nobody}"),
            404,
            "member_not_found",
        ),
        (format!("{base}?member_id=hr-7"), 404, "member_not_found"),
        (
            format!("{base}?email_address=nobody"),
            404,
            "member_not_found",
        ),
        (format!("{dangerous}/{nobody}"), 404, "member_not_found"),
        (format!("{dangerous}/hr-7"), 404, "member_not_found"),
    ] {
        let answer = acme.gateway.get(&path).await;
        assert_eq!(refusal(&answer), refused(status, error_type), "{path}");
    }
}
