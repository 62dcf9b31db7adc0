//! The limit of a row: what the product asked PostgreSQL, as scripts with which pgbench asks the
//! same. They are made from what the server was seen to send, so that they cannot drift away.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::io::Read;
use std::io::Seek;
use std::io::SeekFrom;
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::Outcome;
use crate::http::Client;
use crate::postgres_log;
use crate::postgres_log::Statement;
use crate::rows::Row;
use crate::rows::unique_part;
use crate::world;
use crate::world::World;

/// A longer text stays as it was seen, even if it names what must be unique elsewhere.
const LONGEST_UNIQUE: usize = 300;
/// The clients of a script change what no client of a measurement changes.
const FIRST_CLIENT: u32 = 100;
/// How often the log is looked at until it tells the end of every transaction.
const PATIENCE: usize = 50;

/// Sends requests of a row, one after the other, and writes a script for each into a folder, beside
/// the arguments that give their variables. What writes is there again in a folder `one`, as a single
/// statement for each request: nobody can write the same with less.
pub(crate) fn capture(row: Row, world: &World, (log, folder): (&Path, &Path)) -> Outcome<()> {
    let mut requests = row.requests(world, 0)?;
    let mut client = Client::connect(&world.at)?;
    let mut defines = BTreeMap::new();
    let mut statements = Vec::new();
    // Prepares what is prepared once, and lets a connection come to rest.
    for _ in 0..24 {
        client.send(&requests(None))?;
    }
    for (number, place) in (0..row.captures()).zip(FIRST_CLIENT..) {
        let mut script = Script::new(number);
        let mut requests = row.requests(world, place)?;
        for _ in 0..row.requests_a_script() {
            let request = requests(None);
            let (answer, sent) = seen(log, || client.send(&request))?;
            if !row.statuses().contains(&answer.status) {
                return Err(world::refused(&row.name(1), &answer));
            }
            statements.push(sent.len());
            script.add(&sent, unique_part(&request).as_deref());
        }
        let name = format!("{number:03}.sql");
        keep(folder, &name, &script.text(&script.turns))?;
        if script.writes.iter().all(|write| !write.is_empty()) {
            keep(&folder.join("one"), &name, &script.text(&script.writes))?;
        }
        script.define(&mut defines);
    }
    statements.sort_unstable();
    let usual = statements.get(statements.len() / 2).copied();
    let mut arguments = format!("{}\0", usual.unwrap_or_default());
    for (name, value) in defines {
        let _ = write!(arguments, "--define={name}={value}\0");
    }
    keep(folder, "arguments", &arguments)
}

fn keep(folder: &Path, name: &str, text: &str) -> Outcome<()> {
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(folder.join(name), text));
    written.map_err(|error| format!("{} in {}: {error}", name, folder.display()))
}

/// Sends requests of a row one after the other, for a server that logs what it asks SQLite.
pub(crate) fn send(row: Row, world: &World, count: usize) -> Outcome<()> {
    let mut requests = row.requests(world, FIRST_CLIENT)?;
    let mut client = Client::connect(&world.at)?;
    (0..count).try_for_each(|_| {
        let answer = client.send(&requests(None))?;
        if row.statuses().contains(&answer.status) {
            Ok(())
        } else {
            Err(world::refused(&row.name(1), &answer))
        }
    })
}

/// What was logged while something was done.
fn seen<T>(log: &Path, act: impl FnOnce() -> Outcome<T>) -> Outcome<(T, Vec<Statement>)> {
    let failed = |error: std::io::Error| format!("{}: {error}", log.display());
    let mut file = fs::File::open(log).map_err(failed)?;
    file.seek(SeekFrom::End(0)).map_err(failed)?;
    let result = act()?;
    let mut text = String::new();
    for _ in 0..PATIENCE {
        // A transaction that only reads may end after its answer.
        thread::sleep(Duration::from_millis(40));
        file.read_to_string(&mut text).map_err(failed)?;
        // What was read may end in the middle of a line.
        let statements = postgres_log::statements(&text).unwrap_or_default();
        if !statements.is_empty() && have_ended(&statements) {
            return Ok((result, statements));
        }
    }
    Err(format!("this does not end, or is not readable: {text}"))
}

fn have_ended(statements: &[Statement]) -> bool {
    let count = |word: &str| {
        let texts = statements.iter().map(|statement| &statement.text);
        texts.filter(|text| text.starts_with(word)).count()
    };
    count("BEGIN") == count("COMMIT") + count("ROLLBACK")
}

/// One file for pgbench: the statements of one request, or of a few that are sent in turns. Each is a
/// transaction of pgbench's own, which would otherwise repeat all of them when one loses a race.
struct Script {
    number: usize,
    /// The values that are the same each time, and their names.
    values: BTreeMap<String, String>,
    /// The identifiers that the product made, and their names.
    fresh: BTreeMap<String, String>,
    turns: Vec<String>,
    /// What each turn writes, as one statement.
    writes: Vec<String>,
}

impl Script {
    fn new(number: usize) -> Self {
        Self {
            number,
            values: BTreeMap::new(),
            fresh: BTreeMap::new(),
            turns: Vec::new(),
            writes: Vec::new(),
        }
    }

