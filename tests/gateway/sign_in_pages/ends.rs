//! What ends sessions ends sign-ins too that are proven and no sessions yet.

use chrono::Utc;
use serde_json::Value;
use serde_json::json;
use vestibule::domain::connection_settings::ConnectionSettings;
use vestibule::domain::id::ConnectionId;
use vestibule::domain::id::ConnectionKind;
use vestibule::domain::id::RequestId;
use vestibule::domain::scope::OrgScope;
use vestibule::storage::connections;
use vestibule::use_cases::caller::Caller;
use vestibule::use_cases::connection_switch;
use vestibule::use_cases::credentials::ProjectCaller;
use vestibule::use_cases::error::ManagementError;

use super::Acme;
use super::doors::with_provider;
use crate::support::browser::Page;
use crate::support::oidc_stub::OidcStub;

/// Somebody has come back from the provider; the application has the token.
async fn proven(acme: &Acme, id: &str) -> Page {
    let page = acme.open("/o/acme").await;
    acme.send(&page.form_to(&format!("/login/sso/{id}"))).await
}

async fn acme() -> Acme {
    Acme::with(json!({ "sso_jit_provisioning": "ALL_ALLOWED" })).await
}

async fn is_over(acme: &Acme, page: &Page) {
    let late = acme.redeem(page, json!({})).await;
    assert_eq!(late.status, 401, "{}", late.text);
    assert_eq!(late.body["error_type"], "unable_to_auth_magic_link");
}

/// Has the provider end a session of its own.
async fn log_out(acme: &Acme, stub: &OidcStub, id: &str, named: Value) {
    let now = Utc::now().timestamp();
    let mut claims = json!({
        "iss": stub.issuer(), "aud": "vestibule", "iat": now, "exp": now + 120,
        "jti": uuid::Uuid::new_v4().to_string(),
        "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
    });
    super::merge(&mut claims, named);
    let key = stub.conduct(|conduct| conduct.signs.clone());
    let token = key.sign(Some(key.kid), "logout+jwt", &claims);
    let url = acme.url(&format!("/v1/b2b/sso/callback/{id}/backchannel_logout"));
    let request = acme.gateway.http.post(url);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let body = format!("logout_token={token}");
    let answer = acme.gateway.send(request.body(body)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[actix_web::test]
async fn a_logout_at_the_provider_reaches_what_was_handed_over() {
    let acme = acme().await;
    let (stub, id) = with_provider(&acme).await;
    let page = proven(&acme, &id).await;
    log_out(&acme, &stub, &id, json!({ "sub": "ben" })).await;
    acme.is_in(&page, super::ANA, &["sso"]).await;
    let page = proven(&acme, &id).await;
    log_out(&acme, &stub, &id, json!({ "sub": "ana" })).await;
    is_over(&acme, &page).await;
}

#[actix_web::test]
async fn what_was_handed_over_counts_while_its_connection_is_in_use() {
    let acme = acme().await;
    let (_stub, id) = with_provider(&acme).await;
    let page = proven(&acme, &id).await;
    let scope = OrgScope {
        project_id: acme.gateway.deployment.project_id.clone(),
        organization_id: acme.organization_id.parse().unwrap(),
    };
    let connection: ConnectionId = id.parse().unwrap();
    let held = acme.gateway.storage.transaction(
        RequestId::fresh(),
        move |tx| -> Result<(), ManagementError> {
            tx.enter(scope.organization_id)?;
            let mut known = connections::find(tx, &scope, connection)?.unwrap();
            if let ConnectionSettings::Oidc(settings) = &mut known.settings {
                settings.held = true;
            }
            let now = tx.now;
            Ok(connections::save(tx, &known.settled(now))?)
        },
    );
    held.await.unwrap();
    is_over(&acme, &page).await;
}

#[actix_web::test]
async fn a_connection_that_is_turned_off_takes_its_open_sign_ins_along() {
    let acme = acme().await;
    let (_stub, id) = with_provider(&acme).await;
    let page = proven(&acme, &id).await;
    for is_on in [false, true] {
        let project = ProjectCaller {
            project_id: acme.gateway.deployment.project_id.clone(),
        };
        let (organization, connection) = (acme.organization_id.clone(), id.clone());
        let turned = acme
            .gateway
            .storage
            .transaction(RequestId::fresh(), move |tx| {
                let named = (
                    organization.as_str(),
                    ConnectionKind::Oidc,
                    connection.as_str(),
                );
                let caller = Caller::new(tx, &project, None)?;
                connection_switch::turn(tx, &caller, named, is_on)
            });
        assert_eq!(turned.await.unwrap().is_active(), is_on);
    }
    // It is on again, and the token is over nevertheless.
    is_over(&acme, &page).await;
    let page = proven(&acme, &id).await;
    acme.is_in(&page, super::ANA, &["sso"]).await;
}
