//! Into the console by a link that the server's own machine printed, and out of it again.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::web::Query;
use askama::Template;
use serde::Deserialize;

use crate::domain::secret::SecretHash;
use crate::domain::secret::fresh_token;
use crate::http::caller::request_id;
use crate::http::console::error::ConsoleRefusal;
use crate::http::console::session::OperatorSession;
use crate::http::console::session::cookie;
use crate::http::console::session::taken_back;
use crate::http::pages::Refused;
use crate::http::pages::form::PageForm;
use crate::http::pages::page;
use crate::http::pages::same_origin::SameOrigin;
use crate::http::pages::see_other;
use crate::http::state::Gateway;
use crate::storage::Transaction;
use crate::use_cases::console_error::ConsoleError;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::operators;

/// What a link carries.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Carried {
    token: String,
}

#[derive(Template)]
#[template(path = "console/enter.html")]
struct EnterPage<'t> {
    token: &'t str,
}

/// Shows where the link leads, and uses nothing up.
pub(super) async fn show(carried: Query<Carried>) -> HttpResponse {
    let shown = EnterPage {
        token: &carried.token,
    };
    page(StatusCode::OK, &shown)
}

/// Uses the link up.
pub(super) async fn enter(
    gateway: Data<Gateway>,
    request: HttpRequest,
    _proof: SameOrigin,
    form: PageForm<Carried>,
) -> Result<HttpResponse, ConsoleRefusal> {
    let request_id = request_id(&request);
    let refused = ConsoleRefusal::of(request_id);
    let token = fresh_token().map_err(|error| refused(ManagementError::from(error).into()))?;
    let hashes = (SecretHash::of(&form.0.token), SecretHash::of(&token));
    let project = gateway.project_id.clone();
    let redeem =
        move |tx: &mut Transaction<'_>| operators::redeem(tx, &project, (&hashes.0, &hashes.1));
    let redeemed = gateway.storage.transaction(request_id, redeem).await;
    if !redeemed.map_err(|error| refused(error.into()))? {
        return Err(refused(ConsoleError::DeadLink));
    }
    let mut response = see_other("/console");
    // A cookie of ours is always writable as a header.
    let _ = response.add_cookie(&cookie(&gateway.deployment, token));
    Ok(response)
}

/// Ends the session.
pub(super) async fn leave(
    gateway: Data<Gateway>,
    session: OperatorSession,
    _proof: SameOrigin,
) -> Result<HttpResponse, ConsoleRefusal> {
    let token = session.token.clone();
    let leave = move |tx: &mut Transaction<'_>, caller: &ProjectCaller| {
        Ok(operators::sign_out(tx, &caller.project_id, &token)?)
    };
    gateway.console_write(&session, leave).await?;
    let shown = Refused {
        title: "You left the console",
        reason: "Nobody is signed in here any more.",
        fix: "To come back, run `vestibule admin recover` on the server's machine.",
    };
    let mut response = page(StatusCode::OK, &shown);
    let _ = response.add_cookie(&taken_back(&gateway.deployment));
    Ok(response)
}
