//! Mail domains: one spelling for each (IDNA, RFC 5891), and which of them can be one
//! organization's own.

use url::Host;

use crate::domain::organization::OrganizationRefusal;

/// How many domains a list may hold.
pub const MAX_DOMAINS: usize = 100;

const COMMON: &str = include_str!("common_email_domains.txt");
const DISPOSABLE: &str = include_str!("disposable_email_domains.txt");

/// A list of domains in the settings of an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DomainList {
    /// `email_allowed_domains`.
    Allowed,
    /// `claimed_email_domains`.
    Claimed,
    /// The domains of `rbac_email_implicit_role_assignments`.
    ImplicitRoles,
}

/// Why a list of domains is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DomainFault {
    /// No host name, or one under which anybody may register a domain.
    Invalid,
    /// Of a mail provider that is open to everybody.
    TooCommon,
    /// Of a provider of throw-away addresses.
    Disposable,
    /// On the list twice, or claimed by another organization.
    Duplicate,
    /// One of more than 100.
    TooMany,
}

/// The one spelling of a host name: lower case, other scripts as A-labels, so that what looks alike
/// is told apart and what is alike is found. `None` when the text is no name of at least two labels.
pub fn normalised(text: &str) -> Option<String> {
    // A host parser would decode what is percent-encoded; in mail that is no spelling of a domain.
    if text.contains('%') {
        return None;
    }
    let Ok(Host::Domain(name)) = Host::parse(text) else {
        return None;
    };
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_name = name.len() <= 253 && name.contains('.') && name.split('.').all(is_label);
    is_name.then_some(name)
}

/// What is wrong with a normalised domain as one organization's own, if anything is.
fn fault(domain: &str) -> Option<DomainFault> {
    // The default rule of the list lets every unknown suffix have domains, so acme.test is one.
    if psl::domain(domain.as_bytes()).is_none() {
        Some(DomainFault::Invalid)
    } else if is_listed(COMMON, domain) {
        Some(DomainFault::TooCommon)
    } else if is_listed(DISPOSABLE, domain) {
        Some(DomainFault::Disposable)
    } else {
        None
    }
}

/// Whether it is of a mail provider that is open to everybody.
pub fn is_common(domain: &str) -> bool {
    is_listed(COMMON, domain)
}

/// What its owner is called in it: the label before the public suffix.
pub fn owner_s_label(domain: &str) -> Option<&str> {
    let registered = psl::domain_str(domain)?;
    registered.split('.').next()
}

