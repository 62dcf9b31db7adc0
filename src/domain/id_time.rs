//! When an identifier was made: time-ordered identifiers say so in their first bits.

use chrono::DateTime;
use chrono::Utc;
use uuid::Uuid;

/// The instant at which an identifier was made, by its form in columns.
pub fn made_at(key: &str) -> Option<DateTime<Utc>> {
    let (seconds, nanos) = Uuid::parse_str(key).ok()?.get_timestamp()?.to_unix();
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanos)
}

/// The first form in columns that an identifier made at this instant can have.
pub fn first_key_at(at: DateTime<Utc>) -> String {
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or_default();
    Uuid::from_u64_pair(millis << 16, 0).to_string()
}

#[cfg(test)]
mod tests {
    use super::first_key_at;
    use super::made_at;
    use crate::domain::id::EventId;
    use chrono::TimeDelta;

    #[test]
    fn an_identifier_lies_between_the_keys_of_its_neighbouring_instants() {
        let key = EventId::fresh().key();
        let at = made_at(&key).unwrap();
        assert!(first_key_at(at) <= key);
        assert!(key < first_key_at(at + TimeDelta::milliseconds(1)));
        assert_eq!(made_at("not a key"), None);
    }
}
