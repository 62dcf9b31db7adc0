//! The public keys of an OIDC connection that proves itself by `private_key_jwt`, for its provider
//! (RFC 7517 §5).

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::Data;
use actix_web::web::Path;
use serde_json::json;

use crate::domain::id::ConnectionId;
use crate::http::caller::request_id;
use crate::http::sso::error::SignInPage;
use crate::http::state::Gateway;
use crate::storage::Transaction;
use crate::use_cases::client_keys::published;
use crate::use_cases::sign_in::error::SignInError;

/// `GET /v1/b2b/sso/callback/{connection_id}/jwks`
pub(crate) async fn show(
    gateway: Data<Gateway>,
    request: HttpRequest,
    connection: Path<String>,
) -> Result<HttpResponse, SignInPage> {
    let request_id = request_id(&request);
    let page = |error| SignInPage::of(error, request_id);
    let id: ConnectionId = connection
        .parse()
        .map_err(|_| page(SignInError::ConnectionNotFound))?;
    let deployment = gateway.deployment.clone();
    let read = move |tx: &mut Transaction<'_>| published(tx, &deployment, id);
    let keys = gateway.storage.read(request_id, read).await.map_err(page)?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .content_type("application/jwk-set+json")
        .json(json!({ "keys": keys })))
}
