//! X.509 certificates as administrators paste them and as metadata carries them (RFC 5280, RFC 7468).

use std::fmt;
use std::fmt::Write;

use aws_lc_rs::digest::SHA256;
use aws_lc_rs::digest::digest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use chrono::Utc;
use x509_parser::certificate::X509Certificate;
use x509_parser::oid_registry::OID_EC_P256;
use x509_parser::oid_registry::OID_NIST_EC_P384;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey as ParsedKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use crate::protocol::saml::xml::is_space;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";
const LONGEST: usize = 64 * 1024;

/// A certificate and what people want to know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// PEM with lines of 64 characters.
    pub pem: String,
    /// The DER encoding.
    pub der: Vec<u8>,
    /// SHA-256 of the DER encoding, lower-case hexadecimal.
    pub fingerprint: String,
    /// The issuer's distinguished name.
    pub issuer: String,
    /// The start of the validity period.
    pub not_before: DateTime<Utc>,
    /// The end of the validity period.
    pub not_after: DateTime<Utc>,
    /// The kind and size of the public key.
    pub public_key: PublicKey,
    /// The DER encoding of its SubjectPublicKeyInfo.
    pub public_key_info: Vec<u8>,
}

/// The kind and size of a certificate's public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublicKey {
    /// RSA with a modulus of that many bits.
    Rsa {
        /// The length of the modulus.
        bits: usize,
    },
    /// An elliptic curve key on P-256 or P-384.
    EllipticCurve {
        /// The size of the curve.
        bits: usize,
    },
    /// Anything else, which signs nothing here.
    Unsupported,
}

impl PublicKey {
    /// Whether signatures of this key are accepted.
    pub fn is_strong_enough(self) -> bool {
        match self {
            Self::Rsa { bits } => (2048..=8192).contains(&bits),
            Self::EllipticCurve { .. } => true,
            Self::Unsupported => false,
        }
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { bits } => write!(formatter, "RSA with {bits} bits"),
            Self::EllipticCurve { bits } => write!(formatter, "EC on P-{bits}"),
            Self::Unsupported => formatter.write_str("an unsupported kind of key"),
        }
    }
}

/// Why a text is not a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateError {
    /// Nothing was given.
    Empty,
    /// More was given than any certificate needs.
    TooLong,
    /// Another kind of PEM block, such as a private key or a certificate request.
    NotACertificateBlock,
    /// More than one certificate.
    SeveralCertificates,
    /// Not base64 between the PEM lines.
    NotBase64,
    /// Not the DER encoding of an X.509 certificate.
    NotX509,
}

impl fmt::Display for CertificateError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Empty => "the certificate is empty: paste the PEM text of the IdP's signing certificate",
            Self::TooLong => "the certificate is longer than 64 KB: paste the signing certificate alone",
            Self::NotACertificateBlock => {
                "this PEM text is no certificate: it must start with -----BEGIN CERTIFICATE----- and end with -----END CERTIFICATE-----"
            }
            Self::SeveralCertificates => {
                "there is more than one certificate: paste the signing certificate alone, and add others one by one"
            }
            Self::NotBase64 => "the certificate is not base64: copy it again with all its lines",
            Self::NotX509 => "this is not an X.509 certificate: copy it again with all its lines",
        })
    }
}

impl std::error::Error for CertificateError {}

impl Certificate {
    /// Reads one certificate, given as PEM or as bare base64 of its DER encoding.
    pub fn parse(pasted: &str) -> Result<Self, CertificateError> {
        if pasted.len() > LONGEST {
            return Err(CertificateError::TooLong);
        }
        let body = block(pasted.trim())?.replace(is_space, "");
        if body.is_empty() {
            return Err(CertificateError::Empty);
        }
        let der = STANDARD
            .decode(body)
            .map_err(|_| CertificateError::NotBase64)?;
        Self::from_der(der)
    }

    fn from_der(der: Vec<u8>) -> Result<Self, CertificateError> {
        let (rest, parsed) =
            X509Certificate::from_der(&der).map_err(|_| CertificateError::NotX509)?;
        let instant = |time: x509_parser::time::ASN1Time| {
            DateTime::from_timestamp(time.timestamp(), 0).ok_or(CertificateError::NotX509)
        };
        if !rest.is_empty() {
            return Err(CertificateError::NotX509);
        }
        let issuer = parsed.issuer().to_string();
        let not_before = instant(parsed.validity().not_before)?;
        let not_after = instant(parsed.validity().not_after)?;
        let public_key = public_key(parsed.public_key());
        let public_key_info = parsed.public_key().raw.to_vec();
        let pem = pem(&der);
        let fingerprint = hexadecimal(digest(&SHA256, &der).as_ref());
        Ok(Self {
            pem,
            der,
            fingerprint,
            issuer,
            not_before,
            not_after,
            public_key,
            public_key_info,
        })
    }
}

