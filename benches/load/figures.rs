//! The lines that runs print, summed up to medians, as a table or as JSON.

use std::fmt::Write;

use clap::Args;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::Outcome;
use crate::hostile::Cost;
use crate::rows::Row;
use crate::run;
use crate::run::Measured;
use crate::sync::Pushed;

/// Where it was measured.
#[derive(Args)]
pub(crate) struct Place {
    /// `sqlite` or `postgres`
    #[arg(long)]
    database: String,
}

/// What one run saw, or the median of all runs: a `name`, a `database` and numbers.
pub(crate) type Figures = Map<String, Value>;

/// The numbers in the order of the columns, with the digits after the point.
const COLUMNS: [(&str, usize); 37] = [
    ("members", 0),
    ("clients", 0),
    ("alone_rps", 0),
    ("before_rps", 0),
    ("rps", 0),
    ("after_rps", 0),
    ("recovered", 2),
    ("fair_rps", 0),
    ("kept", 2),
    ("kept_of_alone", 2),
    ("flood_clients", 0),
    ("flood_rps", 0),
    ("alone_p99_ms", 2),
    ("p50_ms", 2),
    ("p99_ms", 2),
    ("growth", 2),
    ("refused", 0),
    ("answers_503", 0),
    ("answers_429", 0),
    ("no_retry_after", 0),
    ("broken", 0),
    ("requests", 0),
    ("seconds", 1),
    ("events", 0),
    ("limit_rps", 0),
    ("limit_retries", 0),
    ("ratio", 2),
    ("limit_one_statement_rps", 0),
    ("ratio_one_statement", 2),
    ("statements", 0),
    ("cpu_s_per_1000", 3),
    ("status", 0),
    ("cpu_ms", 2),
    ("rss_peak_mb", 1),
    ("start_ms", 0),
    ("rss_idle_mb", 1),
    ("runs", 0),
];

/// Lines that have these in common are about the same; the first two are words.
const KEYS: [&str; 4] = ["name", "database", "clients", "members"];

/// A server that has just started.
pub(crate) fn start(place: &Place, start_ms: f64, rss_idle_mb: f64) -> Figures {
    let Place { database } = place;
    object(json!({
        "name": "start", "database": database, "start_ms": start_ms, "rss_idle_mb": rss_idle_mb,
    }))
}

/// One run of a row.
pub(crate) fn row(row: Row, place: &Place, measured: &Measured) -> Figures {
    named(&row.name(measured.clients), place, measured)
}

/// One run under a name of its own.
pub(crate) fn named(name: &str, place: &Place, measured: &Measured) -> Figures {
    let Place { database } = place;
    object(json!({
        "name": name, "database": database, "clients": measured.clients,
        "rps": measured.rps, "p50_ms": measured.p50_ms, "p99_ms": measured.p99_ms,
        "cpu_s_per_1000": measured.cpu_s_per_1000, "rss_peak_mb": measured.rss_peak_mb, "refused": measured.refused,
    }))
}

/// Numbers under a name of their own.
pub(crate) fn of(name: &str, place: &Place, numbers: Value) -> Figures {
    let Place { database } = place;
    let mut figures = object(json!({ "name": name, "database": database }));
    figures.extend(object(numbers));
    figures
}

/// How many people were let in meanwhile.
pub(crate) fn logins(place: &Place, logins: f64, seconds: u32) -> Figures {
    let Place { database } = place;
    let rps = logins / f64::from(seconds);
    object(json!({ "name": "logins", "database": database, "rps": rps }))
}

/// How long single requests took.
pub(crate) fn waited(name: &str, place: &Place, mut millis: Vec<f64>) -> Figures {
    let Place { database } = place;
    millis.sort_by(f64::total_cmp);
    object(
        json!({ "name": name, "database": database, "p50_ms": run::at(&millis, 50),
        "p99_ms": run::at(&millis, 99) }),
    )
}

/// A whole directory that was pushed, and the server's largest memory.
pub(crate) fn sync(name: &str, place: &Place, (pushed, peak_mb): (&Pushed, f64)) -> Figures {
    let Place { database } = place;
    let requests = u32::try_from(pushed.requests).unwrap_or(u32::MAX);
    object(json!({
        "name": name, "database": database, "clients": pushed.clients, "requests": requests,
        "seconds": pushed.seconds, "rps": f64::from(requests) / pushed.seconds,
        "p99_ms": pushed.p99_ms, "rss_peak_mb": peak_mb,
    }))
}

/// What refusing a request costs.
pub(crate) fn hostile(place: &Place, cost: &Cost) -> Figures {
    let Place { database } = place;
    object(json!({
        "name": cost.name, "database": database, "status": cost.status, "cpu_ms": cost.cpu_ms,
        "rss_peak_mb": cost.rss_peak_mb,
    }))
}

