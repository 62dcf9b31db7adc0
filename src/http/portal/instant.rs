//! Instants as pages tell them: in UTC, and for the script in a form that it can turn into the
//! reader's own time.

use chrono::DateTime;
use chrono::SecondsFormat;
use chrono::Utc;

/// An instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// RFC 3339.
    pub(crate) iso: String,
    /// What people read.
    pub(crate) text: String,
}

impl Told {
    /// The instant, told.
    pub(crate) fn at(instant: DateTime<Utc>) -> Self {
        Self {
            iso: instant.to_rfc3339_opts(SecondsFormat::Secs, true),
            text: instant.format("%-d %B %Y, %H:%M UTC").to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_told_twice() {
        let told = Told::at(DateTime::UNIX_EPOCH);
        assert_eq!(told.iso, "1970-01-01T00:00:00Z");
        assert_eq!(told.text, "1 January 1970, 00:00 UTC");
    }
}
