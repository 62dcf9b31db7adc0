//! The mails that the product has sent to the people of the demo.

use std::sync::Mutex;
use std::sync::PoisonError;

use chrono::DateTime;
use chrono::Utc;

const KEPT: usize = 50;

/// A mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mail {
    /// When it arrived.
    pub(crate) at: DateTime<Utc>,
    /// To whom it was addressed.
    pub(crate) to: String,
    /// What it is about.
    pub(crate) subject: String,
    /// What it says.
    pub(crate) text: String,
}

/// The mails that have arrived, newest first.
#[derive(Debug, Default)]
pub struct Inbox(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    arrived: u64,
    mails: Vec<Mail>,
}

impl Inbox {
    /// Takes a mail in.
    pub(crate) fn take(&self, mail: Mail) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.arrived += 1;
        kept.mails.insert(0, mail);
        kept.mails.truncate(KEPT);
    }

    /// How many have ever arrived, and the newest of them.
    pub(crate) fn mails(&self) -> (u64, Vec<Mail>) {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (kept.arrived, kept.mails.clone())
    }
}
