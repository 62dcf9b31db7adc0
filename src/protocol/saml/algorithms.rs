//! The allow-lists of algorithms (XML Signature 1.1 §6, RFC 9231); everything else is refused before any cryptography.

use aws_lc_rs::digest::Algorithm;
use aws_lc_rs::digest::SHA256;
use aws_lc_rs::digest::SHA384;
use aws_lc_rs::digest::SHA512;

/// The only transform beside canonicalization.
pub(super) const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

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

/// The algorithm of an allowed `DigestMethod`.
pub(super) fn digest_algorithm(uri: &str) -> Option<&'static Algorithm> {
    match uri {
        "http://www.w3.org/2001/04/xmlenc#sha256" => Some(&SHA256),
        "http://www.w3.org/2001/04/xmldsig-more#sha384" => Some(&SHA384),
        "http://www.w3.org/2001/04/xmlenc#sha512" => Some(&SHA512),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let sha1 = "http://www.w3.org/2000/09/xmldsig#sha1";
        assert!(digest_algorithm(sha1).is_none());
    }
}
