//! What happens in the demo, as it happens: who asked the product what, and what it answered.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use chrono::DateTime;
use chrono::Utc;

/// More than the whole demo makes when everything in it is tried once.
const KEPT: usize = 600;

/// Who did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// The sample application's server.
    Application,
    /// A company's directory.
    Directory,
    /// A company's identity provider.
    IdentityProvider,
    /// The product's mail.
    Mail,
}

impl Who {
    /// The name under which the log shows it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Application => "Application",
            Self::Directory => "Directory",
            Self::IdentityProvider => "Identity provider",
            Self::Mail => "Mail",
        }
    }
}

/// One request, with what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    /// The status of the answer.
    pub(crate) status: u16,
    /// The body of the request.
    pub(crate) request: String,
    /// The body of the answer.
    pub(crate) answer: String,
    /// The same request for a terminal.
    pub(crate) curl: String,
}

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Counts from one.
    pub(crate) number: u64,
    /// When it happened.
    pub(crate) at: DateTime<Utc>,
    /// Who did it.
    pub(crate) who: Who,
    /// What was done.
    pub(crate) what: String,
    /// The request, if it was one.
    pub(crate) call: Option<Call>,
}

impl Entry {
    /// What was done, with long ids cut.
    pub(crate) fn short(&self) -> String {
        let words = self
            .what
            .split('/')
            .map(|word| match word.split_once("-test-") {
                Some((kind, _)) => format!("{kind}-…"),
                None => word.to_owned(),
            });
        words.collect::<Vec<_>>().join("/")
    }
}

/// The log, oldest first; the oldest lines go.
#[derive(Debug)]
pub(crate) struct Record {
    lines: Mutex<Lines>,
    clock: fn() -> DateTime<Utc>,
}

#[derive(Debug, Default)]
struct Lines {
    written: u64,
    kept: VecDeque<Arc<Entry>>,
}

impl Record {
    /// An empty log.
    pub(crate) fn new(clock: fn() -> DateTime<Utc>) -> Self {
        let lines = Mutex::default();
        Self { lines, clock }
    }

    /// Writes a line about a request.
    pub(crate) fn call(&self, who: Who, what: String, call: Call) {
        self.write(who, what, Some(call));
    }

    /// Writes a line about anything else.
    pub(crate) fn note(&self, who: Who, what: impl Into<String>) {
        self.write(who, what.into(), None);
    }

    fn write(&self, who: Who, what: String, call: Option<Call>) {
        let at = (self.clock)();
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.written += 1;
        let number = lines.written;
        let entry = Entry {
            number,
            at,
            who,
            what,
            call,
        };
        lines.kept.push_back(Arc::new(entry));
        if lines.kept.len() > KEPT {
            lines.kept.pop_front();
        }
    }

    /// The lines after this number, newest first, and no more than so many.
    pub(crate) fn after(&self, number: u64, most: usize) -> Vec<Arc<Entry>> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = lines.kept.iter().rev();
        newest
            .take_while(|entry| entry.number > number)
            .take(most)
            .cloned()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_ids_are_cut() {
        let record = Record::new(|| DateTime::UNIX_EPOCH);
        record.note(
            Who::Directory,
            "GET /v1/scim-connection-test-0a1b/Users?x=1",
        );
        let entry = record.after(0, 1).remove(0);
        assert_eq!(entry.short(), "GET /v1/scim-connection-…/Users?x=1");
    }

    #[test]
    fn the_newest_lines_come_first_and_the_oldest_go() {
        let record = Record::new(|| DateTime::UNIX_EPOCH);
        assert!(record.after(0, 10).is_empty());
        for n in 1..=KEPT + 2 {
            record.note(Who::Directory, n.to_string());
        }
        let numbers = |after: u64, most: usize| -> Vec<u64> {
            let entries = record.after(after, most);
            entries.iter().map(|entry| entry.number).collect()
        };
        assert_eq!(numbers(600, 10), [602, 601]);
        assert_eq!(numbers(0, 2), [602, 601]);
        assert_eq!(numbers(0, KEPT + 2).last(), Some(&3));
        assert!(numbers(602, 10).is_empty());
    }
}
