use crate::support::TestGateway;
use crate::support::sdk;

#[actix_web::test]
async fn the_node_sdk_tells_its_story() {
    sdk::tell(
        &TestGateway::start().await,
        (sdk::NODE, "node/story.mjs"),
        &[],
    )
    .await;
}

#[actix_web::test]
async fn the_python_sdk_tells_its_story() {
    let gateway = TestGateway::start().await;
    sdk::tell(&gateway, (sdk::PYTHON, "python/story.py"), &[]).await;
}
