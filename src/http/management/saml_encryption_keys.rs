//! The keys of a SAML connection for encrypted responses: make one, take one away.

use actix_web::HttpResponse;
use actix_web::web;
use actix_web::web::Data;
use actix_web::web::Path;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::id::EncryptionKeyId;
use crate::domain::rsa_private_key::RsaPrivateKey;
use crate::domain::secret::CryptoFailure;
use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::success;
use crate::http::management::saml_connections::SamlConnectionAnswer;
use crate::http::management::saml_connections::answer;
use crate::http::state::Gateway;
use crate::use_cases::saml_encryption_keys;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(create_encryption_key, delete_encryption_key))]
pub(crate) struct Calls;

#[derive(Serialize, ToSchema)]
struct EncryptionKeyDeleted {
    private_key_id: EncryptionKeyId,
}

/// Makes a key for encrypted responses, whose certificate the SP metadata shows from now on. At most five are tried, the
/// newest first; delete the older ones once the IdP encrypts to the new one.
#[utoipa::path(post, path = "/v1/b2b/sso/saml/{organization_id}/connections/{connection_id}/encryption_private_keys", operation_id = "sso.saml.createEncryptionPrivateKey", tag = "sso",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug."),
        ("connection_id" = String, Path)),
    responses((status = 200, body = SamlConnectionAnswer)))]
pub(crate) async fn create_encryption_key(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    // Finding primes takes long enough to keep a thread from other requests, and a transaction from others.
    let made = web::block(RsaPrivateKey::generate).await;
    let key = made.unwrap_or(Err(CryptoFailure));
    let deployment = gateway.deployment.clone();
    let created = gateway.write_as(caller, move |tx, caller| {
        let place = (path.0.as_str(), path.1.as_str());
        saml_encryption_keys::create(tx, (caller, &deployment), place, key.clone()?)
    });
    Ok(success(request_id, &answer(&gateway, &created.await?)))
}

/// Forgets a key for encrypted responses.
#[utoipa::path(delete, path = "/v1/b2b/sso/saml/{organization_id}/connections/{connection_id}/encryption_private_keys/{private_key_id}", operation_id = "sso.saml.deleteEncryptionPrivateKey", tag = "sso",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug."),
        ("connection_id" = String, Path), ("private_key_id" = String, Path)),
    responses((status = 200, body = EncryptionKeyDeleted)))]
pub(crate) async fn delete_encryption_key(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    path: Path<(String, String, String)>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let deleted = gateway.write_as(caller, move |tx, caller| {
        saml_encryption_keys::delete(tx, caller, (&path.0, &path.1), &path.2)
    });
    let private_key_id = deleted.await?;
    Ok(success(
        request_id,
        &EncryptionKeyDeleted { private_key_id },
    ))
}
