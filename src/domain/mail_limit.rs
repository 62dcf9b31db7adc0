//! How many mails one address is sent, whoever asks and whatever they are for, so that nobody can
//! flood it or have a code guessed by asking for ever new ones (contract 8).

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;

/// At most so many within so many seconds.
const RULES: [(usize, i64); 3] = [(1, 1), (5, 10 * 60), (15, 60 * 60)];

/// When mails were lately asked for one address, the last one last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recent(Vec<DateTime<Utc>>);

impl Recent {
    /// The same with one more now, or the whole seconds until there may be one.
    pub fn with_one_more(&self, now: DateTime<Utc>) -> Result<Self, u64> {
        let waits = RULES.map(|rule| self.seconds_to_wait(rule, now));
        let wait = waits.into_iter().max().unwrap_or_default();
        if wait > 0 {
            return Err(u64::try_from(wait).unwrap_or(1));
        }
        let longest = RULES.map(|(_, seconds)| seconds).into_iter().max();
        let begin = now - TimeDelta::seconds(longest.unwrap_or_default());
        let kept = self.0.iter().filter(|at| **at > begin).copied();
        Ok(Self(kept.chain([now]).collect()))
    }

    /// From when on nothing of this counts any more.
    pub fn ends_at(now: DateTime<Utc>) -> DateTime<Utc> {
        let longest = RULES.map(|(_, seconds)| seconds).into_iter().max();
        now + TimeDelta::seconds(longest.unwrap_or_default())
    }

    fn seconds_to_wait(&self, (most, seconds): (usize, i64), now: DateTime<Utc>) -> i64 {
        // The one that has to be out of the window before there is room for another.
        let Some(blocking) = self.0.iter().rev().nth(most - 1) else {
            return 0;
        };
        let millis = (*blocking + TimeDelta::seconds(seconds) - now).num_milliseconds();
        (millis.max(0) + 999) / 1000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn an_address_gets_one_a_second_five_in_ten_minutes_and_fifteen_an_hour() {
        let mut recent = Recent::default();
        let mut ask = |second: i64| match recent.with_one_more(at(second)) {
            Ok(more) => {
                recent = more;
                0
            }
            Err(wait) => wait,
        };
        assert_eq!(
            [ask(0), ask(0), ask(1), ask(2), ask(3), ask(4)],
            [0, 1, 0, 0, 0, 0]
        );
        assert_eq!([ask(5), ask(599), ask(600)], [595, 1, 0]);
        assert_eq!(ask(600), 1);
        assert_eq!([ask(601), ask(602), ask(603), ask(604)], [0; 4]);
        assert_eq!(
            [ask(1201), ask(1202), ask(1203), ask(1204), ask(1205)],
            [0; 5]
        );
        assert_eq!(ask(1900), 1700);
        assert_eq!(ask(3600), 0);
    }

    #[test]
    fn what_is_kept_does_not_grow() {
        let mut recent = Recent::default();
        for hour in 0..50 {
            for ten_minutes in 0..6 {
                let when = at(hour * 3600 + ten_minutes * 601);
                recent = recent.with_one_more(when).unwrap_or(recent);
            }
        }
        assert!(recent.0.len() <= 15, "{}", recent.0.len());
    }
}