    fn add(&mut self, sent: &[Statement], unique: Option<&str>) {
        let mut known: Vec<&str> = Vec::new();
        let (mut turn, mut writes) = (String::new(), Vec::new());
        for statement in sent {
            let parameters: Vec<Option<&str>> =
                statement.parameters.iter().map(Option::as_deref).collect();
            // Also as a part of a statement of several parts.
            if statement.text.contains("INSERT INTO ") {
                known.extend(compared(statement));
                for value in parameters.iter().flatten() {
                    // Also as one of a list.
                    let is_known = known.iter().any(|known| known.contains(value));
                    if is_identifier(value) && !is_known {
                        let name = format!("fresh_{}", self.fresh.len());
                        self.fresh.entry((*value).to_owned()).or_insert(name);
                    }
                }
            }
            known.extend(parameters.iter().flatten());
            let text = self.with_variables(statement, unique);
            let _ = writeln!(turn, "{text};");
            writes.extend(Some(text).filter(|text| is_writing(text)));
        }
        self.turns.push(turn);
        self.writes.push(one_statement(&writes));
    }

    /// `$1` becomes the name of its value. What the product has by numbers, it has by numbers here.
    fn with_variables(&mut self, statement: &Statement, unique: Option<&str>) -> String {
        let mut pieces = statement.text.split('$');
        let mut text = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let rest = piece.trim_start_matches(|character: char| character.is_ascii_digit());
            let digits = piece.strip_suffix(rest).unwrap_or_default();
            let place = digits.parse::<usize>().ok();
            let value = place.and_then(|place| statement.parameters.get(place.wrapping_sub(1)));
            match value {
                Some(value) => text.push_str(&self.variable(value.as_deref(), unique)),
                None => {
                    let _ = write!(text, "${digits}");
                }
            }
            text.push_str(rest);
        }
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn variable(&mut self, value: Option<&str>, unique: Option<&str>) -> String {
        // pgbench sends NULL for a variable without a value.
        let Some(value) = value else {
            return ":no_value".to_owned();
        };
        if let Some(name) = self.fresh.get(value) {
            return format!(":{name}");
        }
        let parts = unique
            .filter(|_| value.len() <= LONGEST_UNIQUE)
            .and_then(|unique| value.split_once(unique));
        match parts {
            Some((before, after)) => {
                let (before, after) = (self.constant(before), self.constant(after));
                format!("(:{before}::text || :unique::text || :{after}::text)")
            }
            None => format!(":{}", self.constant(value)),
        }
    }

    fn constant(&mut self, value: &str) -> String {
        let next = format!("v{}_{}", self.number, self.values.len());
        let name = self.values.entry(value.to_owned()).or_insert(next);
        name.clone()
    }

    /// A whole script that sends these in turns.
    fn text(&self, turns: &[String]) -> String {
        let mut text = "\\set n :n + 1\n\
             \\set unique random(1000000000000000000, 9000000000000000000)\n"
            .to_owned();
        for (place, name) in self.fresh.values().enumerate() {
            // Ascending over time, as the product's identifiers are.
            let _ = writeln!(
                text,
                "\\set {name} 1000000000000000000 + 100000 * :n + 100 * :client_id + {place}"
            );
        }
        for (place, turn) in turns.iter().enumerate() {
            let next = (place + 1) % turns.len();
            let _ = write!(
                text,
                "\\if :turn = {place}\n{turn}\\set next {next}\n\\endif\n"
            );
        }
        text.push_str("\\set turn :next\n");
        text
    }

    /// Adds its constants to those of the others.
    fn define(self, defines: &mut BTreeMap<String, String>) {
        // pgbench takes no empty value.
        let values = self.values.into_iter().map(|(value, name)| {
            let value = if value.is_empty() {
                " ".to_owned()
            } else {
                value
            };
            (name, value)
        });
        defines.extend(values);
    }
}

fn is_writing(text: &str) -> bool {
    let begins = |word: &&str| text.starts_with(*word);
    let words = ["WITH part_", "INSERT ", "UPDATE ", "DELETE "];
    words.iter().any(begins)
}

/// The writing statements of a transaction, which have parts, as the parts of one.
fn one_statement(writes: &[String]) -> String {
    let part = |(number, text): (usize, &String)| {
        let parts = text.strip_prefix("WITH ");
        match parts.and_then(|parts| parts.strip_suffix(" SELECT 1")) {
            Some(parts) => parts.replace("part_", &format!("write_{number}_part_")),
            None => format!("write_{number} AS ({text})"),
        }
    };
    match writes {
        [] => String::new(),
        [only] => format!("{only};\n"),
        several => {
            let parts: Vec<String> = several.iter().enumerate().map(part).collect();
            format!("WITH {} SELECT 1;\n", parts.join(", "))
        }
    }
}

/// The values that rows which are there already are found by: those that stand beside the column of
/// a table, in the statement's own spelling.
fn compared(statement: &Statement) -> impl Iterator<Item = &str> {
    let pieces = statement.text.split('$');
    let pairs = pieces.clone().zip(pieces.skip(1));
    pairs.filter_map(|(before, after)| {
        let column = before.strip_suffix(" = ")?.rsplit([' ', '(']).next()?;
        let digits = after
            .split(|character: char| !character.is_ascii_digit())
            .next()?;
        let place = digits.parse::<usize>().ok()?.checked_sub(1)?;
        let value = statement.parameters.get(place)?.as_deref();
        value.filter(|_| column.contains("\".\""))
    })
}

fn is_identifier(value: &str) -> bool {
    value.len() == 36 && value.bytes().filter(|byte| *byte == b'-').count() == 4
}