fn block(pasted: &str) -> Result<&str, CertificateError> {
    let Some((before, after)) = pasted.split_once("-----BEGIN") else {
        let is_cut = pasted.contains("-----");
        return if is_cut {
            Err(CertificateError::NotACertificateBlock)
        } else {
            Ok(pasted)
        };
    };
    let begin = BEGIN.strip_prefix("-----BEGIN").unwrap_or_default();
    let body = after
        .strip_prefix(begin)
        .ok_or(CertificateError::NotACertificateBlock)?;
    let (body, rest) = body
        .split_once(END)
        .ok_or(CertificateError::NotACertificateBlock)?;
    match (before.trim().is_empty(), rest.trim().is_empty()) {
        (_, false) if rest.contains(BEGIN) => Err(CertificateError::SeveralCertificates),
        (true, true) => Ok(body),
        _ => Err(CertificateError::NotACertificateBlock),
    }
}

fn public_key(info: &SubjectPublicKeyInfo<'_>) -> PublicKey {
    let curve = info
        .algorithm
        .parameters
        .as_ref()
        .and_then(|it| it.as_oid().ok());
    match info.parsed() {
        Ok(ParsedKey::RSA(rsa)) => PublicKey::Rsa {
            bits: bit_length(rsa.modulus),
        },
        Ok(ParsedKey::EC(_)) if curve == Some(OID_EC_P256) => {
            PublicKey::EllipticCurve { bits: 256 }
        }
        Ok(ParsedKey::EC(_)) if curve == Some(OID_NIST_EC_P384) => {
            PublicKey::EllipticCurve { bits: 384 }
        }
        _ => PublicKey::Unsupported,
    }
}

fn bit_length(big_endian: &[u8]) -> usize {
    let mut significant = big_endian.iter().skip_while(|byte| **byte == 0);
    let first = significant
        .next()
        .map_or(0, |byte| 8 - byte.leading_zeros());
    usize::try_from(first).unwrap_or_default() + 8 * significant.count()
}

fn pem(der: &[u8]) -> String {
    let mut lines = vec![BEGIN.to_owned()];
    let encoded: Vec<char> = STANDARD.encode(der).chars().collect();
    lines.extend(
        encoded
            .chunks(64)
            .map(|line| line.iter().collect::<String>()),
    );
    lines.push(END.to_owned());
    lines.join("\n") + "\n"
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut written, byte| {
        // Writing to a String cannot fail.
        let _ = write!(written, "{byte:02x}");
        written
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate() -> Certificate {
        let made = rcgen::generate_simple_self_signed(vec!["idp.example".to_owned()]).unwrap();
        Certificate::parse(&made.cert.pem()).unwrap()
    }

    #[test]
    fn pem_and_bare_base64_give_the_same_certificate() {
        let parsed = certificate();
        let bare = STANDARD.encode(&parsed.der);
        assert_eq!(Certificate::parse(&bare), Ok(parsed.clone()));
        assert_eq!(
            Certificate::parse(&parsed.pem.replace('\n', "\r\n")),
            Ok(parsed.clone())
        );
        assert_eq!(parsed.public_key, PublicKey::EllipticCurve { bits: 256 });
        assert_eq!(parsed.fingerprint.len(), 64);
        assert!(parsed.issuer.contains("CN="), "{}", parsed.issuer);
        assert!(parsed.not_before < parsed.not_after);
    }

    #[test]
    fn each_mistake_has_its_own_answer() {
        let pem = certificate().pem;
        let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----";
        let table = [
            ("  ", CertificateError::Empty),
            (key, CertificateError::NotACertificateBlock),
            (
                pem.trim_end_matches('\n').trim_end_matches('-'),
                CertificateError::NotACertificateBlock,
            ),
            (
                &format!("{pem}{pem}"),
                CertificateError::SeveralCertificates,
            ),
            ("not base64", CertificateError::NotBase64),
            ("AAAA", CertificateError::NotX509),
            (&"A".repeat(70_000), CertificateError::TooLong),
        ];
        for (pasted, error) in table {
            assert_eq!(Certificate::parse(pasted), Err(error), "{error}");
        }
    }

    #[test]
    fn weak_and_huge_rsa_keys_are_not_strong_enough() {
        let table = [
            (1024, false),
            (2047, false),
            (2048, true),
            (4096, true),
            (16_384, false),
        ];
        for (bits, strong) in table {
            assert_eq!(PublicKey::Rsa { bits }.is_strong_enough(), strong, "{bits}");
        }
        assert!(!PublicKey::Unsupported.is_strong_enough());
    }

    #[test]
    fn leading_zeros_do_not_count() {
        for (bytes, bits) in [(&[0, 0x80, 0][..], 16), (&[1, 0][..], 9), (&[0][..], 0)] {
            assert_eq!(bit_length(bytes), bits);
        }
    }
}
