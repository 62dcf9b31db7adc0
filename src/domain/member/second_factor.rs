//! With what a member may prove itself a second time, and what becomes of the member by it
//! (contract 4.6, 4.7).

use chrono::DateTime;
use chrono::Utc;

use crate::domain::authentication_settings::AuthenticationSettings;
use crate::domain::authentication_settings::Methods;
use crate::domain::authentication_settings::MfaMethod;
use crate::domain::authentication_settings::MfaPolicy;
use crate::domain::factor::Factor;
use crate::domain::id::TotpId;
use crate::domain::member::Member;

/// What a caller asks of a member that proves itself a second time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Enrolment {
    /// Whether a second factor shall be asked of it from now on; nothing leaves it as it is.
    pub enrolled: Option<bool>,
    /// Whether this method shall be the one that is asked for first.
    pub is_default: bool,
}

/// A second factor that is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondFactor {
    /// The member's number.
    Sms,
    /// The member's authenticator application, which may be new.
    Totp(TotpId),
}

impl Member {
    /// Whether the organization lets this member use a second factor. Break glass is free of
    /// that, never of the second factor itself.
    pub fn may_use(&self, method: MfaMethod, settings: &AuthenticationSettings) -> bool {
        self.is_breakglass
            || settings.mfa_methods == Methods::AllAllowed
            || settings.allowed_mfa_methods.contains(&method)
    }

    /// Whether the member has a second factor that it may use: then it is that one that lets it in
    /// and not a new one.
    pub fn has_second_factor(&self, settings: &AuthenticationSettings) -> bool {
        [MfaMethod::SmsOtp, MfaMethod::Totp]
            .into_iter()
            .any(|method| self.has_proven(method) && self.may_use(method, settings))
    }

    /// Whether somebody who holds these factors may give the member another second factor: whoever
    /// has the first factor alone must not come in by a second one of their own.
    pub fn may_be_given_factor(&self, settings: &AuthenticationSettings, held: &[Factor]) -> bool {
        !self.has_second_factor(settings) || held.iter().any(Factor::is_second)
    }

    /// This member once it has proven a second factor. The first one that it proves is asked for
    /// first from then on. Where everybody needs one, nobody enrols or leaves.
    pub fn having_proven(
        &self,
        factor: SecondFactor,
        settings: &AuthenticationSettings,
        enrolment: Enrolment,
    ) -> Self {
        let mut after = self.clone();
        let method = match factor {
            SecondFactor::Sms => {
                after.mfa_phone_number_verified = true;
                MfaMethod::SmsOtp
            }
            SecondFactor::Totp(id) => {
                after.totp_registration_id = Some(id);
                MfaMethod::Totp
            }
        };
        if enrolment.is_default || after.default_mfa_method.is_none() {
            after.default_mfa_method = Some(method);
        }
        if settings.mfa_policy == MfaPolicy::Optional {
            after.mfa_enrolled = enrolment.enrolled.unwrap_or(after.mfa_enrolled);
        }
        after
    }

    /// The number that a code is sent to as soon as a second factor is owed: that of a member that
    /// is asked for a code first.
    pub fn number_to_be_asked(&self, settings: &AuthenticationSettings) -> Option<&str> {
        let is_first = match self.default_mfa_method {
            Some(method) => method == MfaMethod::SmsOtp,
            None => self.totp_registration_id.is_none(),
        };
        let is_asked = is_first
            && self.has_factor(MfaMethod::SmsOtp)
            && self.may_use(MfaMethod::SmsOtp, settings);
        is_asked.then_some(self.mfa_phone_number.as_str())
    }

    /// This member as of now, if it differs from what it was.
    pub fn changed_from(self, before: &Self, now: DateTime<Utc>) -> Option<Self> {
        (!self.is_as(before)).then_some(Self {
            updated_at: now,
            ..self
        })
    }
}

#[cfg(test)]
mod tests;
