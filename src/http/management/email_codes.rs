//! Codes that are mailed: ask for one, sign in with it (contract 4.3).

use actix_web::HttpResponse;
use actix_web::web;
use actix_web::web::Data;
use actix_web::web::post;
use serde::Deserialize;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::email::EmailAddress;
use crate::domain::id::EmailId;
use crate::domain::session_token::SessionSigner;
use crate::http::caller::ProjectCredentials;
use crate::http::management::admission_json::AdmissionAnswer;
use crate::http::management::admission_json::SignInWishesBody;
use crate::http::management::email_codes_discovery;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::management::member_json::MemberAnswer;
use crate::http::refused;
use crate::http::state::Gateway;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::admission::AdmissionError;
use crate::use_cases::refusals::kept::Refused;
use crate::use_cases::sign_in::email_codes;
use crate::use_cases::sign_in::email_codes::CodeAuthentication;
use crate::use_cases::sign_in::email_codes::CodeRequest;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(login_or_signup, authenticate))]
pub(crate) struct Calls;

/// The URLs of codes that are mailed.
pub(crate) fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route(
            "/v1/b2b/otps/email/login_or_signup",
            post().to(login_or_signup),
        )
        .route("/v1/b2b/otps/email/authenticate", post().to(authenticate))
        .route(
            "/v1/b2b/otps/email/discovery/send",
            post().to(email_codes_discovery::send),
        )
        .route(
            "/v1/b2b/otps/email/discovery/authenticate",
            post().to(email_codes_discovery::authenticate),
        );
}

/// Who is to be mailed a code.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub(crate) struct EmailCodeRequestBody {
    /// An id, an external id or a slug.
    organization_id: Option<String>,
    /// Whose it is if a member has it; else somebody may join with it if the organization's
    /// `email_jit_provisioning` says so.
    #[schema(value_type = Option<String>)]
    email_address: Option<EmailAddress>,
    /// For how many minutes a member's code is good, 2 to 15; 10 when nothing is said.
    login_expiration_minutes: Option<i64>,
    /// The same for somebody who has never signed in.
    signup_expiration_minutes: Option<i64>,
}

impl EmailCodeRequestBody {
    fn asked(&self) -> CodeRequest {
        CodeRequest {
            organization_id: self.organization_id.clone().unwrap_or_default(),
            email_address: self.email_address.clone(),
            login_expiration_minutes: self.login_expiration_minutes,
            signup_expiration_minutes: self.signup_expiration_minutes,
        }
    }
}

/// Who was mailed a code.
#[derive(Serialize, ToSchema)]
struct EmailCodeSent {
    #[serde(flatten)]
    member: MemberAnswer,
    /// Whether the member is there since just now.
    member_created: bool,
}

/// A code that somebody has read.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub(crate) struct EmailCodeAuthenticateBody {
    /// An id, an external id or a slug.
    organization_id: Option<String>,
    /// The address that the code was mailed to.
    #[schema(value_type = Option<String>)]
    email_address: Option<EmailAddress>,
    /// The code; it is good once, and dead after five wrong tries.
    code: Option<String>,
    #[serde(flatten)]
    wishes: SignInWishesBody,
}

impl EmailCodeAuthenticateBody {
    fn asked(&self, signer: &SessionSigner) -> Result<CodeAuthentication, ManagementError> {
        Ok(CodeAuthentication {
            joins: false,
            organization_id: self.organization_id.clone().unwrap_or_default(),
            email_address: self.email_address.clone(),
            code: self.code.clone().unwrap_or_default(),
            wishes: self.wishes.wishes(signer)?,
        })
    }
}

/// A sign-in by code.
#[derive(Serialize, ToSchema)]
struct EmailCodeAuthenticated {
    #[serde(flatten)]
    admission: AdmissionAnswer,
    /// The id of the address.
    method_id: EmailId,
}

/// Mails a code to a member, or to somebody who may join.
#[utoipa::path(post, path = "/v1/b2b/otps/email/login_or_signup", operation_id = "otps.email.loginOrSignup", tag = "otps",
    request_body = EmailCodeRequestBody,
    responses((status = 200, body = EmailCodeSent)))]
pub(crate) async fn login_or_signup(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<EmailCodeRequestBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let deployment = gateway.deployment.clone();
    let sent = gateway.write(caller, move |tx, caller| {
        email_codes::send(tx, (caller, &deployment), &body.get()?.asked())
    });
    let (view, member_created) = sent.await?;
    let member = MemberAnswer::new(&view);
    let answer = EmailCodeSent {
        member,
        member_created,
    };
    Ok(success(request_id, &answer))
}

/// Signs a member in with a code from a mail.
#[utoipa::path(post, path = "/v1/b2b/otps/email/authenticate", operation_id = "otps.email.authenticate", tag = "otps",
    request_body = EmailCodeAuthenticateBody,
    responses((status = 200, body = EmailCodeAuthenticated)))]
pub(crate) async fn authenticate(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<EmailCodeAuthenticateBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let deployment = gateway.deployment.clone();
    let asked = body.get().and_then(|body| body.asked(&gateway.signer));
    let refused = asked.as_ref().ok().and_then(|asked| {
        let address = asked.email_address.as_ref()?.to_string();
        Some(Refused::EmailCode(asked.organization_id.clone(), address))
    });
    let admitted = gateway.write(caller, move |tx, caller| {
        let asked = asked.as_ref().map_err(Clone::clone)?;
        email_codes::authenticate(tx, (caller, &deployment), asked)
    });
    // A wrong try is kept, so it is refused when it has been.
    let Some((method_id, admission)) = admitted.await? else {
        if let Some(refused) = refused {
            refused::keep(&gateway, request_id, refused);
        }
        return Err(ApiError::of(request_id)(AdmissionError::WrongCode.into()));
    };
    let admission = AdmissionAnswer::composed(&gateway, admission)
        .await
        .map_err(ApiError::of(request_id))?;
    let answer = EmailCodeAuthenticated {
        admission,
        method_id,
    };
    Ok(success(request_id, &answer))
}
