//! Slugs and external ids: names that callers choose for organizations and members.

/// Words at the head of our own identifiers; a chosen name must not look like one.
const RESERVED_PREFIXES: [&str; 4] = [
    "organization-test-",
    "organization-live-",
    "member-test-",
    "member-live-",
];

/// Whether a text is a legal organization slug: 2–128 of letters, digits, `- . _ ~`.
pub fn is_slug(text: &str) -> bool {
    (2..=128).contains(&text.len())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-._~".contains(c))
        && text.chars().any(|c| c.is_ascii_alphanumeric())
        && !looks_like_an_id(text)
}

/// Whether a text is a legal external id: 1–128 of letters, digits, `. _ - |`.
pub fn is_external_id(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "._-|".contains(c))
        && !looks_like_an_id(text)
}

fn looks_like_an_id(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    RESERVED_PREFIXES
        .iter()
        .any(|prefix| text.starts_with(prefix))
}

/// Leaves room for a suffix when the slug is in use.
const MADE_LENGTH: usize = 110;

/// The slug made from an organization's name when none was given.
pub fn from_name(name: &str) -> String {
    let mut slug = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    let slug: String = slug
        .trim_end_matches('-')
        .chars()
        .take(MADE_LENGTH)
        .collect();
    if is_slug(&slug) {
        slug
    } else {
        format!("org-{slug}").trim_end_matches('-').to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_follow_the_rule() {
        for good in ["ac", "acme", "Acme-2.0_x~", "0a"] {
            assert!(is_slug(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "--",
            "a b",
            "é-e",
            "organization-test-x",
            "Member-LIVE-x",
            &"a".repeat(129),
        ] {
            assert!(!is_slug(bad), "{bad}");
        }
    }

    #[test]
    fn external_ids_follow_the_rule() {
        for good in ["7", "crm|7", "a.b_c-D", &"a".repeat(128)] {
            assert!(is_external_id(good), "{good}");
        }
        for bad in [
            "",
            "a b",
            "a~b",
            "é",
            "a\u{0}",
            "organization-test-7",
            "MEMBER-test-7",
            &"a".repeat(129),
        ] {
            assert!(!is_external_id(bad), "{bad}");
        }
    }

    #[test]
    fn a_slug_is_made_from_any_name() {
        assert_eq!(from_name("Acme, Inc."), "acme-inc");
        assert_eq!(from_name("  日本 GmbH"), "gmbh");
        assert!(is_slug(&from_name("日本")));
        assert!(is_slug(&from_name("x")));
        assert!(is_slug(&from_name("organization-test-x")));
        assert!(is_slug(&from_name(&"Long name ".repeat(40))));
    }
}
