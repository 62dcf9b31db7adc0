//! Whatever is done to a signed response: when it is accepted, it says what the identity provider
//! said.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::ProptestConfig;
use proptest::prelude::any;
use proptest::prop_assert_eq;
use proptest::proptest;
use vestibule::protocol::saml;

use crate::support::saml::seeds::SEEDS;
use crate::support::saml::seeds::Seed;
use crate::support::saml::seeds::seeds;

static SIGNED: LazyLock<[Seed; SEEDS]> = LazyLock::new(seeds);

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, ..ProptestConfig::default() })]

    #[test]
    fn what_is_accepted_after_any_change_is_what_was_signed(
        bytes in proptest::collection::vec(any::<u8>(), 0..24),
        which in 0..SEEDS,
    ) {
        let seed = &SIGNED[which];
        let xml = seed.mutated(&bytes);
        if let Ok(accepted) = seed.verify(&STANDARD.encode(&xml)) {
            prop_assert_eq!(&accepted, &seed.signed, "{}", xml);
        }
    }

    #[test]
    fn what_is_accepted_after_a_change_of_one_letter_is_what_was_signed(
        at in any::<proptest::sample::Index>(),
        letter in "[ -~]",
        which in 0..SEEDS,
    ) {
        let seed = &SIGNED[which];
        let mut bytes = seed.xml.clone().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = letter.as_bytes()[0];
        if let Ok(accepted) = seed.verify(&STANDARD.encode(&bytes)) {
            prop_assert_eq!(&accepted, &seed.signed);
        }
    }
}

#[test]
fn some_changes_are_accepted_and_most_are_not() {
    for seed in SIGNED.iter() {
        let verify = |bytes: &[u8]| seed.verify(&STANDARD.encode(seed.mutated(bytes)));
        assert_eq!(verify(&[]).unwrap(), seed.signed);
        let all: Vec<Result<saml::Assertion, saml::Rejection>> = (0..14)
            .flat_map(|kind| (0..8).map(move |place| [kind, place * 3, 1, 2]))
            .map(|bytes| verify(&bytes))
            .collect();
        let checks: std::collections::HashSet<_> = all
            .iter()
            .filter_map(|outcome| outcome.as_ref().err().map(|it| it.check))
            .collect();
        assert!(checks.len() > 8, "{checks:?}");
        assert!(all.iter().any(Result::is_ok));
    }
}
