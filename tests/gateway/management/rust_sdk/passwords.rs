use stytch::b2b::passwords::AuthenticateRequest;
use stytch::b2b::passwords::MigrateRequest;
use stytch::b2b::passwords::MigrateRequestHashType;
use stytch::b2b::passwords::StrengthCheckRequest;
use stytch::b2b::passwords_existing_password::ResetRequest;
use stytch::b2b::passwords_session::ResetRequest as SessionResetRequest;

use super::Application;
use super::refused;

const EMAIL: &str = "pia@acme.test";
const FIRST: &str = "correct horse battery staple";
const SECOND: &str = "seven mild otters knit socks";

#[actix_web::test]
async fn a_password_lives() {
    let app = Application::start().await;
    let passwords = &app.client.passwords;
    let judged = passwords
        .strength_check(StrengthCheckRequest {
            password: "password1".to_owned(),
            email_address: None,
        })
        .await
        .unwrap();
    assert!(!judged.valid_password && judged.zxcvbn_feedback.is_some());
    let migrated = passwords
        .migrate(MigrateRequest {
            organization_id: app.organization_id(),
            email_address: EMAIL.to_owned(),
            hash_type: MigrateRequestHashType::Phpass,
            hash: "$H$8saltsaltc95xg912gT9NxB19f3Tt51".to_owned(),
            ..Default::default()
        })
        .await
        .unwrap();
    assert!(migrated.member_created && !migrated.member.member_password_id.is_empty());
    let login = |password: &str| AuthenticateRequest {
        organization_id: app.organization_id(),
        email_address: EMAIL.to_owned(),
        password: password.to_owned(),
        ..Default::default()
    };
    let opened = passwords.authenticate(login(FIRST)).await.unwrap();
    assert!(opened.member_authenticated && opened.member_session.is_some());
    let wrong = passwords.authenticate(login(SECOND)).await;
    refused(wrong, 401, "unauthorized_credentials");
    let weak = SessionResetRequest {
        organization_id: app.organization_id(),
        password: "password1".to_owned(),
        session_token: Some(opened.session_token.clone()),
        ..Default::default()
    };
    refused(passwords.sessions.reset(weak).await, 400, "weak_password");
    let changed = passwords
        .existing_password
        .reset(ResetRequest {
            organization_id: app.organization_id(),
            email_address: EMAIL.to_owned(),
            existing_password: FIRST.to_owned(),
            new_password: SECOND.to_owned(),
            ..Default::default()
        })
        .await
        .unwrap();
    assert!(changed.member_authenticated);
    assert!(passwords.authenticate(login(SECOND)).await.is_ok());
}
