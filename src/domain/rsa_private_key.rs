//! RSA private keys as administrators paste them, PKCS#1 in PEM (RFC 8017 appendix A.1.2), and such as are made here.

use aws_lc_rs::digest::SHA256;
use aws_lc_rs::digest::digest;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::encoding::Pkcs8V1Der;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::domain::secret::CryptoFailure;
use crate::domain::secret::hex;

const BEGIN: &str = "-----BEGIN RSA PRIVATE KEY-----";
const END: &str = "-----END RSA PRIVATE KEY-----";

/// Why a text is not a private key that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrivateKeyRefusal {
    /// A PEM block of another kind, such as PKCS#8 or an EC key.
    FormatNotSupported,
    /// Not readable, and what it should be.
    Invalid(&'static str),
}

/// An RSA private key.
#[derive(Clone)]
pub struct RsaPrivateKey {
    /// PEM: PKCS#1 if it was pasted, PKCS#8 if it was made here.
    pub pem: String,
    /// SHA-256 of its public half, by which equal keys are told.
    pub fingerprint: String,
}

impl RsaPrivateKey {
    /// Reads a PKCS#1 key in PEM.
    pub fn from_pkcs1(pasted: &str) -> Result<Self, PrivateKeyRefusal> {
        let invalid = PrivateKeyRefusal::Invalid;
        let body = pasted.split_once(BEGIN).map(|(_, after)| after);
        let body = body.and_then(|after| Some(after.split_once(END)?.0));
        let Some(body) = body else {
            let is_other_block = pasted.contains("-----BEGIN ") && !pasted.contains(BEGIN);
            return Err(if is_other_block {
                PrivateKeyRefusal::FormatNotSupported
            } else {
                invalid("must be PEM that begins with -----BEGIN RSA PRIVATE KEY-----")
            });
        };
        let packed: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        let der = STANDARD
            .decode(packed)
            .map_err(|_| invalid("is not valid base64; encrypted keys cannot be read"))?;
        let key = KeyPair::from_der(&der)
            .map_err(|_| invalid("must be an RSA key of 2048 to 8192 bits in PKCS#1"))?;
        Ok(Self {
            pem: format!("{BEGIN}{body}{END}\n"),
            fingerprint: fingerprint(&key),
        })
    }

    /// A new key of 2048 bits.
    pub fn generate() -> Result<Self, CryptoFailure> {
        let key = KeyPair::generate(KeySize::Rsa2048).map_err(|_| CryptoFailure)?;
        let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&key).map_err(|_| CryptoFailure)?;
        let body = STANDARD.encode(der.as_ref());
        Ok(Self {
            pem: format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"),
            fingerprint: fingerprint(&key),
        })
    }
}

fn fingerprint(key: &KeyPair) -> String {
    hex(digest(&SHA256, key.public_key().as_ref()).as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::key_pair;
    use chrono::DateTime;
    use chrono::TimeDelta;

    fn pkcs8() -> String {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let pair = key_pair::KeyPair::generate("t", now, now + TimeDelta::days(9)).unwrap();
        pair.private_key_pem
    }

    /// The PKCS#1 key inside a PKCS#8 one, behind a head of 26 bytes.
    fn unwrapped(pkcs8: &str) -> String {
        let body: String = pkcs8
            .lines()
            .filter(|line| !line.starts_with('-'))
            .collect();
        let der = STANDARD.decode(body).unwrap();
        format!("{BEGIN}\n{}\n{END}\n", STANDARD.encode(&der[26..]))
    }

    #[test]
    fn only_rsa_keys_in_pkcs_1_are_read() {
        let pkcs8 = pkcs8();
        let pkcs1 = unwrapped(&pkcs8);
        let key = RsaPrivateKey::from_pkcs1(&pkcs1).unwrap();
        let folded = pkcs1.replace('\n', "\r\n");
        let again = RsaPrivateKey::from_pkcs1(&folded).unwrap();
        assert_eq!(key.fingerprint, again.fingerprint);
        assert_eq!(key.fingerprint.len(), 64);
        let not_supported = Err(PrivateKeyRefusal::FormatNotSupported);
        let shown = |text: &str| RsaPrivateKey::from_pkcs1(text).map(|key| key.fingerprint);
        assert_eq!(shown(&pkcs8), not_supported);
        assert_eq!(
            shown("-----BEGIN EC PRIVATE KEY-----\nAA==\n"),
            not_supported
        );
        for text in [
            "",
            "nonsense",
            BEGIN,
            &pkcs1.replace("MII", "AAA"),
            &format!("{BEGIN}\n?\n{END}"),
        ] {
            let refusal = shown(text).unwrap_err();
            assert!(matches!(refusal, PrivateKeyRefusal::Invalid(_)), "{text}");
        }
    }
}
