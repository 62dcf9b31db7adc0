//! `/login/second-factor/application`: somebody who owes a second factor and has none sets up an
//! authenticator application.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::http::pages::page_that_leads_away;
use crate::http::pages::same_origin::SameOrigin;
use crate::http::pages::see_other;
use crate::http::sign_in_pages::error::HostedError;
use crate::http::sign_in_pages::error::HostedRefusal;
use crate::http::sign_in_pages::flow::Application;
use crate::http::sign_in_pages::flow::Flow;
use crate::http::sign_in_pages::form::Form;
use crate::http::sign_in_pages::second_factor::place;
use crate::http::sign_in_pages::visitor::Visitor;
use crate::protocol::otp::qr_code;
use crate::storage::Transaction;
use crate::use_cases::hosted_sign_in;
use crate::use_cases::totps;
use crate::use_cases::totps::TotpRequest;

#[derive(Template)]
#[template(path = "sign_in/application.html")]
struct ApplicationPage {
    flow: String,
    /// A PNG in base64.
    qr_code: String,
    secret: String,
    recovery_codes: Vec<String>,
    error: Option<String>,
}

/// `POST /login/second-factor/application`
pub(super) async fn begin(
    visitor: Visitor,
    _: SameOrigin,
    body: Bytes,
) -> Result<HttpResponse, HostedRefusal> {
    let form = Form::read(&body);
    let begun = create(&visitor, &form).await;
    begun.map_err(|error| visitor.refused(error))
}

/// What is secret about it stays in the browser that shows it, sealed.
async fn create(visitor: &Visitor, form: &Form) -> Result<HttpResponse, HostedError> {
    let mut flow = visitor.flow_of(form)?;
    let place = place(&flow)?;
    let asked = TotpRequest {
        whose: place.whose(),
        expiration_minutes: None,
        presented: hosted_sign_in::wishes(Some(place.token)).presented,
    };
    let caller = visitor.caller();
    let deployment = visitor.gateway.deployment.clone();
    let created = visitor
        .write(move |tx: &mut Transaction<'_>| totps::create(tx, (&caller, &deployment), &asked));
    let created = created.await?;
    flow.application = Some(Application {
        secret: created.secret,
        address: created.address,
        recovery_codes: created.recovery_codes,
    });
    visitor.keeping(see_other("/login/second-factor/application"), &flow)
}

/// `GET /login/second-factor/application`
pub(super) async fn show(visitor: Visitor) -> Result<HttpResponse, HostedRefusal> {
    let flow = visitor.flow().map_err(|error| visitor.refused(error))?;
    if flow.application.is_none() {
        return Ok(see_other("/login/second-factor"));
    }
    let shown = shown(&flow, None).map_err(|error| visitor.refused(error))?;
    Ok(page_that_leads_away(
        StatusCode::OK,
        &shown,
        flow.leads_to(),
    ))
}

/// The same page after a wrong code.
pub(super) fn again(flow: &Flow, error: String) -> Result<HttpResponse, HostedError> {
    let shown = shown(flow, Some(error))?;
    Ok(page_that_leads_away(
        StatusCode::BAD_REQUEST,
        &shown,
        flow.leads_to(),
    ))
}

fn shown(flow: &Flow, error: Option<String>) -> Result<ApplicationPage, HostedError> {
    let application = flow.application.as_ref().ok_or(HostedError::NoFlow)?;
    let drawn = qr_code::png(&application.address);
    let drawn = drawn.ok_or_else(|| HostedError::Internal("no QR code".to_owned()))?;
    let grouped: Vec<String> = application
        .secret
        .as_bytes()
        .chunks(4)
        .map(|group| String::from_utf8_lossy(group).into_owned())
        .collect();
    Ok(ApplicationPage {
        flow: flow.id(),
        qr_code: STANDARD.encode(drawn),
        secret: grouped.join(" "),
        recovery_codes: application.recovery_codes.clone(),
        error,
    })
}
