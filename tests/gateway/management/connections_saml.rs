use serde_json::Value;
use serde_json::json;

use super::connections::acme;
use super::connections::created;
use crate::support::Answer;
use crate::support::TestGateway;
use crate::support::private_key::rsa_key;

const MAPPING: &str = r#"{ "email": "NameID", "full_name": "name", "groups": "groups" }"#;

/// A SAML connection and the URL of it.
async fn connection(gateway: &TestGateway) -> String {
    let path = format!("/v1/b2b/sso/saml/{}", acme(gateway).await);
    let created = created(gateway, &path, json!({})).await;
    let id = created["connection_id"].as_str().unwrap();
    format!("{path}/connections/{id}")
}

fn complete() -> Value {
    json!({
        "idp_entity_id": "https://idp.test",
        "idp_sso_url": "https://idp.test/sso",
        "x509_certificate": certificate(),
        "attribute_mapping": serde_json::from_str::<Value>(MAPPING).unwrap(),
    })
}

fn certificate() -> String {
    let made = rcgen::generate_simple_self_signed(vec!["idp.test".to_owned()]).unwrap();
    made.cert.pem()
}

async fn updated(gateway: &TestGateway, path: &str, body: Value) -> Value {
    let answer = gateway.put(path, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body["connection"].clone()
}

fn refused(answer: &Answer, status: u16, error_type: &str) {
    let told = (answer.status, answer.body["error_type"].as_str());
    assert_eq!(told, (status, Some(error_type)), "{}", answer.text);
}

#[actix_web::test]
async fn every_field_of_a_saml_connection_is_kept_and_shown() {
    let gateway = TestGateway::start().await;
    let path = connection(&gateway).await;
    let fields = json!({
        "idp_entity_id": "https://idp.test",
        "display_name": "Acme's Okta",
        "attribute_mapping": { "email": "mail", "first_name": "f", "last_name": "l", "groups": "g" },
        "idp_sso_url": "https://idp.test/sso",
        "saml_connection_implicit_role_assignments": [{ "role_id": "employee" }],
        "saml_group_implicit_role_assignments": [{ "role_id": "editor", "group": "eng" }],
        "alternative_audience_uri": "urn:before",
        "identity_provider": "okta",
        "nameid_format": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
        "alternative_acs_url": "https://before.test/acs",
        "idp_initiated_auth_disabled": false,
        "allow_gateway_callback": true,
    });
    let mut with_certificate = fields.clone();
    with_certificate["x509_certificate"] = json!(certificate());
    let shown = updated(&gateway, &path, with_certificate.clone()).await;
    for (name, value) in fields.as_object().unwrap() {
        assert_eq!(&shown[name], value, "{name}");
    }
    assert_eq!(shown["status"], "active");
    assert_eq!(shown["encryption_private_keys"], json!([]));
    assert_eq!(updated(&gateway, &path, with_certificate).await, shown);
    let nothing = json!({ "display_name": null, "unknown": 1 });
    assert_eq!(updated(&gateway, &path, nothing).await, shown);
}

#[actix_web::test]
async fn what_a_saml_connection_cannot_use_is_refused_and_changes_nothing() {
    let gateway = TestGateway::start_guarded().await;
    let path = connection(&gateway).await;
    let before = updated(&gateway, &path, json!({})).await;
    let (pkcs8, pkcs1) = rsa_key();
    let credentials = "https://user:password@idp.test/sso";
    let table = [
        (
            "x509_certificate",
            json!("nonsense"),
            "invalid_x509_certificate",
        ),
        (
            "idp_sso_url",
            json!(""),
            "saml_connection_idp_sso_url_required",
        ),
        (
            "idp_sso_url",
            json!("/sso"),
            "saml_connection_idp_sso_url_invalid_format",
        ),
        (
            "idp_sso_url",
            json!("javascript:alert(1)"),
            "saml_connection_idp_sso_url_invalid_format",
        ),
        (
            "idp_sso_url",
            json!("http://idp.test/sso"),
            "saml_connection_idp_sso_url_not_https",
        ),
        ("idp_sso_url", json!(credentials), "invalid_idp_sso_url"),
        ("idp_entity_id", json!(""), "invalid_idp_entity_id"),
        (
            "idp_entity_id",
            json!("x".repeat(1025)),
            "invalid_idp_entity_id",
        ),
        (
            "attribute_mapping",
            json!({}),
            "saml_connection_attribute_mapping_required",
        ),
        (
            "attribute_mapping",
            json!({ "full_name": "n" }),
            "saml_connection_email_mapping_required",
        ),
        (
            "attribute_mapping",
            json!({ "email": "e", "first_name": "f" }),
            "saml_connection_name_mapping_required",
        ),
        (
            "attribute_mapping",
            json!({ "email": { "x": 1 } }),
            "saml_connection_no_nested_keys_in_attribute_mapping",
        ),
        (
            "saml_group_implicit_role_assignments",
            json!([{ "role_id": "editor", "group": "g" }]),
            "saml_connection_attribute_mapping_missing_groups_key",
        ),
        (
            "saml_group_implicit_role_assignments",
            json!([{ "role_id": "editor", "group": "" }]),
            "saml_group_role_assignment_does_not_contain_member_group",
        ),
        (
            "saml_connection_implicit_role_assignments",
            json!([{ "role_id": "undeclared" }]),
            "invalid_rbac_role_id",
        ),
        (
            "signing_private_key",
            json!("nonsense"),
            "saml_signing_private_key_invalid",
        ),
        (
            "signing_private_key",
            json!(pkcs8),
            "saml_signing_private_key_format_not_supported",
        ),
        (
            "saml_encryption_private_key",
            json!(pkcs1.replace("MII", "AAA")),
            "saml_encryption_private_key_invalid",
        ),
        (
            "saml_encryption_private_key",
            json!(pkcs8),
            "saml_encryption_private_key_format_not_supported",
        ),
        ("identity_provider", json!("myspace"), "invalid_sso_idp"),
    ];
    for (field, value, error_type) in table {
        let body = json!({ "display_name": "changed", field: value });
        refused(&gateway.put(&path, body).await, 400, error_type);
    }
    assert_eq!(updated(&gateway, &path, json!({})).await, before);
}

#[actix_web::test]
async fn certificates_are_added_up_to_five_and_an_active_connection_keeps_one() {
    let gateway = TestGateway::start().await;
    let path = connection(&gateway).await;
    let first = certificate();
    let mut body = complete();
    body["x509_certificate"] = json!(first);
    updated(&gateway, &path, body).await;
    for _ in 0..4 {
        updated(
            &gateway,
            &path,
            json!({ "x509_certificate": certificate() }),
        )
        .await;
    }
    let sixth = json!({ "x509_certificate": certificate() });
    let answer = gateway.put(&path, sixth).await;
    refused(&answer, 400, "too_many_sso_verification_certificates");
    // The same one in other clothes is no sixth.
    let bare: String = first
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    let shown = updated(&gateway, &path, json!({ "x509_certificate": bare })).await;
    let ids: Vec<_> = shown["verification_certificates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|known| known["certificate_id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), 5);
    let of = |id: &str| format!("{path}/verification_certificates/{id}");
    let (last, others) = ids.split_last().unwrap();
    for id in others {
        let answer = gateway.call("DELETE", &of(id), Some(json!({}))).await;
        assert_eq!(
            (answer.status, &answer.body["certificate_id"]),
            (200, &json!(id))
        );
        let again = gateway.call("DELETE", &of(id), None).await;
        refused(&again, 404, "sso_verification_key_not_found");
    }
    let answer = gateway.call("DELETE", &of(last), None).await;
    refused(&answer, 400, "cannot_delete_last_sso_verification_key");
    let answer = gateway.call("DELETE", &of("nonsense"), None).await;
    refused(&answer, 404, "sso_verification_key_not_found");
    let pending = connection(&gateway).await;
    let body = json!({ "x509_certificate": certificate() });
    let only = updated(&gateway, &pending, body).await["verification_certificates"][0].clone();
    let id = only["certificate_id"].as_str().unwrap();
    let url = format!("{pending}/verification_certificates/{id}");
    assert_eq!(gateway.call("DELETE", &url, None).await.status, 200);
}

