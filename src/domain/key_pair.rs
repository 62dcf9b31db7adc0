//! RSA key pairs with a self-signed certificate: for session JWTs and signed SAML requests.

use chrono::DateTime;
use chrono::Datelike;
use chrono::Utc;
use rcgen::CertificateParams;
use rcgen::DnType;
use rcgen::KeyPair as CertificateKey;
use rcgen::PKCS_RSA_SHA256;
use rcgen::RsaKeySize;

use crate::domain::secret::CryptoFailure;

/// A private key and the certificate that shows its public half.
#[derive(Clone)]
pub struct KeyPair {
    /// The private key, PKCS#8 in PEM.
    pub private_key_pem: String,
    /// The certificate in PEM.
    pub certificate_pem: String,
    /// The certificate in DER.
    pub certificate_der: Vec<u8>,
}

impl KeyPair {
    /// A new RSA-2048 key whose certificate carries this name and ends at the start of the day of
    /// `not_after`.
    pub fn generate(
        common_name: &str,
        now: DateTime<Utc>,
        not_after: DateTime<Utc>,
    ) -> Result<Self, CryptoFailure> {
        let key = CertificateKey::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)
            .map_err(|_| CryptoFailure)?;
        Self::certified(&key, common_name, (now, not_after))
    }

    /// A self-signed certificate for a given RSA key in PEM, PKCS#1 or PKCS#8.
    pub fn certify(
        private_key_pem: &str,
        common_name: &str,
        validity: (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<Self, CryptoFailure> {
        let key = CertificateKey::from_pem_and_sign_algo(private_key_pem, &PKCS_RSA_SHA256)
            .map_err(|_| CryptoFailure)?;
        Self::certified(&key, common_name, validity)
    }

    fn certified(
        key: &CertificateKey,
        common_name: &str,
        (now, not_after): (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<Self, CryptoFailure> {
        let mut parameters = CertificateParams::default();
        parameters
            .distinguished_name
            .push(DnType::CommonName, common_name);
        let (year, month, day) = ymd(now)?;
        parameters.not_before = rcgen::date_time_ymd(year, month, day);
        let (year, month, day) = ymd(not_after)?;
        parameters.not_after = rcgen::date_time_ymd(year, month, day);
        let certificate = parameters.self_signed(key).map_err(|_| CryptoFailure)?;
        Ok(Self {
            private_key_pem: key.serialize_pem(),
            certificate_pem: certificate.pem(),
            certificate_der: certificate.der().to_vec(),
        })
    }
}

fn ymd(instant: DateTime<Utc>) -> Result<(i32, u8, u8), CryptoFailure> {
    let month = u8::try_from(instant.month()).map_err(|_| CryptoFailure)?;
    let day = u8::try_from(instant.day()).map_err(|_| CryptoFailure)?;
    Ok((instant.year(), month, day))
}

/// The DER inside a PEM certificate.
pub fn certificate_der(pem: &str) -> Option<Vec<u8>> {
    x509_parser::pem::parse_x509_pem(pem.as_bytes())
        .ok()
        .map(|(_, pem)| pem.contents)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn a_generated_pair_has_a_readable_certificate_that_ends_when_told() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let pair = KeyPair::generate("vestibule", now, now + TimeDelta::days(365)).unwrap();
        let der = certificate_der(&pair.certificate_pem).unwrap();
        assert_eq!(der, pair.certificate_der);
        let (_, certificate) = x509_parser::parse_x509_certificate(&der).unwrap();
        assert_eq!(certificate.subject().to_string(), "CN=vestibule");
        let end = (now + TimeDelta::days(365)).timestamp();
        assert!(certificate.validity().not_after.timestamp() >= end - 86_400);
        assert!(
            pair.private_key_pem
                .starts_with("-----BEGIN PRIVATE KEY-----")
        );
    }
}
