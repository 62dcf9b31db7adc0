//! The last four weeks of an organization, day by day.

use chrono::Days;
use chrono::NaiveDate;
use chrono::NaiveTime;

use crate::domain::id::ConnectionId;
use crate::domain::id_time::first_key_at;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::recent_days;
use crate::storage::recent_days::Counted;

/// So many days are looked at, today included.
pub const DAYS: u64 = 28;
/// Up to how many things of a kind a day are counted.
pub const MOST: i64 = 200;

/// What happened on a day; each is counted up to [`MOST`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayCount {
    /// The day.
    pub day: NaiveDate,
    /// Sessions that were started.
    pub sign_ins: i64,
    /// Sign-ins that were refused.
    pub refused_sign_ins: i64,
    /// Requests of the directory.
    pub requests: i64,
    /// Requests of directories that were refused.
    pub refused_requests: i64,
}

impl DayCount {
    /// The numbers, in one order everywhere.
    pub fn numbers(&self) -> [i64; 4] {
        [
            self.sign_ins,
            self.refused_sign_ins,
            self.requests,
            self.refused_requests,
        ]
    }

    fn of(day: NaiveDate, counted: &Counted) -> Self {
        Self {
            day,
            sign_ins: counted.sign_ins,
            refused_sign_ins: counted.refused_sign_ins,
            requests: counted.requests,
            refused_requests: counted.refused_requests,
        }
    }
}

/// What happened on each day, the oldest first; days are those of UTC.
pub fn look(
    tx: &mut Transaction<'_>,
    place: (&OrgScope, Option<ConnectionId>),
) -> Result<Vec<DayCount>, StorageError> {
    let today = tx.now.date_naive();
    let days = (0..DAYS).rev();
    let days: Vec<NaiveDate> = days
        .filter_map(|ago| today.checked_sub_days(Days::new(ago)))
        .collect();
    let begin = |day: NaiveDate| first_key_at(day.and_time(NaiveTime::MIN).and_utc());
    let whiles = days.iter().map(|day| {
        let next = day.succ_opt().unwrap_or(*day);
        (begin(*day), begin(next))
    });
    let counted = recent_days::count(tx, place, (whiles.collect(), MOST))?;
    let counted = days.into_iter().zip(&counted);
    Ok(counted.map(|(day, it)| DayCount::of(day, it)).collect())
}
