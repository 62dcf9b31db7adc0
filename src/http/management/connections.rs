//! SSO connections of every kind, in three lists.

use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Path;
use serde_json::json;

use crate::http::caller::ProjectCredentials;
use crate::http::management::connection_json;
use crate::http::management::error::ApiError;
use crate::http::management::json::success;
use crate::http::state::Gateway;
use crate::use_cases::connections;

/// `GET /v1/b2b/sso/{organization_id}`
pub(crate) async fn list(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let found = gateway.read_as(caller, move |tx, caller| {
        connections::list(tx, caller, &named)
    });
    let view = found.await?;
    let deployment = &gateway.deployment;
    let saml = view.connections.iter().filter_map(|c| Some((c, c.saml()?)));
    let saml: Vec<_> = saml
        .map(|(c, own)| connection_json::saml(c, own, deployment))
        .collect();
    let oidc = view.connections.iter().filter_map(|c| Some((c, c.oidc()?)));
    let oidc: Vec<_> = oidc
        .map(|(c, own)| connection_json::oidc(c, own, deployment))
        .collect();
    let answer =
        json!({ "saml_connections": saml, "oidc_connections": oidc, "external_connections": [] });
    Ok(success(request_id, &answer))
}
