//! What PostgreSQL logs with `log_statement = all`: statements with their parameters.

use std::collections::HashMap;

use crate::Outcome;

/// A statement as it arrived.
#[derive(Debug, Default)]
pub(crate) struct Statement {
    /// The connection that it came through.
    backend: String,
    /// With `$1`, `$2`, …
    pub(crate) text: String,
    /// The values of those; `None` is NULL.
    pub(crate) parameters: Vec<Option<String>>,
}

/// What the product writes in the background, whatever it is asked just then.
const BACKGROUND: [&str; 6] = [
    "scim_requests",
    "\"mails\"",
    "\"sms_messages\"",
    "\"signing_keys\"",
    "domain_proofs",
    "pg_stat_user_tables",
];

/// The statements in a part of the log, in their order, but for those of the background.
pub(crate) fn statements(log: &str) -> Outcome<Vec<Statement>> {
    let mut found: Vec<Statement> = Vec::new();
    for entry in entries(log) {
        let backend = backend(&entry);
        if let Some((_, text)) = entry.split_once("LOG:  statement: ") {
            found.push(Statement::of(backend, text));
        } else if let Some((_, named)) = entry.split_once("LOG:  execute ") {
            let (_, text) = named.split_once(": ").unwrap_or_default();
            found.push(Statement::of(backend, text));
        } else if let Some((_, values)) = entry.split_once("DETAIL:  parameters: ") {
            let last = found.iter_mut().rev().find(|last| last.backend == backend);
            last.ok_or("the log begins in the middle of a statement")?
                .parameters = parameters(values)?;
        }
    }
    Ok(without_background(found))
}

impl Statement {
    fn of(backend: &str, text: &str) -> Self {
        Self {
            backend: backend.to_owned(),
            text: text.to_owned(),
            parameters: Vec::new(),
        }
    }
}

/// `[1234]` of `2026-01-31 12:00:00.000 UTC [1234] LOG:  …`, which is PostgreSQL's default prefix.
fn backend(entry: &str) -> &str {
    let after = entry.split_once('[').map(|(_, after)| after);
    after
        .and_then(|after| after.split_once(']'))
        .map(|(backend, _)| backend)
        .unwrap_or_default()
}

fn without_background(statements: Vec<Statement>) -> Vec<Statement> {
    let mut kept: Vec<(usize, Statement)> = Vec::new();
    let mut transactions: HashMap<String, usize> = HashMap::new();
    let mut background: Vec<usize> = Vec::new();
    for (place, statement) in statements.into_iter().enumerate() {
        let begins = statement.text.starts_with("BEGIN");
        let ends = ["COMMIT", "ROLLBACK"];
        let ends = ends.iter().any(|end| statement.text.starts_with(end));
        if ends && !transactions.contains_key(&statement.backend) {
            // Of a transaction that began before this part of the log.
            continue;
        }
        let transaction = transactions
            .entry(statement.backend.clone())
            .or_insert(place);
        if begins {
            *transaction = place;
        }
        if BACKGROUND
            .iter()
            .any(|table| statement.text.contains(table))
        {
            background.push(*transaction);
        }
        kept.push((*transaction, statement));
    }
    kept.retain(|(transaction, _)| !background.contains(transaction));
    kept.into_iter().map(|(_, statement)| statement).collect()
}

/// Lines that begin with a tab belong to the line before.
fn entries(log: &str) -> Vec<String> {
    let mut entries: Vec<String> = Vec::new();
    for line in log.lines() {
        match (line.strip_prefix('\t'), entries.last_mut()) {
            (Some(rest), Some(entry)) => {
                entry.push('\n');
                entry.push_str(rest);
            }
            _ => entries.push(line.to_owned()),
        }
    }
    entries
}

/// Reads `$1 = 'it''s', $2 = NULL`.
fn parameters(mut rest: &str) -> Outcome<Vec<Option<String>>> {
    let mut values = Vec::new();
    loop {
        let unreadable = || format!("these are no parameters: {rest}");
        let (_, value) = rest.split_once(" = ").ok_or_else(unreadable)?;
        let (value, after) = if let Some(after) = value.strip_prefix("NULL") {
            (None, after)
        } else {
            let quoted = value.strip_prefix('\'').ok_or_else(unreadable)?;
            let (value, after) = unquote(quoted).ok_or_else(unreadable)?;
            (Some(value), after)
        };
        values.push(value);
        match after.strip_prefix(", ") {
            Some(more) => rest = more,
            None => return Ok(values),
        }
    }
}

/// The text up to the closing quote, where two quotes stand for one, and what follows.
fn unquote(mut quoted: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    loop {
        let (before, after) = quoted.split_once('\'')?;
        value.push_str(before);
        match after.strip_prefix('\'') {
            Some(more) => {
                value.push('\'');
                quoted = more;
            }
            None => return Some((value, after)),
        }
    }
}
