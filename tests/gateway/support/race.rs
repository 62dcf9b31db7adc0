//! The same thing many times at once, by turns at two nodes where the database allows two.

use serde_json::Value;

use super::TestGateway;
use super::browser::Browser;
use super::browser::Page;

const AT_ONCE: usize = 50;

/// How many of the calls get through; each of the others is refused in the same way.
pub async fn call(
    gateway: &TestGateway,
    (path, body): (&str, &Value),
    refusal: (u16, &str),
) -> usize {
    let other = gateway.another_node();
    let calls: Vec<_> = [&gateway.base_url, &other.base_url]
        .into_iter()
        .cycle()
        .take(AT_ONCE)
        .map(|node| {
            let call = gateway.http.post(format!("{node}{path}")).json(body);
            let call = call.basic_auth(&gateway.project_id, Some(&gateway.secret));
            actix_web::rt::spawn(call.send())
        })
        .collect();
    let mut through = 0;
    for call in calls {
        let answer = call.await.unwrap().unwrap();
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.unwrap();
        if status == 200 {
            through += 1;
        } else {
            let told = (status, body["error_type"].as_str().unwrap_or_default());
            assert_eq!(told, refusal, "{path}: {body}");
        }
    }
    through
}

/// How many of the browsers that come back to us with the same cookies get on to the application;
/// each of the others is shown one of these codes.
pub async fn come_back(
    gateway: &TestGateway,
    (browser, callback): (&Browser, &str),
    codes: &[&str],
) -> Vec<Page> {
    let other = gateway.another_node();
    let place = callback.strip_prefix(&gateway.base_url).unwrap();
    let visits: Vec<_> = [&gateway.base_url, &other.base_url]
        .into_iter()
        .cycle()
        .take(AT_ONCE)
        .map(|node| {
            let (twin, url) = (browser.twin(), format!("{node}{place}"));
            actix_web::rt::spawn(async move { twin.get(&url).await })
        })
        .collect();
    let mut through = Vec::new();
    for visit in visits {
        let page = visit.await.unwrap();
        if page.status == 302 {
            through.push(page);
        } else {
            assert!(page.status < 500, "{}", page.text);
            assert!(codes.contains(&page.code().as_str()), "{}", page.text);
        }
    }
    through
}
