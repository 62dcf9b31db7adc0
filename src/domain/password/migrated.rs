//! Password hashes that other systems made: read, checked, and kept until the first sign-in.
//!
//! What is too expensive to check is refused here, before it costs every sign-in.

use serde::Deserialize;
use utoipa::ToSchema;

mod read;

/// Which function made a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each name says it")]
pub enum HashType {
    Bcrypt,
    Md5,
    Argon2i,
    Argon2id,
    Sha1,
    Sha512,
    Scrypt,
    Phpass,
    Pbkdf2,
}

impl HashType {
    /// Every type with its name on the wire.
    pub const NAMES: [(&'static str, Self); 9] = [
        ("bcrypt", Self::Bcrypt),
        ("md_5", Self::Md5),
        ("argon_2i", Self::Argon2i),
        ("argon_2id", Self::Argon2id),
        ("sha_1", Self::Sha1),
        ("sha_512", Self::Sha512),
        ("scrypt", Self::Scrypt),
        ("phpass", Self::Phpass),
        ("pbkdf_2", Self::Pbkdf2),
    ];

    /// Reads a name.
    pub fn from_name(name: &str) -> Option<Self> {
        let found = Self::NAMES.into_iter().find(|(known, _)| *known == name);
        found.map(|(_, hash_type)| hash_type)
    }
}

/// What was put around a password before it was hashed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
pub struct Salts {
    /// What came before the password.
    #[serde(default)]
    pub prepend_salt: String,
    /// What came after the password.
    #[serde(default)]
    pub append_salt: String,
}

/// What argon2 was given.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
pub struct Argon2Config {
    /// The salt, as text.
    pub salt: String,
    /// Its `t`.
    pub iteration_amount: u32,
    /// Its `m`, in KiB.
    pub memory: u32,
    /// Its `p`.
    pub threads: u32,
    /// How many bytes the hash has.
    pub key_length: u32,
}

/// What scrypt was given.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
pub struct ScryptConfig {
    /// The salt, in base64.
    pub salt: String,
    /// Its `N`, a power of two of at most 262144.
    pub n_parameter: u32,
    /// Its `r`.
    pub r_parameter: u32,
    /// Its `p`.
    pub p_parameter: u32,
    /// How many bytes the hash has.
    pub key_length: u32,
}

/// What PBKDF2 was given.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
pub struct Pbkdf2Config {
    /// The salt, in base64.
    pub salt: String,
    /// How many rounds there were.
    pub iteration_amount: u32,
    /// How many bytes the hash has.
    pub key_length: u32,
    /// `sha256` or `sha512`.
    #[serde(default)]
    pub algorithm: String,
}

/// A hash with whatever says how it was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MigratedHash {
    /// The hash.
    pub hash: String,
    /// The name of its type.
    pub hash_type: String,
    /// For MD5.
    pub md_5: Option<Salts>,
    /// For argon2 that is not in its encoded form.
    pub argon_2: Option<Argon2Config>,
    /// For SHA-1.
    pub sha_1: Option<Salts>,
    /// For SHA-512.
    pub sha_512: Option<Salts>,
    /// For scrypt that is not in its encoded form.
    pub scrypt: Option<ScryptConfig>,
    /// For PBKDF2.
    pub pbkdf_2: Option<Pbkdf2Config>,
}

/// Why a hash cannot be taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each name says it")]
pub enum HashRefusal {
    Type,
    Hash(HashType),
    BcryptCost,
    PhpassPrefix,
    PrependSalt,
    AppendSalt,
    Argon2(Argon2Refusal),
    Scrypt(ScryptRefusal),
    Pbkdf2(Pbkdf2Refusal),
}

/// What is wrong with a hash of argon2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each name says it")]
pub enum Argon2Refusal {
    Salt,
    Iterations,
    Memory,
    Threads,
    KeyLength,
    KeyMismatch,
}

/// What is wrong with a hash of scrypt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each name says it")]
pub enum ScryptRefusal {
    Salt,
    N,
    Parameters,
    KeyMismatch,
}

/// What is wrong with a hash of PBKDF2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each name says it")]
pub enum Pbkdf2Refusal {
    Algorithm,
    Iterations,
    Salt,
    KeyMismatch,
}
