//! One link many times at once, on two nodes where the database allows two: one session.

use std::rc::Rc;

use serde_json::json;

use super::AUTHENTICATE;
use super::Acme;
use super::INVITE;
use super::LOGIN_OR_SIGNUP;
use super::token_to;

const AT_ONCE: usize = 50;
const ANA: &str = "ana@acme.test";

/// Redeems a token many times at once, by turns at each node, and counts the sessions.
async fn redeem_at_once(acme: &Rc<Acme>, token: &str) -> usize {
    let node = acme.gateway.another_node();
    let nodes = [acme.gateway.base_url.clone(), node.base_url.clone()];
    let calls: Vec<_> = (0..AT_ONCE)
        .map(|number| {
            let acme = acme.clone();
            let url = format!("{}{AUTHENTICATE}", nodes[number % nodes.len()]);
            let body = json!({ "magic_links_token": token });
            actix_web::rt::spawn(async move {
                let gateway = &acme.gateway;
                let call = gateway.http.post(url).json(&body);
                let call = call.basic_auth(&gateway.project_id, Some(&gateway.secret));
                gateway.send(call).await
            })
        })
        .collect();
    let mut sessions = 0;
    for call in calls {
        let answer = call.await.unwrap();
        match answer.status {
            200 => sessions += 1,
            status => assert_eq!(status, 401, "{}", answer.text),
        }
    }
    sessions
}

#[actix_web::test]
async fn of_fifty_who_come_by_one_link_at_once_one_gets_in() {
    for path in [LOGIN_OR_SIGNUP, INVITE] {
        let acme = Acme::open().await;
        acme.asked(path, ANA, json!({})).await;
        let token = token_to(&acme.gateway, ANA).await;
        let acme = Rc::new(acme);
        assert_eq!(redeem_at_once(&acme, &token).await, 1, "{path}");
        let kinds = acme.kinds().await;
        let started = kinds.iter().filter(|kind| *kind == "session.started");
        assert_eq!(started.count(), 1, "{path}");
    }
}

#[actix_web::test]
async fn an_address_that_is_invited_many_times_at_once_becomes_one_member() {
    let acme = Rc::new(Acme::open().await);
    let body = json!({ "organization_id": acme.organization_id, "email_address": ANA });
    let calls: Vec<_> = (0..10)
        .map(|_| {
            let (acme, body) = (acme.clone(), body.clone());
            actix_web::rt::spawn(async move { acme.gateway.post(INVITE, body).await })
        })
        .collect();
    let mut sent = 0;
    for call in calls {
        match call.await.unwrap().status {
            200 => sent += 1,
            status => assert_eq!(status, 429),
        }
    }
    assert!(sent >= 1);
    let kinds = acme.kinds().await;
    let created = kinds.iter().filter(|kind| *kind == "member.created");
    assert_eq!(created.count(), 1);
}
