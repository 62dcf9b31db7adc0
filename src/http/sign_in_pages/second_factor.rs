//! `/login/second-factor`: the code of an authenticator application, one by SMS, or a recovery code.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use askama::Template;

use crate::domain::member::second_factor::Enrolment;
use crate::http::management::error_text::described;
use crate::http::pages::page_that_leads_away;
use crate::http::pages::same_origin::SameOrigin;
use crate::http::pages::see_other;
use crate::http::sign_in_pages::enrolment;
use crate::http::sign_in_pages::error::HostedError;
use crate::http::sign_in_pages::error::HostedRefusal;
use crate::http::sign_in_pages::flow::Flow;
use crate::http::sign_in_pages::form::Form;
use crate::http::sign_in_pages::next::go_on;
use crate::http::sign_in_pages::visitor::Visitor;
use crate::storage::Transaction;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::member::MemberError;
use crate::use_cases::error::request::RequestError;
use crate::use_cases::error::second_factor::SecondFactorError;
use crate::use_cases::hosted_sign_in;
use crate::use_cases::hosted_sign_in::Place;
use crate::use_cases::hosted_sign_in::Step;
use crate::use_cases::hosted_sign_in::second_factor;
use crate::use_cases::hosted_sign_in::second_factor::OwedFactor;
use crate::use_cases::member_lock::Tried;
use crate::use_cases::recovery_codes;
use crate::use_cases::second_factors::SecondStep;
use crate::use_cases::sign_in::entry::Admission;
use crate::use_cases::sms_factors;
use crate::use_cases::sms_factors::SmsRequest;
use crate::use_cases::totps;

#[derive(Template)]
#[template(path = "sign_in/second_factor.html")]
struct SecondFactorPage {
    flow: String,
    owed: OwedFactor,
    error: Option<String>,
    /// Whether a code by SMS is on its way.
    was_sent: bool,
    locked_until: Option<(String, String)>,
}

/// `GET /login/second-factor`
pub(super) async fn show(visitor: Visitor) -> Result<HttpResponse, HostedRefusal> {
    let shown = async {
        let flow = visitor.flow()?;
        let was_sent = visitor.request.query_string() == "sent";
        owed_page(&visitor, &flow, (None, was_sent)).await
    };
    shown.await.map_err(|error| visitor.refused(error))
}

/// Whose second factor is owed in a flow.
pub(super) fn place(flow: &Flow) -> Result<Place, HostedError> {
    flow.place().ok_or(HostedError::NoFlow)
}

async fn owed_page(
    visitor: &Visitor,
    flow: &Flow,
    (error, was_sent): (Option<String>, bool),
) -> Result<HttpResponse, HostedError> {
    let (deployment, place) = (visitor.gateway.deployment.clone(), place(flow)?);
    let owed =
        visitor.read(move |tx: &mut Transaction<'_>| second_factor::look(tx, &deployment, &place));
    let owed = owed.await?;
    let status = error
        .as_ref()
        .map_or(StatusCode::OK, |_| StatusCode::BAD_REQUEST);
    let locked_until = owed.locked_until.map(|end| {
        let text = end.format("%H:%M UTC").to_string();
        (end.to_rfc3339(), text)
    });
    let page = SecondFactorPage {
        flow: flow.id(),
        owed,
        error,
        was_sent,
        locked_until,
    };
    Ok(page_that_leads_away(status, &page, flow.leads_to()))
}

/// `POST /login/second-factor`
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
    let method = form.get("method").to_owned();
    let is_new = form.get("is_new") == "yes";
    let place = place(&flow)?;
    let step = SecondStep {
        whose: place.whose(),
        code: form.get("code").split_whitespace().collect(),
        enrolment: Enrolment::default(),
        wishes: hosted_sign_in::wishes(Some(place.token)),
    };
    let (caller, request) = (visitor.caller(), flow.request.clone());
    let deployment = visitor.gateway.deployment.clone();
    let used = method.clone();
    let tried = visitor.write(move |tx: &mut Transaction<'_>| {
        let place = (&caller, &*deployment);
        let tried: Tried<Admission> = match used.as_str() {
            "message" => sms_factors::authenticate(tx, place, &step)?,
            "recovery" => match recovery_codes::recover(tx, place, &step)? {
                Tried::Right((admission, _)) => Tried::Right(admission),
                Tried::Refused(error) => Tried::Refused(error),
            },
            _ => totps::authenticate(tx, place, &step)?,
        };
        Ok::<Tried<Step>, ManagementError>(match tried {
            Tried::Right(admission) => Tried::Right(hosted_sign_in::next(tx, &request, admission)?),
            Tried::Refused(error) => Tried::Refused(error),
        })
    });
    let refused = match tried.await {
        Ok(Tried::Right(step)) => return go_on(visitor, flow, step).await,
        Ok(Tried::Refused(error)) | Err(HostedError::Management(error)) => error,
        Err(error) => return Err(error),
    };
    let Some(told) = told(&refused) else {
        return Err(refused.into());
    };
    if is_new && method == "application" {
        return enrolment::again(&flow, told);
    }
    owed_page(visitor, &flow, (Some(told), method == "message")).await
}

