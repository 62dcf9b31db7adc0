//! An IdP's metadata, by URL or pasted, and a change of it that waits.

use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Path;
use serde::Deserialize;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::management::saml_connections::SamlConnectionAnswer;
use crate::http::management::saml_connections::answer;
use crate::http::state::Gateway;
use crate::outbound::http_client::BODY_LIMIT;
use crate::protocol::saml::IdentityProvider;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::connection::ConnectionError;
use crate::use_cases::saml_metadata;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(update_by_url, update_by_metadata, accept_metadata))]
pub(crate) struct Calls;

/// The body of an update by metadata.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct MetadataUrlBody {
    metadata_url: String,
}

/// The body of an update by metadata that was pasted.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct MetadataBody {
    /// The XML document.
    metadata: String,
}

/// Fills a SAML connection in from its IdP's metadata: entity id, single sign-on URL, and the
/// certificates, which replace those known before.
#[utoipa::path(put, path = "/v1/b2b/sso/saml/{organization_id}/connections/{connection_id}/url", operation_id = "sso.saml.updateByURL", tag = "sso",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug."),
        ("connection_id" = String, Path)),
    request_body = MetadataUrlBody,
    responses((status = 200, body = SamlConnectionAnswer)))]
pub(crate) async fn update_by_url(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    path: Path<(String, String)>,
    body: JsonBody<MetadataUrlBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let (target, deployment) = (path.clone(), gateway.deployment.clone());
    let permitted = gateway.read_as(caller.clone(), move |tx, caller| {
        let place = (target.0.as_str(), target.1.as_str());
        let url = body.get()?.metadata_url.clone();
        saml_metadata::permit(tx, (caller, &deployment), place, &url)?;
        Ok(url)
    });
    let url = permitted.await?;
    let metadata = fetch(&gateway, &url).await;
    let metadata = metadata.map_err(ApiError::of(request_id))?;
    let deployment = gateway.deployment.clone();
    let updated = gateway.write_as(caller, move |tx, caller| {
        let place = (path.0.as_str(), path.1.as_str());
        saml_metadata::take(tx, (caller, &deployment), place, (&metadata, Some(&url)))
    });
    Ok(success(request_id, &answer(&gateway, &updated.await?)))
}

/// The metadata at an address.
pub(crate) async fn fetch(
    gateway: &Gateway,
    url: &str,
) -> Result<IdentityProvider, ManagementError> {
    let fetched = gateway.http_client.get_text(url, BODY_LIMIT).await;
    let xml = fetched.map_err(|error| {
        ConnectionError::UnusableMetadata("invalid_saml_metadata_url", error.to_string())
    })?;
    saml_metadata::read(&xml)
}

/// Fills a SAML connection in from its IdP's metadata, pasted as XML; it is not followed.
#[utoipa::path(put, path = "/v1/b2b/sso/saml/{organization_id}/connections/{connection_id}/metadata", operation_id = "sso.saml.updateByMetadata", tag = "sso",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug."),
        ("connection_id" = String, Path)),
    request_body = MetadataBody,
    responses((status = 200, body = SamlConnectionAnswer)))]
pub(crate) async fn update_by_metadata(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    path: Path<(String, String)>,
    body: JsonBody<MetadataBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let deployment = gateway.deployment.clone();
    let updated = gateway.write_as(caller, move |tx, caller| {
        let place = (path.0.as_str(), path.1.as_str());
        saml_metadata::paste(tx, (caller, &deployment), place, &body.get()?.metadata)
    });
    Ok(success(request_id, &answer(&gateway, &updated.await?)))
}

/// Takes the change of followed metadata that waits because none of the certificates known before
/// is left.
#[utoipa::path(post, path = "/v1/b2b/sso/saml/{organization_id}/connections/{connection_id}/metadata/accept", operation_id = "sso.saml.acceptMetadata", tag = "sso",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug."),
        ("connection_id" = String, Path)),
    responses((status = 200, body = SamlConnectionAnswer)))]
pub(crate) async fn accept_metadata(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let accepted = gateway.write_as(caller, move |tx, caller| {
        saml_metadata::accept(tx, caller, (&path.0, &path.1))
    });
    Ok(success(request_id, &answer(&gateway, &accepted.await?)))
}
