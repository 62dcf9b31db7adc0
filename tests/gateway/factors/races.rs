//! The same code many times at once, on two nodes where the database allows two: one session.

use std::rc::Rc;

use serde_json::Value;
use serde_json::json;

use super::Ana;
use super::NUMBER;
use super::merge;

const AT_ONCE: usize = 50;

/// How many of fifty calls at once, each with a first factor of its own, open a session.
async fn sessions(ana: &Rc<Ana>, path: &str, code: Value) -> usize {
    let node = ana.gateway.another_node();
    let nodes = [ana.gateway.base_url.clone(), node.base_url.clone()];
    let mut calls = Vec::new();
    for number in 0..AT_ONCE {
        let mut body = json!({
            "organization_id": ana.organization_id,
            "member_id": ana.member_id,
            "intermediate_session_token": ana.first_factor().await,
        });
        merge(&mut body, code.clone());
        let url = format!("{}/v1/b2b/{path}", nodes[number % nodes.len()]);
        let gateway = &ana.gateway;
        let request = gateway
            .http
            .post(url)
            .basic_auth(&gateway.project_id, Some(&gateway.secret))
            .header("content-type", "application/json")
            .body(body.to_string());
        let ana = ana.clone();
        calls.push(actix_web::rt::spawn(async move {
            ana.gateway.send(request).await
        }));
    }
    let mut opened = 0;
    for call in calls {
        let answer = call.await.unwrap();
        match answer.status {
            200 => opened += 1,
            // Used by then, wrong by then, or locked by those that were wrong.
            400 | 401 | 404 => {}
            status => panic!("{status}: {}", answer.text),
        }
    }
    opened
}

#[actix_web::test]
async fn of_fifty_tries_with_one_code_of_an_application_one_opens_a_session() {
    let ana = Rc::new(Ana::owing().await);
    let (secret, _) = ana.enrol().await;
    let code = json!({ "code": ana.code(&secret, 0) });
    assert_eq!(sessions(&ana, "totp/authenticate", code).await, 1);
}

#[actix_web::test]
async fn of_fifty_tries_with_one_recovery_code_one_opens_a_session() {
    let ana = Rc::new(Ana::owing().await);
    let (_, codes) = ana.enrol().await;
    let code = json!({ "recovery_code": codes[0] });
    assert_eq!(sessions(&ana, "recovery_codes/recover", code).await, 1);
}

#[actix_web::test]
async fn of_fifty_tries_with_one_code_by_sms_one_opens_a_session() {
    let settings = json!({ "mfa_policy": "REQUIRED_FOR_ALL" });
    let ana = Rc::new(Ana::of(settings, json!({ "mfa_phone_number": NUMBER })).await);
    assert_eq!(ana.post("otps/sms/send", json!({})).await.status, 200);
    let code = json!({ "code": ana.message().await.unwrap().code });
    assert_eq!(sessions(&ana, "otps/sms/authenticate", code).await, 1);
}
