//! Authenticator applications: create, prove, take over (contract 4.6).

use actix_web::HttpResponse;
use actix_web::web::Data;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::id::TotpId;
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
use crate::protocol::otp::qr_code;
use crate::use_cases::error::ManagementError;
use crate::use_cases::member_lock::Tried;
use crate::use_cases::totps;
use crate::use_cases::totps::NewTotp;
use crate::use_cases::totps::TotpMigration;
use crate::use_cases::totps::TotpRequest;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(create, authenticate, migrate))]
pub(crate) struct Calls;

/// A member that is to get an authenticator application.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(crate) struct TotpCreateBody {
    #[serde(flatten)]
    whose: WhoseBody,
    /// How long it may take until the first code, 5 to 1440; 60 when nothing is said.
    expiration_minutes: Option<i64>,
    #[serde(flatten)]
    presented: PresentedBody,
}

/// An authenticator application that has yet to prove itself.
#[derive(Serialize, ToSchema)]
struct TotpCreated {
    #[serde(flatten)]
    member: MemberAnswer,
    totp_registration_id: TotpId,
    /// What the person types where no camera is, in base32.
    secret: String,
    /// What the person scans: a PNG image in base64.
    qr_code: String,
    /// Codes that stand in for the application, each once, as soon as it has proven itself.
    recovery_codes: Vec<String>,
}

impl TotpCreated {
    fn new(totp: NewTotp) -> Result<Self, ManagementError> {
        let too_long = || ManagementError::Internal("no QR code holds the address".to_owned());
        let image = qr_code::png(&totp.address).ok_or_else(too_long)?;
        Ok(Self {
            member: MemberAnswer::new(&totp.view),
            totp_registration_id: totp.id,
            secret: totp.secret,
            qr_code: STANDARD.encode(image),
            recovery_codes: totp.recovery_codes,
        })
    }
}

/// Gives a member an authenticator application, which counts once it has proven itself. One that
/// is pending already is replaced. For a member with another second factor, give a session that
/// holds it.
#[utoipa::path(post, path = "/v1/b2b/totp", operation_id = "totps.create", tag = "totps",
    request_body = TotpCreateBody,
    responses((status = 200, body = TotpCreated)))]
pub(crate) async fn create(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<TotpCreateBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let (deployment, signer) = (gateway.deployment.clone(), gateway.signer.clone());
    let created = gateway.write(caller, move |tx, caller| {
        let body = body.get()?;
        let asked = TotpRequest {
            whose: body.whose.whose(),
            expiration_minutes: body.expiration_minutes,
            presented: body.presented.presented(&signer)?,
        };
        totps::create(tx, (caller, &deployment), &asked)
    });
    let answer = TotpCreated::new(created.await?).map_err(ApiError::of(request_id))?;
    Ok(success(request_id, &answer))
}

/// Completes a sign-in by the code of an authenticator application. The first right code makes a
/// pending application the member's own.
#[utoipa::path(post, path = "/v1/b2b/totp/authenticate", operation_id = "totps.authenticate", tag = "totps",
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
        totps::authenticate(tx, (caller, &deployment), &body.get()?.step(&signer)?)
    });
    let admission = tried.await.map(Tried::into_result)?;
    let opened = admission.and_then(|it| answer(&gateway, &it));
    Ok(success(
        request_id,
        &opened.map_err(ApiError::of(request_id))?,
    ))
}

/// An authenticator application from elsewhere.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(crate) struct TotpMigrateBody {
    #[serde(flatten)]
    whose: WhoseBody,
    /// The shared secret in base32, 10 to 64 bytes, for six digits of HMAC-SHA-1 every 30 seconds.
    secret: Option<String>,
    /// Codes that stand in for it; at most 100.
    recovery_codes: Option<Vec<String>>,
}

/// An authenticator application that was taken over.
#[derive(Serialize, ToSchema)]
struct TotpMigrated {
    #[serde(flatten)]
    member: MemberAnswer,
    totp_registration_id: TotpId,
    recovery_codes: Vec<String>,
}

/// Takes an authenticator application over from another system, as proven.
#[utoipa::path(post, path = "/v1/b2b/totp/migrate", operation_id = "totps.migrate", tag = "totps",
    request_body = TotpMigrateBody,
    responses((status = 200, body = TotpMigrated)))]
pub(crate) async fn migrate(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<TotpMigrateBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let deployment = gateway.deployment.clone();
    let migrated = gateway.write(caller, move |tx, caller| {
        let body = body.get()?;
        let asked = TotpMigration {
            whose: body.whose.whose(),
            secret: body.secret.clone().unwrap_or_default(),
            recovery_codes: body.recovery_codes.clone().unwrap_or_default(),
        };
        let (view, id) = totps::migrate(tx, (caller, &deployment), &asked)?;
        Ok((view, id, asked.recovery_codes))
    });
    let (view, totp_registration_id, recovery_codes) = migrated.await?;
    let answer = TotpMigrated {
        member: MemberAnswer::new(&view),
        totp_registration_id,
        recovery_codes,
    };
    Ok(success(request_id, &answer))
}
