//! Tokens of members' OpenID providers, of which this server keeps none.

use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Path;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::id::ConnectionId;
use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::success;
use crate::http::state::Gateway;
use crate::use_cases::members;
use crate::use_cases::members::MemberLocator;

/// This call, as the API's description shows it.
#[derive(OpenApi)]
#[openapi(paths(list))]
pub(crate) struct Calls;

/// Tokens that an OpenID provider gave for a member.
#[derive(Serialize, ToSchema)]
#[schema(as = OIDCProviderInfo)]
struct OidcProviderInfo {
    provider_subject: String,
    id_token: String,
    access_token: String,
    access_token_expires_in: i64,
    scopes: Vec<String>,
    connection_id: ConnectionId,
    refresh_token: Option<String>,
}

/// The tokens of a member.
#[derive(Serialize, ToSchema)]
struct OidcProvidersAnswer {
    /// Always empty: what providers give is used to sign in and then forgotten.
    registrations: Vec<OidcProviderInfo>,
}

/// The tokens that OpenID providers gave for a member: none, since none are kept.
#[utoipa::path(get, path = "/v1/b2b/organizations/{organization_id}/members/{member_id}/oidc_providers", operation_id = "organizations.members.oidcProviders", tag = "members",
    params(
        ("organization_id" = String, Path, description = "An id, an external id or a slug."),
        ("member_id" = String, Path, description = "An id or an external id."),
        ("include_refresh_token" = Option<String>, Query, description = "Changes nothing here.")),
    responses((status = 200, body = OidcProvidersAnswer)))]
pub(crate) async fn list(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let found = gateway.read(caller, move |tx, caller| {
        let locator = MemberLocator {
            member_id: Some(named.1.clone()),
            email_address: None,
        };
        members::get(tx, caller, &named.0, &locator).map(|_| ())
    });
    found.await?;
    let registrations = Vec::new();
    Ok(success(request_id, &OidcProvidersAnswer { registrations }))
}
