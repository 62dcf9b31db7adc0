//! Each engine asked alone, behind the gate: whatever is done to a signed response, none takes it
//! for somebody else's.

use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::sync::LazyLock;

use proptest::prelude::ProptestConfig;
use proptest::prelude::any;
use proptest::prop_assert_eq;
use proptest::proptest;
use roxmltree::Document;

use crate::protocol::saml::gate;
use crate::protocol::saml::shape;
use crate::protocol::saml::signature::ENGINES;
use crate::protocol::saml::signature::Engine;
use crate::protocol::saml::signature::PinnedKeys;
use crate::protocol::saml::tests::KEY;
use crate::protocol::saml::tests::both_signed;
use crate::protocol::saml::tests::draft;
use crate::protocol::saml::tests::expected;
use crate::protocol::saml::tests::response_signed;
use crate::protocol::saml::xml::ASSERTION;
use crate::protocol::saml::xml::is;
use crate::protocol::saml::xml::text;

#[expect(unreachable_pub, reason = "shared with the tests of the whole gateway")]
#[path = "../../../../tests/gateway/support/saml/mutate.rs"]
mod mutate;
#[expect(
    dead_code,
    unreachable_pub,
    reason = "shared with the tests of the whole gateway"
)]
#[path = "../../../../tests/gateway/support/saml/tree.rs"]
mod tree;

/// Signed in each place, and a forged assertion to put in.
static SEEDS: LazyLock<([String; 3], String)> = LazyLock::new(|| {
    let signed = [draft(), response_signed(), both_signed()];
    let signed = signed.map(|draft| draft.to_xml(&KEY).unwrap());
    let mut forged = draft();
    forged.name_id = "eva@acme.example".to_owned();
    forged.assertion_id = "_evil".to_owned();
    forged.sign_assertion = false;
    let forged = forged.to_xml(&KEY).unwrap();
    let (_, evil) = forged.split_once("<saml:Assertion ").unwrap();
    let (evil, _) = evil.split_once("</saml:Assertion>").unwrap();
    let evil = format!("<x><saml:Assertion {evil}</saml:Assertion></x>");
    (signed, evil)
});

/// What an engine hashed of a letter that passes the gate.
fn hashed(engine: Engine, xml: &str) -> Option<String> {
    let document = gate::parse(xml).ok()?;
    let letter = shape::check(&document).ok()?;
    let signatures = letter.signatures;
    let kind = signatures.response.or(signatures.assertion)?;
    let keys = PinnedKeys::of(&expected().certificates).ok()?.of_kind(kind);
    let ask = || engine(xml, &letter, &keys);
    catch_unwind(AssertUnwindSafe(ask)).ok().flatten()
}

/// Everybody whom a text names, and everything that it says of them.
fn said(xml: &str) -> Vec<String> {
    let document = Document::parse(xml).unwrap();
    let named = ["NameID", "AttributeValue", "Audience", "Issuer"].map(|name| (ASSERTION, name));
    let all = document.root_element();
    let assertion = all
        .descendants()
        .find(|it| is(*it, (ASSERTION, "Assertion")));
    let inside = assertion.unwrap_or(all).descendants();
    inside
        .filter(|node| named.iter().any(|name| is(*node, *name)))
        .map(text)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn no_engine_alone_accepts_somebody_else(
        bytes in proptest::collection::vec(any::<u8>(), 0..24),
        which in 0..3_usize,
    ) {
        let (seeds, evil) = &*SEEDS;
        let xml = mutate::mutated(&seeds[which], evil, &bytes);
        let accepted: Vec<String> = ENGINES.iter().filter_map(|it| hashed(*it, &xml)).collect();
        for canonical in &accepted {
            prop_assert_eq!(said(canonical), said(&seeds[which]), "{}", xml);
        }
    }
}

#[test]
fn each_engine_alone_accepts_the_honest_responses() {
    let (seeds, _) = &*SEEDS;
    for seed in seeds {
        let accepted: Vec<Option<String>> = ENGINES.iter().map(|it| hashed(*it, seed)).collect();
        assert!(accepted.iter().all(Option::is_some), "{accepted:?}");
        assert_eq!(said(accepted[0].as_ref().unwrap()), said(seed));
    }
    assert_eq!(ENGINES.len(), if cfg!(feature = "xmlsec") { 2 } else { 1 });
}
