//! Passwords as they are kept: Argon2id with the parameters that OWASP names as the least, or the
//! scheme of another system until the member signs in for the first time.

use std::fmt;
use std::num::NonZeroU32;

use argon2::Algorithm;
use argon2::Argon2;
use argon2::Params;
use argon2::Version;
use aws_lc_rs::digest;
use aws_lc_rs::pbkdf2;
use md5::Digest;
use md5::Md5;

use crate::domain::password::phc::Phc;
use crate::domain::password::phc::from_base64;
use crate::domain::secret;
use crate::domain::secret::CryptoFailure;

const MEMORY_KIB: u32 = 19 * 1024;
const ITERATIONS: u32 = 2;
const THREADS: u32 = 1;
const SALT_LENGTH: usize = 16;
const DIGEST_LENGTH: usize = 32;

/// More than any password that can be set, in bytes. Some schemes hash it anew in each round, so that
/// what is longer would keep a thread busy for as long as whoever sends it likes.
const LONGEST: usize = 1024;

/// What phpass writes numbers and digests with.
const PHPASS_ALPHABET: &[u8; 64] =
    b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A password's hash, in one line of text that says how it was made.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash([REDACTED])")
    }
}

impl PasswordHash {
    /// Hashes a password; slow by intention.
    pub fn of(password: &str) -> Result<Self, CryptoFailure> {
        let salt = secret::random_bytes()?;
        let salt = salt.iter().copied().take(SALT_LENGTH).collect();
        let mut phc = Phc::new("argon2id", salt, vec![0; DIGEST_LENGTH])
            .with("m", MEMORY_KIB)
            .with("t", ITERATIONS)
            .with("p", THREADS);
        phc.version = Some(u32::from(Version::V0x13));
        phc.digest = argon2(&phc, password).ok_or(CryptoFailure)?;
        Ok(Self(phc.to_string()))
    }

    /// Reads what a column holds.
    pub fn from_text(text: String) -> Self {
        Self(text)
    }

    /// What a column holds.
    pub fn as_text(&self) -> &str {
        &self.0
    }

    /// Whether new passwords are hashed in this way, too.
    pub fn is_current(&self) -> bool {
        let current = format!("$argon2id$v=19$m={MEMORY_KIB},t={ITERATIONS},p={THREADS}$");
        self.0.starts_with(&current)
    }

    /// Whether this is the hash of the password; as slow as making it.
    pub fn fits(&self, password: &str) -> bool {
        if self.0.starts_with("$2") {
            return bcrypt::verify(password, &self.0).unwrap_or(false);
        }
        if self.0.starts_with("$P$") || self.0.starts_with("$H$") {
            return phpass(&self.0, password).is_some_and(|made| secret::equal(&made, &self.0));
        }
        let Some(phc) = Phc::parse(&self.0) else {
            return false;
        };
        derive(&phc, password)
            .is_some_and(|made| secret::equal(&secret::hex(&made), &secret::hex(&phc.digest)))
    }
}

/// What came of checking a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    /// It is another one, or there is none.
    Wrong,
    /// It is the one; if it was kept in another way, how it is kept from now on.
    Right(Option<PasswordHash>),
}

/// Checks a password against what is kept. It takes as long when nothing is kept, so that nobody
/// can tell from the time of an answer whether somebody has a password.
pub fn check(kept: Option<&PasswordHash>, password: &str) -> Checked {
    let hashed = beginning(password);
    let checked = compare(kept, hashed);
    if hashed.len() == password.len() {
        checked
    } else {
        Checked::Wrong
    }
}

/// As much of a password as is ever hashed.
fn beginning(password: &str) -> &str {
    if password.len() <= LONGEST {
        return password;
    }
    let mut cuts = (0..=LONGEST).rev().filter_map(|end| password.get(..end));
    cuts.next().unwrap_or_default()
}

fn compare(kept: Option<&PasswordHash>, password: &str) -> Checked {
    match kept {
        Some(hash) if hash.is_current() => {
            if hash.fits(password) {
                Checked::Right(None)
            } else {
                Checked::Wrong
            }
        }
        _ => {
            let renewed = PasswordHash::of(password).ok();
            match kept {
                Some(hash) if hash.fits(password) => Checked::Right(renewed),
                _ => Checked::Wrong,
            }
        }
    }
}

