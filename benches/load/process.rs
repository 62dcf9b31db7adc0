//! What the server's process has used, from Linux's `/proc`.

use std::fs;

use crate::Outcome;

/// The unit of times in `/proc`: `USER_HZ` is 100 wherever Linux runs on servers.
const TICKS_A_SECOND: f64 = 100.0;

fn read(pid: u32, name: &str) -> Outcome<String> {
    let file = format!("/proc/{pid}/{name}");
    fs::read_to_string(&file).map_err(|error| format!("{file}: {error}"))
}

/// The CPU seconds of all threads so far, in the program and in the kernel.
pub(crate) fn cpu_seconds(pid: u32) -> Outcome<f64> {
    let stat = read(pid, "stat")?;
    // The name of the program comes second, in brackets, and may hold anything.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks = fields.split_whitespace().skip(11).take(2);
    let ticks: Option<Vec<f64>> = ticks.map(|ticks| ticks.parse().ok()).collect();
    let ticks = ticks.filter(|both| both.len() == 2);
    let ticks = ticks.ok_or_else(|| format!("/proc/{pid}/stat holds no times"))?;
    Ok(ticks.iter().sum::<f64>() / TICKS_A_SECOND)
}

/// `VmRSS` is what the process occupies now, `VmHWM` the most since the peak was forgotten.
pub(crate) fn memory_mb(pid: u32, name: &str) -> Outcome<f64> {
    let status = read(pid, "status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kilobytes = line
        .and_then(|line| line.split_whitespace().nth(1))
        .and_then(|number| number.parse::<f64>().ok());
    let kilobytes = kilobytes.ok_or_else(|| format!("/proc/{pid}/status holds no {name}"))?;
    Ok(kilobytes / 1024.0)
}

/// Starts the measurement of `VmHWM` anew.
pub(crate) fn forget_peak(pid: u32) -> Outcome<()> {
    let file = format!("/proc/{pid}/clear_refs");
    fs::write(&file, "5").map_err(|error| format!("{file}: {error}"))
}
