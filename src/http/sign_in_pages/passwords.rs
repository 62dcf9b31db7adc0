//! Passwords on the hosted pages: one that somebody comes with, and one that is set anew by the link
//! of a mail.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use askama::Template;

use crate::http::management::password_attempts::Attempt;
use crate::http::management::password_attempts::check;
use crate::http::management::password_attempts::hash;
use crate::http::pages::page_that_leads_away;
use crate::http::pages::same_origin::SameOrigin;
use crate::http::refused;
use crate::http::sign_in_pages::error::HostedError;
use crate::http::sign_in_pages::error::HostedRefusal;
use crate::http::sign_in_pages::flow::Flow;
use crate::http::sign_in_pages::form::Form;
use crate::http::sign_in_pages::links::followed;
use crate::http::sign_in_pages::next::go_on;
use crate::http::sign_in_pages::visitor::Visitor;
use crate::storage::Transaction;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::password::PasswordError;
use crate::use_cases::hosted_sign_in;
use crate::use_cases::hosted_sign_in::Step;
use crate::use_cases::passwords::authenticate;
use crate::use_cases::passwords::authenticate::Login;
use crate::use_cases::passwords::email_reset;
use crate::use_cases::passwords::email_reset::Redemption;
use crate::use_cases::passwords::expectation::Outcome;
use crate::use_cases::refusals::kept::Refused;
use crate::use_cases::sign_in::error::SignInError;

/// A hash may be replaced while a password is checked against it; more than a few times in a row it
/// is not.
const ATTEMPTS: usize = 3;

#[derive(Template)]
#[template(path = "sign_in/new_password.html")]
struct NewPasswordPage {
    flow: String,
    email: String,
    error: Option<String>,
}

/// Whether somebody can mend it by typing again.
pub(super) fn is_wrong(error: &ManagementError) -> bool {
    matches!(
        error,
        ManagementError::Password(PasswordError::WrongCredentials | PasswordError::ResetRequired)
    )
}

/// What the form says then.
pub(super) fn told(error: &ManagementError) -> &'static str {
    match error {
        ManagementError::Password(PasswordError::ResetRequired) => {
            "This password has to be set anew. Ask for a link below."
        }
        _ => "The address and the password do not belong together.",
    }
}

/// Lets somebody in whose password is right.
pub(super) async fn sign_in(
    visitor: &Visitor,
    flow: Flow,
    form: &Form,
) -> Result<HttpResponse, HostedError> {
    let login = Login {
        organization: flow.organization_id().unwrap_or_default(),
        email_address: flow.email.clone(),
        wishes: hosted_sign_in::wishes(flow.proven.clone()),
    };
    let attempt = Attempt {
        password: form.get("password").to_owned(),
        wanted: None,
    };
    for _ in 0..ATTEMPTS {
        let (caller, asked) = (visitor.caller(), login.clone());
        let expected = visitor.read(move |tx: &mut Transaction<'_>| {
            let named = (asked.organization.as_str(), asked.email_address.as_str());
            authenticate::expect(tx, &caller, named)
        });
        let given = (expected.await?, attempt.clone());
        let (tried, _) = check(&visitor.gateway, visitor.request_id, given)
            .await
            .map_err(|refused| refused.error)?;
        let (caller, asked, request) = (visitor.caller(), login.clone(), flow.request.clone());
        let deployment = visitor.gateway.deployment.clone();
        let ended = visitor.write(move |tx: &mut Transaction<'_>| {
            let place = (&caller, &*deployment);
            Ok::<_, ManagementError>(match authenticate::admit(tx, place, (&asked, &tried))? {
                Outcome::Right(admission) => {
                    let step = hosted_sign_in::next(tx, &request, *admission)?;
                    Outcome::Right(Box::new(step))
                }
                Outcome::Refused(error) => Outcome::Refused(error),
                Outcome::Stale => Outcome::Stale,
            })
        });
        match ended.await? {
            Outcome::Right(step) => return go_on(visitor, flow, *step).await,
            Outcome::Refused(error) => {
                let named = (login.organization.clone(), login.email_address.clone());
                let refused = Refused::Password(named.0, named.1);
                refused::keep(&visitor.gateway, visitor.request_id, refused);
                return Err(HostedError::from(ManagementError::from(error)));
            }
            Outcome::Stale => {}
        }
    }
    Err(HostedError::from(ManagementError::from(
        PasswordError::Busy,
    )))
}

/// `GET /login/password`
pub(super) async fn show(visitor: Visitor) -> Result<HttpResponse, HostedRefusal> {
    let shown = async {
        let (flow, _) = followed(&visitor).await?;
        let page = new_password_page(&flow, None);
        visitor.keeping(
            page_that_leads_away(StatusCode::OK, &page, flow.leads_to()),
            &flow,
        )
    };
    shown.await.map_err(|error| visitor.refused(error))
}

fn new_password_page(flow: &Flow, error: Option<String>) -> NewPasswordPage {
    NewPasswordPage {
        flow: flow.id(),
        email: flow.email.clone(),
        error,
    }
}

/// `POST /login/password`
pub(super) async fn take(
    visitor: Visitor,
    _: SameOrigin,
    body: Bytes,
) -> Result<HttpResponse, HostedRefusal> {
    let form = Form::read(&body);
    let taken = async {
        let flow = visitor.flow_of(&form)?;
        match set(&visitor, &flow, form.get("password")).await {
            Ok(step) => go_on(&visitor, flow, step).await,
            Err(HostedError::Management(ManagementError::Password(PasswordError::Weak(why)))) => {
                let page = new_password_page(&flow, Some(why));
                Ok(page_that_leads_away(
                    StatusCode::BAD_REQUEST,
                    &page,
                    flow.leads_to(),
                ))
            }
            Err(error) => Err(error),
        }
    };
    taken.await.map_err(|error| visitor.refused(error))
}

async fn set(visitor: &Visitor, flow: &Flow, password: &str) -> Result<Step, HostedError> {
    let (_, token) = flow.link.clone().ok_or(SignInError::LinkNotFound)?;
    let redemption = Redemption {
        token,
        code_verifier: None,
        wishes: hosted_sign_in::wishes(flow.proven.clone()),
    };
    let (caller, asked) = (visitor.caller(), redemption.clone());
    let expected =
        visitor.read(move |tx: &mut Transaction<'_>| email_reset::expect(tx, &caller, &asked));
    let given = (expected.await?, password.to_owned());
    let hashed = hash(&visitor.gateway, visitor.request_id, given).await;
    let hashed = hashed.map_err(|refused| refused.error)?;
    let (caller, request) = (visitor.caller(), flow.request.clone());
    let deployment = visitor.gateway.deployment.clone();
    visitor
        .write(move |tx: &mut Transaction<'_>| {
            let place = (&caller, &*deployment);
            let (_, admission) = email_reset::redeem(tx, place, &redemption, &hashed)?;
            hosted_sign_in::next(tx, &request, admission)
        })
        .await
}
