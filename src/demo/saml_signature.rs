//! The key of the demo IdP, with which its messages are signed.

use std::fmt;
use std::sync::Arc;

use crate::protocol::saml::RequestSigner;
use crate::protocol::saml::canonical::element;

/// Why nothing could be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningError {
    /// The key could not be made or read.
    Key,
    /// The key could not sign, or the element has no Issuer after which a signature could stand.
    Failed,
}

impl fmt::Display for SigningError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Key => "the signing key is unusable",
            Self::Failed => "signing failed",
        })
    }
}

impl std::error::Error for SigningError {}

/// The IdP's RSA key and the self-signed certificate that goes with it.
#[derive(Clone)]
pub struct KeyPair {
    /// The certificate in PEM, to be pinned by connections.
    pub certificate_pem: String,
    /// The private key in PKCS#8 DER.
    pub pkcs8: Vec<u8>,
    signer: Arc<RequestSigner>,
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "KeyPair({})", self.certificate_pem)
    }
}

impl KeyPair {
    /// A fresh RSA-2048 key with a certificate for `common_name`.
    pub fn generate(common_name: &str) -> Result<Self, SigningError> {
        let size = rcgen::RsaKeySize::_2048;
        let key = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, size);
        let key = key.map_err(|_| SigningError::Key)?;
        let mut parameters = rcgen::CertificateParams::default();
        parameters.distinguished_name = rcgen::DistinguishedName::new();
        parameters
            .distinguished_name
            .push(rcgen::DnType::CommonName, common_name);
        let certificate = parameters
            .self_signed(&key)
            .map_err(|_| SigningError::Key)?;
        let pkcs8 = key.serialize_der();
        let signer = RequestSigner::from_der(&pkcs8).map_err(|_| SigningError::Key)?;
        Ok(Self {
            certificate_pem: certificate.pem(),
            pkcs8,
            signer: Arc::new(signer),
        })
    }

    /// Puts an enveloped signature after the Issuer of a canonical element that has the given ID.
    pub fn sign_element(&self, canonical: &str, id: &str) -> Result<String, SigningError> {
        let lines = self.certificate_pem.lines();
        let body: String = lines.filter(|line| !line.starts_with('-')).collect();
        let certificate = element("ds:X509Certificate", &[], &body);
        let key_info = element("ds:X509Data", &[], &certificate);
        let key_info = element("ds:KeyInfo", &[], &key_info);
        let signed = self.signer.envelop(canonical, id, &key_info);
        signed.map_err(|_| SigningError::Failed)
    }
}
