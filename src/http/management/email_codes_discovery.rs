//! Codes that are mailed before an organization is chosen (contract 4.4).

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Deserialize;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::email::EmailAddress;
use crate::http::caller::ProjectCredentials;
use crate::http::management::discovery_json::DiscoveryArrival;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::state::Gateway;
use crate::use_cases::error::admission::AdmissionError;
use crate::use_cases::sign_in::email_codes_discovery;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(send, authenticate))]
pub(crate) struct Calls;

/// Who is to be mailed a code.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub(crate) struct DiscoveryCodeRequestBody {
    /// The address; nobody learns whether it is a member's.
    #[schema(value_type = Option<String>)]
    email_address: Option<EmailAddress>,
    /// For how many minutes the code is good, 2 to 15; 10 when nothing is said.
    discovery_expiration_minutes: Option<i64>,
}

/// Nothing but that the call was taken.
#[derive(Serialize, ToSchema)]
struct DiscoveryCodeSent {}

/// A code that somebody has read.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub(crate) struct DiscoveryCodeAuthenticateBody {
    /// The address that the code was mailed to.
    #[schema(value_type = Option<String>)]
    email_address: Option<EmailAddress>,
    /// The code; it is good once, and dead after five wrong tries.
    code: Option<String>,
}

/// Mails a code to an address, whoever has it.
#[utoipa::path(post, path = "/v1/b2b/otps/email/discovery/send", operation_id = "otps.email.discovery.send", tag = "otps",
    request_body = DiscoveryCodeRequestBody,
    responses((status = 200, body = DiscoveryCodeSent)))]
pub(crate) async fn send(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<DiscoveryCodeRequestBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let deployment = gateway.deployment.clone();
    let sent = gateway.write(caller, move |tx, _| {
        let body = body.get()?;
        let asked = (
            body.email_address.as_ref(),
            body.discovery_expiration_minutes,
        );
        email_codes_discovery::send(tx, &deployment, asked)
    });
    sent.await?;
    Ok(success(request_id, &DiscoveryCodeSent {}))
}

/// Turns a code from a mail into an intermediate session, and lists the organizations to choose from.
#[utoipa::path(post, path = "/v1/b2b/otps/email/discovery/authenticate", operation_id = "otps.email.discovery.authenticate", tag = "otps",
    request_body = DiscoveryCodeAuthenticateBody,
    responses((status = 200, body = DiscoveryArrival)))]
pub(crate) async fn authenticate(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<DiscoveryCodeAuthenticateBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let deployment = gateway.deployment.clone();
    let arrived = gateway.write(caller, move |tx, caller| {
        let body = body.get()?;
        let code = body.code.as_deref().unwrap_or_default();
        let read = (body.email_address.as_ref(), code);
        email_codes_discovery::authenticate(tx, (caller, &deployment), read)
    });
    // A wrong try is kept, so it is refused when it has been.
    let wrong = || ApiError::of(request_id)(AdmissionError::WrongCode.into());
    let arrival = arrived.await?.ok_or_else(wrong)?;
    Ok(success(request_id, &DiscoveryArrival::new(&arrival)))
}
