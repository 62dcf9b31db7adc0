//! The portal's pages that connect a directory: address and token, whether it speaks, what it was
//! refused, and a new token while the old one still works.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web;
use actix_web::web::Data;
use actix_web::web::get;
use actix_web::web::post;
use askama::Template;
use serde::Deserialize;

use crate::domain::scim_request::KeptBody;
use crate::domain::scim_request::ScimRequest;
use crate::http::pages::form::PageForm;
use crate::http::pages::page;
use crate::http::pages::same_origin::SameOrigin;
use crate::http::pages::see_other;
use crate::http::portal::directory_guides::GUIDES;
use crate::http::portal::directory_guides::Guide;
use crate::http::portal::directory_guides::guide;
use crate::http::portal::error::PortalRefusal;
use crate::http::portal::frame::Frame;
use crate::http::portal::frame::Place;
use crate::http::portal::instant::Told;
use crate::http::portal::session::PortalSession;
use crate::http::state::Gateway;
use crate::use_cases::connections::Naming;
use crate::use_cases::directory_overview;
use crate::use_cases::directory_overview::DirectoryOverview;
use crate::use_cases::directory_overview::MOST_GROUPS;
use crate::use_cases::scim_connections;
use crate::use_cases::scim_connections::ScimConnectionDraft;
use crate::use_cases::scim_token_rotation;

const HERE: &str = "/portal/directory";

/// The URLs of these pages.
pub(super) fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route("/portal/directory", get().to(show))
        .route("/portal/directory", post().to(create))
        .route("/portal/directory/state", get().to(state))
        .route("/portal/directory/token/start", post().to(start))
        .route("/portal/directory/token/complete", post().to(complete))
        .route("/portal/directory/token/cancel", post().to(cancel));
}

/// What a form brings: the product, or the connection.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Given {
    identity_provider: String,
    connection_id: String,
}

/// A directory as the page tells it.
struct Shown {
    connection_id: String,
    base_url: String,
    guide: Guide,
    token_last_four: String,
    token_made_at: Option<Told>,
    token_ends_at: Option<Told>,
    next_last_four: Option<String>,
    speaks: bool,
    last_request: Option<Told>,
    users: i64,
    without_member: i64,
    groups: String,
    refused: Option<RefusedRequest>,
}

/// A request that was refused.
struct RefusedRequest {
    at: Told,
    method: String,
    path: String,
    status: u16,
    detail: String,
    sent: String,
}

#[derive(Template)]
#[template(path = "portal/directory.html")]
struct DirectoryPage {
    frame: Frame,
    directory: Option<Shown>,
    guides: &'static [Guide],
    token: Option<String>,
}

#[derive(Template)]
#[template(path = "portal/directory_state.html")]
struct DirectoryState {
    directory: Shown,
}

impl Shown {
    fn new(overview: &DirectoryOverview, gateway: &Gateway) -> Self {
        let connection = &overview.view.connection;
        let settings = connection.scim().cloned().unwrap_or_default();
        let product = connection.identity_provider.as_str();
        let many = i64::try_from(overview.groups).is_ok_and(|groups| groups >= MOST_GROUPS);
        let more = if many { " or more" } else { "" };
        Self {
            connection_id: connection.id.to_string(),
            base_url: gateway.deployment.scim_base_url(connection.id, product),
            guide: guide(product),
            token_last_four: settings.bearer_token_last_four,
            token_made_at: overview.token_made_at.map(Told::at),
            token_ends_at: settings.bearer_token_expires_at.map(Told::at),
            next_last_four: settings.next_bearer_token.map(|next| next.last_four),
            speaks: overview.last_request.is_some() || overview.users > 0,
            last_request: overview
                .last_request
                .as_ref()
                .map(|it| Told::at(it.occurred_at)),
            users: overview.users,
            without_member: overview.without_member,
            groups: format!("{}{more}", overview.groups),
            refused: overview.last_refused.as_ref().map(RefusedRequest::new),
        }
    }
}

impl RefusedRequest {
    fn new(request: &ScimRequest) -> Self {
        Self {
            at: Told::at(request.occurred_at),
            method: request.method.clone(),
            path: request.path.clone(),
            status: request.status,
            detail: request.detail.clone().unwrap_or_default(),
            sent: sent(&request.sent),
        }
    }
}

