//! How many members an organization has, and how it loses its external id.

use serde_json::Value;
use serde_json::json;

use crate::support::TestGateway;
use crate::support::raw_sql::RawSql;

const ORGANIZATIONS: &str = "/v1/b2b/organizations";

async fn organization(gateway: &TestGateway, slug: &str) -> String {
    let body = json!({
        "organization_name": slug, "organization_slug": slug, "organization_external_id": slug,
    });
    let created = gateway.organization(body).await;
    created["organization_id"].as_str().unwrap().to_owned()
}

fn key(id: &str) -> &str {
    id.rsplit_once("-test-").unwrap().1
}

#[actix_web::test]
async fn metrics_count_the_members_that_are_live() {
    let gateway = TestGateway::start().await;
    let (acme, globex) = (
        organization(&gateway, "acme").await,
        organization(&gateway, "globex").await,
    );
    for id in [&acme, &acme, &globex] {
        gateway.member_with_roles(id, &[]).await;
    }
    let mut sql = RawSql::open(gateway.storage.database());
    let count = async |id: &str| {
        let answer = gateway.get(&format!("{ORGANIZATIONS}/{id}/metrics")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body["member_count"].as_i64().unwrap()
    };
    assert_eq!((count(&acme).await, count("globex").await), (2, 1));
    sql.execute(&format!(
        "UPDATE members SET status = 'deleted' WHERE organization_id = '{}'",
        key(&globex)
    ));
    assert_eq!((count(&acme).await, count("globex").await), (2, 0));
    let none = gateway
        .get(&format!("{ORGANIZATIONS}/nobody/metrics"))
        .await;
    assert_eq!(none.body["error_type"], "organization_not_found");
    let member = gateway.member_session(&acme, &["stytch_admin"]).await;
    let path = format!("{ORGANIZATIONS}/{acme}/metrics");
    let answer = gateway.call_as(&member, ("GET", &path), None).await;
    assert_eq!(
        (answer.status, &answer.body["error_type"]),
        (403, &json!("session_authorization_error"))
    );
}

#[actix_web::test]
async fn an_external_id_can_be_taken_away() {
    let gateway = TestGateway::start().await;
    let id = organization(&gateway, "acme").await;
    for _ in 0..2 {
        let path = format!("{ORGANIZATIONS}/{id}/external_id");
        let answer = gateway.call("DELETE", &path, Some(json!({}))).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(
            answer.body["organization"]["organization_external_id"],
            Value::Null
        );
        assert_eq!(answer.body["organization"]["organization_slug"], "acme");
    }
    let free = json!({ "organization_name": "B", "organization_external_id": "acme" });
    let other = gateway.organization(free).await;
    let named = gateway.get(&format!("{ORGANIZATIONS}/acme")).await;
    assert_eq!(
        named.body["organization"]["organization_id"],
        other["organization_id"]
    );
}
