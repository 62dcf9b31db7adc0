//! Clients that keep on sending and count how they are answered, also when they are refused.

use std::thread;
use std::time::Duration;
use std::time::Instant;

use crate::Outcome;
use crate::http::Answer;
use crate::http::Client;
use crate::process;
use crate::rows::Row;
use crate::run;
use crate::run::Window;
use crate::world;
use crate::world::World;

/// Before a connection that could not be opened is tried again.
const BETWEEN_CONNECTIONS: Duration = Duration::from_millis(20);

/// So many clients that do the same.
pub(crate) struct Crowd<'w> {
    pub(crate) row: Row,
    pub(crate) world: &'w World,
    pub(crate) clients: u32,
    /// Requests of all of them, if they do not send as fast as they are answered.
    pub(crate) per_second: Option<u32>,
    /// Whether they wait for as long as `Retry-After` asks.
    pub(crate) obeys: bool,
}

/// How the requests that began and ended inside the window were answered.
#[derive(Default)]
pub(crate) struct Tally {
    /// Of what was done, in milliseconds; in the end from the shortest to the longest.
    pub(crate) latencies: Vec<f64>,
    pub(crate) unavailable: u32,
    pub(crate) too_many: u32,
    /// Refusals that do not say when to come again.
    pub(crate) without_retry_after: u32,
    /// Connections that ended without an answer or a warning.
    pub(crate) broken: u32,
}

impl Tally {
    pub(crate) fn rps(&self, seconds: u32) -> f64 {
        let count = u32::try_from(self.latencies.len()).unwrap_or(u32::MAX);
        f64::from(count) / f64::from(seconds)
    }

    pub(crate) fn percentile_ms(&self, percent: usize) -> f64 {
        run::at(&self.latencies, percent)
    }

    fn add(&mut self, other: Self) {
        self.latencies.extend(other.latencies);
        self.unavailable += other.unavailable;
        self.too_many += other.too_many;
        self.without_retry_after += other.without_retry_after;
        self.broken += other.broken;
    }

    fn count(&mut self, answer: Option<&Answer>, waited: Duration) {
        let Some(answer) = answer else {
            self.broken += 1;
            return;
        };
        match answer.status {
            503 => self.unavailable += 1,
            429 => self.too_many += 1,
            _ => return self.latencies.push(waited.as_secs_f64() * 1000.0),
        }
        if retry_after(answer).is_none() {
            self.without_retry_after += 1;
        }
    }
}

fn retry_after(answer: &Answer) -> Option<Duration> {
    let seconds = answer.header("retry-after")?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// Lets crowds loose together: the tally of each, and the server's largest memory meanwhile.
pub(crate) fn send<const N: usize>(
    crowds: [&Crowd<'_>; N],
    window: Window,
    pid: u32,
) -> Outcome<([Tally; N], f64)> {
    process::forget_peak(pid)?;
    let tallies: [Outcome<Tally>; N] = thread::scope(|scope| {
        let started = crowds.map(|crowd| {
            let client = move |number| scope.spawn(move || crowd.work(number, window));
            (0..crowd.clients).map(client).collect::<Vec<_>>()
        });
        started.map(|clients| {
            let mut all = Tally::default();
            for client in clients {
                let panicked = |_| Err("a client panicked".to_owned());
                all.add(client.join().unwrap_or_else(panicked)?);
            }
            all.latencies.sort_by(f64::total_cmp);
            Ok(all)
        })
    });
    let peak = process::memory_mb(pid, "VmHWM")?;
    let mut gathered = std::array::from_fn(|_| Tally::default());
    for (place, tally) in gathered.iter_mut().zip(tallies) {
        *place = tally?;
    }
    Ok((gathered, peak))
}

impl Crowd<'_> {
    fn work(&self, number: u32, window: Window) -> Outcome<Tally> {
        let mut requests = self.row.requests(self.world, number)?;
        let mut connection = Client::connect(&self.world.at).ok();
        let mut tally = Tally::default();
        let mut request = requests(None);
        let mut due = Instant::now();
        loop {
            if let Some(interval) = self.interval() {
                run::sleep_until(due);
                due += interval;
            }
            let begun = Instant::now();
            let answer = connection
                .as_mut()
                .and_then(|client| client.send(&request).ok());
            if Instant::now() > window.until {
                return Ok(tally);
            }
            if begun >= window.from {
                tally.count(answer.as_ref(), begun.elapsed());
            }
            match answer {
                None => connection = self.reconnect(),
                Some(answer) if matches!(answer.status, 429 | 503) => {
                    self.wait(&answer, window);
                    if answer.closes() {
                        connection = self.reconnect();
                    }
                }
                Some(answer) if self.row.statuses().contains(&answer.status) => {
                    request = requests(Some(&answer));
                }
                Some(answer) => return Err(world::refused(&self.row.name(1), &answer)),
            }
        }
    }

    fn reconnect(&self) -> Option<Client> {
        let connection = Client::connect(&self.world.at).ok();
        if connection.is_none() {
            thread::sleep(BETWEEN_CONNECTIONS);
        }
        connection
    }

    fn interval(&self) -> Option<Duration> {
        let per_second = self.per_second?;
        Some(Duration::from_secs(1) * self.clients / per_second)
    }

    fn wait(&self, refusal: &Answer, window: Window) {
        if let Some(asked) = retry_after(refusal).filter(|_| self.obeys) {
            run::sleep_until(window.until.min(Instant::now() + asked));
        }
    }
}
