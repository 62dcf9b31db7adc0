//! Where an OAuth provider sends the browser back with a code (RFC 6749 §4.1.2).

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Path;
use actix_web::web::Query;

use crate::http::caller::request_id;
use crate::http::oauth::callback_of;
use crate::http::oauth::cookie;
use crate::http::oauth::prove::prove;
use crate::http::oauth::provider;
use crate::http::sso::error::SignInPage;
use crate::http::sso::redirect;
use crate::http::state::Gateway;
use crate::protocol::oidc::authorization::AuthorizationResponse;
use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::oauth::error::record;
use crate::use_cases::oauth::expect::expect;
use crate::use_cases::oauth::flow::OauthCallback;
use crate::use_cases::oauth::receive::OauthArrival;
use crate::use_cases::oauth::receive::receive;
use crate::use_cases::sign_in::error::SignInError;
use crate::use_cases::sign_in::flow::cookie_name;

/// `GET /v1/b2b/oauth/callback/{provider}`
pub(crate) async fn consume(
    gateway: Data<Gateway>,
    request: HttpRequest,
    named: Path<String>,
) -> Result<HttpResponse, SignInPage> {
    let page = |error| SignInPage::of(error, request_id(&request));
    let place = (&*gateway.deployment, &request);
    let (callback, answer) = read(place, &named).map_err(page)?;
    match take(&gateway, &request, &callback, &answer).await {
        Ok(response) => Ok(response),
        Err(error) => Err(refuse(&gateway, &request, &callback, error).await),
    }
}

fn read(
    (deployment, request): (&Deployment, &HttpRequest),
    named: &str,
) -> Result<(OauthCallback, AuthorizationResponse), SignInError> {
    let provider = provider(named)?;
    let answer = Query::<AuthorizationResponse>::from_query(request.query_string())
        .map_err(|error| SignInError::InvalidQuery(error.to_string()))?
        .into_inner();
    let callback = callback_of((deployment, request), provider, answer.state()?);
    Ok((callback, answer))
}

async fn take(
    gateway: &Gateway,
    request: &HttpRequest,
    callback: &OauthCallback,
    answer: &AuthorizationResponse,
) -> Result<HttpResponse, SignInError> {
    let request_id = request_id(request);
    let (deployment, asked) = (gateway.deployment.clone(), callback.clone());
    let expected = gateway
        .storage
        .read(request_id, move |tx: &mut Transaction<'_>| {
            expect(tx, &deployment, &asked)
        });
    let expected = expected.await?;
    let (identity, tokens) = prove(gateway, &expected, answer).await?;
    let arrival = OauthArrival {
        callback: callback.clone(),
        identity,
        tokens,
    };
    let deployment = gateway.deployment.clone();
    let receive = move |tx: &mut Transaction<'_>| receive(tx, &deployment, &arrival);
    let url = gateway.storage.transaction(request_id, receive).await?;
    let name = cookie_name(&callback.state);
    let mut spent = cookie(&gateway.deployment, name, String::new());
    spent.make_removal();
    Ok(redirect(&url).cookie(spent).finish())
}

/// The page of a refusal, which the journal of the organization hears of as well.
async fn refuse(
    gateway: &Gateway,
    request: &HttpRequest,
    callback: &OauthCallback,
    error: SignInError,
) -> SignInPage {
    let request_id = request_id(request);
    if error.is_refusal() {
        let (refused, served) = (error.clone(), gateway.project_id.clone());
        let (provider, state) = (callback.provider, callback.state.clone());
        let entry =
            move |tx: &mut Transaction<'_>| record(tx, &served, (provider, &state), &refused);
        if let Err(failure) = gateway.storage.transaction(request_id, entry).await {
            return SignInPage::of(failure.into(), request_id);
        }
    }
    SignInPage::of(error, request_id)
}
