//! What is around each page of the console, and how its tables tell an instant.

use chrono::DateTime;
use chrono::Utc;

/// A page of the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// What there is, what is to be done, and what fails.
    Home,
    /// The customers.
    Organizations,
    /// What opens the APIs.
    Keys,
}

const PLACES: [(Place, &str, &str); 3] = [
    (Place::Home, "Home", "/console"),
    (
        Place::Organizations,
        "Organizations",
        "/console/organizations",
    ),
    (Place::Keys, "Keys", "/console/keys"),
];

/// One entry of the navigation.
pub(super) struct Entry {
    pub(super) label: &'static str,
    pub(super) path: &'static str,
    pub(super) is_current: bool,
}

/// The frame of one page; its template extends `console/frame.html` and has this as `frame`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame(pub(super) Place);

impl Frame {
    /// The navigation.
    pub(super) fn entries(&self) -> impl Iterator<Item = Entry> {
        PLACES.iter().map(|(place, label, path)| Entry {
            label,
            path,
            is_current: *place == self.0,
        })
    }
}

/// An instant, short enough for a table.
pub(super) fn minute(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}
