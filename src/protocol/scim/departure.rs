//! Departures: what a request did beside the letter of the RFCs and was met for all the same.
//!
//! They are recorded while a request is worked on, so that whoever sets up an identity provider
//! can read what it really does.

use std::cell::RefCell;
use std::collections::BTreeSet;

/// One thing that a request did in its own way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Departure {
    /// `"active": "False"`.
    BooleanString,
    /// PATCH `replace` through a filter that matched nothing.
    ReplaceCreatedElement,
    /// PATCH `add` through a filter that matched nothing.
    AddCreatedElement,
    /// `manager` instead of `urn:…:enterprise:2.0:User:manager`.
    ExtensionAttributeWithoutUrn,
    /// `"manager": "7"`, `"manager": [{ "value": "7" }]`.
    LooseComplexValue,
    /// PATCH `remove` with a `value`.
    RemoveByValue,
    /// `"emails": { … }`.
    ValueWithoutArray,
    /// `members eq "7"`.
    ValueComparedDirectly,
    /// `emails[type eq "work"].value eq "x"`.
    FilteredSubAttribute,
    /// `"op": "Add"`.
    OperationSpelling,
    /// `"name.givenName"` as a key of a PATCH value.
    KeyAsPath,
    /// `"id"` as a key of a PATCH value.
    ReadOnlyIgnored,
    /// An attribute that no schema has.
    UnknownAttributeIgnored,
    /// A resource without `schemas`.
    SchemasMissing,
    /// A member whose `value` can be no id.
    MemberWithoutIdIgnored,
}

/// One row per departure: variant, name on the wire, what was done.
const TABLE: [(Departure, &str, &str); 15] = [
    (
        Departure::BooleanString,
        "boolean_string",
        "A boolean came as a string such as \"False\" and was read as a boolean.",
    ),
    (
        Departure::ReplaceCreatedElement,
        "replace_created_element",
        "A \"replace\" whose filter matched nothing created the value instead of being refused.",
    ),
    (
        Departure::AddCreatedElement,
        "add_created_element",
        "An \"add\" whose filter matched nothing created the value that the filter describes.",
    ),
    (
        Departure::ExtensionAttributeWithoutUrn,
        "extension_attribute_without_urn",
        "An attribute of an extension was named without its URN and found all the same.",
    ),
    (
        Departure::LooseComplexValue,
        "loose_complex_value",
        "A complex attribute came as a bare string or in an array and was read as its value.",
    ),
    (
        Departure::RemoveByValue,
        "remove_by_value",
        "A \"remove\" had a `value`: only the values it lists were removed, not all of them.",
    ),
    (
        Departure::ValueWithoutArray,
        "value_without_array",
        "A multi-valued attribute came as one value without its array.",
    ),
    (
        Departure::ValueComparedDirectly,
        "value_compared_directly",
        "A filter compared a complex attribute as a whole; its `value` was compared.",
    ),
    (
        Departure::FilteredSubAttribute,
        "filtered_sub_attribute",
        "A filter went on after brackets, as in emails[type eq \"work\"].value; both conditions \
         were asked of one value.",
    ),
    (
        Departure::OperationSpelling,
        "operation_spelling",
        "An operation was not written \"add\", \"remove\" or \"replace\" in lower case.",
    ),
    (
        Departure::KeyAsPath,
        "key_as_path",
        "An operation without `path` had a path as a key of its value, such as \
         \"name.givenName\"; it was followed.",
    ),
    (
        Departure::ReadOnlyIgnored,
        "read_only_ignored",
        "An operation without `path` set what only the server may write; that part was ignored.",
    ),
    (
        Departure::UnknownAttributeIgnored,
        "unknown_attribute_ignored",
        "An attribute that /Schemas does not list was ignored.",
    ),
    (
        Departure::SchemasMissing,
        "schemas_missing",
        "The resource came without `schemas` and was taken for what the address says.",
    ),
    (
        Departure::MemberWithoutIdIgnored,
        "member_without_id_ignored",
        "A member was added whose `value` can be the id of no resource; it was passed over.",
    ),
];

impl Departure {
    /// The departure of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    /// The name in logs and in the management API.
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// What was done, for people.
    pub fn sentence(self) -> &'static str {
        self.row().2
    }

    fn row(self) -> (Self, &'static str, &'static str) {
        let found = TABLE.into_iter().find(|row| row.0 == self);
        found.unwrap_or((self, "unnamed", ""))
    }
}

/// The departures of one request, gathered while it is worked on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Departures(RefCell<BTreeSet<Departure>>);

impl Departures {
    /// Records a departure; the same one counts once.
    pub fn record(&self, departure: Departure) {
        self.0.borrow_mut().insert(departure);
    }

    /// All of them, in the order of the table.
    pub fn list(&self) -> Vec<Departure> {
        self.0.borrow().iter().copied().collect()
    }
}

#[cfg(test)]
mod tests;
