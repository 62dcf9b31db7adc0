//! The allow-lists of algorithms (XML Signature 1.1 §6, RFC 9231); everything else is refused before any cryptography.

use samael::crypto::AllowedSignatureAlgorithm;

/// The only transform beside canonicalization.
pub(super) const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

/// The signature algorithms, in the engine's own terms.
pub(super) const SIGNATURE_ALGORITHMS: [AllowedSignatureAlgorithm; 5] = [
    AllowedSignatureAlgorithm::RsaSha256,
    AllowedSignatureAlgorithm::RsaSha384,
    AllowedSignatureAlgorithm::RsaSha512,
    AllowedSignatureAlgorithm::EcdsaSha256,
    AllowedSignatureAlgorithm::EcdsaSha384,
];

/// Which kind of key an algorithm needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyKind {
    Rsa,
    EllipticCurve,
}

/// The kind of key for an allowed `SignatureMethod`.
pub(super) fn signature_key(uri: &str) -> Option<KeyKind> {
    match uri {
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
        | "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384"
        | "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512" => Some(KeyKind::Rsa),
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
        | "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384" => Some(KeyKind::EllipticCurve),
        _ => None,
    }
}

/// The length in bytes of an allowed `DigestMethod`.
pub(super) fn digest_length(uri: &str) -> Option<usize> {
    match uri {
        "http://www.w3.org/2001/04/xmlenc#sha256" => Some(32),
        "http://www.w3.org/2001/04/xmldsig-more#sha384" => Some(48),
        "http://www.w3.org/2001/04/xmlenc#sha512" => Some(64),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engine_and_the_gate_allow_the_same_algorithms() {
        for algorithm in SIGNATURE_ALGORITHMS {
            assert!(
                signature_key(algorithm.signature_uri()).is_some(),
                "{algorithm:?}"
            );
            assert!(
                digest_length(algorithm.digest_uri()).is_some(),
                "{algorithm:?}"
            );
        }
    }

    #[test]
    fn weak_and_symmetric_algorithms_are_not_listed() {
        for uri in [
            "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
            "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
            "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
            "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
            "",
        ] {
            assert_eq!(signature_key(uri), None, "{uri}");
        }
        assert_eq!(
            digest_length("http://www.w3.org/2000/09/xmldsig#sha1"),
            None
        );
    }
}
