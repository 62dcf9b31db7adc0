//! The console's home page: what there is, what is to be done first, and what fails.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;

use crate::http::console::error::ConsoleRefusal;
use crate::http::console::frame::Frame;
use crate::http::console::frame::Place;
use crate::http::console::session::OperatorSession;
use crate::http::pages::page;
use crate::http::state::Gateway;
use crate::storage::Transaction;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::overview;

/// A thing to be done once.
struct Step {
    is_done: bool,
    title: &'static str,
    text: &'static str,
}

#[derive(Template)]
#[template(path = "console/home.html")]
struct HomePage {
    frame: Frame,
    project: String,
    public_url: String,
    database: &'static str,
    version: &'static str,
    organizations: i64,
    members: i64,
    active_connections: i64,
    waiting_mails: i64,
    steps: Vec<Step>,
}

/// Shows the home page.
pub(super) async fn show(
    gateway: Data<Gateway>,
    session: OperatorSession,
) -> Result<HttpResponse, ConsoleRefusal> {
    let deployment = gateway.deployment.clone();
    let look = move |tx: &mut Transaction<'_>, caller: &ProjectCaller| {
        Ok(overview::look(tx, caller, &deployment)?)
    };
    let seen = gateway.console_read(&session, look).await?;
    let steps = vec![
        Step {
            is_done: seen.has_redirect_urls,
            title: "Say where sign-ins may return",
            text: "Set VESTIBULE_REDIRECT_URLS or the project file to your application's addresses.",
        },
        Step {
            is_done: seen.counts.organizations > 0,
            title: "Make an organization",
            text: "Your application does it by the API, or you below Organizations.",
        },
        Step {
            is_done: seen.active_connections > 0,
            title: "Connect a customer",
            text: "Send their IT admin a portal link from the organization's page.",
        },
    ];
    let shown = HomePage {
        frame: Frame(Place::Home),
        project: gateway.project_id.to_string(),
        public_url: gateway.deployment.public_url.clone(),
        database: gateway.storage.database().name(),
        version: env!("CARGO_PKG_VERSION"),
        organizations: seen.counts.organizations,
        members: seen.counts.members,
        active_connections: seen.active_connections,
        waiting_mails: seen.waiting_mails,
        steps,
    };
    Ok(page(StatusCode::OK, &shown))
}
