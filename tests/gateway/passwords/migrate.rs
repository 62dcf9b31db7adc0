use serde_json::Value;
use serde_json::json;
use vestibule::domain::password::strength::PasswordSettings;
use vestibule::domain::password::strength::StrengthPolicy;

use super::Acme;
use super::BCRYPT;
use super::EMAIL;
use super::OTHER;
use super::PASSWORD;
use super::refusal;

#[actix_web::test]
async fn a_new_member_comes_with_its_hash_and_what_is_said_of_it() {
    let acme = Acme::start().await;
    let answer = acme
        .migrate(json!({
            "name": "Ana",
            "roles": ["editor"],
            "external_id": "hr-7",
            "trusted_metadata": { "plan": "pro" },
            "mfa_phone_number": "+15551234567",
            "set_phone_number_verified": true,
        }))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["member_created"], true);
    let member = &answer.body["member"];
    let table = [
        ("email_address", json!(EMAIL)),
        ("email_address_verified", json!(true)),
        ("status", json!("active")),
        ("name", json!("Ana")),
        ("external_id", json!("hr-7")),
        ("trusted_metadata", json!({ "plan": "pro" })),
        ("mfa_phone_number_verified", json!(true)),
    ];
    for (field, expected) in table {
        assert_eq!(member[field], expected, "{field}");
    }
    let id = member["member_password_id"].as_str().unwrap();
    assert!(id.starts_with("member-password-test-"), "{id}");
    assert!(!answer.text.contains(BCRYPT));
    assert_eq!(acme.authenticate(EMAIL, PASSWORD).await.status, 200);
}

#[actix_web::test]
async fn a_known_member_gets_the_hash_and_keeps_its_external_id_but_only_once() {
    let acme = Acme::start().await;
    let path = format!("/v1/b2b/organizations/{}/members", acme.organization_id);
    let known = json!({ "email_address": EMAIL, "external_id": "hr-7", "name": "Ana" });
    let known = acme.gateway.post(&path, known).await;
    let answer = acme
        .migrate(json!({ "email_address": "ANA@acme.test", "external_id": "hr-8", "name": "Ann" }))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["member_created"], false);
    assert_eq!(answer.body["member_id"], known.body["member_id"]);
    assert_eq!(answer.body["member"]["external_id"], "hr-7");
    assert_eq!(answer.body["member"]["name"], "Ann");
    let again = acme.migrate(json!({ "name": "Anna" })).await;
    assert_eq!(refusal(&again), (400, "password_already_exists"));
    let member = format!(
        "{}/member?email_address={EMAIL}",
        path.trim_end_matches('s')
    );
    let member = member.replace("/member/member", "/member");
    let shown = acme.gateway.get(&member).await;
    assert_eq!(shown.body["member"]["name"], "Ann", "{}", shown.text);
}

#[actix_web::test]
async fn what_cannot_be_taken_over_is_told_by_its_name() {
    let acme = Acme::start().await;
    let table = [
        (json!({ "hash_type": "rot13" }), "invalid_hash_type"),
        (json!({ "hash": "x" }), "invalid_bcrypt_hash"),
        (
            json!({ "hash_type": "md_5", "hash": "x" }),
            "invalid_md_5_hash",
        ),
        (
            json!({ "hash_type": "sha_1", "hash": "x" }),
            "invalid_sha_1_hash",
        ),
        (
            json!({ "hash_type": "sha_512", "hash": "x" }),
            "invalid_hash",
        ),
        (
            json!({ "hash_type": "scrypt", "hash": "x" }),
            "invalid_scrypt_parameters",
        ),
        (
            json!({ "hash_type": "pbkdf_2", "hash": "x" }),
            "invalid_pbkdf_2_iteration_amount",
        ),
        (
            json!({ "hash_type": "phpass", "hash": "x" }),
            "invalid_phpass_hash_prefix",
        ),
        (json!({ "roles": ["nobody"] }), "invalid_rbac_role_id"),
        (json!({ "mfa_phone_number": "12" }), "invalid_phone_number"),
        (json!({ "email_address": "nobody" }), "invalid_email"),
    ];
    for (more, expected) in table {
        let answer = acme.migrate(more.clone()).await;
        assert_eq!(refusal(&answer), (400, expected), "{more}");
    }
    let elsewhere = acme.migrate(json!({ "organization_id": "nowhere" })).await;
    assert_eq!(refusal(&elsewhere), (404, "organization_not_found"));
}

#[actix_web::test]
async fn members_are_found_by_whether_they_have_a_password() {
    let acme = Acme::with_ana().await;
    let path = format!("/v1/b2b/organizations/{}/members", acme.organization_id);
    let ben = json!({ "email_address": "ben@acme.test" });
    assert_eq!(acme.gateway.post(&path, ben).await.status, 200);
    for (wanted, expected) in [(true, EMAIL), (false, "ben@acme.test")] {
        let body = json!({ "organization_ids": ["acme"], "query": { "operator": "AND",
            "operands": [{ "filter_name": "password_exists", "filter_value": wanted }] } });
        let path = "/v1/b2b/organizations/members/search";
        let found = acme.gateway.post(path, body).await;
        let members = found.body["members"].as_array().unwrap();
        assert_eq!(members.len(), 1, "{}", found.text);
        assert_eq!(members[0]["email_address"], expected);
    }
}

#[actix_web::test]
async fn strength_is_told_under_the_policy_that_the_project_declares() {
    let acme = Acme::start().await;
    let check = async |password: &str, email: &str| -> Value {
        let body = json!({ "password": password, "email_address": email });
        let answer = acme.post("strength_check", body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body
    };
    let strong = check(OTHER, EMAIL).await;
    assert_eq!(strong["valid_password"], true);
    assert_eq!(strong["strength_policy"], "zxcvbn");
    assert_eq!(strong["breached_password"], false);
    assert_eq!(strong["luds_feedback"], Value::Null);
    let weak = check("password1", EMAIL).await;
    assert_eq!(
        (&weak["valid_password"], &weak["score"]),
        (&json!(false), &json!(1))
    );
    assert!(
        !weak["zxcvbn_feedback"]["suggestions"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    let own = "waltraud.huber@bergfreunde.example";
    assert_eq!(check(own, own).await["valid_password"], false);
    acme.declare(PasswordSettings {
        strength_policy: StrengthPolicy::Luds,
        luds_minimum_length: 12,
        ..PasswordSettings::default()
    })
    .await;
    let short = check("Abcdef1", EMAIL).await;
    assert_eq!(short["valid_password"], false);
    assert_eq!(short["strength_policy"], "luds");
    let feedback = json!({
        "has_lower_case": true,
        "has_upper_case": true,
        "has_digit": true,
        "has_symbol": false,
        "missing_complexity": 0,
        "missing_characters": 5,
    });
    assert_eq!(short["luds_feedback"], feedback);
    assert_eq!(check("Abcdefghijk1", EMAIL).await["valid_password"], true);
}
