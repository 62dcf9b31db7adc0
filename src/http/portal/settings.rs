//! The portal's page about how people join and sign in, and who would be locked out by a change
//! before it is saved.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web;
use actix_web::web::Data;
use actix_web::web::Query;
use actix_web::web::get;
use actix_web::web::post;
use askama::Template;

use crate::domain::connection::Connection;
use crate::domain::forecast::SettingsForecast;
use crate::http::pages::form::PageForm;
use crate::http::pages::page;
use crate::http::pages::same_origin::SameOrigin;
use crate::http::pages::see_other;
use crate::http::portal::error::PortalRefusal;
use crate::http::portal::frame::Frame;
use crate::http::portal::frame::Place;
use crate::http::portal::session::PortalSession;
use crate::http::portal::settings_draft::Answers;
use crate::http::portal::settings_draft::draft;
use crate::http::portal::settings_form::Group;
use crate::http::portal::settings_form::groups;
use crate::http::state::Gateway;
use crate::use_cases::organizations;
use crate::use_cases::settings_forecast;
use crate::use_cases::settings_forecast::MOST_LOOKED_AT;

/// The URLs of this page.
pub(super) fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route("/portal/settings", get().to(show))
        .route("/portal/settings", post().to(save))
        .route("/portal/settings/forecast", get().to(forecast));
}

#[derive(Template)]
#[template(path = "portal/settings.html")]
struct SettingsPage {
    frame: Frame,
    groups: Vec<Group>,
    domains: String,
    connections: Vec<(String, String, bool)>,
    is_saved: bool,
    fault: Option<String>,
}

#[derive(Template)]
#[template(path = "portal/settings_forecast.html")]
struct ForecastPage {
    frame: Frame,
    forecast: SettingsForecast,
    answers: Answers,
}

/// Shows the settings as they are.
pub(super) async fn show(
    gateway: Data<Gateway>,
    session: PortalSession,
    query: Query<BTreeMap<String, String>>,
) -> Result<HttpResponse, PortalRefusal> {
    shown(&gateway, &session, (query.contains_key("saved"), None)).await
}

async fn shown(
    gateway: &Gateway,
    session: &PortalSession,
    (is_saved, fault): (bool, Option<String>),
) -> Result<HttpResponse, PortalRefusal> {
    let found = gateway.portal_read(session, |tx, caller| {
        // Whoever may not save the form has nothing to read in it.
        organizations::demand_fields(caller, &draft(&Answers::new()))?;
        caller.demand(&[("stytch.sso", "get")])?;
        let view = organizations::view(tx, caller.organization().clone())?;
        Ok((Frame::new(caller, Place::Settings), view))
    });
    let (frame, view) = found.await?;
    let settings = &view.organization.settings;
    let allowed = &settings.sso_jit_provisioning_allowed_connections;
    let told = |it: &Connection| {
        let name = match it.display_name.as_str() {
            "" => it.identity_provider.clone(),
            name => name.to_owned(),
        };
        (it.id.to_string(), name, allowed.contains(&it.id))
    };
    let sso = view.connections.iter();
    let status = match fault {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let shown = SettingsPage {
        frame,
        groups: groups(settings),
        domains: settings.email_allowed_domains.join("\n"),
        connections: sso
            .filter(|it| it.sso_roles().is_some())
            .map(told)
            .collect(),
        is_saved,
        fault,
    };
    Ok(page(status, &shown))
}

/// Tells what a change would do; nothing is saved.
pub(super) async fn forecast(
    gateway: Data<Gateway>,
    session: PortalSession,
    answers: Query<Answers>,
) -> Result<HttpResponse, PortalRefusal> {
    let answers = answers.into_inner();
    let wanted = draft(&answers);
    let told = gateway.portal_read(&session, move |tx, caller| {
        let organization = caller.organization();
        organizations::demand_fields(caller, &wanted)?;
        caller.demand(&[("stytch.member", "search")])?;
        let forecast = settings_forecast::forecast(tx, organization, (&wanted, MOST_LOOKED_AT))?;
        Ok((Frame::new(caller, Place::Settings), forecast))
    });
    match told.await {
        Ok((frame, forecast)) => {
            let shown = ForecastPage {
                frame,
                forecast,
                answers,
            };
            Ok(page(StatusCode::OK, &shown))
        }
        Err(refusal) => match refusal.about_input() {
            Some(fault) => shown(&gateway, &session, (false, Some(fault))).await,
            None => Err(refusal),
        },
    }
}

/// Saves a change.
pub(super) async fn save(
    gateway: Data<Gateway>,
    session: PortalSession,
    _proof: SameOrigin,
    form: PageForm<Answers>,
) -> Result<HttpResponse, PortalRefusal> {
    let wanted = draft(&form.0);
    let saved = gateway.portal_write(&session, move |tx, caller| {
        organizations::update(tx, caller, &caller.organization_id(), &wanted)
    });
    match saved.await {
        Ok(_) => Ok(see_other("/portal/settings?saved=true")),
        Err(refusal) => match refusal.about_input() {
            Some(fault) => shown(&gateway, &session, (false, Some(fault))).await,
            None => Err(refusal),
        },
    }
}
