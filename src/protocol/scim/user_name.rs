//! When two values of `userName` are one: comparison in the way of PRECIS's UsernameCaseMapped
//! profile (RFC 7643 §4.1.1 and RFC 7644 §5, RFC 8265 §3.3).

use icu_normalizer::ComposingNormalizerBorrowed;

/// The form in which values are compared; what is kept and shown is the value as it was sent.
///
/// Width and case are mapped and characters composed. The compatibility mappings go further than
/// the profile's width mapping, so that what merely looks alike is one name as well. Nothing is
/// refused: clients send what their directory holds.
pub fn folded(user_name: &str) -> String {
    let normalizer = ComposingNormalizerBorrowed::new_nfkc();
    let mapped = normalizer.normalize(user_name).to_lowercase();
    normalizer.normalize(&mapped).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_width_and_composition_do_not_tell_names_apart() {
        let table = [
            ("Ana@Acme.test", "ana@acme.test"),
            ("ＡＮＡ＠acme.test", "ana@acme.test"),
            ("ﾊﾅ", "ハナ"),
            ("Jose\u{301}", "josé"),
            ("A\u{30a}sa", "åsa"),
            ("\u{212b}sa", "åsa"),
            ("ﬁnn", "finn"),
            ("ana\u{2011}b", "ana\u{2010}b"),
            ("\u{1e9e}", "ß"),
        ];
        for (name, expected) in table {
            assert_eq!(folded(name), expected, "{name}");
            assert_eq!(folded(expected), expected, "{name}");
        }
        for (one, other) in [("ana", "anna"), ("strasse", "straße"), ("аna", "ana")] {
            assert_ne!(folded(one), folded(other), "{one}");
        }
    }
}
