//! SAML responses: a signed one, mutated by its structure, or a text as it comes. Each signature
//! engine is asked alone, also what the other refuses: whatever one accepts says what the identity
//! provider signed, so two never accept different people; and `verify` accepts nothing that one refuses.

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
            assert!(!is_accepted(seed, &STANDARD.encode(rest)));
        }
        return;
    };
    let xml = seed.mutated(rest);
    is_accepted(seed, &STANDARD.encode(&xml));
});

/// Whether any engine accepts it.
fn is_accepted(seed: &Seed, form_value: &str) -> bool {
    let apart = seed.accepted_by_each_engine(form_value);
    assert_eq!(apart.len(), if cfg!(feature = "xmlsec") { 2 } else { 1 });
    for said in apart.iter().flatten() {
        assert_eq!(*said, seed.signed, "{form_value}");
    }
    let together = seed.verify(form_value).is_ok();
    assert!(
        !together || apart.iter().all(Option::is_some),
        "{form_value}"
    );
    apart.iter().any(Option::is_some)
}
