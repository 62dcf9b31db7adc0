//! The table of refusals about passwords.

use crate::domain::password::migrated::Argon2Refusal;
use crate::domain::password::migrated::HashRefusal;
use crate::domain::password::migrated::HashType;
use crate::domain::password::migrated::Pbkdf2Refusal;
use crate::domain::password::migrated::ScryptRefusal;
use crate::http::management::error_text::Described;
use crate::http::management::error_text::told;
use crate::use_cases::error::password::PasswordError;

const MISMATCH: &str = "key_length is not how many bytes the hash has.";
const SALT: &str = "The salt must be base64 of 1 to 256 bytes.";

const WRONG: &str = "The address and the password do not belong together.";
const RESET_REQUIRED: &str = "The password has to be set anew by passwords/email/reset/start.";
const ALREADY_EXISTS: &str =
    "There is a password already; a hash is taken over only where there is none.";
const TOO_OLD: &str =
    "The session needs a factor of the last five minutes; the member signs in again.";
const NOT_PROVEN: &str = "The password opens every organization, so the session needs a factor that \
     proves the address itself: an e-mail or the password.";
const NO_TOKEN: &str = "The token is unknown, used already, or expired; start the reset again.";
const SHARING_IS_OFF: &str = "The project has a password for each organization; this call needs \
     passwords that its organizations share (cross_organization in the project file).";
const SHARING_IS_ON: &str = "The project's organizations share passwords; \
     passwords/email/require_reset takes one out of use.";
const EXPIRATION: &str = "reset_password_expiration_minutes must be 5 to 10080.";
const CHALLENGE: &str = "The challenge must be 43 characters of base64url (S256).";
const NO_URL: &str = "Give reset_password_redirect_url, or register one for reset_password.";
const OTHER_URL: &str =
    "reset_password_redirect_url is not among those registered for reset_password.";
const BUSY: &str = "Too many passwords wait; try again.";

pub(super) fn described(error: &PasswordError) -> Described {
    use PasswordError as E;
    let (status, error_type, message) = match error {
        E::WrongCredentials => (401, "unauthorized_credentials", WRONG),
        E::ResetRequired => (400, "member_reset_password", RESET_REQUIRED),
        E::Weak(reason) => {
            let message = format!("The password is too weak. {reason}");
            return told(400, "weak_password", message);
        }
        E::AlreadyExists => (400, "password_already_exists", ALREADY_EXISTS),
        E::SessionTooOld => (400, "session_too_old_to_reset_password", TOO_OLD),
        E::AddressNotProven => (400, "insufficient_factors", NOT_PROVEN),
        E::TokenNotFound => (401, "unable_to_auth_password_reset_token", NO_TOKEN),
        E::Hash(refusal) => return hash(*refusal),
        E::SharingIsOff => (400, "cross_org_passwords_not_enabled", SHARING_IS_OFF),
        E::SharingIsOn => (400, "cross_org_passwords_enabled", SHARING_IS_ON),
        E::InvalidExpiration => (400, "invalid_expiration", EXPIRATION),
        E::InvalidCodeChallenge => (400, "invalid_pkce_code_challenge", CHALLENGE),
        E::NoRedirectUrl => (400, "no_password_reset_redirect_url", NO_URL),
        E::UnregisteredRedirectUrl => (400, "invalid_password_reset_redirect_url", OTHER_URL),
        E::Busy => {
            return Described {
                retry_after: Some(1),
                ..told(503, "service_unavailable", BUSY)
            };
        }
    };
    told(status, error_type, message)
}

