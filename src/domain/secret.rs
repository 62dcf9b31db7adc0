//! Bearer secrets: made here, stored as a hash; and values sealed at rest with AES-256-GCM.

use std::fmt;

use aws_lc_rs::aead::AES_256_GCM;
use aws_lc_rs::aead::Aad;
use aws_lc_rs::aead::Nonce;
use aws_lc_rs::aead::RandomizedNonceKey;
use aws_lc_rs::constant_time;
use aws_lc_rs::digest;
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The operating system gave no randomness, or a cipher refused its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CryptoFailure;

impl fmt::Display for CryptoFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a cryptographic operation failed")
    }
}

/// 32 random bytes.
pub fn random_bytes() -> Result<[u8; 32], CryptoFailure> {
    let mut bytes = [0_u8; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| CryptoFailure)?;
    Ok(bytes)
}

/// A new bearer secret: 43 URL-safe characters, 256 bits.
pub fn fresh_token() -> Result<String, CryptoFailure> {
    random_bytes().map(|bytes| URL_SAFE_NO_PAD.encode(bytes))
}

/// Whether a text has the form of our bearer secrets, so that it could be one.
pub fn is_token(text: &str) -> bool {
    URL_SAFE_NO_PAD
        .decode(text)
        .is_ok_and(|bytes| bytes.len() == 32)
}

/// A new secret of 48 letters and digits, for identity providers' forms.
pub fn fresh_alphanumeric() -> Result<String, CryptoFailure> {
    const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut token = String::with_capacity(48);
    while token.len() < 48 {
        // Bytes from 248 upward are dropped so that every letter is equally likely.
        let letters = random_bytes()?;
        let usable = letters.iter().filter(|byte| **byte < 248);
        token.extend(
            usable
                .filter_map(|byte| ALPHABET.get(usize::from(byte % 62)))
                .map(|b| char::from(*b)),
        );
    }
    token.truncate(48);
    Ok(token)
}

/// A new code of six digits, short enough to be typed in.
pub fn fresh_digits() -> Result<String, CryptoFailure> {
    let mut digits = String::with_capacity(6);
    while digits.len() < 6 {
        // Bytes from 250 upward are dropped so that every digit is equally likely.
        let bytes = random_bytes()?;
        let usable = bytes.iter().filter(|byte| **byte < 250);
        digits.extend(usable.map(|byte| char::from(b'0' + byte % 10)));
    }
    digits.truncate(6);
    Ok(digits)
}

/// SHA-256 of a bearer secret, in hexadecimal: what the database holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SecretHash(String);

impl SecretHash {
    /// Hashes a presented secret.
    pub fn of(secret: &str) -> Self {
        Self(hex_digest(secret))
    }

    /// The value of a hash column.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// SHA-256 of a text, in hexadecimal.
pub fn hex_digest(text: &str) -> String {
    hex(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
}

/// Bytes as lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// Compares two texts in time that depends on their lengths only.
pub fn equal(left: &str, right: &str) -> bool {
    constant_time::verify_slices_are_equal(left.as_bytes(), right.as_bytes()).is_ok()
}

/// The last four characters of a secret, which may be shown.
pub fn last_four(secret: &str) -> String {
    let count = secret.chars().count();
    secret.chars().skip(count.saturating_sub(4)).collect()
}

/// The 32-byte key under which secrets are sealed at rest.
#[derive(Clone)]
pub struct MasterKey([u8; 32]);

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey([REDACTED])")
    }
}