#[actix_web::test]
async fn a_signing_key_gets_a_certificate_that_stays_while_the_key_does() {
    let gateway = TestGateway::start().await;
    let path = connection(&gateway).await;
    let (_, key) = rsa_key();
    let body = json!({ "signing_private_key": key });
    let first = updated(&gateway, &path, body.clone()).await["signing_certificates"].clone();
    assert!(
        first[0]["issuer"]
            .as_str()
            .unwrap()
            .starts_with("CN=saml-connection-test-")
    );
    let again = updated(&gateway, &path, body).await["signing_certificates"].clone();
    assert_eq!(again, first);
    let (_, other) = rsa_key();
    let body = json!({ "signing_private_key": other });
    let changed = updated(&gateway, &path, body).await["signing_certificates"].clone();
    assert_eq!(changed.as_array().unwrap().len(), 1);
    assert_ne!(changed[0]["certificate"], first[0]["certificate"]);
}

#[actix_web::test]
async fn keys_for_encrypted_responses_are_kept_but_never_told() {
    let gateway = TestGateway::start().await;
    let path = connection(&gateway).await;
    let (_, key) = rsa_key();
    let body = json!({ "saml_encryption_private_key": key });
    let first = updated(&gateway, &path, body.clone()).await["encryption_private_keys"].clone();
    assert_eq!(first[0]["private_key"], "");
    let again = updated(&gateway, &path, body).await["encryption_private_keys"].clone();
    assert_eq!(again, first);
    for _ in 0..4 {
        let body = json!({ "saml_encryption_private_key": rsa_key().1 });
        updated(&gateway, &path, body).await;
    }
    let sixth = json!({ "saml_encryption_private_key": rsa_key().1 });
    let answer = gateway.put(&path, sixth).await;
    refused(&answer, 400, "too_many_encryption_certificates");
    let id = first[0]["private_key_id"].as_str().unwrap();
    let url = format!("{path}/encryption_private_keys/{id}");
    let answer = gateway.call("DELETE", &url, None).await;
    assert_eq!(
        (answer.status, &answer.body["private_key_id"]),
        (200, &json!(id))
    );
    let again = gateway.call("DELETE", &url, None).await;
    refused(&again, 404, "sso_encryption_private_key_not_found");
    let shown = updated(&gateway, &path, json!({})).await;
    assert_eq!(
        shown["encryption_private_keys"].as_array().unwrap().len(),
        4
    );
}

