//! Messages as the operator's gateway gets them, with a receiver that checks signatures itself.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::Mutex;

use actix_web::App;
use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::HttpServer;
use actix_web::http::StatusCode;
use actix_web::web;
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;
use vestibule::outbound::http_client::HttpClient;
use vestibule::outbound::http_client::Settings;
use vestibule::outbound::sms_gateway::SmsGateway;
use vestibule::outbound::sms_gateway::secret_bytes;
use vestibule::worker::sms;
use vestibule::worker::sms::Sender;

use super::Ana;
use super::NUMBER;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

#[derive(Default)]
struct Received {
    status: u16,
    /// How many are being taken, and at most were.
    at_once: (usize, usize),
    messages: Vec<(String, Value)>,
}

type Shared = Arc<Mutex<Received>>;

async fn receive(
    shared: web::Data<Mutex<Received>>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let header = |name: &str| {
        request
            .headers()
            .get(name)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned()
    };
    let (id, at) = (header("webhook-id"), header("webhook-timestamp"));
    let key = hmac::Key::new(hmac::HMAC_SHA256, &secret_bytes(SECRET).unwrap());
    let signed = [format!("{id}.{at}.").as_bytes(), &body[..]].concat();
    let signature = header("webhook-signature");
    let signature = STANDARD
        .decode(signature.strip_prefix("v1,").unwrap())
        .unwrap();
    hmac::verify(&key, &signed, &signature).unwrap();
    {
        let (now, most) = &mut shared.lock().unwrap().at_once;
        *now += 1;
        *most = (*most).max(*now);
    }
    actix_web::rt::time::sleep(std::time::Duration::from_millis(200)).await;
    let mut shared = shared.lock().unwrap();
    shared.at_once.0 -= 1;
    let body: Value = serde_json::from_slice(&body).unwrap();
    shared.messages.push((id, body));
    HttpResponse::build(StatusCode::from_u16(shared.status).unwrap()).finish()
}

fn listen() -> (SmsGateway, Shared) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/send", listener.local_addr().unwrap());
    let shared = Shared::default();
    let data = web::Data::from(shared.clone());
    let app = move || {
        App::new()
            .app_data(data.clone())
            .route("/send", web::post().to(receive))
    };
    let server = HttpServer::new(app).workers(1).disable_signals();
    actix_web::rt::spawn(server.listen(listener).unwrap().run());
    (SmsGateway::new(url, secret_bytes(SECRET).unwrap()), shared)
}

async fn send(ana: &Ana, gateway: &SmsGateway) {
    let client = HttpClient::new(Settings {
        allow_private_network: true,
        ..Settings::default()
    });
    let sender = Sender {
        storage: &ana.gateway.storage,
        deployment: &ana.gateway.deployment,
        client: &client.unwrap(),
        gateway,
        clock: &ana.gateway.clock(),
    };
    sms::run(&sender).await;
}

#[actix_web::test]
async fn a_message_is_signed_tried_again_under_its_id_and_taken_once() {
    let (receiver, received) = listen();
    let ana = Ana::of(json!({}), json!({ "mfa_phone_number": NUMBER })).await;
    assert_eq!(ana.post("otps/sms/send", json!({})).await.status, 200);
    for (status, wait, count) in [(503, 6, 1), (429, 6, 2), (200, 6, 3), (200, 6, 3)] {
        received.lock().unwrap().status = status;
        send(&ana, &receiver).await;
        assert_eq!(received.lock().unwrap().messages.len(), count, "{status}");
        ana.gateway.wait(TimeDelta::seconds(wait));
    }
    let received = received.lock().unwrap();
    let (id, body) = &received.messages[0];
    assert!(received.messages.iter().all(|(other, _)| other == id));
    assert_eq!(body["type"], "sms.requested");
    assert_eq!(body["data"]["to"], NUMBER);
    let code = body["data"]["code"].as_str().unwrap();
    assert!(body["data"]["text"].as_str().unwrap().contains(code) && code.len() == 6);
}

#[actix_web::test]
async fn what_the_gateway_refuses_or_nobody_could_use_any_more_is_not_tried_again() {
    let (receiver, received) = listen();
    let ana = Ana::of(json!({}), json!({ "mfa_phone_number": NUMBER })).await;
    for (status, wait) in [(400, 6), (503, 121)] {
        ana.post("otps/sms/send", json!({})).await;
        received.lock().unwrap().status = status;
        send(&ana, &receiver).await;
        ana.gateway.wait(TimeDelta::seconds(wait));
        received.lock().unwrap().messages.clear();
        send(&ana, &receiver).await;
        assert!(received.lock().unwrap().messages.is_empty(), "{status}");
    }
}

#[actix_web::test]
async fn a_slow_gateway_holds_up_no_more_than_it_has_to() {
    let (receiver, received) = listen();
    received.lock().unwrap().status = 200;
    let ana = Ana::of(json!({}), json!({ "mfa_phone_number": NUMBER })).await;
    let members = format!("/v1/b2b/organizations/{}/members", ana.organization_id);
    for number in 0..6 {
        let phone = format!("+1555000000{number}");
        let body =
            json!({ "email_address": format!("m{number}@acme.test"), "mfa_phone_number": phone });
        let member = ana.gateway.post(&members, body).await;
        let body = json!({ "organization_id": ana.organization_id,
            "member_id": member.body["member_id"] });
        let sent = ana.gateway.post("/v1/b2b/otps/sms/send", body).await;
        assert_eq!(sent.status, 200, "{}", sent.text);
    }
    send(&ana, &receiver).await;
    let received = received.lock().unwrap();
    assert_eq!(received.messages.len(), 6);
    assert!(received.at_once.1 > 1, "{:?}", received.at_once);
}
