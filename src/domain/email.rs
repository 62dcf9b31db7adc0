//! E-mail addresses: kept as given, compared without regard to case and by what mail servers
//! understand of the domain.

use std::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;

use crate::domain::email_domain;

/// An address that has a local part and a domain.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Reads an address; `None` when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@')?;
        let acceptable = (1..=64).contains(&local.len())
            && (3..=254).contains(&text.len())
            && !text
                .chars()
                .any(|c| c.is_whitespace() || c.is_control() || "<>(),;:\"\\[]".contains(c))
            && !local.contains('@')
            && email_domain::normalised(domain).is_some();
        acceptable.then(|| Self(text.to_owned()))
    }

    /// The address as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which addresses are compared and looked up: a mailbox has one, however its
    /// domain is spelled.
    pub fn folded(&self) -> String {
        self.deliverable().to_ascii_lowercase()
    }

    /// The form that every mail server understands: the domain in its one spelling.
    pub fn deliverable(&self) -> String {
        let local = self.0.rsplit_once('@').map(|(local, _)| local);
        format!("{}@{}", local.unwrap_or_default(), self.domain())
    }

    /// The domain in its one spelling.
    pub fn domain(&self) -> String {
        let domain = self.0.rsplit_once('@').map(|(_, domain)| domain);
        domain
            .and_then(email_domain::normalised)
            .unwrap_or_default()
    }
}

/// The form in which a text that may be an address is looked up.
pub fn folded(text: &str) -> String {
    let address = EmailAddress::parse(text);
    address.map_or_else(|| text.to_ascii_lowercase(), |address| address.folded())
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.folded() == other.folded()
    }
}

impl Eq for EmailAddress {}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for EmailAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| serde::de::Error::custom("expected an address like ana@example.com"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_without_case_and_kept_as_given() {
        let address = EmailAddress::parse("Ana@Acme.Test").unwrap();
        assert_eq!(address, EmailAddress::parse("ana@acme.test").unwrap());
        assert_eq!(address.as_str(), "Ana@Acme.Test");
        assert_eq!(address.domain(), "acme.test");
        let umlaut = EmailAddress::parse("ana@BÜCHER.example").unwrap();
        assert_eq!(umlaut.domain(), "xn--bcher-kva.example");
        assert_eq!(umlaut.deliverable(), "ana@xn--bcher-kva.example");
    }

    #[test]
    fn a_mailbox_is_one_however_its_domain_is_spelled() {
        let table = [
            ("Ana@Acme.TEST", "ana@acme.test"),
            ("ana@ａｃｍｅ.test", "ana@acme.test"),
            ("ana@acme。test", "ana@acme.test"),
            ("ana@BÜCHER.example", "ana@xn--bcher-kva.example"),
            ("ana@XN--BCHER-kva.example", "ana@xn--bcher-kva.example"),
        ];
        for (given, expected) in table {
            let address = EmailAddress::parse(given).unwrap();
            assert_eq!(address.folded(), expected);
            assert_eq!(folded(given), expected);
            assert_eq!(address, EmailAddress::parse(expected).unwrap());
        }
        assert_eq!(folded("Ana"), "ana");
        // Another mailbox: what stands before the @ is for its own server to read.
        assert_ne!(folded("ａna@acme.test"), folded("ana@acme.test"));
    }

    #[test]
    fn texts_that_are_no_address_are_refused() {
        for text in [
            "",
            "ana",
            "@acme.test",
            "ana@",
            "ana@acme",
            "a b@acme.test",
            "a@b@acme.test",
            "a\n@acme.test",
            "<a@acme.test>",
            "a@-acme.test",
        ] {
            assert!(EmailAddress::parse(text).is_none(), "{text}");
        }
    }
}
