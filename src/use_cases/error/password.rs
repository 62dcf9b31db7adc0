//! Why a password opens nothing, or cannot be set.

use crate::domain::password::migrated::Argon2Refusal;
use crate::domain::password::migrated::HashRefusal;
use crate::domain::password::migrated::HashType;
use crate::domain::password::migrated::Pbkdf2Refusal;
use crate::domain::password::migrated::ScryptRefusal;

/// Why a password opens nothing, or cannot be set.
#[derive(Clone, Debug, PartialEq)]
pub enum PasswordError {
    /// The address and the password do not belong together; nothing says which of them is wrong.
    WrongCredentials,
    /// The password is right and has to be set anew by mail.
    ResetRequired,
    /// The password is too weak: what would be better.
    Weak(String),
    /// There is a password already.
    AlreadyExists,
    /// No factor of the session is fresh enough.
    SessionTooOld,
    /// No factor of the session proves the address that the password would be for.
    AddressNotProven,
    /// The token of the mail is unknown, used or expired.
    TokenNotFound,
    /// A hash of another system that cannot be taken over.
    Hash(HashRefusal),
    /// The project does not share passwords between its organizations.
    SharingIsOff,
    /// The project shares passwords between its organizations.
    SharingIsOn,
    /// The link of a mail would be good for too short or too long.
    InvalidExpiration,
    /// The PKCE challenge is not 43 characters of base64url.
    InvalidCodeChallenge,
    /// No URL is registered where new passwords are chosen.
    NoRedirectUrl,
    /// The URL where the new password is chosen is not registered.
    UnregisteredRedirectUrl,
    /// Too many passwords wait to be hashed.
    Busy,
}

impl PasswordError {
    /// One of each kind.
    pub fn examples() -> Vec<Self> {
        let refusals = [
            HashRefusal::Type,
            HashRefusal::BcryptCost,
            HashRefusal::PhpassPrefix,
            HashRefusal::PrependSalt,
            HashRefusal::AppendSalt,
            HashRefusal::Argon2(Argon2Refusal::Salt),
            HashRefusal::Argon2(Argon2Refusal::Iterations),
            HashRefusal::Argon2(Argon2Refusal::Memory),
            HashRefusal::Argon2(Argon2Refusal::Threads),
            HashRefusal::Argon2(Argon2Refusal::KeyLength),
            HashRefusal::Argon2(Argon2Refusal::KeyMismatch),
            HashRefusal::Scrypt(ScryptRefusal::Salt),
            HashRefusal::Scrypt(ScryptRefusal::N),
            HashRefusal::Scrypt(ScryptRefusal::Parameters),
            HashRefusal::Scrypt(ScryptRefusal::KeyMismatch),
            HashRefusal::Pbkdf2(Pbkdf2Refusal::Algorithm),
            HashRefusal::Pbkdf2(Pbkdf2Refusal::Iterations),
            HashRefusal::Pbkdf2(Pbkdf2Refusal::Salt),
            HashRefusal::Pbkdf2(Pbkdf2Refusal::KeyMismatch),
        ];
        let hashes = HashType::NAMES.map(|(_, hash_type)| HashRefusal::Hash(hash_type));
        let mut all: Vec<Self> = refusals.into_iter().chain(hashes).map(Self::Hash).collect();
        all.extend([
            Self::WrongCredentials,
            Self::ResetRequired,
            Self::Weak("This is a very common password.".to_owned()),
            Self::AlreadyExists,
            Self::SessionTooOld,
            Self::AddressNotProven,
            Self::TokenNotFound,
            Self::SharingIsOff,
            Self::SharingIsOn,
            Self::InvalidExpiration,
            Self::InvalidCodeChallenge,
            Self::NoRedirectUrl,
            Self::UnregisteredRedirectUrl,
            Self::Busy,
        ]);
        all
    }
}
