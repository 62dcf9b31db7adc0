//! Versions of resources: entity tags and what a request expects of them (RFC 7644 §3.14).
//!
//! Tags are weak and compared weakly, since the answer to `attributes=userName` and the whole
//! resource share one.

use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::representation::etag;

/// What a request expects of the version of the resource that it names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conditions {
    /// `If-Match`: the version must be one of these.
    pub if_match: Option<String>,
    /// `If-None-Match`: the version must be none of these.
    pub if_none_match: Option<String>,
}

impl Conditions {
    /// Whether the resource may be changed at this version.
    pub fn check_change(&self, version: i64) -> Result<(), ScimError> {
        let current = etag(version);
        if let Some(expected) = &self.if_match
            && !names(expected, &current)
        {
            return Err(ScimError::PreconditionFailed(format!(
                "the resource has the version {current} and If-Match expects {expected}; read it \
                 again and repeat the change on what it is now"
            )));
        }
        if self.is_known(version) {
            return Err(ScimError::PreconditionFailed(format!(
                "the resource has the version {current}, which If-None-Match excludes"
            )));
        }
        Ok(())
    }

    /// Whether the client has this version already.
    pub fn is_known(&self, version: i64) -> bool {
        let known = self.if_none_match.as_ref();
        known.is_some_and(|known| names(known, &etag(version)))
    }
}

/// Whether a list of entity tags, or `*`, names this one.
fn names(list: &str, tag: &str) -> bool {
    let opaque = |tag: &'_ str| tag.trim().trim_start_matches("W/").trim().to_owned();
    let wanted = opaque(tag);
    list.trim() == "*" || list.split(',').any(|listed| opaque(listed) == wanted)
}

#[cfg(test)]
mod tests {
    use super::Conditions;

    fn if_match(version: &str) -> Conditions {
        Conditions {
            if_match: Some(version.to_owned()),
            if_none_match: None,
        }
    }

    #[test]
    fn a_change_needs_the_version_that_is_expected() {
        let cases = [
            ("W/\"3\"", true),
            ("\"3\"", true),
            (" W/\"2\" , W/\"3\"", true),
            ("*", true),
            ("W/\"2\"", false),
            ("W/\"33\"", false),
            ("3", false),
            ("", false),
        ];
        for (expected, allowed) in cases {
            let outcome = if_match(expected).check_change(3);
            assert_eq!(outcome.is_ok(), allowed, "{expected}");
        }
        assert_eq!(Conditions::default().check_change(3), Ok(()));
    }

    #[test]
    fn a_stale_version_is_told_with_the_present_one() {
        let refused = if_match("W/\"2\"").check_change(3).unwrap_err();
        assert_eq!((refused.status(), refused.scim_type()), (412, None));
        assert!(refused.detail().contains("W/\"3\""), "{refused}");
    }

    #[test]
    fn a_known_version_need_not_be_sent_nor_overwritten() {
        let conditions = |known: &str| Conditions {
            if_match: None,
            if_none_match: Some(known.to_owned()),
        };
        for (known, is_known) in [("W/\"3\"", true), ("*", true), ("W/\"2\", \"4\"", false)] {
            assert_eq!(conditions(known).is_known(3), is_known, "{known}");
            assert_eq!(
                conditions(known).check_change(3).is_err(),
                is_known,
                "{known}"
            );
        }
        assert!(!Conditions::default().is_known(3));
    }
}