/// How many responses one core verifies, and how many bare signatures.
pub(crate) fn verification(name: &str, rps: f64, limit_rps: f64) -> Figures {
    object(json!({ "name": name, "database": "none", "rps": rps, "limit_rps": limit_rps }))
}

fn object(value: Value) -> Figures {
    match value {
        Value::Object(figures) => figures,
        _ => Figures::new(),
    }
}

/// One line.
pub(crate) fn print(figures: &Figures) -> Outcome<()> {
    let line = serde_json::to_string(figures).map_err(|error| error.to_string())?;
    println!("{line}");
    Ok(())
}

/// The medians of the lines that are about the same, and the ratio to the limit.
pub(crate) fn sum_up(lines: &str) -> Outcome<Vec<Figures>> {
    let mut groups: Vec<([Value; KEYS.len()], Vec<Figures>)> = Vec::new();
    for line in lines.lines() {
        let figures: Figures =
            serde_json::from_str(line).map_err(|error| format!("{line}: {error}"))?;
        let key = KEYS.map(|name| figures.get(name).cloned().unwrap_or_default());
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, group)) => group.push(figures),
            None => groups.push((key, vec![figures])),
        }
    }
    let mut summary: Vec<Figures> = groups.into_iter().map(median_of).collect();
    compare_sizes(&mut summary);
    Ok(summary)
}

/// How many times as long a request takes as in the smallest directory of the same run.
fn compare_sizes(summary: &mut [Figures]) {
    let number = |figures: &Figures, column: &str| figures.get(column).and_then(Value::as_f64);
    let of = |figures: &Figures| ["name", "database"].map(|word| figures.get(word).cloned());
    let smallest: Vec<_> = summary
        .iter()
        .map(|figures| {
            let others = summary.iter().filter(|other| of(other) == of(figures));
            let sized = others.filter_map(|other| {
                number(other, "members").zip(number(other, "p50_ms").filter(|p50| *p50 > 0.0))
            });
            sized.min_by(|one, other| one.0.total_cmp(&other.0))
        })
        .collect();
    for (figures, smallest) in summary.iter_mut().zip(smallest) {
        if let (Some(p50), Some((_, first))) = (number(figures, "p50_ms"), smallest) {
            figures.insert("growth".to_owned(), rounded(p50 / first, 2));
        }
    }
}

fn median_of((key, group): ([Value; KEYS.len()], Vec<Figures>)) -> Figures {
    let all = |column: &str| -> Vec<f64> {
        let values = group.iter().filter_map(|figures| figures.get(column));
        values.filter_map(Value::as_f64).collect()
    };
    let ratio_to = |limit| {
        let both = median(all("rps")).zip(median(all(limit)));
        both.map(|(reached, limit)| reached / limit)
    };
    let mut summary: Figures = KEYS
        .map(str::to_owned)
        .into_iter()
        .zip(key)
        .take(2)
        .collect();
    for (column, digits) in COLUMNS {
        let value = match column {
            "ratio" => ratio_to("limit_rps"),
            "ratio_one_statement" => ratio_to("limit_one_statement_rps"),
            "runs" => {
                let counted = ["rps", "start_ms", "cpu_ms"].map(|column| all(column).len());
                let most = counted.into_iter().max().unwrap_or_default();
                u32::try_from(most).ok().map(f64::from)
            }
            _ => median(all(column)),
        };
        if let Some(value) = value {
            summary.insert(column.to_owned(), rounded(value, digits));
        }
    }
    summary
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

fn rounded(value: f64, digits: usize) -> Value {
    serde_json::from_str(&format!("{value:.digits$}")).unwrap_or_default()
}

/// The figures for people, with the columns that hold anything.
pub(crate) fn table(summary: &[Figures]) -> String {
    let words = ["name", "database"];
    let used = COLUMNS.map(|(column, _)| column);
    let used = used
        .iter()
        .filter(|column| summary.iter().any(|figures| figures.contains_key(**column)));
    let longest = summary
        .iter()
        .map(|figures| cell(figures, "name").len())
        .max();
    let longest = longest.unwrap_or_default().max(12);
    let mut text = format!("{:<longest$} {:<9}", "name", "database");
    let columns: Vec<&str> = used.copied().collect();
    for column in &columns {
        let _ = write!(text, " {column:>width$}", width = column.len().max(7));
    }
    for figures in summary {
        let [name, database] = words.map(|column| cell(figures, column));
        let _ = write!(text, "\n{name:<longest$} {database:<9}");
        for column in &columns {
            let value = cell(figures, column);
            let _ = write!(text, " {value:>width$}", width = column.len().max(7));
        }
    }
    text.push('\n');
    text
}

fn cell(figures: &Figures, column: &str) -> String {
    match figures.get(column) {
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => "-".to_owned(),
    }
}
