//! What a directory was refused, beside what sign-ins were.

use serde_json::json;

use crate::scim::directory::Directory;
use crate::scim::directory::text;
use crate::support::TestGateway;

#[actix_web::test]
async fn a_refused_request_of_a_directory_is_explained() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let ana = directory.user("ana@acme.test").await;
    let user = json!({ "userName": "ana@acme.test" });
    let twice = directory.post("/Users", user).await;
    assert_eq!(twice.status, 409, "{}", twice.text);
    let missing = directory.get(&format!("/Users/{ana}0")).await;
    assert_eq!(missing.status, 404, "{}", missing.text);
    gateway.write_request_log().await;
    let path = format!(
        "/v1/b2b/organizations/{}/refusals",
        directory.organization_id
    );
    let found = gateway.get(&path).await;
    assert_eq!(found.status, 200, "{}", found.text);
    let refusals = found.body["refusals"].as_array().unwrap();
    let told: Vec<(String, String)> = refusals
        .iter()
        .map(|it| (text(&it["kind"]), text(&it["remedy"]["name"])))
        .collect();
    let kind = "scim_request.refused".to_owned();
    let expected = [
        (kind.clone(), "scim_missing".to_owned()),
        (kind, "scim_uniqueness".to_owned()),
    ];
    assert_eq!(told, expected);
    assert_eq!(refusals[1]["received"], "POST /Users");
    let request = twice.headers["x-request-id"].to_str().unwrap();
    let one = gateway.get(&format!("{path}/{request}")).await;
    assert_eq!(one.body["refusal"], refusals[1]);
    let of_ana = gateway
        .get(&format!("{path}?email_address=ana@acme.test"))
        .await;
    assert_eq!(of_ana.body["refusals"], json!([refusals[1]]));
    let of_connection = format!("{path}?connection_id={}", directory.connection_id);
    let through = gateway.get(&of_connection).await;
    assert_eq!(through.body["refusals"], json!(refusals));
}
