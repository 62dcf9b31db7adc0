//! `/v1/public/sso/start`: sends the browser to its organization's IdP.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Query;

use crate::http::caller::request_id;
use crate::http::sso::departure;
use crate::http::sso::error::SignInPage;
use crate::http::sso::flow_cookie;
use crate::http::state::Gateway;
use crate::storage::Transaction;
use crate::use_cases::sign_in::error::SignInError;
use crate::use_cases::sign_in::start;
use crate::use_cases::sign_in::start::StartRequest;

/// `GET /v1/public/sso/start`
pub(crate) async fn start(
    gateway: Data<Gateway>,
    request: HttpRequest,
) -> Result<HttpResponse, SignInPage> {
    let request_id = request_id(&request);
    let page = |error| SignInPage::of(error, request_id);
    let asked = Query::<StartRequest>::from_query(request.query_string())
        .map_err(|error| page(SignInError::InvalidQuery(error.to_string())))?
        .into_inner();
    let begin = asked.begin(request_id);
    let deployment = gateway.deployment.clone();
    let open = move |tx: &mut Transaction<'_>| start::start(tx, &deployment, &asked);
    let opened = gateway.storage.transaction_by_keys(begin, open).await;
    let started = opened.map_err(page)?;
    let cookie = flow_cookie(&gateway.deployment, started.cookie_name, started.cookie);
    Ok(departure::leave(started.departure, Some(cookie)))
}
