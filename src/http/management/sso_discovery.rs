//! Which connections fit an e-mail address, for the application's server.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Deserialize;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::id::ConnectionId;
use crate::domain::id::OrganizationId;
use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::state::Gateway;
use crate::use_cases::sso_discovery::FittingConnection;
use crate::use_cases::sso_discovery::for_backend;

/// This call, as the API's description shows it.
#[derive(OpenApi)]
#[openapi(paths(discover))]
pub(crate) struct Calls;

/// Whoever wants to sign in.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(crate) struct DiscoverConnectionsBody {
    email_address: Option<String>,
}

/// A connection through which the address can sign in.
#[derive(Serialize, ToSchema)]
#[schema(as = DiscoveredSSOConnection)]
struct DiscoveredConnectionJson {
    connection_id: ConnectionId,
    display_name: String,
    identity_provider: String,
    organization_id: OrganizationId,
    organization_name: String,
    organization_slug: String,
    /// Whether the address is already one of the organization's members.
    is_member: bool,
    /// Whether it is the organization's default connection.
    is_default: bool,
}

#[derive(Serialize, ToSchema)]
struct DiscoverConnectionsAnswer {
    /// The connections of organizations that the address is a member of come first.
    connections: Vec<DiscoveredConnectionJson>,
}

impl From<FittingConnection> for DiscoveredConnectionJson {
    fn from(fits: FittingConnection) -> Self {
        Self {
            connection_id: fits.connection.id,
            display_name: fits.connection.display_name,
            identity_provider: fits.connection.identity_provider,
            organization_id: fits.organization.id,
            organization_name: fits.organization.name,
            organization_slug: fits.organization.slug,
            is_member: fits.is_member,
            is_default: fits.is_default,
        }
    }
}

/// Finds the connections that fit an e-mail address: by the claimed or allowed domains of
/// organizations, and by membership.
///
/// Beyond Stytch's API. Who is a member is for the application's server alone; do not pass
/// `is_member` on to somebody who has not signed in.
#[utoipa::path(post, path = "/v1/b2b/sso/discovery/connections", operation_id = "sso.discoverConnections", tag = "sso",
    request_body = DiscoverConnectionsBody,
    responses((status = 200, body = DiscoverConnectionsAnswer)))]
pub(crate) async fn discover(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<DiscoverConnectionsBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let found = gateway.seek(caller, move |tx, caller| {
        let named = body.get()?.email_address.as_deref();
        for_backend(tx, caller, named.unwrap_or_default())
    });
    let connections = found.await?.into_iter().map(DiscoveredConnectionJson::from);
    let connections = connections.collect();
    Ok(success(
        request_id,
        &DiscoverConnectionsAnswer { connections },
    ))
}
