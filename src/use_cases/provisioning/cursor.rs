//! Cursors: where the next page begins, signed for one connection and one query, so that they
//! grant nothing and cannot be made up (RFC 9865).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use chrono::Utc;

use crate::domain::id::ConnectionId;
use crate::domain::secret::MasterKey;
use crate::domain::secret::SecretHash;
use crate::domain::secret::equal;
use crate::protocol::scim::discovery::CURSOR_SECONDS;
use crate::protocol::scim::error::ScimError;

const PURPOSE: &str = "scim cursor";

/// Where a page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Position {
    /// After so many resources.
    Skip(i64),
    /// After the one with this key in the collection of this number.
    After(usize, String),
}

/// Makes the cursors of one query and reads them.
pub(crate) struct Cursors<'k> {
    pub(crate) key: &'k MasterKey,
    pub(crate) connection: ConnectionId,
    /// What must stay the same from page to page.
    pub(crate) query: String,
    pub(crate) now: DateTime<Utc>,
}

impl Cursors<'_> {
    /// The cursor of the page that begins here.
    pub(crate) fn issue(&self, position: &Position, count: i64) -> String {
        let (kind, place) = match position {
            Position::Skip(count) => ("skip".to_owned(), count.to_string()),
            Position::After(collection, key) => (collection.to_string(), key.clone()),
        };
        let now = self.now.timestamp();
        let content = format!("{now} {count} {} {kind} {place}", self.query());
        let content = URL_SAFE_NO_PAD.encode(content);
        format!("{content}.{}", self.signature(&content))
    }

    /// Where the page of a cursor begins, and how many resources it has.
    pub(crate) fn open(
        &self,
        cursor: &str,
        wanted: Option<i64>,
    ) -> Result<(Position, i64), ScimError> {
        let content = cursor.split_once('.');
        let content = content.filter(|(content, mac)| equal(mac, &self.signature(content)));
        let content = content.and_then(|(content, _)| URL_SAFE_NO_PAD.decode(content).ok());
        let content = content.and_then(|content| String::from_utf8(content).ok());
        let read = content.as_deref().and_then(read);
        let (issued, count, query, position) = read.ok_or_else(|| {
            ScimError::InvalidCursor(
                "the cursor is none that this connection gave; take the `nextCursor` of a page as \
                 it is, or begin with an empty cursor"
                    .to_owned(),
            )
        })?;
        if self.now.timestamp().saturating_sub(issued) > CURSOR_SECONDS {
            return Err(ScimError::ExpiredCursor(format!(
                "the cursor is older than {CURSOR_SECONDS} seconds; begin with an empty cursor"
            )));
        }
        if query != self.query() {
            return Err(ScimError::InvalidCursor(
                "the cursor belongs to another query; endpoint, filter, sortBy and sortOrder must \
                 stay the same from page to page"
                    .to_owned(),
            ));
        }
        if wanted.is_some_and(|wanted| wanted != count) {
            return Err(ScimError::InvalidCount(format!(
                "the pages before had a `count` of {count}, which must stay the same"
            )));
        }
        Ok((position, count))
    }

    fn signature(&self, content: &str) -> String {
        let signed = format!("{}\0{content}", self.connection);
        self.key.token_for(PURPOSE, &signed)
    }

    fn query(&self) -> String {
        SecretHash::of(&self.query).as_str().to_owned()
    }
}

fn read(content: &str) -> Option<(i64, i64, &str, Position)> {
    let mut words = content.split(' ');
    let (issued, count) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let query = words.next()?;
    let position = match (words.next()?, words.next()?) {
        ("skip", count) => Position::Skip(count.parse().ok()?),
        (collection, key) => Position::After(collection.parse().ok()?, key.to_owned()),
    };
    Some((issued, count, query, position))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::ConnectionKind;
    use chrono::TimeDelta;

    #[test]
    fn a_cursor_opens_for_its_connection_and_query_and_for_a_while() {
        let (key, other_key) = (MasterKey::fresh().unwrap(), MasterKey::fresh().unwrap());
        let connection = ConnectionId::fresh(ConnectionKind::Scim);
        let cursors = |key, connection, query: &str, seconds| Cursors {
            key,
            connection,
            query: query.to_owned(),
            now: DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds),
        };
        let place = Position::After(1, "key".to_owned());
        for position in [place.clone(), Position::Skip(7)] {
            let cursor = cursors(&key, connection, "q", 0).issue(&position, 5);
            let is_unreserved = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
            assert!(cursor.chars().all(is_unreserved), "{cursor}");
            let late = cursors(&key, connection, "q", CURSOR_SECONDS);
            for wanted in [None, Some(5)] {
                assert_eq!(late.open(&cursor, wanted), Ok((position.clone(), 5)));
            }
        }
        let cursor = cursors(&key, connection, "q", 0).issue(&place, 5);
        let elsewhere = ConnectionId::fresh(ConnectionKind::Scim);
        let forged = format!("A{cursor}");
        let cases = [
            (
                cursors(&other_key, connection, "q", 0),
                &cursor,
                "invalidCursor",
            ),
            (cursors(&key, elsewhere, "q", 0), &cursor, "invalidCursor"),
            (cursors(&key, connection, "p", 0), &cursor, "invalidCursor"),
            (cursors(&key, connection, "q", 0), &forged, "invalidCursor"),
            (
                cursors(&key, connection, "q", CURSOR_SECONDS + 1),
                &cursor,
                "expiredCursor",
            ),
        ];
        for (cursors, cursor, expected) in cases {
            let refused = cursors.open(cursor, None).unwrap_err();
            assert_eq!(refused.scim_type(), Some(expected), "{refused}");
        }
        let refused = cursors(&key, connection, "q", 0).open(&cursor, Some(6));
        assert_eq!(refused.unwrap_err().scim_type(), Some("invalidCount"));
    }
}