/// What the form says when somebody can mend it by typing again; a lock has a page of its own.
fn told(error: &ManagementError) -> Option<String> {
    let told = match error {
        ManagementError::SecondFactor(
            SecondFactorError::WrongTotp | SecondFactorError::WrongCode,
        ) => "That code is not right. Codes change often: type the newest one.",
        ManagementError::SecondFactor(SecondFactorError::UsedTotp) => {
            "That code was used already. Wait for the next one."
        }
        ManagementError::SecondFactor(SecondFactorError::WrongRecoveryCode) => {
            "That is none of your recovery codes, or it was used already."
        }
        ManagementError::SecondFactor(SecondFactorError::CodeNotFound) => {
            "That code is over. Have another one sent."
        }
        ManagementError::Member(MemberError::Locked) => "There were too many wrong codes.",
        ManagementError::Request(RequestError::TooManyRequests(seconds)) => {
            return Some(format!(
                "There were too many messages to this number. Wait {seconds} seconds."
            ));
        }
        ManagementError::Member(_) => return Some(described(error).message),
        _ => return None,
    };
    Some(told.to_owned())
}

/// `POST /login/second-factor/message`
pub(super) async fn send(
    visitor: Visitor,
    _: SameOrigin,
    body: Bytes,
) -> Result<HttpResponse, HostedRefusal> {
    let form = Form::read(&body);
    let sent = send_code(&visitor, &form).await;
    sent.map_err(|error| visitor.refused(error))
}

async fn send_code(visitor: &Visitor, form: &Form) -> Result<HttpResponse, HostedError> {
    let flow = visitor.flow_of(form)?;
    let place = place(&flow)?;
    let number: String = form
        .get("number")
        .chars()
        .filter(|letter| letter.is_ascii_digit() || *letter == '+')
        .collect();
    let asked = SmsRequest {
        whose: place.whose(),
        mfa_phone_number: Some(number).filter(|number| !number.is_empty()),
        locale: None,
        presented: hosted_sign_in::wishes(Some(place.token)).presented,
    };
    let caller = visitor.caller();
    let deployment = visitor.gateway.deployment.clone();
    let sent = visitor.write(move |tx: &mut Transaction<'_>| {
        sms_factors::send(tx, (&caller, &deployment), &asked).map(|_| ())
    });
    match sent.await {
        Ok(()) => Ok(see_other("/login/second-factor?sent")),
        Err(HostedError::Management(error)) => match told(&error) {
            Some(told) => owed_page(visitor, &flow, (Some(told), false)).await,
            None => Err(error.into()),
        },
        Err(error) => Err(error),
    }
}
