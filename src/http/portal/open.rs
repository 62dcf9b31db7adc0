//! Into the portal by a link, and out of it again.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::web::Query;
use askama::Template;
use serde::Deserialize;

use crate::domain::id::RequestId;
use crate::domain::secret::SecretHash;
use crate::domain::secret::fresh_token;
use crate::http::caller::request_id;
use crate::http::pages::form::PageForm;
use crate::http::pages::page;
use crate::http::pages::same_origin::SameOrigin;
use crate::http::pages::see_other;
use crate::http::pages::shortened;
use crate::http::portal::error::PortalRefusal;
use crate::http::portal::session::PortalSession;
use crate::http::portal::session::brought;
use crate::http::portal::session::cookie;
use crate::http::portal::session::taken_back;
use crate::http::state::Gateway;
use crate::storage::Transaction;
use crate::use_cases::error::ManagementError;
use crate::use_cases::portal_sessions;

/// What a link carries.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Carried {
    token: String,
}

#[derive(Template)]
#[template(path = "portal/open.html")]
struct OpenPage {
    organization: String,
    token: String,
    is_lasting: bool,
}

#[derive(Template)]
#[template(path = "portal/left.html")]
struct LeftPage {
    is_complete: bool,
}

/// Shows where the link leads, and uses nothing up: programs that read mails follow links.
pub(super) async fn show(
    gateway: Data<Gateway>,
    request: actix_web::HttpRequest,
    carried: Query<Carried>,
) -> Result<HttpResponse, PortalRefusal> {
    let request_id = request_id(&request);
    let (project, hash) = (gateway.project_id.clone(), SecretHash::of(&carried.token));
    let look = move |tx: &mut Transaction<'_>| portal_sessions::look(tx, &project, &hash);
    let found = gateway.storage.read(request_id, look).await;
    let (link, organization) = found.map_err(PortalRefusal::of(request_id))?;
    let shown = OpenPage {
        organization: shortened(&organization.name),
        token: carried.token.clone(),
        is_lasting: link.is_lasting,
    };
    Ok(page(StatusCode::OK, &shown))
}

/// Opens the link.
pub(super) async fn open(
    gateway: Data<Gateway>,
    request: actix_web::HttpRequest,
    _proof: SameOrigin,
    form: PageForm<Carried>,
) -> Result<HttpResponse, PortalRefusal> {
    let request_id = request_id(&request);
    let token = fresh(request_id)?;
    let hashes = (SecretHash::of(&form.0.token), SecretHash::of(&token));
    let (project, left) = (gateway.project_id.clone(), brought(&request));
    let open = move |tx: &mut Transaction<'_>| {
        portal_sessions::open(tx, &project, (&hashes.0, &hashes.1), left.as_ref())
    };
    let opened = gateway.storage.transaction(request_id, open).await;
    opened.map_err(PortalRefusal::of(request_id))?;
    let mut response = see_other("/portal");
    let cookie = cookie(&gateway.deployment, token);
    // A cookie of ours is always writable as a header.
    let _ = response.add_cookie(&cookie);
    Ok(response)
}

fn fresh(request_id: RequestId) -> Result<String, PortalRefusal> {
    let token = fresh_token().map_err(ManagementError::from);
    token.map_err(PortalRefusal::of(request_id))
}

/// Leaves the portal in this browser.
pub(super) async fn leave(
    gateway: Data<Gateway>,
    session: PortalSession,
    _proof: SameOrigin,
) -> Result<HttpResponse, PortalRefusal> {
    let token = session.token.clone();
    let left = gateway.portal_write(&session, move |tx, caller| {
        portal_sessions::leave(tx, caller, &token)
    });
    left.await?;
    Ok(out(&gateway, "/portal/left"))
}

/// Says that all is set up; the link opens nothing any more.
pub(super) async fn complete(
    gateway: Data<Gateway>,
    session: PortalSession,
    _proof: SameOrigin,
) -> Result<HttpResponse, PortalRefusal> {
    let completed = gateway.portal_write(&session, portal_sessions::complete);
    completed.await?;
    Ok(out(&gateway, "/portal/left?complete=true"))
}

fn out(gateway: &Gateway, location: &str) -> HttpResponse {
    let mut response = see_other(location);
    let _ = response.add_cookie(&taken_back(&gateway.deployment));
    response
}

/// How the portal was left.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Left {
    complete: bool,
}

/// The page after that.
pub(super) async fn left(left: Query<Left>) -> HttpResponse {
    let shown = LeftPage {
        is_complete: left.complete,
    };
    page(StatusCode::OK, &shown)
}
