//! The official SDKs, unpatched, sign people in by codes that come by mail.

use serde_json::json;
use stytch::b2b::client::Client;
use stytch::b2b::otp_email;
use stytch::b2b::otp_email_discovery;
use stytch::client::Client as Http;
use stytch::client::Vertical;

use crate::support::TestGateway;
use crate::support::mail_server::MailServer;
use crate::support::sdk;

async fn tell(story: (&str, &str)) {
    let gateway = TestGateway::start().await;
    let server = MailServer::start(&[]).await;
    let mailbox = [("STORY_MAILBOX", server.mailbox())];
    let told = sdk::tell(&gateway, story, &mailbox);
    let told = server.deliver_while(&gateway, told).await;
    assert!(told.contains("steps: 6"), "{told}");
}

#[actix_web::test]
async fn the_node_sdk_signs_people_in_by_codes() {
    tell((sdk::NODE, "node/email_codes.mjs")).await;
}

#[actix_web::test]
async fn the_python_sdk_signs_people_in_by_codes() {
    tell((sdk::PYTHON, "python/email_codes.py")).await;
}

#[actix_web::test]
async fn the_rust_sdk_signs_people_in_by_codes() {
    let gateway = TestGateway::start().await;
    let base = reqwest::Url::parse(&format!("{}/", gateway.base_url)).unwrap();
    let http = |vertical| {
        let (id, secret) = (&gateway.project_id, &gateway.secret);
        Http::new_with_base_url(id, secret, base.clone(), vertical).unwrap()
    };
    let client = Client::new_with_http_client(http(Vertical::B2B), http(Vertical::Consumer));
    let body = json!({ "organization_name": "Acme", "organization_slug": "acme",
        "email_jit_provisioning": "RESTRICTED", "email_allowed_domains": ["acme.test"] });
    gateway.organization(body).await;
    let code = async |to: &str| {
        let letters = gateway.mails_to(to).await;
        let lines = letters[0].text.lines().map(str::to_owned);
        let mut codes = lines.filter(|line| line.len() == 6 && line.parse::<u32>().is_ok());
        codes.next().unwrap()
    };
    let to = "ana@acme.test".to_owned();
    let asked = otp_email::LoginOrSignupRequest {
        organization_id: "acme".into(),
        email_address: to.clone(),
        locale: Some(otp_email::LoginOrSignupRequestLocale::Ptbr),
        ..Default::default()
    };
    let sent = client.otps.email.login_or_signup(asked).await.unwrap();
    assert!(sent.member_created);
    let read = otp_email::AuthenticateRequest {
        organization_id: "acme".into(),
        email_address: to.clone(),
        code: code(&to).await,
        session_duration_minutes: Some(30),
        ..Default::default()
    };
    let entered = client.otps.email.authenticate(read).await.unwrap();
    assert!(entered.member_authenticated && !entered.session_jwt.is_empty());

    let to = "ben@acme.test".to_owned();
    let asked = otp_email_discovery::SendRequest {
        email_address: to.clone(),
        ..Default::default()
    };
    client.otps.email.discovery.send(asked).await.unwrap();
    let read = otp_email_discovery::AuthenticateRequest {
        email_address: to.clone(),
        code: code(&to).await,
    };
    let found = client
        .otps
        .email
        .discovery
        .authenticate(read)
        .await
        .unwrap();
    assert_eq!(found.email_address, to);
    assert_eq!(found.discovered_organizations.len(), 1);
}
