//! `/login/code`: the code of a mail. Who has none is refused like anybody whose code is wrong.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use askama::Template;

use crate::domain::email::EmailAddress;
use crate::http::pages::page;
use crate::http::pages::page_that_leads_away;
use crate::http::pages::same_origin::SameOrigin;
use crate::http::pages::see_other;
use crate::http::refused;
use crate::http::sign_in_pages::error::HostedError;
use crate::http::sign_in_pages::error::HostedRefusal;
use crate::http::sign_in_pages::flow::Flow;
use crate::http::sign_in_pages::form::Form;
use crate::http::sign_in_pages::mailing;
use crate::http::sign_in_pages::mailing::Wanted;
use crate::http::sign_in_pages::next::go_on;
use crate::http::sign_in_pages::visitor::Visitor;
use crate::storage::Transaction;
use crate::use_cases::error::ManagementError;
use crate::use_cases::hosted_sign_in;
use crate::use_cases::hosted_sign_in::Step;
use crate::use_cases::refusals::kept::Refused;
use crate::use_cases::sign_in::email_codes;
use crate::use_cases::sign_in::email_codes::CodeAuthentication;
use crate::use_cases::sign_in::email_codes_discovery;

#[derive(Template)]
#[template(path = "sign_in/code.html")]
struct CodePage {
    flow: String,
    email: String,
    error: Option<&'static str>,
    was_sent_again: bool,
    back: String,
}

#[derive(Template)]
#[template(path = "sign_in/sent.html")]
struct SentPage {
    email: String,
    back: String,
}

/// `GET /login/sent`
pub(super) async fn sent(visitor: Visitor) -> Result<HttpResponse, HostedRefusal> {
    let flow = visitor.flow().map_err(|error| visitor.refused(error))?;
    let shown = SentPage {
        back: back(&flow),
        email: flow.email,
    };
    Ok(page(StatusCode::OK, &shown))
}

/// Where another address or another way can be chosen.
fn back(flow: &Flow) -> String {
    let chosen = flow.organization.as_ref();
    chosen.map_or_else(|| "/login".to_owned(), |it| format!("/o/{}", it.slug))
}

fn code_page(flow: &Flow, error: Option<&'static str>, was_sent_again: bool) -> CodePage {
    CodePage {
        flow: flow.id(),
        email: flow.email.clone(),
        error,
        was_sent_again,
        back: back(flow),
    }
}

/// `GET /login/code`
pub(super) async fn show(visitor: Visitor) -> Result<HttpResponse, HostedRefusal> {
    let flow = visitor.flow().map_err(|error| visitor.refused(error))?;
    let was_sent_again = visitor.request.query_string() == "again";
    let shown = code_page(&flow, None, was_sent_again);
    Ok(page_that_leads_away(
        StatusCode::OK,
        &shown,
        flow.leads_to(),
    ))
}

/// `POST /login/code`
pub(super) async fn take(
    visitor: Visitor,
    _: SameOrigin,
    body: Bytes,
) -> Result<HttpResponse, HostedRefusal> {
    let form = Form::read(&body);
    let taken = try_code(&visitor, &form).await;
    taken.map_err(|error| visitor.refused(error))
}

async fn try_code(visitor: &Visitor, form: &Form) -> Result<HttpResponse, HostedError> {
    let flow = visitor.flow_of(form)?;
    if form.get("way") == "again" {
        mailing::send(visitor, &flow, Wanted::Code);
        return Ok(see_other("/login/code?again"));
    }
    let code: String = form.get("code").split_whitespace().collect();
    if let Some(step) = step(visitor, &flow, code).await? {
        return go_on(visitor, flow, step).await;
    }
    if let Some(id) = flow.organization_id() {
        let refused = Refused::EmailCode(id, flow.email.clone());
        refused::keep(&visitor.gateway, visitor.request_id, refused);
    }
    visitor.pace().await;
    let wrong = "That is not the code that was sent last, or it is over.";
    let shown = code_page(&flow, Some(wrong), false);
    Ok(page_that_leads_away(
        StatusCode::BAD_REQUEST,
        &shown,
        flow.leads_to(),
    ))
}

/// What comes next when the code is right.
async fn step(visitor: &Visitor, flow: &Flow, code: String) -> Result<Option<Step>, HostedError> {
    let (caller, flow) = (visitor.caller(), flow.clone());
    let deployment = visitor.gateway.deployment.clone();
    let tried = move |tx: &mut Transaction<'_>| -> Result<Option<Step>, ManagementError> {
        let (place, address) = ((&caller, &*deployment), EmailAddress::parse(&flow.email));
        let Some(id) = flow.organization_id() else {
            let asked = (address.as_ref(), code.as_str());
            let arrival = email_codes_discovery::authenticate(tx, place, asked)?;
            return Ok(arrival.map(|arrival| Step::Choose(arrival.intermediate.token)));
        };
        let asked = CodeAuthentication {
            organization_id: id,
            email_address: address,
            code: code.clone(),
            joins: true,
            wishes: hosted_sign_in::wishes(flow.proven.clone()),
        };
        let Some((_, admission)) = email_codes::authenticate(tx, place, &asked)? else {
            return Ok(None);
        };
        hosted_sign_in::next(tx, &flow.request, admission).map(Some)
    };
    visitor.write(tried).await
}