#[actix_web::test]
async fn a_new_key_for_encrypted_responses_is_shown_to_the_idp_and_the_old_one_stays() {
    let gateway = TestGateway::start().await;
    let path = connection(&gateway).await;
    let url = format!("{path}/encryption_private_keys");
    let id = path.rsplit_once('/').unwrap().1.to_owned();
    let metadata_url = format!("/v1/b2b/sso/callback/{id}/metadata");
    let mut certificates = Vec::new();
    for number in 1..=2 {
        let answer = gateway.call("POST", &url, None).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let shown = answer.body["connection"].clone();
        let keys = shown["encryption_private_keys"].as_array().unwrap();
        assert_eq!(keys.len(), number);
        let newest = keys.last().unwrap();
        assert_eq!(newest["private_key"], "");
        let certificate = newest["certificate"].as_str().unwrap();
        let lines = certificate.lines().filter(|line| !line.starts_with('-'));
        certificates.push(lines.collect::<String>());
        let metadata = gateway.get(&metadata_url).await.text;
        let offered = |it: &String| metadata.contains(it.as_str());
        assert!(metadata.contains("use=\"encryption\""), "{metadata}");
        assert!(certificates.last().is_some_and(offered), "{metadata}");
        assert_eq!(certificates.iter().filter(|it| offered(it)).count(), 1);
    }
}

#[actix_web::test]
async fn how_strictly_responses_are_read_is_a_setting_within_limits() {
    let gateway = TestGateway::start().await;
    let path = connection(&gateway).await;
    let shown = updated(&gateway, &path, json!({})).await;
    assert_eq!(shown["clock_skew_seconds"], 60);
    assert_eq!(shown["want_response_signed"], false);
    let body = json!({
        "clock_skew_seconds": 300, "want_response_signed": true, "want_assertion_signed": true,
    });
    let shown = updated(&gateway, &path, body).await;
    assert_eq!(shown["clock_skew_seconds"], 300);
    assert_eq!(shown["want_response_signed"], true);
    assert_eq!(shown["want_assertion_signed"], true);
    let answer = gateway
        .put(&path, json!({ "clock_skew_seconds": 301 }))
        .await;
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert!(answer.text.contains("at most 300"), "{}", answer.text);
}
