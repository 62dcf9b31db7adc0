//! Passwords that are set anew by a link in a mail.

use actix_web::HttpResponse;
use actix_web::web;
use actix_web::web::Data;
use actix_web::web::post;
use serde::Deserialize;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::id::EmailId;
use crate::domain::id::MemberId;
use crate::domain::member::Member;
use crate::domain::session_token::SessionSigner;
use crate::http::caller::ProjectCredentials;
use crate::http::management::admission_json::AdmissionAnswer;
use crate::http::management::admission_json::SignInWishesBody;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::management::member_json::MemberAnswer;
use crate::http::management::member_json::MemberJson;
use crate::http::management::organization_json::OrganizationJson;
use crate::http::management::password_attempts::hash;
use crate::http::state::Gateway;
use crate::use_cases::error::ManagementError;
use crate::use_cases::passwords::email_reset;
use crate::use_cases::passwords::email_reset::Redemption;
use crate::use_cases::passwords::email_reset::ResetStart;
use crate::use_cases::passwords::require_reset;
use crate::use_cases::passwords::require_reset::Whose;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(reset_start, reset, require))]
pub(crate) struct Calls;

/// The URLs of these calls.
pub(crate) fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route(
            "/v1/b2b/passwords/email/reset/start",
            post().to(reset_start),
        )
        .route("/v1/b2b/passwords/email/reset", post().to(reset))
        .route("/v1/b2b/passwords/email/require_reset", post().to(require));
}

/// Who is to set a password anew.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(crate) struct ResetStartBody {
    /// An id, an external id or a slug.
    organization_id: String,
    email_address: String,
    /// Where the new password is chosen: one of the project's for `reset_password`.
    reset_password_redirect_url: Option<String>,
    /// Where somebody goes who would rather sign in without a new password, one of the project's for
    /// `login`: then the mail has a link that leads there, with a token for `magicLinks.authenticate`.
    login_redirect_url: Option<String>,
    /// For how long the link is good, 5 to 10080; 30 when nothing is said.
    reset_password_expiration_minutes: Option<i64>,
    /// A PKCE challenge (S256), whose verifier the reset then needs.
    code_challenge: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct ResetStartAnswer {
    member_email_id: EmailId,
    #[serde(flatten)]
    member: MemberAnswer,
}

/// A token of a mail, and the password that its reader wants.
#[derive(Clone, Deserialize, ToSchema)]
pub(crate) struct ResetBody {
    /// The `token` that the browser brought to the redirect URL; it is good once.
    password_reset_token: String,
    password: String,
    /// The verifier of the `code_challenge` that the reset began with.
    code_verifier: Option<String>,
    #[serde(flatten)]
    wishes: SignInWishesBody,
}

#[derive(Serialize, ToSchema)]
struct ResetAnswer {
    member_email_id: EmailId,
    #[serde(flatten)]
    admission: AdmissionAnswer,
}

/// Whose password has to be set anew.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(crate) struct RequireResetBody {
    email_address: String,
    /// An id, an external id or a slug; the answer shows the member of it.
    organization_id: Option<String>,
    /// An id or an external id of that member.
    member_id: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct RequireResetAnswer {
    member_id: Option<MemberId>,
    member: Option<MemberJson>,
    organization: Option<OrganizationJson>,
}

impl ResetBody {
    fn redemption(&self, signer: &SessionSigner) -> Result<Redemption, ManagementError> {
        Ok(Redemption {
            token: self.password_reset_token.clone(),
            code_verifier: self.code_verifier.clone(),
            wishes: self.wishes.wishes(signer)?,
        })
    }
}

/// Sends a link to choose a new password by, to a member or to whoever may become one by their
/// address.
#[utoipa::path(post, path = "/v1/b2b/passwords/email/reset/start", operation_id = "passwords.email.resetStart", tag = "passwords",
    request_body = ResetStartBody,
    responses((status = 200, body = ResetStartAnswer)))]
pub(crate) async fn reset_start(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<ResetStartBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let deployment = gateway.deployment.clone();
    let started = gateway.write(caller, move |tx, caller| {
        let body = body.get()?;
        let asked = ResetStart {
            email_address: body.email_address.clone(),
            redirect_url: body.reset_password_redirect_url.clone(),
            login_redirect_url: given(body.login_redirect_url.as_ref()),
            minutes: body.reset_password_expiration_minutes,
            code_challenge: body.code_challenge.clone(),
        };
        email_reset::start(tx, (caller, &deployment), &body.organization_id, &asked)
    });
    let view = started.await?;
    let answer = ResetStartAnswer {
        member_email_id: email_id(&view.standing.member),
        member: MemberAnswer::new(&view),
    };
    Ok(success(request_id, &answer))
}

/// Sets a password by the token of a mail, once, and lets its member in. Every session of the member
/// ends, but for the one that is brought along.
#[utoipa::path(post, path = "/v1/b2b/passwords/email/reset", operation_id = "passwords.email.reset", tag = "passwords",
    request_body = ResetBody,
    responses((status = 200, body = ResetAnswer)))]
pub(crate) async fn reset(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<ResetBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let deployment = gateway.deployment.clone();
    let asked = body.get().and_then(|body| {
        let redemption = body.redemption(&gateway.signer)?;
        Ok((redemption, body.password.clone()))
    });
    let looked = asked.clone();
    let expected = gateway.read(caller.clone(), move |tx, caller| {
        let (redemption, _) = looked.as_ref().map_err(Clone::clone)?;
        email_reset::expect(tx, caller, redemption)
    });
    let expected = expected.await?;
    let (redemption, password) = asked.map_err(ApiError::of(request_id))?;
    let hash = hash(&gateway, request_id, (expected, password)).await?;
    let redeemed = gateway.write(caller, move |tx, caller| {
        email_reset::redeem(tx, (caller, &deployment), &redemption, &hash)
    });
    let (member_email_id, admission) = redeemed.await?;
    let admission = AdmissionAnswer::composed(&gateway, admission).await;
    let answer = ResetAnswer {
        member_email_id,
        admission: admission.map_err(ApiError::of(request_id))?,
    };
    Ok(success(request_id, &answer))
}

/// Takes the password that an address has in all organizations out of use until it is set anew by
/// mail.
#[utoipa::path(post, path = "/v1/b2b/passwords/email/require_reset", operation_id = "passwords.email.requireReset", tag = "passwords",
    request_body = RequireResetBody,
    responses((status = 200, body = RequireResetAnswer)))]
pub(crate) async fn require(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<RequireResetBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let required = gateway.write_as(caller, move |tx, caller| {
        let body = body.get()?;
        let whose = Whose {
            email_address: body.email_address.clone(),
            organization: body.organization_id.clone(),
            member: body.member_id.clone(),
        };
        require_reset::require_reset(tx, caller, &whose)
    });
    let view = required.await?;
    let standing = view.as_ref().map(|view| &view.standing);
    let answer = RequireResetAnswer {
        member_id: standing.map(|standing| standing.member.id),
        member: standing.map(MemberJson::new),
        organization: view
            .as_ref()
            .map(|view| OrganizationJson::new(&view.organization)),
    };
    Ok(success(request_id, &answer))
}

/// A URL; an empty text is none.
pub(crate) fn given(url: Option<&String>) -> Option<String> {
    url.filter(|url| !url.is_empty()).cloned()
}

fn email_id(member: &Member) -> EmailId {
    EmailId::of(member.id, &member.email_address)
}
