//! Where an OpenID provider, or somebody's link, begins a sign-in (OpenID Connect Core 1.0 §4).

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::web::Bytes;
use actix_web::web::Data;
use actix_web::web::Path;
use actix_web::web::Query;

use crate::domain::id::ConnectionId;
use crate::http::caller::request_id;
use crate::http::sso::departure;
use crate::http::sso::error::SignInPage;
use crate::http::sso::flow_cookie;
use crate::http::sso::refuse;
use crate::http::state::Gateway;
use crate::storage::Transaction;
use crate::use_cases::sign_in::error::SignInError;
use crate::use_cases::sign_in::initiate::Initiation;
use crate::use_cases::sign_in::initiate::initiate;
use crate::use_cases::sign_in::start::Started;

/// `GET` or `POST /v1/b2b/sso/callback/{connection_id}/initiate`
pub(crate) async fn begin(
    gateway: Data<Gateway>,
    request: HttpRequest,
    connection: Path<String>,
    body: Bytes,
) -> Result<HttpResponse, SignInPage> {
    match start(&gateway, &request, &connection, &body).await {
        Ok(started) => {
            let cookie = flow_cookie(&gateway.deployment, started.cookie_name, started.cookie);
            Ok(departure::leave(started.departure, Some(cookie)))
        }
        Err(error) => Err(refuse(&gateway, &request, (&connection, None), error).await),
    }
}

async fn start(
    gateway: &Gateway,
    request: &HttpRequest,
    connection: &str,
    body: &Bytes,
) -> Result<Started, SignInError> {
    let id: ConnectionId = connection
        .parse()
        .map_err(|_| SignInError::ConnectionNotFound)?;
    let form = String::from_utf8_lossy(body);
    let parameters = if request.method() == Method::POST {
        form.as_ref()
    } else {
        request.query_string()
    };
    let asked = Query::<Initiation>::from_query(parameters)
        .map_err(|error| SignInError::InvalidQuery(error.to_string()))?
        .into_inner();
    let deployment = gateway.deployment.clone();
    let open = move |tx: &mut Transaction<'_>| initiate(tx, &deployment, id, &asked);
    gateway.storage.transaction(request_id(request), open).await
}
