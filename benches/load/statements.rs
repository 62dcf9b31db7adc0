//! Holds a pgbench script against what the product sent, so that the limit never drifts away from
//! the product.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt::Write;

use crate::Outcome;
use crate::postgres_log::Statement;

/// A statement of a script: its text with `$1`, `$2`, … and the variables that stand there.
struct Scripted {
    text: String,
    variables: Vec<String>,
}

/// The values of the variables that the script does not set itself: those that the product sent.
/// pgbench sends NULL for a variable without a value, and takes no empty one, so that a space stands
/// for the empty text.
pub(crate) fn variables(script: &str, sent: &[Statement]) -> Outcome<BTreeMap<String, String>> {
    let scripted = parse(script);
    check_texts(&scripted, sent)?;
    let own = set_by(script);
    let mut values: BTreeMap<&str, &Option<String>> = BTreeMap::new();
    for (scripted, sent) in scripted.iter().zip(sent) {
        for (name, value) in scripted.variables.iter().zip(&sent.parameters) {
            if own.contains(name.as_str()) {
                continue;
            }
            let known = values.entry(name).or_insert(value);
            if *known != value {
                return Err(format!(
                    "`:{name}` stands for {known:?} and for {value:?}; name them differently"
                ));
            }
        }
    }
    let given = values.into_iter();
    Ok(given
        .filter_map(|(name, value)| {
            let value = value.clone()?;
            let value = if value.is_empty() {
                " ".to_owned()
            } else {
                value
            };
            Some((name.to_owned(), value))
        })
        .collect())
}

fn check_texts(scripted: &[Scripted], sent: &[Statement]) -> Outcome<()> {
    let scripted: Vec<&str> = scripted.iter().map(|s| s.text.as_str()).collect();
    let sent: Vec<String> = sent.iter().map(|s| one_line(&s.text)).collect();
    if scripted == sent {
        return Ok(());
    }
    let mut message =
        "the product sends other statements; write them into the script:\n".to_owned();
    for (place, text) in sent.iter().enumerate() {
        let same = scripted.get(place).is_some_and(|scripted| scripted == text);
        let mark = if same { "  same" } else { "  OTHER" };
        let _ = writeln!(message, "{mark} {text};");
    }
    Err(message)
}

fn one_line(text: &str) -> String {
    let text = text.trim().trim_end_matches(';');
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The names after `\set`.
fn set_by(script: &str) -> BTreeSet<&str> {
    let set = script
        .lines()
        .filter_map(|line| line.strip_prefix("\\set "));
    set.filter_map(|rest| rest.split_whitespace().next())
        .collect()
}

fn parse(script: &str) -> Vec<Scripted> {
    let of_sql = |line: &&str| !line.starts_with('\\') && !line.starts_with("--");
    let sql: Vec<&str> = script.lines().filter(of_sql).collect();
    let sql = sql.join("\n");
    let statements = sql.split(";\n").map(one_line);
    statements
        .filter(|text| !text.is_empty())
        .map(|text| number(&text))
        .collect()
}

/// Replaces `:name` by `$1`, `$2`, … as pgbench does.
fn number(text: &str) -> Scripted {
    let mut parts = text.split(':');
    let mut numbered = parts.next().unwrap_or_default().to_owned();
    let mut variables = Vec::new();
    for part in parts {
        let is_part = |character: char| character.is_ascii_alphanumeric() || character == '_';
        let rest = part.trim_start_matches(is_part);
        let name = part.strip_suffix(rest).unwrap_or_default();
        variables.push(name.to_owned());
        let _ = write!(numbered, "${}{rest}", variables.len());
    }
    Scripted {
        text: numbered,
        variables,
    }
}
