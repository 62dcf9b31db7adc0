//! Time-based one-time passwords (RFC 6238): six digits of HMAC-SHA-1, steps of thirty seconds, as
//! every authenticator application makes them.

use aws_lc_rs::constant_time;
use aws_lc_rs::hmac;
use chrono::DateTime;
use chrono::Utc;

/// Seconds for which a code is shown.
pub const STEP_SECONDS: i64 = 30;
/// Digits of a code.
pub const DIGITS: u32 = 6;
/// Steps by which the clocks of people may differ from ours (RFC 6238 §5.2).
const SKEW: i64 = 1;

/// What a code is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the code of this step, which is later than any accepted so far.
    Right(i64),
    /// It was accepted before, or one after it was (RFC 6238 §5.2).
    Used,
    /// It is none of the codes of this time.
    Wrong,
}

/// The step in which an instant is.
pub fn step(at: DateTime<Utc>) -> i64 {
    at.timestamp().div_euclid(STEP_SECONDS)
}

/// The code of a step (RFC 4226 §5.3); nothing for steps before 1970.
pub fn code(secret: &[u8], step: i64) -> Option<String> {
    let counter = u64::try_from(step).ok()?;
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &counter.to_be_bytes());
    let offset = usize::from(tag.as_ref().last()? & 0xf);
    let four = tag.as_ref().get(offset..offset + 4)?;
    let number = u32::from_be_bytes(four.try_into().ok()?) & 0x7fff_ffff;
    Some(format!("{:06}", number % 10_u32.pow(DIGITS)))
}

/// Judges a code given now, when the codes up to a step are used up.
pub fn judge(secret: &[u8], given: &str, now: DateTime<Utc>, last_step: i64) -> Verdict {
    let current = step(now);
    let mut verdict = Verdict::Wrong;
    for step in current - SKEW..=current + SKEW {
        let expected = code(secret, step).unwrap_or_default();
        let is_same =
            constant_time::verify_slices_are_equal(expected.as_bytes(), given.as_bytes()).is_ok();
        if is_same && !matches!(verdict, Verdict::Right(_)) {
            verdict = if step > last_step {
                Verdict::Right(step)
            } else {
                Verdict::Used
            };
        }
    }
    verdict
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn the_vectors_of_rfc_6238() {
        // The last six of the eight digits of appendix B.
        let table = [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ];
        for (seconds, expected) in table {
            assert_eq!(code(SECRET, step(at(seconds))).unwrap(), expected);
            let verdict = judge(SECRET, expected, at(seconds), 0);
            assert_eq!(verdict, Verdict::Right(step(at(seconds))));
        }
    }

    #[test]
    fn the_vectors_of_rfc_4226() {
        let expected = ["755224", "287082", "359152", "969429", "338314"];
        for (step, expected) in (0..).zip(expected) {
            assert_eq!(code(SECRET, step).unwrap(), expected);
        }
        assert_eq!(code(SECRET, -1), None);
    }

    #[test]
    fn a_clock_may_be_one_step_off_and_no_more() {
        let now = at(1_111_111_111);
        for off in -3..=3_i64 {
            let given = code(SECRET, step(now) + off).unwrap();
            let expected = if off.abs() <= 1 {
                Verdict::Right(step(now) + off)
            } else {
                Verdict::Wrong
            };
            assert_eq!(judge(SECRET, &given, now, 0), expected, "{off}");
        }
        for wrong in ["", "0", "0504711", "05047", "050471 "] {
            assert_eq!(judge(SECRET, wrong, now, 0), Verdict::Wrong, "{wrong:?}");
        }
    }

    #[test]
    fn no_step_is_accepted_twice_nor_one_before_it() {
        let now = at(1_111_111_111);
        let current = step(now);
        for (off, last, expected) in [
            (0, current, Verdict::Used),
            (-1, current, Verdict::Used),
            (1, current, Verdict::Right(current + 1)),
            (0, current - 1, Verdict::Right(current)),
        ] {
            let given = code(SECRET, current + off).unwrap();
            assert_eq!(judge(SECRET, &given, now, last), expected);
        }
    }
}