fn hash(refusal: HashRefusal) -> Described {
    use HashRefusal as R;
    let (error_type, message) = match refusal {
        R::Type => (
            "invalid_hash_type",
            "hash_type is none of the types that are known.",
        ),
        R::Hash(hash_type) => unreadable(hash_type),
        R::BcryptCost => ("invalid_bcrypt_cost", "The cost must be 4 to 16."),
        R::PhpassPrefix => (
            "invalid_phpass_hash_prefix",
            "hash must begin with $P$ or $H$.",
        ),
        R::PrependSalt => (
            "invalid_prepend_salt",
            "prepend_salt has at most 256 bytes.",
        ),
        R::AppendSalt => ("invalid_append_salt", "append_salt has at most 256 bytes."),
        R::Argon2(refusal) => argon2(refusal),
        R::Scrypt(refusal) => scrypt(refusal),
        R::Pbkdf2(refusal) => pbkdf2(refusal),
    };
    told(400, error_type, message)
}

fn unreadable(hash_type: HashType) -> (&'static str, &'static str) {
    match hash_type {
        HashType::Bcrypt => (
            "invalid_bcrypt_hash",
            "hash must be like $2b$12$ and 53 characters.",
        ),
        HashType::Md5 => ("invalid_md_5_hash", "hash must be 32 hexadecimal digits."),
        HashType::Sha1 => ("invalid_sha_1_hash", "hash must be 40 hexadecimal digits."),
        HashType::Sha512 => ("invalid_hash", "hash must be 128 hexadecimal digits."),
        HashType::Argon2i | HashType::Argon2id => (
            "invalid_hash",
            "hash must be in the encoded form of its type, or hexadecimal with argon_2_config.",
        ),
        HashType::Scrypt => (
            "invalid_base64_scrypt_hash",
            "hash must be base64 or in the PHC form.",
        ),
        HashType::Phpass => (
            "invalid_phpass_hash_format",
            "hash must have 34 characters and at most 2^20 rounds.",
        ),
        HashType::Pbkdf2 => (
            "invalid_pbkdf_2_hash",
            "hash must be base64 of 16 to 128 bytes.",
        ),
    }
}

fn argon2(refusal: Argon2Refusal) -> (&'static str, &'static str) {
    use Argon2Refusal as R;
    match refusal {
        R::Salt => ("invalid_argon_2_salt", "The salt must have 8 to 256 bytes."),
        R::Iterations => (
            "invalid_argon_2_iteration_amount",
            "iteration_amount must be 1 to 20.",
        ),
        R::Memory => (
            "invalid_argon_2_memory",
            "memory must be 8 KiB for each thread to 262144 KiB.",
        ),
        R::Threads => ("invalid_argon_2_threads", "threads must be 1 to 16."),
        R::KeyLength => (
            "invalid_argon_2_key_length",
            "The hash must have 16 to 128 bytes.",
        ),
        R::KeyMismatch => ("argon_2_key_length_mismatch", MISMATCH),
    }
}

fn scrypt(refusal: ScryptRefusal) -> (&'static str, &'static str) {
    use ScryptRefusal as R;
    match refusal {
        R::Salt => ("invalid_base64_scrypt_salt", SALT),
        R::N => (
            "invalid_scrypt_n_parameter",
            "n_parameter must be a power of two from 2 to 262144.",
        ),
        R::Parameters => (
            "invalid_scrypt_parameters",
            "scrypt_config is needed unless hash is in the PHC form; N times r may take 256 MiB, p \
             is 1 to 16, and the hash has 16 to 128 bytes.",
        ),
        R::KeyMismatch => ("scrypt_key_length_mismatch", MISMATCH),
    }
}

fn pbkdf2(refusal: Pbkdf2Refusal) -> (&'static str, &'static str) {
    use Pbkdf2Refusal as R;
    match refusal {
        R::Algorithm => (
            "invalid_pbkdf_2_algorithm",
            "algorithm must be sha256 or sha512.",
        ),
        R::Iterations => (
            "invalid_pbkdf_2_iteration_amount",
            "pbkdf_2_config is needed; its iteration_amount must be 1 to 2000000.",
        ),
        R::Salt => ("invalid_pbkdf_2_salt", SALT),
        R::KeyMismatch => ("pbkdf_2_key_length_mismatch", MISMATCH),
    }
}
