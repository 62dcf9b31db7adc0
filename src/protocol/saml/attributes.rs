//! The attributes of an assertion, as the IdP names them (SAML core §2.7.3).

use std::collections::BTreeMap;

/// The attributes of an assertion, by name and by friendly name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attributes {
    values: BTreeMap<String, Vec<String>>,
    friendly: BTreeMap<String, String>,
}

impl Attributes {
    /// Adds values under a `Name`, to which a `FriendlyName` may point; the first to claim it keeps it.
    pub(super) fn add(&mut self, name: String, friendly: Option<String>, values: Vec<String>) {
        if let Some(friendly) = friendly {
            self.friendly
                .entry(friendly)
                .or_insert_with(|| name.clone());
        }
        // Some IdPs repeat the Attribute for each group instead of its AttributeValue.
        self.values.entry(name).or_default().extend(values);
    }

    /// All values of the attribute with that `Name`, or else with that `FriendlyName`; empty if there is none.
    pub fn all(&self, name: &str) -> &[String] {
        let by_friendly_name = || self.friendly.get(name).and_then(|it| self.values.get(it));
        let found = self.values.get(name).or_else(by_friendly_name);
        found.map(Vec::as_slice).unwrap_or_default()
    }

    /// The first value of an attribute, unless it is empty.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.all(name)
            .first()
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// Every attribute with its values, sorted by `Name`.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.values
            .iter()
            .map(|(name, values)| (name.as_str(), values.as_slice()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_attributes_add_up_and_names_go_before_friendly_names() {
        let mut attributes = Attributes::default();
        let values = |value: &str| vec![value.to_owned()];
        attributes.add(
            "urn:mail".to_owned(),
            Some("mail".to_owned()),
            values("a@x"),
        );
        attributes.add(
            "urn:other".to_owned(),
            Some("mail".to_owned()),
            values("b@x"),
        );
        attributes.add("groups".to_owned(), None, values("one"));
        attributes.add("groups".to_owned(), None, values("two"));
        assert_eq!(attributes.first("mail"), Some("a@x"));
        assert_eq!(attributes.all("groups"), ["one", "two"]);
        attributes.add("mail".to_owned(), None, values("c@x"));
        assert_eq!(attributes.first("mail"), Some("c@x"));
        let names: Vec<&str> = attributes.iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["groups", "mail", "urn:mail", "urn:other"]);
    }
}
