//! SSO connections of every kind: list and delete.

use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Path;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::id::ConnectionId;
use crate::http::caller::ProjectCredentials;
use crate::http::management::connection_json::ExternalConnectionJson;
use crate::http::management::connection_json::OidcConnectionJson;
use crate::http::management::connection_json::SamlConnectionJson;
use crate::http::management::error::ApiError;
use crate::http::management::json::success;
use crate::http::state::Gateway;
use crate::use_cases::connection_removal;
use crate::use_cases::connections;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(list, delete))]
pub(crate) struct Calls;

#[derive(Serialize, ToSchema)]
#[expect(
    clippy::struct_field_names,
    reason = "the names are those of the contract"
)]
struct ConnectionsFound {
    saml_connections: Vec<SamlConnectionJson>,
    oidc_connections: Vec<OidcConnectionJson>,
    external_connections: Vec<ExternalConnectionJson>,
}

#[derive(Serialize, ToSchema)]
struct ConnectionDeleted {
    connection_id: ConnectionId,
}

/// The SSO connections of an organization.
#[utoipa::path(get, path = "/v1/b2b/sso/{organization_id}", operation_id = "sso.getConnections", tag = "sso",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug.")),
    responses((status = 200, body = ConnectionsFound)))]
pub(crate) async fn list(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let found = gateway.read_as(caller, move |tx, caller| {
        connections::list(tx, caller, &named)
    });
    let all = found.await?.connections;
    let deployment = &gateway.deployment;
    let saml = all
        .iter()
        .filter_map(|known| SamlConnectionJson::new(known, deployment));
    let oidc = all
        .iter()
        .filter_map(|known| OidcConnectionJson::new(known, deployment));
    let answer = ConnectionsFound {
        saml_connections: saml.collect(),
        oidc_connections: oidc.collect(),
        external_connections: all.iter().filter_map(ExternalConnectionJson::new).collect(),
    };
    Ok(success(request_id, &answer))
}

/// Deletes an SSO connection of any kind, with all that rests on it.
#[utoipa::path(delete, path = "/v1/b2b/sso/{organization_id}/connections/{connection_id}", operation_id = "sso.deleteConnection", tag = "sso",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug."),
        ("connection_id" = String, Path)),
    responses((status = 200, body = ConnectionDeleted)))]
pub(crate) async fn delete(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let deleted = gateway.write_as(caller, move |tx, caller| {
        connection_removal::delete(tx, caller, (&path.0, &path.1))
    });
    let connection_id = deleted.await?;
    Ok(success(request_id, &ConnectionDeleted { connection_id }))
}
