//! The one-time token of an SSO sign-in becomes a session (contract 4.1, steps 5 and 6).

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::authentication_settings::AuthMethod;
use crate::domain::id::OrganizationId;
use crate::domain::session_token::timestamp;
use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::management::member_json::MemberAnswer;
use crate::http::management::session_json::MemberSessionJson;
use crate::http::management::session_json::SessionAnswer;
use crate::http::state::Gateway;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::admission::AdmissionError;
use crate::use_cases::sessions::SessionWishes;
use crate::use_cases::sign_in::admit::Admission;
use crate::use_cases::sign_in::admit::SsoAuthentication;
use crate::use_cases::sign_in::admit::admit;

/// This call, as the API's description shows it.
#[derive(OpenApi)]
#[openapi(paths(authenticate))]
pub(crate) struct Calls;

/// A sign-in that is to become a session.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(crate) struct SsoAuthenticateBody {
    /// The `token` that the browser brought to the redirect URL; it is good once.
    sso_token: Option<String>,
    /// The verifier of the `pkce_code_challenge` that the sign-in began with.
    pkce_code_verifier: Option<String>,
    /// How long the session lasts, 5 to 527040; 60 when nothing is said.
    session_duration_minutes: Option<i64>,
    /// Claims of the session JWT besides the registered ones, at most 4096 bytes.
    #[schema(value_type = Option<Object>)]
    session_custom_claims: Option<Map<String, Value>>,
}

impl SsoAuthenticateBody {
    fn asked(&self) -> SsoAuthentication {
        SsoAuthentication {
            sso_token: self.sso_token.clone().unwrap_or_default(),
            pkce_code_verifier: self.pkce_code_verifier.clone(),
            wishes: SessionWishes {
                duration_minutes: self.session_duration_minutes,
                custom_claims: self.session_custom_claims.clone().unwrap_or_default(),
            },
        }
    }
}

/// A session, or what is still owed for one.
#[derive(Serialize, ToSchema)]
struct SsoAuthenticated {
    organization_id: OrganizationId,
    #[serde(flatten)]
    member: MemberAnswer,
    /// Whether the sign-in is complete.
    member_authenticated: bool,
    /// Null while a factor is owed.
    member_session: Option<MemberSessionJson>,
    /// Empty while a factor is owed.
    session_token: String,
    /// Empty while a factor is owed.
    session_jwt: String,
    /// Stands for what was proven while a factor is owed; else empty.
    intermediate_session_token: String,
    /// RFC 3339, UTC.
    intermediate_session_token_expires_at: Option<String>,
    /// The second factor that is owed.
    mfa_required: Option<MfaRequired>,
    /// The first factor that is owed; never after single sign-on.
    primary_required: Option<PrimaryRequired>,
    reset_session: bool,
}

/// A first factor that is owed.
#[derive(Serialize, ToSchema)]
struct PrimaryRequired {
    /// The ways that the organization allows.
    allowed_auth_methods: Vec<AuthMethod>,
}

/// A second factor that is owed.
#[derive(Serialize, ToSchema)]
struct MfaRequired {
    member_options: MemberOptions,
    /// The factor that was begun already.
    secondary_auth_initiated: Option<String>,
}

/// With what the member can prove itself a second time.
#[derive(Serialize, ToSchema)]
struct MemberOptions {
    mfa_phone_number: String,
    totp_registration_id: String,
}

/// Turns the one-time token of a single sign-on into a session.
#[utoipa::path(post, path = "/v1/b2b/sso/authenticate", operation_id = "sso.authenticate", tag = "sso",
    request_body = SsoAuthenticateBody,
    responses((status = 200, body = SsoAuthenticated)))]
pub(crate) async fn authenticate(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<SsoAuthenticateBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let deployment = gateway.deployment.clone();
    let admitted = gateway.write(caller, move |tx, caller| {
        admit(tx, (caller, &deployment), &body.get()?.asked())
    });
    let answer = answer(&gateway, admitted.await?).map_err(ApiError::of(request_id))?;
    Ok(success(request_id, &answer))
}

fn answer(gateway: &Gateway, admission: Admission) -> Result<SsoAuthenticated, ManagementError> {
    match admission {
        Admission::Session { view, token } => {
            let opened = SessionAnswer::new(gateway, &view, &token)?;
            Ok(SsoAuthenticated {
                organization_id: opened.organization_id,
                member: opened.member,
                member_authenticated: true,
                member_session: Some(opened.member_session),
                session_token: opened.session_token,
                session_jwt: opened.session_jwt,
                intermediate_session_token: String::new(),
                intermediate_session_token_expires_at: None,
                mfa_required: None,
                primary_required: None,
                reset_session: false,
            })
        }
        Admission::SecondFactorNeeded {
            member,
            intermediate_token,
            expires_at,
        } => Ok(SsoAuthenticated {
            organization_id: member.organization.organization.id,
            member: MemberAnswer::new(&member),
            member_authenticated: false,
            member_session: None,
            session_token: String::new(),
            session_jwt: String::new(),
            intermediate_session_token: intermediate_token,
            intermediate_session_token_expires_at: Some(timestamp(expires_at)),
            mfa_required: Some(MfaRequired {
                member_options: MemberOptions {
                    mfa_phone_number: member.standing.member.mfa_phone_number,
                    totp_registration_id: String::new(),
                },
                secondary_auth_initiated: None,
            }),
            primary_required: None,
            reset_session: false,
        }),
        Admission::Refused(refusal) => {
            Err(ManagementError::Admission(AdmissionError::Refused(refusal)))
        }
    }
}
