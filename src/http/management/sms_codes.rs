//! Codes by SMS: send, prove (contract 4.6).

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Deserialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::management::member_json::MemberAnswer;
use crate::http::management::second_factor_json::CodeBody;
use crate::http::management::second_factor_json::PresentedBody;
use crate::http::management::second_factor_json::WhoseBody;
use crate::http::management::second_factor_json::answer;
use crate::http::management::session_json::SessionAnswer;
use crate::http::state::Gateway;
use crate::use_cases::member_lock::Tried;
use crate::use_cases::sms_factors;
use crate::use_cases::sms_factors::SmsRequest;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(send, authenticate))]
pub(crate) struct Calls;

/// A member that is to get a code.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(crate) struct SmsSendBody {
    #[serde(flatten)]
    whose: WhoseBody,
    /// The member's number in E.164 form, if it has none yet.
    mfa_phone_number: Option<String>,
    /// The language of the message: `en`, `es`, `fr` or `pt-br`.
    locale: Option<String>,
    #[serde(flatten)]
    presented: PresentedBody,
}

/// Sends a code of six digits to a member's number; it is good once, for two minutes. To give a
/// number to a member with another second factor, give a session that holds it.
#[utoipa::path(post, path = "/v1/b2b/otps/sms/send", operation_id = "otps.sms.send", tag = "otps_sms",
    request_body = SmsSendBody,
    responses((status = 200, body = MemberAnswer)))]
pub(crate) async fn send(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<SmsSendBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let (deployment, signer) = (gateway.deployment.clone(), gateway.signer.clone());
    let sent = gateway.write(caller, move |tx, caller| {
        let body = body.get()?;
        let asked = SmsRequest {
            whose: body.whose.whose(),
            mfa_phone_number: body.mfa_phone_number.clone(),
            locale: body.locale.clone(),
            presented: body.presented.presented(&signer)?,
        };
        sms_factors::send(tx, (caller, &deployment), &asked)
    });
    Ok(success(request_id, &MemberAnswer::new(&sent.await?)))
}

/// Completes a sign-in by the code that was sent to the member's number.
#[utoipa::path(post, path = "/v1/b2b/otps/sms/authenticate", operation_id = "otps.sms.authenticate", tag = "otps_sms",
    request_body = CodeBody,
    responses((status = 200, body = SessionAnswer)))]
pub(crate) async fn authenticate(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<CodeBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let (deployment, signer) = (gateway.deployment.clone(), gateway.signer.clone());
    let tried = gateway.write(caller, move |tx, caller| {
        sms_factors::authenticate(tx, (caller, &deployment), &body.get()?.step(&signer)?)
    });
    let admission = tried.await.map(Tried::into_result)?;
    let opened = admission.and_then(|it| answer(&gateway, &it));
    Ok(success(
        request_id,
        &opened.map_err(ApiError::of(request_id))?,
    ))
}
