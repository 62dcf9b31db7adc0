//! The way to identity providers from the hosted pages, and back.

use actix_web::HttpResponse;
use actix_web::web::Bytes;
use actix_web::web::Path;
use actix_web::web::Query;

use crate::domain::id::ConnectionId;
use crate::domain::oauth_provider::OauthProvider;
use crate::http::oauth;
use crate::http::pages::same_origin::SameOrigin;
use crate::http::sign_in_pages::error::HostedError;
use crate::http::sign_in_pages::error::HostedRefusal;
use crate::http::sign_in_pages::flow::Flow;
use crate::http::sign_in_pages::form::Form;
use crate::http::sign_in_pages::next::go_on;
use crate::http::sign_in_pages::visitor::Visitor;
use crate::http::sso;
use crate::http::sso::departure;
use crate::storage::Transaction;
use crate::use_cases::hosted_sign_in;
use crate::use_cases::hosted_sign_in::departures;
use crate::use_cases::hosted_sign_in::departures::Prover;
use crate::use_cases::hosted_sign_in::departures::Return;
use crate::use_cases::oauth::error::OauthRefusal;
use crate::use_cases::sign_in::error::SignInError;

/// `POST /login/sso/{connection_id}`: a form, as no other site may have somebody leave who has a
/// sign-in under way here; whom it signs them in as would be its own choice.
pub(super) async fn by_sso(
    visitor: Visitor,
    named: Path<String>,
    _: SameOrigin,
    body: Bytes,
) -> Result<HttpResponse, HostedRefusal> {
    let form = Form::read(&body);
    let left = async {
        let flow = visitor.flow_of(&form)?;
        let id: Option<ConnectionId> = named.parse().ok();
        let chosen = flow.organization.as_ref().zip(id);
        let (chosen, id) = chosen.ok_or(SignInError::ConnectionNotFound)?;
        let prover = Prover::Connection(chosen.id, id, flow.hint());
        depart(&visitor, &flow, &prover).await
    };
    left.await.map_err(|error| visitor.refused(error))
}

/// `POST /login/oauth/{provider}`
pub(super) async fn by_provider(
    visitor: Visitor,
    named: Path<String>,
    _: SameOrigin,
    body: Bytes,
) -> Result<HttpResponse, HostedRefusal> {
    let form = Form::read(&body);
    let left = async {
        let flow = visitor.flow_of(&form)?;
        let provider = OauthProvider::from_name(&named);
        let provider = provider.ok_or(SignInError::Oauth(OauthRefusal::NotOffered))?;
        let prover = match &flow.organization {
            Some(chosen) => Prover::Provider(provider, chosen.id),
            None => Prover::Anywhere(provider),
        };
        depart(&visitor, &flow, &prover).await
    };
    left.await.map_err(|error| visitor.refused(error))
}

/// The browser leaves for an identity provider.
pub(super) async fn depart(
    visitor: &Visitor,
    flow: &Flow,
    prover: &Prover,
) -> Result<HttpResponse, HostedError> {
    let deployment = visitor.gateway.deployment.clone();
    let (asked, challenge) = (prover.clone(), flow.challenge());
    let started = visitor
        .leave(move |tx: &mut Transaction<'_>| {
            departures::depart(tx, &deployment, (&asked, &challenge))
        })
        .await?;
    let deployment = &visitor.gateway.deployment;
    let (name, value) = (started.cookie_name, started.cookie);
    let (bound, method) = match prover {
        Prover::Connection(_, id, _) => {
            let bound = sso::flow_cookie(deployment, name, value);
            (bound, format!("sso.{id}"))
        }
        Prover::Provider(provider, _) | Prover::Anywhere(provider) => {
            let bound = oauth::cookie(deployment, name, value);
            (bound, format!("oauth.{}", provider.name()))
        }
    };
    let response = departure::leave(started.departure, Some(bound));
    let response = visitor.remembering(response, &method)?;
    visitor.keeping(response, flow)
}

/// `GET /login/return`: back from an identity provider. Only the browser that left has the verifier
/// of the token.
pub(super) async fn come_back(visitor: Visitor) -> Result<HttpResponse, HostedRefusal> {
    let came = async {
        let flow = visitor.flow()?;
        let returned = Query::<Return>::from_query(visitor.request.query_string());
        let returned = returned.map_err(|error| SignInError::InvalidQuery(error.to_string()))?;
        let (returned, arrived) = (returned.into_inner(), flow.clone());
        let deployment = visitor.gateway.deployment.clone();
        let step = visitor.write(move |tx: &mut Transaction<'_>| {
            let place = (&*deployment, &arrived.request);
            let wishes = hosted_sign_in::wishes(arrived.proven.clone());
            departures::arrive(tx, place, (&returned, &arrived.verifier), &wishes)
        });
        go_on(&visitor, flow, step.await?).await
    };
    came.await.map_err(|error| visitor.refused(error))
}
