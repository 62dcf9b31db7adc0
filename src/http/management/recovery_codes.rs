//! Recovery codes: show, use, replace (contract 4.6).

use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Path;
use serde::Deserialize;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::session_token::SessionSigner;
use crate::http::caller::ProjectCredentials;
use crate::http::management::admission_json::SignInWishesBody;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::management::member_json::MemberAnswer;
use crate::http::management::second_factor_json::WhoseBody;
use crate::http::management::second_factor_json::answer;
use crate::http::management::session_json::SessionAnswer;
use crate::http::state::Gateway;
use crate::use_cases::error::ManagementError;
use crate::use_cases::member_lock::Tried;
use crate::use_cases::members::MemberView;
use crate::use_cases::recovery_codes;
use crate::use_cases::second_factors::SecondStep;
use crate::use_cases::second_factors::Whose;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(get, recover, rotate))]
pub(crate) struct Calls;

/// A member's recovery codes.
#[derive(Serialize, ToSchema)]
struct RecoveryCodes {
    #[serde(flatten)]
    member: MemberAnswer,
    /// Those that are left.
    recovery_codes: Vec<String>,
}

impl From<(MemberView, Vec<String>)> for RecoveryCodes {
    fn from((view, recovery_codes): (MemberView, Vec<String>)) -> Self {
        Self {
            member: MemberAnswer::new(&view),
            recovery_codes,
        }
    }
}

/// Shows the recovery codes that a member has left.
#[utoipa::path(get, path = "/v1/b2b/recovery_codes/{organization_id}/{member_id}", operation_id = "recoveryCodes.get", tag = "recovery_codes",
    params(
        ("organization_id" = String, Path, description = "An id, an external id or a slug."),
        ("member_id" = String, Path, description = "An id or an external id.")),
    responses((status = 200, body = RecoveryCodes)))]
pub(crate) async fn get(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let deployment = gateway.deployment.clone();
    let (organization_id, member_id) = named.into_inner();
    let whose = Whose {
        organization_id,
        member_id,
    };
    let found = gateway.read(caller, move |tx, caller| {
        recovery_codes::get(tx, (caller, &deployment), &whose)
    });
    Ok(success(request_id, &RecoveryCodes::from(found.await?)))
}

/// Gives a member new recovery codes; the ones before are good no longer.
#[utoipa::path(post, path = "/v1/b2b/recovery_codes/rotate", operation_id = "recoveryCodes.rotate", tag = "recovery_codes",
    request_body = WhoseBody,
    responses((status = 200, body = RecoveryCodes)))]
pub(crate) async fn rotate(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<WhoseBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let deployment = gateway.deployment.clone();
    let rotated = gateway.write(caller, move |tx, caller| {
        recovery_codes::rotate(tx, (caller, &deployment), &body.get()?.whose())
    });
    Ok(success(request_id, &RecoveryCodes::from(rotated.await?)))
}

/// A recovery code that is to let a member in, once the first factor is proven.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(crate) struct RecoverBody {
    #[serde(flatten)]
    whose: WhoseBody,
    /// Capitals, blanks and hyphens do not matter.
    recovery_code: Option<String>,
    #[serde(flatten)]
    wishes: SignInWishesBody,
}

impl RecoverBody {
    fn step(&self, signer: &SessionSigner) -> Result<SecondStep, ManagementError> {
        Ok(SecondStep {
            whose: self.whose.whose(),
            code: self.recovery_code.clone().unwrap_or_default(),
            wishes: self.wishes.wishes(signer)?,
            ..SecondStep::default()
        })
    }
}

/// The session that a recovery code opened.
#[derive(Serialize, ToSchema)]
struct Recovered {
    #[serde(flatten)]
    session: SessionAnswer,
    recovery_codes_remaining: usize,
}

/// Completes a sign-in by a recovery code, which is good once.
#[utoipa::path(post, path = "/v1/b2b/recovery_codes/recover", operation_id = "recoveryCodes.recover", tag = "recovery_codes",
    request_body = RecoverBody,
    responses((status = 200, body = Recovered)))]
pub(crate) async fn recover(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<RecoverBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let (deployment, signer) = (gateway.deployment.clone(), gateway.signer.clone());
    let tried = gateway.write(caller, move |tx, caller| {
        recovery_codes::recover(tx, (caller, &deployment), &body.get()?.step(&signer)?)
    });
    let recovered = tried.await.map(Tried::into_result)?;
    let opened = recovered.and_then(|(admission, left)| {
        Ok(Recovered {
            session: answer(&gateway, &admission)?,
            recovery_codes_remaining: left,
        })
    });
    Ok(success(
        request_id,
        &opened.map_err(ApiError::of(request_id))?,
    ))
}
