//! Discovery: list, enter or create organizations once an address is proven (contract 4.4), and
//! switch between them (contract 3.6).

use actix_web::HttpResponse;
use actix_web::web;
use actix_web::web::Data;
use actix_web::web::post;
use serde::Deserialize;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::id::OrganizationId;
use crate::domain::organization_draft::OrganizationDraft;
use crate::http::caller::ProjectCredentials;
use crate::http::management::admission_json::AdmissionAnswer;
use crate::http::management::admission_json::SessionWishesBody;
use crate::http::management::admission_json::SignInWishesBody;
use crate::http::management::discovery_json::DiscoveredOrganizationJson;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::management::sessions::locator;
use crate::http::state::Gateway;
use crate::use_cases::discovery::create::Creation;
use crate::use_cases::discovery::create::create as create_organization;
use crate::use_cases::discovery::exchange::Exchange;
use crate::use_cases::discovery::exchange::exchange as exchange_session;
use crate::use_cases::discovery::list::list as list_organizations;
use crate::use_cases::discovery::switch::Switch;
use crate::use_cases::discovery::switch::switch as switch_session;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(list, exchange, create, switch))]
pub(crate) struct Calls;

/// The URLs of these calls.
pub(crate) fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route("/v1/b2b/discovery/organizations", post().to(list))
        .route("/v1/b2b/discovery/organizations/create", post().to(create))
        .route(
            "/v1/b2b/discovery/intermediate_sessions/exchange",
            post().to(exchange),
        )
        .route("/v1/b2b/sessions/exchange", post().to(switch));
}

/// Whose organizations are asked for: exactly one is needed.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(crate) struct DiscoveryListBody {
    #[serde(flatten)]
    presented: SignInWishesBody,
}

/// The organizations that somebody may choose from.
#[derive(Serialize, ToSchema)]
struct DiscoveryListed {
    email_address: String,
    discovered_organizations: Vec<DiscoveredOrganizationJson>,
    /// The organization that the person was about to enter, if there was one.
    organization_id_hint: Option<OrganizationId>,
}

/// An organization that was chosen.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(crate) struct IntermediateExchangeBody {
    intermediate_session_token: Option<String>,
    /// The organization: its id, external id or slug.
    organization_id: Option<String>,
    #[serde(flatten)]
    session: SessionWishesBody,
    /// The language of a code that is sent: `en`, `es`, `pt-br`.
    locale: Option<String>,
}

/// An organization of one's own. It claims no domains: `claimed_email_domains` is refused here, and the
/// backend gives it some later.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(crate) struct DiscoveryCreateBody {
    intermediate_session_token: Option<String>,
    #[serde(flatten)]
    organization: OrganizationDraft,
    #[serde(flatten)]
    session: SessionWishesBody,
}

/// Another organization of the same person.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(crate) struct SessionExchangeBody {
    /// The organization: its id, external id or slug.
    organization_id: Option<String>,
    /// The session's opaque token; one of token and JWT is needed.
    session_token: Option<String>,
    /// A JWT of the session.
    session_jwt: Option<String>,
    #[serde(flatten)]
    session: SessionWishesBody,
    /// The language of a code that is sent: `en`, `es`, `pt-br`.
    locale: Option<String>,
}

/// Lists the organizations that a session's person may choose from; nothing is used up.
#[utoipa::path(post, path = "/v1/b2b/discovery/organizations", operation_id = "discovery.organizations.list", tag = "discovery",
    request_body = DiscoveryListBody,
    responses((status = 200, body = DiscoveryListed)))]
pub(crate) async fn list(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<DiscoveryListBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let asked = body
        .get()
        .and_then(|body| body.presented.wishes(&gateway.signer));
    let listed = gateway.read(caller, move |tx, caller| {
        let asked = asked.as_ref().map_err(Clone::clone)?;
        list_organizations(tx, caller, &asked.presented)
    });
    let choice = listed.await?;
    let found = choice.organizations.iter();
    let answer = DiscoveryListed {
        email_address: choice.email_address.to_string(),
        discovered_organizations: found.map(DiscoveredOrganizationJson::new).collect(),
        organization_id_hint: choice.hint,
    };
    Ok(success(request_id, &answer))
}

/// Turns an intermediate session into a session of the organization that was chosen.
#[utoipa::path(post, path = "/v1/b2b/discovery/intermediate_sessions/exchange", operation_id = "discovery.intermediateSessions.exchange", tag = "discovery",
    request_body = IntermediateExchangeBody,
    responses((status = 200, body = AdmissionAnswer)))]
pub(crate) async fn exchange(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<IntermediateExchangeBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let deployment = gateway.deployment.clone();
    let admitted = gateway.write(caller, move |tx, caller| {
        let body = body.get()?;
        let asked = Exchange {
            intermediate_token: body.intermediate_session_token.clone().unwrap_or_default(),
            organization: body.organization_id.clone().unwrap_or_default(),
            wishes: body.session.wishes(),
            locale: body.locale.clone(),
        };
        exchange_session(tx, (caller, &deployment), &asked)
    });
    let answer = AdmissionAnswer::composed(&gateway, admitted.await?).await;
    Ok(success(
        request_id,
        &answer.map_err(ApiError::of(request_id))?,
    ))
}

/// Creates an organization whose administrator is the person of an intermediate session.
#[utoipa::path(post, path = "/v1/b2b/discovery/organizations/create", operation_id = "discovery.organizations.create", tag = "discovery",
    request_body = DiscoveryCreateBody,
    responses((status = 200, body = AdmissionAnswer)))]
pub(crate) async fn create(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<DiscoveryCreateBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let deployment = gateway.deployment.clone();
    let admitted = gateway.write(caller, move |tx, caller| {
        let body = body.get()?;
        let asked = Creation {
            intermediate_token: body.intermediate_session_token.clone().unwrap_or_default(),
            draft: body.organization.clone(),
            wishes: body.session.wishes(),
        };
        create_organization(tx, (caller, &deployment), &asked)
    });
    let answer = AdmissionAnswer::composed(&gateway, admitted.await?).await;
    Ok(success(
        request_id,
        &answer.map_err(ApiError::of(request_id))?,
    ))
}

/// Opens a session for the same person in another organization; the first one stays.
#[utoipa::path(post, path = "/v1/b2b/sessions/exchange", operation_id = "sessions.exchange", tag = "sessions",
    request_body = SessionExchangeBody,
    responses((status = 200, body = AdmissionAnswer)))]
pub(crate) async fn switch(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<SessionExchangeBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let deployment = gateway.deployment.clone();
    let asked = body.get().and_then(|body| {
        let given = (body.session_token.as_deref(), body.session_jwt.as_deref());
        Ok(Switch {
            session: locator(given, &gateway.signer)?,
            organization: body.organization_id.clone().unwrap_or_default(),
            wishes: body.session.wishes(),
            locale: body.locale.clone(),
        })
    });
    let admitted = gateway.write(caller, move |tx, caller| {
        let asked = asked.as_ref().map_err(Clone::clone)?;
        switch_session(tx, (caller, &deployment), asked)
    });
    let answer = AdmissionAnswer::composed(&gateway, admitted.await?).await;
    Ok(success(
        request_id,
        &answer.map_err(ApiError::of(request_id))?,
    ))
}
