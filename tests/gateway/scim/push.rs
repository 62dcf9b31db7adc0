//! A directory that pushes through many connections at once.

use std::sync::Arc;

use serde_json::json;

use crate::scim::directory::Directory;
use crate::support::TestGateway;

/// On a database that is nearly empty, everything conflicts with everything.
#[actix_web::test]
async fn a_first_push_through_many_connections_is_refused_nothing() {
    let gateway: &'static TestGateway = Box::leak(Box::new(TestGateway::start().await));
    let directory = Arc::new(Directory::start(gateway).await);
    let tasks: Vec<_> = (0..16)
        .map(|client| {
            let directory = directory.clone();
            actix_web::rt::spawn(async move {
                for number in 0..6 {
                    let name = format!("user-{client}-{number}@acme.test");
                    let answer = directory.post("/Users", json!({ "userName": name })).await;
                    assert_eq!(answer.status, 201, "{}", answer.text);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let all = directory.get("/Users?count=0").await;
    assert_eq!(all.body["totalResults"], 96, "{}", all.text);
}
