//! SAML responses: a signed one, mutated by its structure, or a text as it comes. What is accepted
//! says what the identity provider signed; so two engines never accept different people.

#![no_main]
#![allow(dead_code, unreachable_pub)]

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;

#[path = "../../tests/gateway/support/saml/mod.rs"]
mod saml;

use saml::seeds::SEEDS;
use saml::seeds::Seed;
use saml::seeds::seeds;

static SIGNED: LazyLock<[Seed; SEEDS]> = LazyLock::new(seeds);

fuzz_target!(|data: &[u8]| {
    let Some((choice, rest)) = data.split_first() else {
        return;
    };
    let Some(seed) = SIGNED.get(usize::from(*choice) % (SEEDS + 1)) else {
        // Nobody signed it, so nothing of it can be accepted.
        for seed in SIGNED.iter() {
            assert!(seed.verify(&STANDARD.encode(rest)).is_err());
        }
        return;
    };
    let xml = seed.mutated(rest);
    if let Ok(accepted) = seed.verify(&STANDARD.encode(&xml)) {
        assert_eq!(accepted, seed.signed, "{xml}");
    }
});
