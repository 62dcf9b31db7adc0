use crate::support::TestGateway;

#[actix_web::test]
async fn whoami_names_the_project_of_the_credentials() {
    let gateway = TestGateway::start().await;
    let answer = gateway.get("/v1/debug/whoami").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["project_id"], gateway.project_id.as_str());
}
