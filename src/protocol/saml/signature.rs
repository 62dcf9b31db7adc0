//! Two signature engines that must agree, behind the gate; only bytes that a pinned key has signed leave this file
//! (XML Signature §3.2).

#[cfg(test)]
mod apart;
mod bergshamra;
mod keys;
#[cfg(feature = "xmlsec")]
mod xmlsec;

use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

use crate::protocol::saml::error::Check;
use crate::protocol::saml::error::Rejection;
use crate::protocol::saml::shape::Letter;
pub(super) use crate::protocol::saml::signature::keys::PinnedKeys;

/// Canonical bytes that a pinned key has signed, and nothing around them.
pub(super) struct SignedXml {
    canonical: String,
}

impl SignedXml {
    /// The signed element: the Response if that was signed, else the Assertion.
    pub(super) fn text(&self) -> &str {
        &self.canonical
    }
}

/// Verifies every signature of a letter and gives the bytes hashed for the outermost one.
pub(super) type Engine = fn(&str, &Letter<'_, '_>, &PinnedKeys) -> Option<String>;

// Written in C, the second sees only what a pinned key has signed by the verdict of the first.
pub(super) const ENGINES: &[Engine] = &[
    bergshamra::hashed_bytes,
    #[cfg(feature = "xmlsec")]
    xmlsec::hashed_bytes,
];

/// Who verifies, and by which keys.
#[derive(Clone, Copy)]
pub(super) struct Verifier<'a> {
    pub(super) engines: &'a [Engine],
    pub(super) keys: &'a PinnedKeys,
}

impl Verifier<'_> {
    /// Verifies every signature of a letter that passed the gate.
    pub(super) fn verify(
        self,
        text: &str,
        letter: &Letter<'_, '_>,
    ) -> Result<SignedXml, Rejection> {
        let refusal = |received: &str| Check::Signature.refuses(self.keys.fingerprints(), received);
        let kinds = [letter.signatures.response, letter.signatures.assertion];
        let mut kinds = kinds.into_iter().flatten();
        let unsigned = || Check::Unsigned.refuses("a signature", "none");
        let kind = kinds.next().ok_or_else(unsigned)?;
        if kinds.any(|other| other != kind) {
            return Err(refusal("signatures by an RSA key and by an EC key"));
        }
        let candidates = self.keys.of_kind(kind);
        if candidates.is_empty() {
            return Err(refusal("a signature by a key of another kind"));
        }
        let canonical = agreed(self.engines, |engine| engine(text, letter, &candidates))?;
        let altered = || refusal("a signature by another key, or altered");
        let canonical = canonical.ok_or_else(altered)?;
        Ok(SignedXml { canonical })
    }
}

/// Verifies by all engines, which must agree.
pub(super) fn verify(
    text: &str,
    letter: &Letter<'_, '_>,
    keys: &PinnedKeys,
) -> Result<SignedXml, Rejection> {
    let engines = ENGINES;
    Verifier { engines, keys }.verify(text, letter)
}

/// What every engine hashed; `None` if the first refuses, before any other is asked.
fn agreed<E: Copy>(
    engines: &[E],
    hashed_by: impl Fn(E) -> Option<String>,
) -> Result<Option<String>, Rejection> {
    // A panic in an engine must cost one letter, not one server thread.
    let guarded = |engine| catch_unwind(AssertUnwindSafe(|| hashed_by(engine)));
    let mut verdicts = engines.iter().map(|engine| guarded(*engine).ok().flatten());
    let Some(canonical) = verdicts.next().flatten() else {
        return Ok(None);
    };
    for other in verdicts {
        if other.as_ref() != Some(&canonical) {
            let received = other.map_or("a refusal", |_| "other bytes");
            return Err(Check::EnginesDisagree.refuses("the same signed bytes", received));
        }
    }
    Ok(Some(canonical))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(word: &str) -> Option<String> {
        assert_ne!(word, "panic", "an engine's own fault");
        Some(word.to_owned()).filter(|word| word != "no")
    }

    #[test]
    fn what_one_engine_alone_accepts_is_refused() {
        let table = [
            ("a/a", "a"),
            ("a", "a"),
            ("no/a", "refused"),
            ("panic/a", "refused"),
            ("a/no", "engines_disagree"),
            ("a/b", "engines_disagree"),
            ("a/a ", "engines_disagree"),
            ("a/", "engines_disagree"),
            ("a/panic", "engines_disagree"),
            ("a/a/b", "engines_disagree"),
        ];
        for (engines, wanted) in table {
            let engines: Vec<&str> = engines.split('/').collect();
            let verdict = match agreed(&engines, says) {
                Ok(canonical) => canonical.unwrap_or_else(|| "refused".to_owned()),
                Err(rejection) => rejection.code().to_owned(),
            };
            assert_eq!(verdict, wanted, "{engines:?}");
        }
        assert_eq!(agreed(&[], says), Ok(None));
    }

    #[test]
    fn no_later_engine_sees_what_the_first_refuses() {
        let asked = std::cell::RefCell::new(Vec::new());
        let hashed_by = |engine: &'static str| {
            asked.borrow_mut().push(engine);
            says(engine)
        };
        assert_eq!(agreed(&["no", "a"], hashed_by), Ok(None));
        assert_eq!(asked.into_inner(), ["no"]);
    }
}
