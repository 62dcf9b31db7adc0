//! The second engine: libxmlsec1 through samael, asked for nothing but the bytes it hashed.

use samael::crypto::AllowedSignatureAlgorithm;
use samael::crypto::CertificateDer;
use samael::crypto::Crypto;
use samael::crypto::CryptoProvider;
use samael::crypto::ReduceMode;

use crate::protocol::saml::shape::Letter;
use crate::protocol::saml::signature::keys::PinnedKeys;

const ALGORITHMS: [AllowedSignatureAlgorithm; 5] = [
    AllowedSignatureAlgorithm::RsaSha256,
    AllowedSignatureAlgorithm::RsaSha384,
    AllowedSignatureAlgorithm::RsaSha512,
    AllowedSignatureAlgorithm::EcdsaSha256,
    AllowedSignatureAlgorithm::EcdsaSha384,
];

/// The bytes hashed for the outermost signature, if every signature is by one of these keys.
pub(super) fn hashed_bytes(text: &str, _: &Letter<'_, '_>, keys: &PinnedKeys) -> Option<String> {
    let certificates = keys.iter().map(|it| CertificateDer::from(it.der.clone()));
    let certificates: Vec<CertificateDer> = certificates.collect();
    attempts(&certificates).find_map(|keys| reduced(text, keys))
}

// The engine gives up at the first key whose size does not fit, so each key is tried alone; all together are
// for the letter whose two signatures come from an old and a new key.
fn attempts(candidates: &[CertificateDer]) -> impl Iterator<Item = &[CertificateDer]> {
    let together = Some(candidates).filter(|all| all.len() > 1);
    candidates.chunks(1).chain(together)
}

fn reduced(text: &str, keys: &[CertificateDer]) -> Option<String> {
    let (mode, algorithms) = (ReduceMode::PreDigest, Some(ALGORITHMS.as_slice()));
    Crypto::reduce_xml_to_signed_with_allowed_algorithms(text, keys, mode, algorithms).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::saml::algorithms::digest_algorithm;
    use crate::protocol::saml::algorithms::signature_key;

    #[test]
    fn the_engine_and_the_gate_allow_the_same_algorithms() {
        for algorithm in ALGORITHMS {
            assert!(
                signature_key(algorithm.signature_uri()).is_some(),
                "{algorithm:?}"
            );
            assert!(
                digest_algorithm(algorithm.digest_uri()).is_some(),
                "{algorithm:?}"
            );
        }
    }
}
