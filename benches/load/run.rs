//! One measured run: clients that each wait for an answer before they send again.

use std::path::PathBuf;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use clap::Args;

use crate::Outcome;
use crate::figures;
use crate::figures::Place;
use crate::http::Client;
use crate::process;
use crate::rows::Row;
use crate::world;
use crate::world::World;

/// How much and for how long.
#[derive(Args)]
pub(crate) struct Load {
    #[arg(long)]
    pub(crate) clients: u32,
    #[arg(long)]
    pub(crate) seconds: u32,
    /// Seconds before, which do not count
    #[arg(long)]
    pub(crate) warm_up: u32,
}

/// Rows that are measured one after the other.
#[derive(Args)]
pub(crate) struct Reading {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) load: Load,
    #[arg(long)]
    pub(crate) world: PathBuf,
    #[arg(long)]
    pub(crate) pid: u32,
}

impl Reading {
    pub(crate) fn measure(&self, rows: impl IntoIterator<Item = Row>) -> Outcome<()> {
        let world = World::load(&self.world)?;
        measure(rows, &self.place, &self.load, (&world, self.pid))
    }
}

/// What was seen.
pub(crate) struct Measured {
    pub(crate) clients: u32,
    pub(crate) rps: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) cpu_s_per_1000: f64,
    pub(crate) rss_peak_mb: f64,
    /// Requests that were refused with 503, which are not in `rps`.
    pub(crate) refused: u32,
}

/// From when to when requests count.
#[derive(Clone, Copy)]
pub(crate) struct Window {
    pub(crate) from: Instant,
    pub(crate) until: Instant,
}

impl Window {
    /// Begins now, with the warm-up.
    pub(crate) fn of(load: &Load) -> Self {
        let from = Instant::now() + Duration::from_secs(load.warm_up.into());
        let until = from + Duration::from_secs(load.seconds.into());
        Self { from, until }
    }
}

/// Runs one row after the other and prints what was seen.
pub(crate) fn measure(
    rows: impl IntoIterator<Item = Row>,
    place: &Place,
    load: &Load,
    (world, pid): (&World, u32),
) -> Outcome<()> {
    rows.into_iter().try_for_each(|row| {
        let measured = run(row, load, world, pid)?;
        figures::print(&figures::row(row, place, &measured))
    })
}

/// Runs a row against the server whose process has this id.
pub(crate) fn run(row: Row, load: &Load, world: &World, pid: u32) -> Outcome<Measured> {
    let window = Window::of(load);
    let (seen, used) = thread::scope(|scope| {
        let clients: Vec<_> = (0..load.clients)
            .map(|client| scope.spawn(move || work(row, world, client, window)))
            .collect();
        let used = watch(pid, window);
        let seen: Outcome<Vec<Seen>> = clients
            .into_iter()
            .map(|client| {
                let panicked = |_| Err("a client panicked".to_owned());
                client.join().unwrap_or_else(panicked)
            })
            .collect();
        (seen, used)
    });
    let (seen, (cpu_seconds, rss_peak_mb)) = (seen?, used?);
    let refused = seen.iter().map(|client| client.refused).sum();
    let mut latencies: Vec<f64> = seen
        .into_iter()
        .flat_map(|client| client.latencies)
        .collect();
    latencies.sort_by(f64::total_cmp);
    let count = u32::try_from(latencies.len()).map_err(|error| error.to_string())?;
    if count == 0 {
        return Err("no request was answered in time".to_owned());
    }
    Ok(Measured {
        clients: load.clients,
        rps: f64::from(count) / f64::from(load.seconds),
        p50_ms: at(&latencies, 50),
        p99_ms: at(&latencies, 99),
        cpu_s_per_1000: cpu_seconds / f64::from(count) * 1000.0,
        rss_peak_mb,
        refused,
    })
}

/// What one client saw of the requests, or rows of requests, that began and ended inside the window.
#[derive(Default)]
struct Seen {
    /// In milliseconds.
    latencies: Vec<f64>,
    refused: u32,
}

fn work(row: Row, world: &World, client: u32, window: Window) -> Outcome<Seen> {
    let mut connection = Client::connect(&world.at)?;
    let mut requests = row.requests(world, client)?;
    let mut seen = Seen::default();
    let mut last = None;
    loop {
        let begun = Instant::now();
        let mut waited = Duration::ZERO;
        let mut is_refused = false;
        for status in row.statuses() {
            // What the client needs for itself, such as an IdP's signature, is not waited for.
            let request = requests(last.as_ref());
            let sent = Instant::now();
            let answer = connection.send(&request)?;
            waited += sent.elapsed();
            is_refused = answer.status == 503;
            if answer.status != *status && !is_refused {
                return Err(world::refused(&row.name(1), &answer));
            }
            last = Some(answer);
            if is_refused {
                break;
            }
        }
        if Instant::now() > window.until {
            return Ok(seen);
        }
        if begun < window.from {
            continue;
        }
        if is_refused {
            seen.refused += 1;
        } else {
            seen.latencies.push(waited.as_secs_f64() * 1000.0);
        }
    }
}

/// CPU seconds and peak memory of the server inside the window.
fn watch(pid: u32, window: Window) -> Outcome<(f64, f64)> {
    sleep_until(window.from);
    process::forget_peak(pid)?;
    let before = process::cpu_seconds(pid)?;
    sleep_until(window.until);
    let used = process::cpu_seconds(pid)? - before;
    Ok((used, process::memory_mb(pid, "VmHWM")?))
}

pub(crate) fn sleep_until(instant: Instant) {
    thread::sleep(instant.saturating_duration_since(Instant::now()));
}

/// The value below which this many of a hundred lie.
pub(crate) fn at(sorted: &[f64], percent: usize) -> f64 {
    let place = sorted.len() * percent / 100;
    let last = sorted.last().copied().unwrap_or_default();
    sorted.get(place).copied().unwrap_or(last)
}
