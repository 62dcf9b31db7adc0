//! `/v1/magic_links/redirect`: where the links in mails lead, and from there to the application
//! (contract 4.3). A visit uses nothing up.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::web;
use actix_web::web::Data;
use actix_web::web::Query;

use crate::domain::secret::SecretHash;
use crate::http::caller::request_id;
use crate::http::refused;
use crate::http::sso::error::SignInPage;
use crate::http::sso::redirect;
use crate::http::state::Gateway;
use crate::storage::Transaction;
use crate::use_cases::magic_links::follow;
use crate::use_cases::magic_links::follow::FollowedLink;
use crate::use_cases::refusals::kept::Refused;
use crate::use_cases::sign_in::error::SignInError;

/// The URLs that mails name.
pub fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route("/v1/magic_links/redirect", web::get().to(send_on))
        .route("/v1/magic_links/redirect", web::head().to(send_on));
}

async fn send_on(gateway: Data<Gateway>, request: HttpRequest) -> Result<HttpResponse, SignInPage> {
    let request_id = request_id(&request);
    let page = |error| SignInPage::of(error, request_id);
    let asked = Query::<FollowedLink>::from_query(request.query_string())
        .map_err(|error| page(SignInError::InvalidQuery(error.to_string())))?
        .into_inner();
    let token = SecretHash::of(&asked.token);
    let deployment = gateway.deployment.clone();
    let follow = move |tx: &mut Transaction<'_>| follow::follow(tx, &deployment, &asked);
    let url = gateway.storage.read(request_id, follow).await;
    if url == Err(SignInError::LinkNotFound) {
        refused::keep(&gateway, request_id, Refused::Link(token));
    }
    Ok(redirect(&url.map_err(page)?).finish())
}