impl MasterKey {
    /// Reads a key from its base64 form.
    pub fn from_base64(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.trim()).ok()?;
        <[u8; 32]>::try_from(bytes.as_slice()).ok().map(Self)
    }

    /// A new key.
    pub fn fresh() -> Result<Self, CryptoFailure> {
        random_bytes().map(Self)
    }

    /// The base64 form, for the key file.
    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.0)
    }

    /// A key of its own for each use, so that no two ciphers share one.
    fn subkey(&self, usage: &str) -> [u8; 32] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        let tag = hmac::sign(&key, usage.as_bytes());
        let mut subkey = [0_u8; 32];
        subkey
            .iter_mut()
            .zip(tag.as_ref())
            .for_each(|(to, from)| *to = *from);
        subkey
    }

    /// A bearer token that only this key can make for this thing: told again on demand without
    /// being stored.
    pub fn token_for(&self, purpose: &str, id: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.subkey("tokens"));
        let tag = hmac::sign(&key, format!("{purpose}\0{id}").as_bytes());
        URL_SAFE_NO_PAD.encode(tag.as_ref())
    }

    /// Seals a value; `place` says whose it is (organization, table, column, row), so that a
    /// sealed value moved to another row does not open.
    pub fn seal(&self, plain: &[u8], place: &str) -> Result<String, CryptoFailure> {
        let key = RandomizedNonceKey::new(&AES_256_GCM, &self.subkey("sealing"))
            .map_err(|_| CryptoFailure)?;
        let mut sealed = plain.to_vec();
        let nonce = key
            .seal_in_place_append_tag(Aad::from(place.as_bytes()), &mut sealed)
            .map_err(|_| CryptoFailure)?;
        let mut bytes = nonce.as_ref().to_vec();
        bytes.append(&mut sealed);
        Ok(format!("v1.{}", STANDARD.encode(bytes)))
    }

    /// Opens a sealed value at the place where it was sealed.
    pub fn open(&self, sealed: &str, place: &str) -> Result<Vec<u8>, CryptoFailure> {
        let text = sealed.strip_prefix("v1.").ok_or(CryptoFailure)?;
        let bytes = STANDARD.decode(text).map_err(|_| CryptoFailure)?;
        let (nonce, body) = bytes.split_at_checked(12).ok_or(CryptoFailure)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| CryptoFailure)?;
        let key = RandomizedNonceKey::new(&AES_256_GCM, &self.subkey("sealing"))
            .map_err(|_| CryptoFailure)?;
        let mut body = body.to_vec();
        let plain = key
            .open_in_place(nonce, Aad::from(place.as_bytes()), &mut body)
            .map_err(|_| CryptoFailure)?;
        Ok(plain.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_only_at_its_place() {
        let key = MasterKey::fresh().unwrap();
        let sealed = key
            .seal(b"hunter2", "org/connections/client_secret/1")
            .unwrap();
        assert_eq!(
            key.open(&sealed, "org/connections/client_secret/1")
                .unwrap(),
            b"hunter2"
        );
        assert!(
            key.open(&sealed, "org/connections/client_secret/2")
                .is_err()
        );
        assert!(
            MasterKey::fresh()
                .unwrap()
                .open(&sealed, "org/connections/client_secret/1")
                .is_err()
        );
        assert!(!sealed.contains("hunter2"));
    }

    #[test]
    fn tokens_are_long_and_differ() {
        assert_eq!(fresh_token().unwrap().len(), 43);
        assert!(is_token(&fresh_token().unwrap()));
        for other in ["", "wrong", &fresh_alphanumeric().unwrap()] {
            assert!(!is_token(other), "{other}");
        }
        assert_eq!(fresh_alphanumeric().unwrap().len(), 48);
        assert_ne!(fresh_token().unwrap(), fresh_token().unwrap());
        let mut seen = [0_usize; 10];
        for _ in 0..500 {
            let digits = fresh_digits().unwrap();
            assert_eq!(digits.len(), 6);
            for digit in digits.chars() {
                seen[usize::try_from(digit.to_digit(10).unwrap()).unwrap()] += 1;
            }
        }
        assert!(
            seen.iter().all(|count| (200..400).contains(count)),
            "{seen:?}"
        );
    }

    #[test]
    fn the_last_four_characters_of_any_text() {
        assert_eq!(last_four("abcdef"), "cdef");
        assert_eq!(last_four("ab"), "ab");
        assert_eq!(last_four("äöüß€"), "öüß€");
    }
}
