//! One customer: its connections, and the links by which its IT admin sets them up.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::web::Path;
use askama::Template;
use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;

use crate::domain::connection::Connection;
use crate::domain::id::ConnectionKind;
use crate::domain::portal_link::DEFAULT_DAYS;
use crate::domain::portal_link::MOST_DAYS;
use crate::domain::portal_link::PortalLink;
use crate::domain::portal_link::PortalLinkStatus;
use crate::domain::secret::SecretHash;
use crate::domain::secret::fresh_token;
use crate::http::console::error::ConsoleRefusal;
use crate::http::console::frame::Frame;
use crate::http::console::frame::Place;
use crate::http::console::frame::minute;
use crate::http::console::session::OperatorSession;
use crate::http::pages::form::PageForm;
use crate::http::pages::page;
use crate::http::pages::same_origin::SameOrigin;
use crate::http::pages::see_other;
use crate::http::pages::shortened;
use crate::http::state::Gateway;
use crate::storage::Transaction;
use crate::use_cases::console_error::ConsoleError;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::organizations;
use crate::use_cases::organizations::OrganizationView;
use crate::use_cases::portal_links;

/// For how many days a link is made.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default)]
pub(super) struct Lasting {
    days: u32,
}

impl Default for Lasting {
    fn default() -> Self {
        Self { days: DEFAULT_DAYS }
    }
}

struct ConnectionLine {
    name: String,
    kind: &'static str,
    product: String,
    id: String,
    is_active: bool,
}

struct LinkLine {
    id: String,
    kind: &'static str,
    status: &'static str,
    is_live: bool,
    made: String,
    until: String,
    opened: String,
}

#[derive(Template)]
#[template(path = "console/organization.html")]
struct OrganizationPage {
    frame: Frame,
    id: String,
    name: String,
    slug: String,
    members: i64,
    connections: Vec<ConnectionLine>,
    links: Vec<LinkLine>,
    made: Option<String>,
    days: u32,
    most_days: u32,
}

struct Seen {
    view: OrganizationView,
    members: i64,
    links: Vec<PortalLink>,
}

fn look(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    named: &str,
) -> Result<Seen, ConsoleError> {
    Ok(Seen {
        view: organizations::get(tx, caller, named)?,
        members: organizations::member_count(tx, caller, named)?,
        links: portal_links::list(tx, caller, named)?,
    })
}

impl OrganizationPage {
    fn new(seen: Seen, made: Option<String>, now: DateTime<Utc>) -> Self {
        let organization = &seen.view.organization;
        Self {
            frame: Frame(Place::Organizations),
            id: organization.id.to_string(),
            name: shortened(&organization.name),
            slug: organization.slug.clone(),
            members: seen.members,
            connections: seen.view.connections.iter().map(connection_line).collect(),
            links: seen.links.iter().map(|link| link_line(link, now)).collect(),
            made,
            days: DEFAULT_DAYS,
            most_days: MOST_DAYS,
        }
    }
}

fn connection_line(connection: &Connection) -> ConnectionLine {
    ConnectionLine {
        name: shortened(&connection.display_name),
        kind: spoken(connection.settings.kind()),
        product: connection.identity_provider.clone(),
        id: connection.id.to_string(),
        is_active: connection.is_active(),
    }
}

fn spoken(kind: ConnectionKind) -> &'static str {
    match kind {
        ConnectionKind::Saml => "SAML",
        ConnectionKind::Oidc => "OpenID Connect",
        ConnectionKind::External => "another organization's connection",
        ConnectionKind::Scim => "SCIM",
    }
}

fn link_line(link: &PortalLink, now: DateTime<Utc>) -> LinkLine {
    let status = link.status(now);
    LinkLine {
        id: link.id.to_string(),
        kind: if link.is_lasting {
            "lasting"
        } else {
            "works once"
        },
        status: status.name(),
        is_live: status == PortalLinkStatus::Live,
        made: minute(link.created_at),
        until: minute(link.expires_at),
        opened: link.opened_at.map_or_else(|| "never".to_owned(), minute),
    }
}

/// Shows it.
pub(super) async fn show(
    gateway: Data<Gateway>,
    session: OperatorSession,
    named: Path<String>,
) -> Result<HttpResponse, ConsoleRefusal> {
    let seen = gateway.console_read(&session, move |tx, caller| look(tx, caller, &named));
    let shown = OrganizationPage::new(seen.await?, None, gateway.clock.now());
    Ok(page(StatusCode::OK, &shown))
}

/// Makes a link for its IT admin, which is shown once.
pub(super) async fn make_link(
    gateway: Data<Gateway>,
    session: OperatorSession,
    named: Path<String>,
    _proof: SameOrigin,
    form: PageForm<Lasting>,
) -> Result<HttpResponse, ConsoleRefusal> {
    let refused = ConsoleRefusal::of(session.request_id);
    let token = fresh_token().map_err(|error| refused(ManagementError::from(error).into()))?;
    let (hash, days) = (SecretHash::of(&token), form.0.days);
    let make = move |tx: &mut Transaction<'_>, caller: &ProjectCaller| {
        portal_links::create_lasting(tx, &caller.project_id, (&named, days), &hash)?;
        look(tx, caller, &named)
    };
    let seen = gateway.console_write(&session, make).await?;
    let url = gateway.deployment.portal_link_url(&token);
    let shown = OrganizationPage::new(seen, Some(url), gateway.clock.now());
    Ok(page(StatusCode::OK, &shown))
}

/// Takes a link back.
pub(super) async fn revoke_link(
    gateway: Data<Gateway>,
    session: OperatorSession,
    named: Path<(String, String)>,
    _proof: SameOrigin,
) -> Result<HttpResponse, ConsoleRefusal> {
    let (organization, link) = named.into_inner();
    let path = format!("/console/organizations/{organization}");
    let revoke = move |tx: &mut Transaction<'_>, caller: &ProjectCaller| {
        let project = &caller.project_id;
        Ok(portal_links::revoke_for_operator(
            tx,
            project,
            (&organization, &link),
        )?)
    };
    gateway.console_write(&session, revoke).await?;
    Ok(see_other(&path))
}
