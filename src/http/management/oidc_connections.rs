//! OIDC connections: create and update.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::web;
use actix_web::web::Data;
use actix_web::web::Path;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::connection::Connection;
use crate::domain::id::ConnectionId;
use crate::domain::id::RequestId;
use crate::domain::key_pair::KeyPair;
use crate::http::caller::ProjectCredentials;
use crate::http::management::connection_json::OidcConnectionJson;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::management::role_rules::ConnectionRole;
use crate::http::management::role_rules::GroupRole;
use crate::http::management::role_rules::role_rules;
use crate::http::state::Gateway;
use crate::use_cases::client_keys;
use crate::use_cases::connections::Naming;
use crate::use_cases::error::ManagementError;
use crate::use_cases::oidc_connections;
use crate::use_cases::oidc_connections::ClientKeyPair;
use crate::use_cases::oidc_connections::DiscoveredEndpoints;
use crate::use_cases::oidc_connections::OidcConnectionDraft;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(create, update, start_key_rotation, complete_key_rotation))]
pub(crate) struct Calls;

/// The body of create and update; what is left out stays as it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct OidcConnectionBody {
    display_name: Option<String>,
    identity_provider: Option<String>,
    issuer: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    authorization_url: Option<String>,
    token_url: Option<String>,
    userinfo_url: Option<String>,
    jwks_url: Option<String>,
    custom_scopes: Option<String>,
    #[schema(value_type = Option<Object>)]
    attribute_mapping: Option<BTreeMap<String, String>>,
    connection_implicit_role_assignments: Option<Vec<ConnectionRole>>,
    group_implicit_role_assignments: Option<Vec<GroupRole>>,
    /// `client_secret_basic`, `client_secret_post`, `private_key_jwt`, or empty to do as the
    /// provider's document says. Beyond Stytch's API.
    token_endpoint_auth_method: Option<String>,
    /// The longest that a session lasts which rests on this connection, 5 to 527040; 0 for no
    /// limit of the connection's own. Beyond Stytch's API.
    maximum_session_duration_minutes: Option<i64>,
}

#[derive(Serialize, ToSchema)]
struct OidcConnectionAnswer {
    connection: Option<OidcConnectionJson>,
    /// Why the discovery document of a new issuer could not be used.
    warning: Option<String>,
}

impl OidcConnectionBody {
    fn naming(&self) -> Naming {
        Naming {
            display_name: self.display_name.clone(),
            identity_provider: self.identity_provider.clone(),
        }
    }

    fn draft(&self) -> OidcConnectionDraft {
        let body = self.clone();
        let naming = self.naming();
        let connection = body.connection_implicit_role_assignments.as_ref();
        let roles = role_rules(connection, body.group_implicit_role_assignments.as_ref());
        OidcConnectionDraft {
            naming,
            issuer: body.issuer,
            client_id: body.client_id,
            client_secret: body.client_secret,
            authorization_url: body.authorization_url,
            token_url: body.token_url,
            userinfo_url: body.userinfo_url,
            jwks_url: body.jwks_url,
            custom_scopes: body.custom_scopes,
            attribute_mapping: body.attribute_mapping.map(|mapping| {
                let entry = |(ours, claim)| (ours, Value::String(claim));
                mapping.into_iter().map(entry).collect()
            }),
            roles,
            token_endpoint_auth_method: body.token_endpoint_auth_method,
            maximum_session_minutes: body.maximum_session_duration_minutes,
            client_key: None,
        }
    }
}

/// Creates an OIDC connection that is still to be filled in.
#[utoipa::path(post, path = "/v1/b2b/sso/oidc/{organization_id}", operation_id = "sso.oidc.createConnection", tag = "sso",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug.")),
    request_body = OidcConnectionBody,
    responses((status = 200, body = OidcConnectionAnswer)))]
pub(crate) async fn create(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<String>,
    body: JsonBody<OidcConnectionBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let created = gateway.write_as(caller, move |tx, caller| {
        oidc_connections::create(tx, caller, &named, &body.get()?.naming())
    });
    Ok(success(
        request_id,
        &answer(&gateway, &created.await?, None),
    ))
}

/// Changes what the body names of an OIDC connection, which becomes active when it is complete.
///
/// A new issuer's own document fills in what the body does not name; if it cannot be read, the
/// update succeeds with a warning.
#[utoipa::path(put, path = "/v1/b2b/sso/oidc/{organization_id}/connections/{connection_id}", operation_id = "sso.oidc.updateConnection", tag = "sso",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug."),
        ("connection_id" = String, Path)),
    request_body = OidcConnectionBody,
    responses((status = 200, body = OidcConnectionAnswer)))]
