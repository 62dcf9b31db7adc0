//! The table of refusals about second factors.

use crate::http::management::error_text::Described;
use crate::http::management::error_text::told;
use crate::use_cases::error::second_factor::SecondFactorError;

pub(super) fn described(error: &SecondFactorError) -> Described {
    use SecondFactorError as E;
    match error {
        E::MethodNotAllowed(method) => told(
            400,
            "operation_restricted_by_organization_mfa_methods",
            format!(
                "The organization does not allow {} as a second factor.",
                method.name()
            ),
        ),
        E::MemberMismatch => told(
            400,
            "member_session_member_id_mismatch",
            "The session is of another member than member_id names.",
        ),
        E::IntermediateMismatch => told(
            400,
            "invalid_intermediate_session_token_for_organization",
            "The intermediate session holds nothing that counts for this member.",
        ),
        E::FirstFactorFirst => told(
            400,
            "action_available_only_once_primary_authentication_is_met",
            "The person signs in by a method that the organization allows first.",
        ),
        E::InsufficientFactors => told(
            400,
            "insufficient_factors",
            "The member has a second factor already: give a session that holds it.",
        ),
        E::ActiveTotpExists => told(
            400,
            "active_totp_exists",
            "The member has an authenticator application; delete that one first.",
        ),
        E::RecoveryCodesNotFound | E::NoPhoneNumber | E::CodeNotFound => not_found(error),
        E::TotpExpired | E::WrongTotp | E::UsedTotp | E::WrongRecoveryCode | E::WrongCode => {
            unproven(error)
        }
    }
}

fn not_found(error: &SecondFactorError) -> Described {
    match error {
        SecondFactorError::RecoveryCodesNotFound => told(
            404,
            "recovery_codes_not_found",
            "The member has no recovery codes; they come with an authenticator application.",
        ),
        SecondFactorError::NoPhoneNumber => told(
            404,
            "secondary_factor_not_found",
            "The member has no number for codes; give mfa_phone_number.",
        ),
        _ => told(
            404,
            "otp_code_not_found",
            "No code is on its way to the member; it was used, or it has expired: send another.",
        ),
    }
}

fn unproven(error: &SecondFactorError) -> Described {
    match error {
        SecondFactorError::TotpExpired => told(
            400,
            "expired_totp",
            "The authenticator application was not proven in time; create it again.",
        ),
        SecondFactorError::WrongTotp => told(
            401,
            "unable_to_authenticate_totp",
            "The code is not the one that the authenticator application shows now.",
        ),
        SecondFactorError::UsedTotp => told(
            400,
            "totp_code_already_authenticated",
            "The code was used already; wait for the next one.",
        ),
        SecondFactorError::WrongRecoveryCode => told(
            401,
            "unable_to_authenticate_recovery_code",
            "The code is none of the member's recovery codes, or it was used already.",
        ),
        _ => told(
            401,
            "unable_to_auth_otp_code",
            "The code is not the one that was sent last.",
        ),
    }
}