fn derive(phc: &Phc, password: &str) -> Option<Vec<u8>> {
    match phc.scheme.as_str() {
        "argon2i" | "argon2id" => argon2(phc, password),
        "scrypt" => scrypt(phc, password),
        "pbkdf2-sha256" => pbkdf2(pbkdf2::PBKDF2_HMAC_SHA256, phc, password),
        "pbkdf2-sha512" => pbkdf2(pbkdf2::PBKDF2_HMAC_SHA512, phc, password),
        "md5" => salted(phc, password).map(|text| Md5::digest(text).to_vec()),
        "sha1" => salted_sha(&digest::SHA1_FOR_LEGACY_USE_ONLY, phc, password),
        "sha512" => salted_sha(&digest::SHA512, phc, password),
        _ => None,
    }
}

fn argon2(phc: &Phc, password: &str) -> Option<Vec<u8>> {
    let algorithm = match phc.scheme.as_str() {
        "argon2i" => Algorithm::Argon2i,
        _ => Algorithm::Argon2id,
    };
    let version = match phc.version {
        Some(19) => Version::V0x13,
        _ => Version::V0x10,
    };
    let (memory, iterations) = (phc.number("m")?, phc.number("t")?);
    let length = Some(phc.digest.len());
    let params = Params::new(memory, iterations, phc.number("p")?, length).ok()?;
    let mut made = vec![0; phc.digest.len()];
    let argon2 = Argon2::new(algorithm, version, params);
    let done = argon2.hash_password_into(password.as_bytes(), &phc.salt, &mut made);
    done.ok().map(|()| made)
}

fn scrypt(phc: &Phc, password: &str) -> Option<Vec<u8>> {
    let log_n = u8::try_from(phc.number("ln")?).ok()?;
    let params = scrypt::Params::new(log_n, phc.number("r")?, phc.number("p")?).ok()?;
    let mut made = vec![0; phc.digest.len()];
    let done = scrypt::scrypt(password.as_bytes(), &phc.salt, &params, &mut made);
    done.ok().map(|()| made)
}

fn pbkdf2(algorithm: pbkdf2::Algorithm, phc: &Phc, password: &str) -> Option<Vec<u8>> {
    let iterations = NonZeroU32::new(phc.number("i")?)?;
    let mut made = vec![0; phc.digest.len()];
    pbkdf2::derive(
        algorithm,
        iterations,
        &phc.salt,
        password.as_bytes(),
        &mut made,
    );
    Some(made)
}

/// What fast schemes hash: the password between two salts.
fn salted(phc: &Phc, password: &str) -> Option<Vec<u8>> {
    let before = from_base64(phc.text("before")?)?;
    let after = from_base64(phc.text("after")?)?;
    Some([before.as_slice(), password.as_bytes(), after.as_slice()].concat())
}

fn salted_sha(algorithm: &'static digest::Algorithm, phc: &Phc, password: &str) -> Option<Vec<u8>> {
    let text = salted(phc, password)?;
    Some(digest::digest(algorithm, &text).as_ref().to_vec())
}

/// How many rounds of MD5 a phpass hash says it took, as a power of two.
pub(crate) fn phpass_log_rounds(hash: &str) -> Option<u32> {
    let letter = *hash.as_bytes().get(3)?;
    let place = PHPASS_ALPHABET.iter().position(|known| *known == letter)?;
    u32::try_from(place).ok()
}

/// Portable hashes of phpass: MD5 over and over, in an alphabet of their own.
fn phpass(hash: &str, password: &str) -> Option<String> {
    let (setting, _) = hash.split_at_checked(12)?;
    let (_, salt) = setting.split_at_checked(4)?;
    let rounds = 1_u32.checked_shl(phpass_log_rounds(hash)?)?;
    let first = Md5::digest([salt.as_bytes(), password.as_bytes()].concat());
    let made = (0..rounds).fold(first, |digest, _| {
        let hasher = Md5::new().chain_update(digest);
        hasher.chain_update(password).finalize()
    });
    let mut text = setting.to_owned();
    for group in made.chunks(3) {
        let value = group
            .iter()
            .rev()
            .fold(0_u32, |value, byte| (value << 8) | u32::from(*byte));
        let letters = (0..=group.len()).map(|place| (value >> (6 * place)) & 63);
        text.extend(letters.filter_map(letter));
    }
    Some(text)
}

fn letter(value: u32) -> Option<char> {
    let place = usize::try_from(value).ok()?;
    PHPASS_ALPHABET.get(place).map(|byte| char::from(*byte))
}

#[cfg(test)]
mod tests;
