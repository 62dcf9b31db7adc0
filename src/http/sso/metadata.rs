//! SP metadata: what a SAML connection tells its IdP about us (SAML metadata §2.4.4).

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Path;

use crate::domain::id::ConnectionId;
use crate::http::caller::request_id;
use crate::http::sso::error::SignInPage;
use crate::http::state::Gateway;
use crate::storage::Transaction;
use crate::use_cases::sign_in::error::SignInError;
use crate::use_cases::sign_in::saml_request::service_provider;

/// `GET /v1/b2b/sso/callback/{connection_id}/metadata`
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
    let describe = move |tx: &mut Transaction<'_>| service_provider(tx, &deployment, id);
    let described = gateway.storage.read(request_id, describe).await;
    let metadata = described.map_err(page)?;
    Ok(HttpResponse::Ok()
        .content_type("application/samlmetadata+xml")
        .body(metadata))
}
