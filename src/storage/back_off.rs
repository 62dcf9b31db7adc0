//! How long a transaction that lost its race waits before it runs again.

use std::thread;
use std::time::Duration;

/// Waits, longer after each attempt.
pub(crate) fn back_off(attempt: u32) {
    // Threads differ in their ids, so that two losers do not come back at the same instant.
    let spread = thread::current().name().map_or(0, str::len) + usize::from(rand_byte() % 8);
    let millis = u64::from(attempt * attempt) + u64::try_from(spread).unwrap_or_default();
    thread::sleep(Duration::from_millis(millis));
}

fn rand_byte() -> u8 {
    let mut byte = [0_u8; 1];
    // Without randomness the back-off is merely regular.
    let _ = aws_lc_rs::rand::fill(&mut byte);
    byte.first().copied().unwrap_or_default()
}
