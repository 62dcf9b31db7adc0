//! PKCE between the browser that begins a sign-in and the backend that ends it (RFC 7636).

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::domain::secret;
use crate::use_cases::error::admission::AdmissionError;

/// What is wrong between the challenge of a sign-in and its verifier (RFC 7636).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PkceRefusal {
    /// The challenge is not 43 characters of base64url.
    InvalidChallenge,
    /// A challenge was given and the verifier is missing.
    MissingVerifier,
    /// A verifier was given without a challenge.
    UnexpectedVerifier,
    /// The verifier does not fit the challenge.
    Mismatch,
}

/// A challenge as a caller gives it; an S256 one is 43 characters of base64url (RFC 7636 §4.2).
pub(crate) fn challenge(given: Option<&str>) -> Result<Option<String>, AdmissionError> {
    match given.filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) if is_challenge(text) => Ok(Some(text.to_owned())),
        Some(_) => Err(AdmissionError::Pkce(PkceRefusal::InvalidChallenge)),
    }
}

/// Whether a text has the form of an S256 challenge.
pub(crate) fn is_challenge(text: &str) -> bool {
    let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    text.len() == 43 && text.bytes().all(is_base64url)
}

/// The verifier is needed exactly when there was a challenge (RFC 7636 §4.6).
pub(crate) fn check_verifier(
    challenge: Option<&str>,
    verifier: Option<&str>,
) -> Result<(), PkceRefusal> {
    match (challenge, verifier) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(PkceRefusal::UnexpectedVerifier),
        (Some(_), None) => Err(PkceRefusal::MissingVerifier),
        (Some(challenge), Some(verifier)) => {
            let hash = digest::digest(&digest::SHA256, verifier.as_bytes());
            if secret::equal(challenge, &URL_SAFE_NO_PAD.encode(hash.as_ref())) {
                Ok(())
            } else {
                Err(PkceRefusal::Mismatch)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verifier_is_needed_exactly_when_there_was_a_challenge() {
        // The pair of RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        let table = [
            (None, None, Ok(())),
            (Some(challenge), Some(verifier), Ok(())),
            (None, Some(verifier), Err(PkceRefusal::UnexpectedVerifier)),
            (Some(challenge), None, Err(PkceRefusal::MissingVerifier)),
            (Some(challenge), Some(challenge), Err(PkceRefusal::Mismatch)),
        ];
        for (challenge, verifier, expected) in table {
            assert_eq!(check_verifier(challenge, verifier), expected);
        }
    }
}
