//! The official SDKs, unpatched, help people whose password is forgotten or out of use.

use stytch::b2b::discovery_intermediate_sessions::ExchangeRequest;
use stytch::b2b::passwords::AuthenticateRequest;
use stytch::b2b::passwords_discovery;
use stytch::b2b::passwords_discovery_email;
use stytch::b2b::passwords_email::RequireResetRequest;
use stytch::b2b::passwords_email::ResetRequest;
use stytch::b2b::passwords_email::ResetStartRequest;

use super::Acme;
use super::EMAIL;
use super::OTHER;
use super::PASSWORD;
use crate::management::rust_sdk::connect;
use crate::management::rust_sdk::refused;
use crate::support::mail_server::MailServer;
use crate::support::sdk;

async fn tell(story: (&str, &str)) {
    let acme = Acme::start().await;
    acme.share_passwords().await;
    let server = MailServer::start(&[]).await;
    let mailbox = [("STORY_MAILBOX", server.mailbox())];
    let told = sdk::tell(&acme.gateway, story, &mailbox);
    let told = server.deliver_while(&acme.gateway, told).await;
    assert!(told.contains("steps: 14"), "{told}");
}

#[actix_web::test]
async fn the_node_sdk_sets_passwords_anew() {
    tell((sdk::NODE, "node/password_reset.mjs")).await;
}

#[actix_web::test]
async fn the_python_sdk_sets_passwords_anew() {
    tell((sdk::PYTHON, "python/password_reset.py")).await;
}

#[actix_web::test]
async fn the_rust_sdk_sets_passwords_anew() {
    let acme = Acme::with_ana().await;
    acme.share_passwords().await;
    let client = connect(&acme.gateway, &acme.gateway.secret);
    let passwords = &client.passwords;
    let start = ResetStartRequest {
        organization_id: "acme".into(),
        email_address: EMAIL.into(),
        ..Default::default()
    };
    let started = passwords.email.reset_start(start).await.unwrap();
    let token = Acme::token_of(&acme.link_to(EMAIL).await, "multi_tenant_passwords");
    let reset = || ResetRequest {
        password_reset_token: token.clone(),
        password: OTHER.into(),
        ..Default::default()
    };
    let done = passwords.email.reset(reset()).await.unwrap();
    assert!(done.member_authenticated);
    assert_eq!(done.member_email_id, started.member_email_id);
    let again = passwords.email.reset(reset()).await;
    refused(again, 401, "unable_to_auth_password_reset_token");

    let require = RequireResetRequest {
        email_address: EMAIL.into(),
        organization_id: Some("acme".into()),
        ..Default::default()
    };
    let required = passwords.email.require_reset(require).await.unwrap();
    assert_eq!(required.member.unwrap().email_address, EMAIL);
    let login = AuthenticateRequest {
        organization_id: "acme".into(),
        email_address: EMAIL.into(),
        password: OTHER.into(),
        ..Default::default()
    };
    let out_of_use = passwords.authenticate(login).await;
    refused(out_of_use, 400, "member_reset_password");

    acme.gateway.wait(chrono::TimeDelta::seconds(2));
    let start = passwords_discovery_email::ResetStartRequest {
        email_address: EMAIL.into(),
        ..Default::default()
    };
    let links = &passwords.discovery.email;
    links.reset_start(start).await.unwrap();
    let token = Acme::token_of(&acme.link_to(EMAIL).await, "discovery");
    let reset = passwords_discovery_email::ResetRequest {
        password_reset_token: token,
        password: PASSWORD.into(),
        ..Default::default()
    };
    let found = links.reset(reset).await.unwrap();
    assert_eq!(found.email_address, EMAIL);
    assert_eq!(found.discovered_organizations.len(), 1);
    let login = |password: &str| passwords_discovery::AuthenticateRequest {
        email_address: EMAIL.into(),
        password: password.into(),
    };
    let wrong = passwords.discovery.authenticate(login(OTHER)).await;
    refused(wrong, 401, "unauthorized_credentials");
    let found = passwords.discovery.authenticate(login(PASSWORD)).await;
    let exchange = ExchangeRequest {
        intermediate_session_token: found.unwrap().intermediate_session_token,
        organization_id: "acme".into(),
        ..Default::default()
    };
    let intermediate = &client.discovery.intermediate_sessions;
    let entered = intermediate.exchange(exchange).await.unwrap();
    assert!(entered.member_authenticated);
}
