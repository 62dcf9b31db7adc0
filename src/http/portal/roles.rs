//! The portal's page about which groups give which roles, with a dry run that names who gains and
//! who loses before a rule is saved.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web;
use actix_web::web::Data;
use actix_web::web::Query;
use actix_web::web::get;
use actix_web::web::post;
use askama::Template;
use serde::Deserialize;

use crate::domain::forecast::RoleForecast;
use crate::http::pages::form::PageForm;
use crate::http::pages::page;
use crate::http::pages::same_origin::SameOrigin;
use crate::http::pages::see_other;
use crate::http::portal::error::PortalRefusal;
use crate::http::portal::frame::Frame;
use crate::http::portal::frame::Place;
use crate::http::portal::session::PortalSession;
use crate::http::state::Gateway;
use crate::storage::Transaction;
use crate::use_cases::error::ManagementError;
use crate::use_cases::portal_sessions::PortalCaller;
use crate::use_cases::role_rule_changes;
use crate::use_cases::role_rules;
use crate::use_cases::role_rules::RuleBook;
use crate::use_cases::role_rules::RuleChange;
use crate::use_cases::role_rules::RuleNamed;

/// The URLs of this page.
pub(super) fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route("/portal/roles", get().to(show))
        .route("/portal/roles", post().to(save))
        .route("/portal/roles/forecast", get().to(forecast));
}

/// A rule as a form names it, and what is to be done with it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    change: String,
    connection_id: String,
    role_id: String,
    group: String,
}

/// What the page was reached by.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reached {
    saved: bool,
}

#[derive(Template)]
#[template(path = "portal/roles.html")]
struct RolesPage {
    frame: Frame,
    book: RuleBook,
    is_saved: bool,
    fault: Option<String>,
}

#[derive(Template)]
#[template(path = "portal/roles_forecast.html")]
struct ForecastPage {
    frame: Frame,
    forecast: RoleForecast,
    asked: Asked,
    is_new: bool,
}

impl Asked {
    fn change(&self) -> (RuleChange, RuleNamed) {
        let change = match self.change.as_str() {
            "remove" => RuleChange::Remove,
            _ => RuleChange::Add,
        };
        let rule = RuleNamed {
            connection_id: self.connection_id.clone(),
            role_id: self.role_id.clone(),
            group: self.group.clone(),
        };
        (change, rule)
    }
}

/// Shows the rules.
pub(super) async fn show(
    gateway: Data<Gateway>,
    session: PortalSession,
    reached: Query<Reached>,
) -> Result<HttpResponse, PortalRefusal> {
    shown(&gateway, &session, (reached.saved, None)).await
}

async fn shown(
    gateway: &Gateway,
    session: &PortalSession,
    (is_saved, fault): (bool, Option<String>),
) -> Result<HttpResponse, PortalRefusal> {
    let found = gateway.portal_read(session, |tx, caller| {
        caller.demand(&[("stytch.sso", "get"), ("stytch.scim", "get")])?;
        let book = role_rules::book(tx, caller.organization())?;
        Ok((Frame::new(caller, Place::Roles), book))
    });
    let (frame, book) = found.await?;
    let status = match fault {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let shown = RolesPage {
        frame,
        book,
        is_saved,
        fault,
    };
    Ok(page(status, &shown))
}

/// Asks for the right to change the rules of the connection that is named.
fn demand(
    tx: &mut Transaction<'_>,
    caller: &PortalCaller,
    rule: &RuleNamed,
) -> Result<(), ManagementError> {
    let connection = role_rules::find(tx, caller.organization(), rule)?;
    caller.demand(&[role_rules::needed(&connection)])
}

/// Names who would gain and who would lose a role; nothing is saved.
pub(super) async fn forecast(
    gateway: Data<Gateway>,
    session: PortalSession,
    asked: Query<Asked>,
) -> Result<HttpResponse, PortalRefusal> {
    let asked = asked.into_inner();
    let (change, rule) = asked.change();
    let told = gateway.portal_read(&session, move |tx, caller| {
        demand(tx, caller, &rule)?;
        caller.demand(&[("stytch.member", "search")])?;
        let forecast = role_rule_changes::forecast(tx, caller.organization(), (change, &rule))?;
        Ok((Frame::new(caller, Place::Roles), forecast))
    });
    match told.await {
        Ok((frame, forecast)) => {
            let shown = ForecastPage {
                frame,
                forecast,
                asked,
                is_new: change == RuleChange::Add,
            };
            Ok(page(StatusCode::OK, &shown))
        }
        Err(refusal) => again(&gateway, &session, refusal).await,
    }
}

/// Saves a rule, or takes it away.
pub(super) async fn save(
    gateway: Data<Gateway>,
    session: PortalSession,
    _proof: SameOrigin,
    form: PageForm<Asked>,
) -> Result<HttpResponse, PortalRefusal> {
    let (change, rule) = form.0.change();
    let saved = gateway.portal_write(&session, move |tx, caller| {
        demand(tx, caller, &rule)?;
        role_rule_changes::change(tx, caller.organization(), (change, &rule))
    });
    match saved.await {
        Ok(_) => Ok(see_other("/portal/roles?saved=true")),
        Err(refusal) => again(&gateway, &session, refusal).await,
    }
}

async fn again(
    gateway: &Gateway,
    session: &PortalSession,
    refusal: PortalRefusal,
) -> Result<HttpResponse, PortalRefusal> {
    match refusal.about_input() {
        Some(fault) => shown(gateway, session, (false, Some(fault))).await,
        None => Err(refusal),
    }
}
