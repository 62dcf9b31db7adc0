//! The picture of the last four weeks: a row for each kind of thing that happens, a cell for each
//! day, darker the more there was.

use chrono::NaiveDate;

use crate::use_cases::recent_days::DayCount;
use crate::use_cases::recent_days::MOST;

const CELL: usize = 18;
const LABELS: usize = 150;
const ROW: usize = 24;
const TOP: usize = 24;

/// The names of the rows, in the order of [`DayCount::numbers`], and whether they are about what was
/// refused.
const KINDS: [(&str, bool); 4] = [
    ("Sign-ins", false),
    ("Refused sign-ins", true),
    ("Directory requests", false),
    ("Refused requests", true),
];

/// A picture as the page draws it.
pub(super) struct Strip {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) rows: Vec<Row>,
    /// Where the first, a middle and the last day are told.
    pub(super) days: Vec<(usize, String)>,
    /// The days on which anything happened, the newest first.
    pub(super) table: Vec<(String, [String; 4])>,
}

/// A row of it.
pub(super) struct Row {
    pub(super) label: &'static str,
    pub(super) text_y: usize,
    pub(super) y: usize,
    pub(super) class: &'static str,
    pub(super) cells: Vec<Cell>,
}

/// A day of a row.
pub(super) struct Cell {
    pub(super) x: usize,
    /// How much of the colour it has.
    pub(super) opacity: &'static str,
    pub(super) whole: String,
}

/// Draws what happened; nothing if nothing did.
pub(super) fn of(days: &[DayCount]) -> Option<Strip> {
    let happened = days
        .iter()
        .rev()
        .filter(|day| day.numbers().iter().any(|number| *number > 0));
    let table: Vec<_> = happened.map(told).collect();
    if table.is_empty() {
        return None;
    }
    let rows = KINDS.iter().enumerate().map(|(number, kind)| {
        let y = TOP + number * ROW;
        row(*kind, y, days, number)
    });
    let (middle, last) = (days.len() / 2, days.len() - 1);
    let marked = days.iter().enumerate();
    let marked = marked.filter(|(at, _)| [0, middle, last].contains(at));
    Some(Strip {
        width: LABELS + days.len() * CELL,
        height: TOP + KINDS.len() * ROW,
        rows: rows.collect(),
        days: marked.map(|(at, day)| (x(at), name(day.day))).collect(),
        table,
    })
}

fn row((label, is_refused): (&'static str, bool), y: usize, days: &[DayCount], kind: usize) -> Row {
    let cells = days.iter().enumerate().map(|(at, day)| {
        let number = day.numbers().into_iter().nth(kind).unwrap_or_default();
        Cell {
            x: x(at),
            opacity: opacity(number),
            whole: format!("{}: {}", name(day.day), many(number)),
        }
    });
    Row {
        label,
        text_y: y + 13,
        y,
        class: if is_refused { "bad" } else { "good" },
        cells: cells.collect(),
    }
}

fn x(at: usize) -> usize {
    LABELS + at * CELL
}

fn name(day: NaiveDate) -> String {
    day.format("%-d %B").to_string()
}

fn many(number: i64) -> String {
    if number >= MOST {
        format!("{MOST} or more")
    } else {
        number.to_string()
    }
}

fn opacity(number: i64) -> &'static str {
    match number {
        0 => "0",
        1..=9 => "0.35",
        10..=49 => "0.6",
        50..=199 => "0.8",
        _ => "1",
    }
}

fn told(day: &DayCount) -> (String, [String; 4]) {
    (name(day.day), day.numbers().map(many))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(last: DayCount) -> Vec<DayCount> {
        let first = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
        let days = first.iter_days().take(28).map(|day| DayCount {
            day,
            ..DayCount::default()
        });
        let mut days: Vec<_> = days.collect();
        let day = days[27].day;
        days[27] = DayCount { day, ..last };
        days
    }

    #[test]
    fn what_happened_is_drawn_and_told_and_nothing_is_not_drawn() {
        assert!(of(&days(DayCount::default())).is_none());
        let busy = DayCount {
            sign_ins: 200,
            refused_sign_ins: 7,
            ..DayCount::default()
        };
        let strip = of(&days(busy)).unwrap();
        assert_eq!(strip.rows.len(), 4);
        for row in &strip.rows {
            assert_eq!(row.cells.len(), 28, "{}", row.label);
            assert!(row.cells.iter().all(|cell| cell.x + CELL <= strip.width));
        }
        let last: Vec<_> = strip.rows.iter().map(|row| &row.cells[27]).collect();
        assert_eq!(last[0].whole, "28 November: 200 or more");
        assert_eq!(
            [last[0].opacity, last[1].opacity, last[2].opacity],
            ["1", "0.35", "0"]
        );
        let row = ["200 or more", "7", "0", "0"].map(str::to_owned);
        assert_eq!(strip.table, [("28 November".to_owned(), row)]);
        let marked: Vec<_> = strip.days.iter().map(|(_, day)| day.as_str()).collect();
        assert_eq!(marked, ["1 November", "15 November", "28 November"]);
    }
}