pub(crate) async fn update(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    path: Path<(String, String)>,
    body: JsonBody<OidcConnectionBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let (asked, target) = (body.clone(), path.clone());
    let known = gateway.deployment.clone();
    let expected = gateway.read_as(caller.clone(), move |tx, caller| {
        let draft = asked.get()?.draft();
        let named = (target.0.as_str(), target.1.as_str());
        let needed = oidc_connections::prepare(tx, (caller, &known), named, &draft)?;
        Ok((needed, draft))
    });
    let (needed, draft) = expected.await?;
    let (endpoints, warning) = discover(&gateway, needed.new_issuer.as_deref()).await;
    let mut draft = draft.completed_by(&endpoints);
    if needed.needs_key {
        let pair = fresh_key(&gateway, request_id, &path.1).await?;
        draft.client_key = Some(ClientKeyPair(pair));
    }
    let deployment = gateway.deployment.clone();
    let updated = gateway.write_as(caller, move |tx, caller| {
        let named = (path.0.as_str(), path.1.as_str());
        oidc_connections::update(tx, (caller, &deployment), named, &draft)
    });
    Ok(success(
        request_id,
        &answer(&gateway, &updated.await?, warning),
    ))
}

/// Makes the next key of a connection that proves itself by `private_key_jwt`.
///
/// Its `client_jwks_url` shows both keys from now on; the present one signs until the rotation is
/// completed. Beyond Stytch's API.
#[utoipa::path(post, path = "/v1/b2b/sso/oidc/{organization_id}/connections/{connection_id}/client_key/rotate/start", operation_id = "sso.oidc.startClientKeyRotation", tag = "sso",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug."),
        ("connection_id" = String, Path)),
    responses((status = 200, body = OidcConnectionAnswer)))]
pub(crate) async fn start_key_rotation(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let target = path.clone();
    let checked = gateway.read_as(caller.clone(), move |tx, caller| {
        client_keys::check_rotation(tx, caller, (target.0.as_str(), target.1.as_str()))
    });
    checked.await?;
    let pair = fresh_key(&gateway, request_id, &path.1).await?;
    let deployment = gateway.deployment.clone();
    let started = gateway.write_as(caller, move |tx, caller| {
        let place = (path.0.as_str(), path.1.as_str());
        client_keys::start_rotation(tx, (caller, &deployment), place, &pair)
    });
    let answer = answer(&gateway, &started.await?, None);
    Ok(success(request_id, &answer))
}

/// Lets the next key sign; the one before is shown no more.
///
/// Beyond Stytch's API.
#[utoipa::path(post, path = "/v1/b2b/sso/oidc/{organization_id}/connections/{connection_id}/client_key/rotate/complete", operation_id = "sso.oidc.completeClientKeyRotation", tag = "sso",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug."),
        ("connection_id" = String, Path)),
    responses((status = 200, body = OidcConnectionAnswer)))]
pub(crate) async fn complete_key_rotation(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let completed = gateway.write_as(caller, move |tx, caller| {
        client_keys::complete_rotation(tx, caller, (path.0.as_str(), path.1.as_str()))
    });
    let answer = answer(&gateway, &completed.await?, None);
    Ok(success(request_id, &answer))
}

/// A key pair, made on a thread that answers nobody.
async fn fresh_key(
    gateway: &Gateway,
    request_id: RequestId,
    connection: &str,
) -> Result<KeyPair, ApiError> {
    // A name of any length or content would be the certificate's.
    let named: Option<ConnectionId> = connection.parse().ok();
    let name = named.map_or_else(|| "vestibule".to_owned(), |id| id.to_string());
    let now = gateway.clock.now();
    let failed = |cause: String| ApiError::of(request_id)(ManagementError::Internal(cause));
    let made = web::block(move || client_keys::generate(&name, now)).await;
    let made = made.map_err(|error| failed(error.to_string()))?;
    made.map_err(|error| failed(error.to_string()))
}

/// What the document of a new issuer says, or why it cannot be used.
pub(crate) async fn discover(
    gateway: &Gateway,
    issuer: Option<&str>,
) -> (DiscoveredEndpoints, Option<String>) {
    let Some(issuer) = issuer else {
        return (DiscoveredEndpoints::default(), None);
    };
    match gateway.oidc_providers.discover(issuer).await {
        Ok(found) => {
            let given = |url: String| Some(url).filter(|url| !url.is_empty());
            let endpoints = DiscoveredEndpoints {
                authorization_url: given(found.authorization_endpoint),
                token_url: given(found.token_endpoint),
                userinfo_url: found.userinfo_endpoint,
                jwks_url: given(found.jwks_uri),
            };
            (endpoints, None)
        }
        Err(error) => {
            let warning = format!("The discovery document of {issuer} could not be used: {error}");
            (DiscoveredEndpoints::default(), Some(warning))
        }
    }
}

fn answer(
    gateway: &Gateway,
    connection: &Connection,
    warning: Option<String>,
) -> OidcConnectionAnswer {
    OidcConnectionAnswer {
        connection: OidcConnectionJson::new(connection, &gateway.deployment),
        warning,
    }
}
