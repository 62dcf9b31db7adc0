//! Mails that somebody asks for on a hosted page. Whether one is sent depends on who is known, so the
//! page has answered before that is looked up, and says the same to everybody.

use crate::domain::email::EmailAddress;
use crate::http::refused;
use crate::http::sign_in_pages::flow::Flow;
use crate::http::sign_in_pages::visitor::Visitor;
use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::hosted_sign_in::LINK;
use crate::use_cases::hosted_sign_in::PASSWORD;
use crate::use_cases::hosted_sign_in::newcomers;
use crate::use_cases::magic_links::discovery;
use crate::use_cases::magic_links::discovery::DiscoverySend;
use crate::use_cases::magic_links::login;
use crate::use_cases::magic_links::login::LinkWish;
use crate::use_cases::magic_links::login::LoginOrSignup;
use crate::use_cases::passwords::email_reset;
use crate::use_cases::passwords::email_reset::ResetStart;
use crate::use_cases::sign_in::email_codes;
use crate::use_cases::sign_in::email_codes::CodeRequest;
use crate::use_cases::sign_in::email_codes_discovery;

/// What is to be mailed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Code,
    Link,
    NewPassword,
}

/// Has a mail sent to the address of a flow, once the page has answered.
pub(super) fn send(visitor: &Visitor, flow: &Flow, wanted: Wanted) {
    let Some(address) = EmailAddress::parse(&flow.email) else {
        return;
    };
    let (caller, flow) = (visitor.caller(), flow.clone());
    let (gateway, request_id) = (visitor.gateway.clone(), visitor.request_id);
    let deployment = gateway.deployment.clone();
    let use_case =
        move |tx: &mut Transaction<'_>| mail(tx, (&caller, &deployment), (&flow, &address), wanted);
    actix_web::rt::spawn(async move {
        let sent = gateway.storage.transaction(request_id, use_case).await;
        let sent = sent.map_err(|error| refused::noted(&gateway, request_id, error));
        if let Err(ManagementError::Storage(_) | ManagementError::Internal(_)) = &sent {
            tracing::error!(%request_id, error = ?sent, "a mail was not written");
        }
    });
}

/// Writes the mail, if the address may have it.
fn mail(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&ProjectCaller, &Deployment),
    (flow, address): (&Flow, &EmailAddress),
    wanted: Wanted,
) -> Result<(), ManagementError> {
    let place = (caller, deployment);
    if let Some(id) = flow.organization_id() {
        let page = |path| page(&deployment.public_url, path, flow);
        let mailed = match wanted {
            Wanted::Code => newcomers::Wanted::Code,
            Wanted::Link => newcomers::Wanted::Link(page(LINK)),
            Wanted::NewPassword => newcomers::Wanted::Password(page(PASSWORD)),
        };
        if newcomers::send(tx, place, (&id, address), &mailed)? {
            return Ok(());
        }
    }
    match (wanted, flow.organization_id()) {
        (Wanted::Code, None) => email_codes_discovery::send(tx, deployment, (Some(address), None)),
        (Wanted::Code, Some(id)) => {
            let asked = CodeRequest {
                organization_id: id,
                email_address: Some(address.clone()),
                ..CodeRequest::default()
            };
            email_codes::send(tx, place, &asked).map(|_| ())
        }
        (Wanted::NewPassword, Some(id)) => {
            let asked = ResetStart {
                email_address: address.to_string(),
                redirect_url: Some(page(&deployment.public_url, PASSWORD, flow)),
                ..ResetStart::default()
            };
            email_reset::start(tx, place, &id, &asked).map(|_| ())
        }
        (_, None) => {
            let asked = DiscoverySend {
                email_address: Some(address.clone()),
                redirect_url: Some(page(&deployment.public_url, LINK, flow)),
                ..DiscoverySend::default()
            };
            discovery::send(tx, place, &asked)
        }
        (Wanted::Link, Some(id)) => {
            let wish = LinkWish {
                redirect_url: Some(page(&deployment.public_url, LINK, flow)),
                minutes: None,
            };
            let asked = LoginOrSignup {
                email_address: Some(address.clone()),
                login: wish.clone(),
                signup: wish,
                pkce_code_challenge: None,
            };
            login::login_or_signup(tx, place, &id, &asked).map(|_| ())
        }
    }
}

/// A page of ours to which a mail leads; with it goes what the application asked for, since people
/// open mails in any browser.
fn page(public_url: &str, path: &str, flow: &Flow) -> String {
    let request = &flow.request;
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("redirect_url", &request.redirect_url);
    if let Some(state) = &request.state {
        query.append_pair("state", state);
    }
    if let Some(challenge) = &request.pkce_code_challenge {
        query.append_pair("code_challenge", challenge);
    }
    format!("{public_url}{path}?{}", query.finish())
}

/// The address that somebody has typed.
pub(super) fn address(typed: &str) -> Result<EmailAddress, &'static str> {
    EmailAddress::parse(typed).ok_or("Type an e-mail address, like ana@example.com.")
}
