use stytch::b2b::sessions::AuthenticateRequest;
use stytch::b2b::sessions::AuthorizationCheck;
use stytch::b2b::sessions::GetJWKSRequest;
use stytch::b2b::sessions::GetRequest;
use stytch::b2b::sessions::RevokeRequest;

use super::Application;
use super::refused;

fn token(session_token: &str) -> AuthenticateRequest {
    AuthenticateRequest {
        session_token: Some(session_token.to_owned()),
        ..Default::default()
    }
}

fn check(organization_id: &str, action: &str) -> AuthorizationCheck {
    AuthorizationCheck {
        organization_id: organization_id.to_owned(),
        resource_id: "stytch.member".to_owned(),
        action: action.to_owned(),
    }
}

#[actix_web::test]
async fn a_session_lives() {
    let app = Application::start().await;
    let (gateway, sessions) = (&app.gateway, &app.client.sessions);
    let keys = GetJWKSRequest {
        project_id: gateway.project_id.clone(),
    };
    assert_eq!(sessions.get_jwks(keys).await.unwrap().keys[0].kty, "RSA");
    let member_id = gateway.member_with_roles(&app.organization_id, &["stytch_admin"]);
    let member_id = member_id.await;
    let session = gateway.session_of(&app.organization_id, &member_id).await;
    let allowed = AuthenticateRequest {
        session_duration_minutes: Some(30),
        authorization_check: Some(check(&app.organization_id, "create")),
        ..token(&session)
    };
    let answer = sessions.authenticate(allowed).await.unwrap();
    assert_eq!(answer.member.member_id, member_id);
    assert_eq!(answer.verdict.unwrap().granting_roles, ["stytch_admin"]);
    let all = GetRequest {
        organization_id: app.organization_id(),
        member_id: member_id.clone(),
    };
    let listed = sessions.get(all.clone()).await.unwrap().member_sessions;
    assert_eq!(
        listed[0].member_session_id,
        answer.member_session.member_session_id
    );
    let by_jwt = RevokeRequest {
        session_jwt: Some(answer.session_jwt),
        ..Default::default()
    };
    sessions.revoke(by_jwt.clone()).await.unwrap();
    sessions.revoke(by_jwt).await.unwrap();
    assert!(sessions.get(all).await.unwrap().member_sessions.is_empty());
    let over = sessions.authenticate(token(&session)).await;
    refused(over, 404, "session_not_found");
}

#[actix_web::test]
async fn a_session_is_refused_with_the_contracts_error_types() {
    let app = Application::start().await;
    let sessions = &app.client.sessions;
    let session = app.gateway.member_session(&app.organization_id, &[]).await;
    let nothing = AuthenticateRequest::default();
    let both = AuthenticateRequest {
        session_jwt: Some("a.b.c".into()),
        ..token(&session)
    };
    let unreadable = AuthenticateRequest {
        session_jwt: Some("a.b.c".into()),
        ..Default::default()
    };
    let too_short = AuthenticateRequest {
        session_duration_minutes: Some(1),
        ..token(&session)
    };
    let forbidden = AuthenticateRequest {
        authorization_check: Some(check(&app.organization_id, "create")),
        ..token(&session)
    };
    let elsewhere = AuthenticateRequest {
        authorization_check: Some(check("organization-elsewhere", "create")),
        ..token(&session)
    };
    for (body, status, error_type) in [
        (nothing, 400, "no_session_arguments"),
        (both, 400, "too_many_session_arguments"),
        (unreadable, 400, "unable_to_parse_session_jwt"),
        (too_short, 400, "invalid_session_duration_minutes"),
        (forbidden, 403, "session_authorization_error"),
        (elsewhere, 403, "session_authorization_tenancy_error"),
    ] {
        refused(sessions.authenticate(body).await, status, error_type);
    }
    let revoked = sessions.revoke(RevokeRequest::default()).await;
    refused(revoked, 400, "no_session_revoke_arguments");
    let several = RevokeRequest {
        session_token: Some(session.clone()),
        member_id: Some("member".into()),
        ..Default::default()
    };
    let revoked = sessions.revoke(several).await;
    refused(revoked, 400, "too_many_session_revoke_arguments");
}
