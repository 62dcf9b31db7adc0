//! The official SDK for Rust: its types refuse an answer that lacks a field.

use stytch::b2b::client::Client;
use stytch::b2b::otp_sms;
use stytch::b2b::recovery_codes;
use stytch::b2b::totps;
use stytch::client::Client as Http;
use stytch::client::Vertical;

use super::Ana;
use super::NUMBER;

fn connect(ana: &Ana) -> Client {
    let gateway = &ana.gateway;
    let base = reqwest::Url::parse(&format!("{}/", gateway.base_url)).unwrap();
    let http = |vertical| {
        let (project, secret) = (&gateway.project_id, &gateway.secret);
        Http::new_with_base_url(project, secret, base.clone(), vertical).unwrap()
    };
    Client::new_with_http_client(http(Vertical::B2B), http(Vertical::Consumer))
}

#[actix_web::test]
async fn the_rust_sdk_enrols_completes_and_recovers() {
    let ana = Ana::owing().await;
    let client = connect(&ana);
    let (organization_id, member_id) = (ana.organization_id.clone(), ana.member_id.clone());
    let body = totps::CreateRequest {
        organization_id: organization_id.clone(),
        member_id: member_id.clone(),
        ..Default::default()
    };
    let created = client.totps.create(body).await.unwrap();
    let body = totps::AuthenticateRequest {
        organization_id: organization_id.clone(),
        member_id: member_id.clone(),
        code: ana.code(&created.secret, 0),
        intermediate_session_token: Some(ana.first_factor().await),
        session_duration_minutes: Some(30),
        ..Default::default()
    };
    let opened = client.totps.authenticate(body).await.unwrap();
    assert_eq!(opened.member_session.unwrap().member_id, member_id);
    let body = recovery_codes::RecoverRequest {
        organization_id: organization_id.clone(),
        member_id: member_id.clone(),
        recovery_code: created.recovery_codes[0].clone(),
        intermediate_session_token: Some(ana.first_factor().await),
        ..Default::default()
    };
    let recovered = client.recovery_codes.recover(body).await.unwrap();
    assert_eq!(recovered.recovery_codes_remaining, 9);
    let body = recovery_codes::GetRequest {
        organization_id: organization_id.clone(),
        member_id: member_id.clone(),
    };
    let shown = client.recovery_codes.get(body).await.unwrap();
    assert_eq!(shown.recovery_codes, created.recovery_codes[1..]);
    let body = otp_sms::SendRequest {
        organization_id: organization_id.clone(),
        member_id: member_id.clone(),
        mfa_phone_number: Some(NUMBER.to_owned()),
        session_token: Some(recovered.session_token.clone()),
        ..Default::default()
    };
    let sent = client.otps.sms.send(body).await.unwrap();
    assert_eq!(sent.member.mfa_phone_number, NUMBER);
    let body = otp_sms::AuthenticateRequest {
        organization_id,
        member_id,
        code: ana.message().await.unwrap().code,
        session_token: Some(recovered.session_token),
        ..Default::default()
    };
    let proven = client.otps.sms.authenticate(body).await.unwrap();
    assert!(proven.member.mfa_phone_number_verified);
}
