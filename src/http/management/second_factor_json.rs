//! What calls for second factors are asked, and how they answer (contract 4.6).

use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::member::second_factor::Enrolment;
use crate::domain::session_token::SessionSigner;
use crate::http::management::admission_json::SignInWishesBody;
use crate::http::management::admission_json::presented;
use crate::http::management::session_json::SessionAnswer;
use crate::http::state::Gateway;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::request::RequestError;
use crate::use_cases::error::second_factor::SecondFactorError;
use crate::use_cases::second_factors::SecondStep;
use crate::use_cases::second_factors::Whose;
use crate::use_cases::sign_in::entry::Admission;
use crate::use_cases::sign_in::present::Presented;

/// Whose second factor it is.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub(crate) struct WhoseBody {
    /// An id, an external id or a slug.
    organization_id: Option<String>,
    /// An id or an external id.
    member_id: Option<String>,
}

impl WhoseBody {
    pub(crate) fn whose(&self) -> Whose {
        Whose {
            organization_id: self.organization_id.clone().unwrap_or_default(),
            member_id: self.member_id.clone().unwrap_or_default(),
        }
    }
}

/// What was proven before.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub(crate) struct PresentedBody {
    /// An intermediate session of the member.
    intermediate_session_token: Option<String>,
    /// A session of the member.
    session_token: Option<String>,
    /// A JWT of such a session; not both.
    session_jwt: Option<String>,
}

impl PresentedBody {
    pub(crate) fn presented(&self, signer: &SessionSigner) -> Result<Presented, ManagementError> {
        presented(
            (self.session_token.as_deref(), self.session_jwt.as_deref()),
            self.intermediate_session_token.as_deref(),
            signer,
        )
    }
}

/// A code that is to let a member in, once the first factor is proven.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(crate) struct CodeBody {
    #[serde(flatten)]
    whose: WhoseBody,
    /// Six digits.
    code: Option<String>,
    /// `enroll` or `unenroll`: whether the member is asked for a second factor from now on. Where
    /// the organization asks everybody, it changes nothing.
    set_mfa_enrollment: Option<String>,
    /// Whether this method becomes the one that the member is asked for first. The first method
    /// that a member proves does so anyway.
    set_default_mfa: Option<bool>,
    #[serde(flatten)]
    wishes: SignInWishesBody,
}

impl CodeBody {
    pub(crate) fn step(&self, signer: &SessionSigner) -> Result<SecondStep, ManagementError> {
        let enrolled = match self.set_mfa_enrollment.as_deref() {
            None | Some("") => None,
            Some("enroll") => Some(true),
            Some("unenroll") => Some(false),
            Some(_) => {
                let reason = "enroll or unenroll is expected".to_owned();
                let field = "set_mfa_enrollment".to_owned();
                return Err(RequestError::InvalidBody(field, reason).into());
            }
        };
        Ok(SecondStep {
            whose: self.whose.whose(),
            code: self.code.clone().unwrap_or_default(),
            enrolment: Enrolment {
                enrolled,
                is_default: self.set_default_mfa.unwrap_or(false),
            },
            wishes: self.wishes.wishes(signer)?,
        })
    }
}

/// The session that both factors opened.
pub(crate) fn answer(
    gateway: &Gateway,
    admission: &Admission,
) -> Result<SessionAnswer, ManagementError> {
    match admission {
        Admission::Session { view, token } => SessionAnswer::new(gateway, view, token),
        _ => Err(SecondFactorError::FirstFactorFirst.into()),
    }
}
