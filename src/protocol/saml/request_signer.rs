//! The key with which a connection signs what it sends: the query of a redirect, or the XML of a
//! posted message (SAML bindings §3.4.4.1, XML Signature 1.1).

use std::fmt;

use aws_lc_rs::digest::SHA256;
use aws_lc_rs::digest::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::protocol::saml::canonical::attribute;
use crate::protocol::saml::canonical::element;
use crate::protocol::saml::message::RequestError;
use crate::protocol::saml::xml::EXCLUSIVE_C14N;
use crate::protocol::saml::xml::SIGNATURE;
use crate::protocol::saml::xml::is_space;

/// The algorithm of every signature of ours.
pub(super) const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const DIGEST_SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const END_OF_ISSUER: &str = "</saml:Issuer>";

/// A key that signs messages.
pub struct RequestSigner(KeyPair);

impl fmt::Debug for RequestSigner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RequestSigner")
    }
}

impl RequestSigner {
    /// Reads an RSA private key, PKCS#1 or PKCS#8, in PEM.
    pub fn from_pem(pem: &str) -> Result<Self, RequestError> {
        let labels = ["RSA PRIVATE KEY", "PRIVATE KEY"];
        let body = |label: &str| {
            let (_, after) = pem.split_once(&format!("-----BEGIN {label}-----"))?;
            let (body, _) = after.split_once(&format!("-----END {label}-----"))?;
            Some(body.replace(is_space, ""))
        };
        let unlabelled = RequestError::SigningKey("must be PEM: RSA PRIVATE KEY or PRIVATE KEY");
        let body = labels.into_iter().find_map(body).ok_or(unlabelled)?;
        let der = STANDARD
            .decode(body)
            .map_err(|_| RequestError::SigningKey("is not valid base64"))?;
        Self::from_der(&der)
    }

    /// Reads an RSA private key, PKCS#8 or PKCS#1, in DER.
    pub fn from_der(der: &[u8]) -> Result<Self, RequestError> {
        KeyPair::from_pkcs8(der)
            .or_else(|_| KeyPair::from_der(der))
            .map(Self)
            .map_err(|_| RequestError::SigningKey("must be an RSA key of 2048 to 8192 bits"))
    }

    /// The signature of a text, in base64.
    pub(super) fn sign(&self, message: &str) -> Result<String, RequestError> {
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                message.as_bytes(),
                &mut signature,
            )
            .map_err(|_| RequestError::Failed)?;
        Ok(STANDARD.encode(signature))
    }

    /// A canonical element with this ID, with an enveloped signature after its Issuer; the KeyInfo
    /// of the signature may be empty.
    pub fn envelop(
        &self,
        canonical: &str,
        id: &str,
        key_info: &str,
    ) -> Result<String, RequestError> {
        let (before, after) = canonical
            .split_once(END_OF_ISSUER)
            .ok_or(RequestError::Failed)?;
        let hashed = STANDARD.encode(digest(&SHA256, canonical.as_bytes()));
        let parts = signed_info(id, &hashed);
        let namespace = [attribute("xmlns:ds", SIGNATURE)];
        let value = self.sign(&element("ds:SignedInfo", &namespace, &parts))?;
        let inside = [
            element("ds:SignedInfo", &[], &parts),
            element("ds:SignatureValue", &[], &value),
            key_info.to_owned(),
        ];
        let signature = element("ds:Signature", &namespace, &inside.concat());
        Ok(format!("{before}{END_OF_ISSUER}{signature}{after}"))
    }
}

fn signed_info(id: &str, hashed: &str) -> String {
    let algorithm = |name: &str, uri: &str| element(name, &[attribute("Algorithm", uri)], "");
    let transforms = [
        algorithm("ds:Transform", ENVELOPED),
        algorithm("ds:Transform", EXCLUSIVE_C14N),
    ];
    let reference = [
        element("ds:Transforms", &[], &transforms.concat()),
        algorithm("ds:DigestMethod", DIGEST_SHA256),
        element("ds:DigestValue", &[], hashed),
    ];
    let uri = attribute("URI", &format!("#{id}"));
    [
        algorithm("ds:CanonicalizationMethod", EXCLUSIVE_C14N),
        algorithm("ds:SignatureMethod", RSA_SHA256),
        element("ds:Reference", &[uri], &reference.concat()),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::encoding::AsDer;
    use aws_lc_rs::encoding::Pkcs8V1Der;
    use aws_lc_rs::rsa::KeySize;

    use super::*;

    fn signer() -> RequestSigner {
        let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let pkcs8 = AsDer::<Pkcs8V1Der<'_>>::as_der(&key);
        let body = STANDARD.encode(pkcs8.unwrap().as_ref());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
        RequestSigner::from_pem(&pem).unwrap()
    }

    #[test]
    fn what_is_no_rsa_key_is_refused() {
        for pem in [
            "",
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
        ] {
            assert!(matches!(
                RequestSigner::from_pem(pem),
                Err(RequestError::SigningKey(_))
            ));
        }
    }

    #[test]
    fn an_element_without_an_issuer_is_not_signed() {
        assert_eq!(
            signer().envelop("<a></a>", "_1", ""),
            Err(RequestError::Failed)
        );
    }
}
