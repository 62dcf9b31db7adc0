//! Links to the admin portal: create, list and revoke them.

use actix_web::HttpResponse;
use actix_web::web;
use actix_web::web::Data;
use actix_web::web::Path;
use actix_web::web::delete;
use actix_web::web::get;
use actix_web::web::post;
use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::id::OrganizationId;
use crate::domain::id::PortalLinkId;
use crate::domain::portal_link::PortalLink;
use crate::domain::secret::SecretHash;
use crate::domain::secret::fresh_token;
use crate::domain::session_token::timestamp;
use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::state::Gateway;
use crate::use_cases::error::ManagementError;
use crate::use_cases::portal_links;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(create, list, revoke))]
pub(crate) struct Calls;

/// The URLs of these calls.
pub(crate) fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route("/v1/b2b/portal_links", post().to(create))
        .route("/v1/b2b/portal_links/{organization_id}", get().to(list))
        .route(
            "/v1/b2b/portal_links/{organization_id}/{portal_link_id}",
            delete().to(revoke),
        );
}

/// A link to the admin portal.
#[derive(Serialize, ToSchema)]
#[schema(as = PortalLink)]
pub(crate) struct PortalLinkJson {
    portal_link_id: PortalLinkId,
    organization_id: OrganizationId,
    /// Whether it can be opened again and again; one that cannot works once.
    is_lasting: bool,
    /// `active`, `used`, `expired`, `revoked` or `completed`.
    status: &'static str,
    created_at: String,
    expires_at: String,
    /// When it was opened last.
    opened_at: Option<String>,
    revoked_at: Option<String>,
    completed_at: Option<String>,
}

impl PortalLinkJson {
    pub(crate) fn new(link: &PortalLink, now: DateTime<Utc>) -> Self {
        Self {
            portal_link_id: link.id,
            organization_id: link.organization_id,
            is_lasting: link.is_lasting,
            status: link.status(now).name(),
            created_at: timestamp(link.created_at),
            expires_at: timestamp(link.expires_at),
            opened_at: link.opened_at.map(timestamp),
            revoked_at: link.revoked_at.map(timestamp),
            completed_at: link.completed_at.map(timestamp),
        }
    }
}

/// A link with its address, which is told this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct PortalLinkCreated {
    portal_link: PortalLinkJson,
    /// Where to send the IT admin at once; it works once, for five minutes.
    url: String,
}

/// An answer about a link.
#[derive(Serialize, ToSchema)]
pub(crate) struct PortalLinkAnswer {
    portal_link: PortalLinkJson,
}

/// The links of an organization, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct PortalLinksAnswer {
    portal_links: Vec<PortalLinkJson>,
}

/// Whose portal the link opens.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(crate) struct PortalLinkBody {
    /// The organization: its id, external id or slug.
    organization_id: String,
}

/// Makes a link that opens the admin portal of one organization, once, within five minutes.
#[utoipa::path(post, path = "/v1/b2b/portal_links", operation_id = "portalLinks.create", tag = "portal links",
    request_body = PortalLinkBody,
    responses((status = 200, body = PortalLinkCreated)))]
pub(crate) async fn create(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<PortalLinkBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let token = fresh_token().map_err(ManagementError::from);
    let token = token.map_err(ApiError::of(request_id))?;
    let hash = SecretHash::of(&token);
    let made = gateway.write(caller, move |tx, caller| {
        portal_links::create(tx, caller, (&body.get()?.organization_id, &hash))
    });
    let answer = PortalLinkCreated {
        portal_link: PortalLinkJson::new(&made.await?, gateway.clock.now()),
        url: gateway.deployment.portal_link_url(&token),
    };
    Ok(success(request_id, &answer))
}

/// The links to an organization's portal, newest first; forgotten a month after they expire.
#[utoipa::path(get, path = "/v1/b2b/portal_links/{organization_id}", operation_id = "portalLinks.list", tag = "portal links",
    params(("organization_id" = String, Path)),
    responses((status = 200, body = PortalLinksAnswer)))]
pub(crate) async fn list(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    organization: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let (request_id, now) = (caller.request_id, gateway.clock.now());
    let found = gateway.read(caller, move |tx, caller| {
        portal_links::list(tx, caller, &organization)
    });
    let found = found.await?;
    let answer = PortalLinksAnswer {
        portal_links: found
            .iter()
            .map(|link| PortalLinkJson::new(link, now))
            .collect(),
    };
    Ok(success(request_id, &answer))
}

/// Takes a link back: it opens nothing any more, and whoever is in by it is out at once.
#[utoipa::path(delete, path = "/v1/b2b/portal_links/{organization_id}/{portal_link_id}", operation_id = "portalLinks.revoke", tag = "portal links",
    params(("organization_id" = String, Path), ("portal_link_id" = String, Path)),
    responses((status = 200, body = PortalLinkAnswer)))]
pub(crate) async fn revoke(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let (request_id, now) = (caller.request_id, gateway.clock.now());
    let revoked = gateway.write(caller, move |tx, caller| {
        let (organization, link) = &*named;
        portal_links::revoke(tx, caller, (organization, link))
    });
    let portal_link = PortalLinkJson::new(&revoked.await?, now);
    Ok(success(request_id, &PortalLinkAnswer { portal_link }))
}
