//! What calls that let people in are asked for, and how they answer (contract 4.1 step 6, 4.6).

use actix_web::web;
use actix_web::web::Data;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::authentication_settings::AuthMethod;
use crate::domain::authentication_settings::MfaMethod;
use crate::domain::id::OrganizationId;
use crate::domain::session_token::SessionSigner;
use crate::domain::session_token::timestamp;
use crate::http::management::member_json::MemberAnswer;
use crate::http::management::session_json::MemberSessionJson;
use crate::http::management::session_json::SessionAnswer;
use crate::http::management::sessions::locator;
use crate::http::state::Gateway;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::admission::AdmissionError;
use crate::use_cases::intermediate_sessions::IntermediateToken;
use crate::use_cases::members::MemberView;
use crate::use_cases::sessions::SessionWishes;
use crate::use_cases::sign_in::entry::Admission;
use crate::use_cases::sign_in::entry::SignInWishes;
use crate::use_cases::sign_in::present::Presented;

/// What every sign-in may ask for.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub(crate) struct SignInWishesBody {
    /// A session of the same member, which this sign-in joins; one of somebody else is left alone.
    session_token: Option<String>,
    /// A JWT of such a session; not both.
    session_jwt: Option<String>,
    /// An intermediate session that this sign-in completes.
    intermediate_session_token: Option<String>,
    #[serde(flatten)]
    session: SessionWishesBody,
    /// The language of a code that is sent: `en`, `es`, `pt-br`.
    locale: Option<String>,
}

/// What a session that is opened shall be.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub(crate) struct SessionWishesBody {
    /// How long the session lasts, 5 to 527040; 60 when nothing is said.
    session_duration_minutes: Option<i64>,
    /// Claims of the session JWT besides the registered ones, at most 4096 bytes.
    #[schema(value_type = Option<Object>)]
    session_custom_claims: Option<Map<String, Value>>,
}

impl SessionWishesBody {
    pub(crate) fn wishes(&self) -> SessionWishes {
        SessionWishes {
            duration_minutes: self.session_duration_minutes,
            custom_claims: self.session_custom_claims.clone().unwrap_or_default(),
            is_withheld: false,
        }
    }
}

/// What is brought along to a sign-in; an empty text is nothing.
pub(crate) fn presented(
    (token, jwt): (Option<&str>, Option<&str>),
    intermediate_token: Option<&str>,
    signer: &SessionSigner,
) -> Result<Presented, ManagementError> {
    let given = |text: &&str| !text.is_empty();
    let session = match (token.filter(given), jwt.filter(given)) {
        (None, None) => None,
        named => Some(locator(named, signer)?),
    };
    Ok(Presented {
        session,
        intermediate_token: intermediate_token.filter(given).map(str::to_owned),
    })
}

impl SignInWishesBody {
    pub(crate) fn wishes(&self, signer: &SessionSigner) -> Result<SignInWishes, ManagementError> {
        Ok(SignInWishes {
            session: self.session.wishes(),
            presented: presented(
                (self.session_token.as_deref(), self.session_jwt.as_deref()),
                self.intermediate_session_token.as_deref(),
                signer,
            )?,
            locale: self.locale.clone(),
        })
    }
}

/// A session, or what is still owed for one.
#[derive(Serialize, ToSchema)]
#[schema(as = SignInAnswer)]
pub(crate) struct AdmissionAnswer {
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
    /// The first factor that is owed.
    primary_required: Option<PrimaryRequired>,
    reset_session: bool,
}

/// A first factor that is owed.
#[derive(Serialize, ToSchema)]
pub(crate) struct PrimaryRequired {
    /// The ways that the organization allows.
    pub(crate) allowed_auth_methods: Vec<AuthMethod>,
}

/// A second factor that is owed.
#[derive(Serialize, ToSchema)]
pub(crate) struct MfaRequired {
    member_options: MemberOptions,
    /// The factor that was begun already: `sms_otp`.
    secondary_auth_initiated: Option<MfaMethod>,
}

/// With what the member can prove itself a second time.
#[derive(Serialize, ToSchema)]
struct MemberOptions {
    mfa_phone_number: String,
    totp_registration_id: String,
}

impl MfaRequired {
    pub(crate) fn of(view: &MemberView, initiated: Option<MfaMethod>) -> Self {
        let totp = view.standing.member.totp_registration_id;
        Self {
            member_options: MemberOptions {
                mfa_phone_number: view.standing.member.mfa_phone_number.clone(),
                totp_registration_id: totp.map(|id| id.to_string()).unwrap_or_default(),
            },
            secondary_auth_initiated: initiated,
        }
    }

    /// Of somebody who is no member yet.
    pub(crate) fn of_newcomer() -> Self {
        Self {
            member_options: MemberOptions {
                mfa_phone_number: String::new(),
                totp_registration_id: String::new(),
            },
            secondary_auth_initiated: None,
        }
    }
}

impl AdmissionAnswer {
    /// Composed on another thread: a new session's JWT takes a millisecond to be signed, in which
    /// this one would answer nobody.
    pub(crate) async fn composed(
        gateway: &Data<Gateway>,
        admission: Admission,
    ) -> Result<Self, ManagementError> {
        let gateway = gateway.clone();
        let composed = web::block(move || Self::new(&gateway, admission)).await;
        composed.map_err(|error| ManagementError::Internal(error.to_string()))?
    }

    fn new(gateway: &Gateway, admission: Admission) -> Result<Self, ManagementError> {
        match admission {
            Admission::Session { view, token } => {
                let opened = SessionAnswer::new(gateway, &view, &token)?;
                Ok(Self {
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
            Admission::Proven {
                member,
                intermediate,
            } => Ok(Self::owing(&member, intermediate)),
            Admission::FirstFactorNeeded {
                member,
                intermediate,
                allowed,
            } => Ok(Self {
                primary_required: Some(PrimaryRequired {
                    allowed_auth_methods: allowed,
                }),
                ..Self::owing(&member, intermediate)
            }),
            Admission::SecondFactorNeeded {
                member,
                intermediate,
                initiated,
            } => Ok(Self {
                mfa_required: Some(MfaRequired::of(&member, initiated)),
                ..Self::owing(&member, intermediate)
            }),
            Admission::Refused(refusal) => {
                Err(ManagementError::Admission(AdmissionError::Refused(refusal)))
            }
        }
    }

    fn owing(member: &MemberView, intermediate: IntermediateToken) -> Self {
        Self {
            organization_id: member.organization.organization.id,
            member: MemberAnswer::new(member),
            member_authenticated: false,
            member_session: None,
            session_token: String::new(),
            session_jwt: String::new(),
            intermediate_session_token: intermediate.token,
            intermediate_session_token_expires_at: Some(timestamp(intermediate.expires_at)),
            mfa_required: None,
            primary_required: None,
            reset_session: false,
        }
    }
}