fn is_listed(list: &str, domain: &str) -> bool {
    let is_or_holds = |listed: &str| {
        let rest = domain.strip_suffix(listed);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    list.lines()
        .filter(|line| !line.starts_with('#'))
        .any(is_or_holds)
}

/// A domain in its one spelling, if it can be one organization's own.
pub fn own(list: DomainList, text: &str) -> Result<String, OrganizationRefusal> {
    let refused = |fault| OrganizationRefusal::Domain(list, fault, text.to_owned());
    let domain = normalised(text.trim()).ok_or_else(|| refused(DomainFault::Invalid))?;
    match fault(&domain) {
        Some(fault) => Err(refused(fault)),
        None => Ok(domain),
    }
}

/// A list of at most 100 different domains that can all be one organization's own.
pub fn own_list(list: DomainList, texts: &[String]) -> Result<Vec<String>, OrganizationRefusal> {
    let refused = |fault, text: &String| OrganizationRefusal::Domain(list, fault, text.clone());
    if let Some(text) = texts.get(MAX_DOMAINS) {
        return Err(refused(DomainFault::TooMany, text));
    }
    let mut domains = Vec::with_capacity(texts.len());
    for text in texts {
        let domain = own(list, text)?;
        if domains.contains(&domain) {
            return Err(refused(DomainFault::Duplicate, text));
        }
        domains.push(domain);
    }
    Ok(domains)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_domain_has_one_spelling() {
        for (text, expected) in [
            ("acme.test", Some("acme.test")),
            ("ACME.Test", Some("acme.test")),
            ("eu.acme.co.uk", Some("eu.acme.co.uk")),
            ("Bücher.example", Some("xn--bcher-kva.example")),
            ("xn--bcher-kva.example", Some("xn--bcher-kva.example")),
            // A Cyrillic а is another letter than a Latin one.
            ("аcme.test", Some("xn--cme-5cd.test")),
            ("ａｃｍｅ.test", Some("acme.test")),
            ("acme", None),
            ("", None),
            (".", None),
            ("acme.", None),
            ("acme.test.", None),
            (".acme.test", None),
            ("acme..test", None),
            ("-acme.test", None),
            ("acme-.test", None),
            ("ac me.test", None),
            ("ac_me.test", None),
            ("ac%6De.test", None),
            ("@acme.test", None),
            ("*.acme.test", None),
            ("acme.test/x", None),
            ("acme.test:25", None),
            ("127.0.0.1", None),
            ("1.2", None),
            ("[::1]", None),
            ("xn--a.test", None),
            ("a\u{0}b.test", None),
        ] {
            assert_eq!(normalised(text).as_deref(), expected, "{text:?}");
        }
        let label = "a".repeat(63);
        let long = [label.as_str(); 4].join(".");
        assert!(normalised(&format!("{label}.test")).is_some());
        assert!(normalised(&format!("a{label}.test")).is_none());
        assert!(normalised(&format!("{long}.test")).is_none());
    }

    #[test]
    fn only_what_one_organization_can_own_is_its_own() {
        use DomainFault as F;
        for (text, expected) in [
            ("acme.test", None),
            ("acme.com", None),
            ("mail.acme.co.uk", None),
            ("notgmail.com", None),
            ("xn--bcher-kva.de", None),
            ("co.uk", Some(F::Invalid)),
            ("github.io", Some(F::Invalid)),
            ("公司.cn", Some(F::Invalid)),
            ("gmail.com", Some(F::TooCommon)),
            ("GMail.com", Some(F::TooCommon)),
            ("ｇmail.com", Some(F::TooCommon)),
            ("eu.outlook.com", Some(F::TooCommon)),
            ("mailinator.com", Some(F::Disposable)),
            ("any.mailinator.com", Some(F::Disposable)),
            ("nonsense", Some(F::Invalid)),
        ] {
            let refused =
                |fault| OrganizationRefusal::Domain(DomainList::Allowed, fault, text.to_owned());
            let outcome = own(DomainList::Allowed, text);
            assert_eq!(outcome.err(), expected.map(refused), "{text}");
        }
    }

    #[test]
    fn a_list_holds_a_hundred_different_domains() {
        let list = |texts: &[String]| own_list(DomainList::Claimed, texts);
        let fault = |fault, text: &str| {
            Err(OrganizationRefusal::Domain(
                DomainList::Claimed,
                fault,
                text.to_owned(),
            ))
        };
        let many: Vec<_> = (0..101).map(|n| format!("a{n}.test")).collect();
        assert_eq!(list(&many[..100]).as_deref(), Ok(&many[..100]));
        assert_eq!(list(&many), fault(DomainFault::TooMany, "a100.test"));
        let twice = ["bücher.test".to_owned(), "xn--bcher-kva.test".to_owned()];
        assert_eq!(list(&twice), fault(DomainFault::Duplicate, &twice[1]));
    }

    #[test]
    fn the_lists_hold_domains_in_their_one_spelling_once() {
        for list in [COMMON, DISPOSABLE] {
            let lines: Vec<_> = list.lines().filter(|line| !line.starts_with('#')).collect();
            for (n, line) in lines.iter().enumerate() {
                assert_eq!(normalised(line).as_deref(), Some(*line));
                assert!(!lines[..n].contains(line), "{line} twice");
            }
        }
    }
}
