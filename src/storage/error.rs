//! What can go wrong between a use case and the database.

use std::fmt;

use diesel::result::DatabaseErrorKind;
use diesel::result::Error as DieselError;

/// A failure of storage; never a decision of the product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorageError {
    /// Too much work is waiting; the caller may come back.
    Busy,
    /// Another transaction won; running the closure again may help.
    LostRace,
    /// A unique index refused a row; the closure run again will find the other row.
    AlreadyThere,
    /// Whoever only reads was to write.
    ReadOnly(String),
    /// The database cannot be reached.
    Unavailable(String),
    /// The database refused a statement.
    Database(String),
    /// A row holds what no version of the product wrote.
    Corrupt(String),
}

impl StorageError {
    /// Whether running the closure again may help.
    pub fn is_lost_race(&self) -> bool {
        matches!(self, Self::LostRace | Self::AlreadyThere)
    }

    /// Whether the database is too busy or away, so that the caller may try again soon.
    pub fn is_overload(&self) -> bool {
        matches!(self, Self::Busy | Self::LostRace | Self::Unavailable(_))
    }

    /// A row that cannot be read, and why.
    pub fn corrupt(reason: impl fmt::Display) -> Self {
        Self::Corrupt(reason.to_string())
    }
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy => f.write_str("too much work is waiting for the database"),
            Self::LostRace => f.write_str("another transaction won every time"),
            Self::AlreadyThere => f.write_str("a unique index refused a row"),
            Self::ReadOnly(reason) => write!(f, "only reading is possible: {reason}"),
            Self::Unavailable(reason) => write!(f, "the database cannot be reached: {reason}"),
            Self::Database(reason) => write!(f, "the database refused a statement: {reason}"),
            Self::Corrupt(reason) => write!(f, "a stored row cannot be read: {reason}"),
        }
    }
}

impl std::error::Error for StorageError {}

impl From<DieselError> for StorageError {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::DatabaseError(kind, information) => match kind {
                DatabaseErrorKind::UniqueViolation => Self::AlreadyThere,
                DatabaseErrorKind::SerializationFailure => Self::LostRace,
                DatabaseErrorKind::ReadOnlyTransaction => {
                    Self::ReadOnly(information.message().to_owned())
                }
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
                    Self::Unavailable(information.message().to_owned())
                }
                _ if is_lost_connection(information.message()) => {
                    Self::Unavailable(information.message().to_owned())
                }
                // SQLite tells it by its text alone.
                _ if information.message() == "attempt to write a readonly database" => {
                    Self::ReadOnly(information.message().to_owned())
                }
                _ if information.message().contains("deadlock detected") => Self::LostRace,
                _ if information.message().contains("row-level security") => {
                    Self::Database(format!(
                        "{}: the transaction has not entered the organization of that row",
                        information.message()
                    ))
                }
                _ => Self::Database(information.message().to_owned()),
            },
            other => Self::Database(other.to_string()),
        }
    }
}

/// libpq tells some lost connections by their text alone.
fn is_lost_connection(message: &str) -> bool {
    let signs = [
        "server closed the connection",
        "no connection to the server",
        "terminating connection",
        "connection not open",
    ];
    signs.iter().any(|sign| message.contains(sign))
}

/// An error of a use case, as far as storage must know it.
pub trait Failure: From<StorageError> + Send + 'static {
    /// The storage error inside, if that is what it is.
    fn storage(&self) -> Option<&StorageError>;
}

impl Failure for StorageError {
    fn storage(&self) -> Option<&StorageError> {
        Some(self)
    }
}