fn sent(body: &KeptBody) -> String {
    match (&body.text, body.cut) {
        (None, _) => String::new(),
        (Some(text), false) => text.clone(),
        (Some(text), true) => format!("{text}\n… (cut)"),
    }
}

/// Shows the directory, or what may become one.
pub(super) async fn show(
    gateway: Data<Gateway>,
    session: PortalSession,
) -> Result<HttpResponse, PortalRefusal> {
    shown(&gateway, &session, None).await
}

/// The page, with a token that is told this once or without.
async fn shown(
    gateway: &Gateway,
    session: &PortalSession,
    token: Option<String>,
) -> Result<HttpResponse, PortalRefusal> {
    let found = gateway.portal_read(session, |tx, caller| {
        let overview = directory_overview::find(tx, caller, &caller.organization_id())?;
        Ok((Frame::new(caller, Place::Directory), overview))
    });
    let (frame, overview) = found.await?;
    let shown = DirectoryPage {
        frame,
        directory: overview.map(|overview| Shown::new(&overview, gateway)),
        guides: &GUIDES,
        token,
    };
    Ok(page(StatusCode::OK, &shown))
}

/// Shows how the directory is doing, for a page that looks again by itself.
pub(super) async fn state(
    gateway: Data<Gateway>,
    session: PortalSession,
) -> Result<HttpResponse, PortalRefusal> {
    let found = gateway.portal_read(&session, |tx, caller| {
        directory_overview::find(tx, caller, &caller.organization_id())
    });
    match found.await? {
        Some(overview) => {
            let directory = Shown::new(&overview, &gateway);
            Ok(page(StatusCode::OK, &DirectoryState { directory }))
        }
        None => Ok(HttpResponse::NoContent().finish()),
    }
}

/// Makes the connection; the answer tells its token this once.
pub(super) async fn create(
    gateway: Data<Gateway>,
    session: PortalSession,
    _proof: SameOrigin,
    form: PageForm<Given>,
) -> Result<HttpResponse, PortalRefusal> {
    let draft = ScimConnectionDraft {
        naming: Naming {
            display_name: Some(guide(&form.0.identity_provider).name.to_owned()),
            identity_provider: Some(form.0.identity_provider),
        },
        ..ScimConnectionDraft::default()
    };
    let created = gateway.portal_write(&session, move |tx, caller| {
        scim_connections::create(tx, caller, &caller.organization_id(), &draft)
    });
    let (_, token) = created.await?;
    shown(&gateway, &session, Some(token)).await
}

/// Makes the next token, which works beside the current one; the answer tells it this once.
pub(super) async fn start(
    gateway: Data<Gateway>,
    session: PortalSession,
    _proof: SameOrigin,
    form: PageForm<Given>,
) -> Result<HttpResponse, PortalRefusal> {
    let started = gateway.portal_write(&session, move |tx, caller| {
        let place = (&*caller.organization_id(), form.0.connection_id.as_str());
        scim_token_rotation::start(tx, caller, place)
    });
    let (_, token) = started.await?;
    shown(&gateway, &session, Some(token)).await
}

/// Ends the token that was replaced.
pub(super) async fn complete(
    gateway: Data<Gateway>,
    session: PortalSession,
    _proof: SameOrigin,
    form: PageForm<Given>,
) -> Result<HttpResponse, PortalRefusal> {
    let completed = gateway.portal_write(&session, move |tx, caller| {
        let place = (&*caller.organization_id(), form.0.connection_id.as_str());
        scim_token_rotation::complete(tx, caller, place)
    });
    completed.await?;
    Ok(see_other(HERE))
}

/// Drops the next token.
pub(super) async fn cancel(
    gateway: Data<Gateway>,
    session: PortalSession,
    _proof: SameOrigin,
    form: PageForm<Given>,
) -> Result<HttpResponse, PortalRefusal> {
    let cancelled = gateway.portal_write(&session, move |tx, caller| {
        let place = (&*caller.organization_id(), form.0.connection_id.as_str());
        scim_token_rotation::cancel(tx, caller, place)
    });
    cancelled.await?;
    Ok(see_other(HERE))
}
