//! One comparison of a filter as a condition on the columns that hold its attribute.

use chrono::DateTime;
use chrono::DurationRound;
use chrono::NaiveDateTime;
use chrono::TimeDelta;
use serde_json::Value;

use crate::protocol::scim::filter::Operator;
use crate::protocol::scim::filter_match::text_holds;
use crate::protocol::scim::user_name;
use crate::storage::scim_filter::Place;
use crate::storage::scim_filter::Predicate;
use crate::storage::scim_filter::columns::Column;

/// Any value compares so; without a value, only `eq null` and `ne` something do.
pub(super) fn any(places: &[Place], operator: Operator, literal: &Value) -> Option<Predicate> {
    let held = || {
        let held = places.iter().map(|place| place.beside(place.column.held()));
        Predicate::Any(held.collect())
    };
    match (operator, literal) {
        (Operator::Equal, Value::Null) => Some(held().negated()),
        (Operator::NotEqual, Value::Null) => Some(held()),
        _ => {
            let some = places.iter().map(|place| {
                let test = one(place.column, operator, literal)?;
                Some(place.beside(test))
            });
            let some = Predicate::Any(some.collect::<Option<_>>()?);
            Some(match operator {
                Operator::NotEqual => Predicate::Any(vec![held().negated(), some]),
                _ => some,
            })
        }
    }
}

/// The column has a value, and it compares so.
fn one(column: &Column, operator: Operator, literal: &Value) -> Option<Predicate> {
    match (column, literal) {
        (Column::Text(sql), Value::String(text)) => text_compared(sql, operator, text.clone()),
        (Column::Folded(sql), Value::String(text)) => {
            text_compared(sql, operator, text.to_lowercase())
        }
        (Column::UserName(sql), Value::String(text)) => {
            text_compared(sql, operator, user_name::folded(text))
        }
        (Column::Id(sql, prefix), Value::String(text)) => id(sql, prefix, (operator, text)),
        (Column::Always(held), Value::String(text)) => {
            Some(Predicate::constant(text_holds(held, operator, text)))
        }
        (Column::AlwaysFolded(held), Value::String(text)) => {
            let holds = text_holds(held, operator, &text.to_lowercase());
            Some(Predicate::constant(holds))
        }
        (Column::Flag(sql), Value::Bool(wanted)) => match operator {
            Operator::Equal => Some(Predicate::Flag(sql, *wanted)),
            Operator::NotEqual => Some(Predicate::Flag(sql, !wanted)),
            _ => None,
        },
        (Column::Instant(sql), Value::String(text)) => instant(sql, operator, text),
        _ => None,
    }
}

/// PostgreSQL has no text with U+0000, not even to compare with; no column has any either.
fn text_compared(sql: &str, operator: Operator, text: String) -> Option<Predicate> {
    let is_part = operator == Operator::Equal || operator.is_substring();
    match (text.contains('\0'), is_part) {
        (true, true) => Some(Predicate::nothing()),
        (true, false) => None,
        (false, _) => Some(Predicate::Text(sql.to_owned(), operator, text)),
    }
}

/// The index has the key alone.
fn id(sql: &str, prefix: &str, (operator, text): (Operator, &str)) -> Option<Predicate> {
    let key = text.strip_prefix(prefix);
    match (operator, key) {
        (Operator::Equal, None) => Some(Predicate::nothing()),
        (Operator::Equal, Some(key)) => text_compared(sql, operator, key.to_owned()),
        _ => text_compared(&format!("('{prefix}' || {sql})"), operator, text.to_owned()),
    }
}

/// Instants are compared as they are shown, by their milliseconds: a shown one is not before the
/// literal when the whole one is not before the literal's next full millisecond.
fn instant(sql: &'static str, operator: Operator, text: &str) -> Option<Predicate> {
    let literal = DateTime::parse_from_rfc3339(text).ok()?.naive_utc();
    let millisecond = TimeDelta::milliseconds(1);
    let floor: NaiveDateTime = literal.duration_trunc(millisecond).ok()?;
    let after = floor.checked_add_signed(millisecond)?;
    let ceiling = if floor == literal { floor } else { after };
    let before = |instant| Predicate::Before(sql, instant);
    let equal = || Predicate::All(vec![before(ceiling).negated(), before(after)]);
    match operator {
        Operator::LessThan => Some(before(ceiling)),
        Operator::LessOrEqual => Some(before(after)),
        Operator::GreaterThan => Some(before(after).negated()),
        Operator::GreaterOrEqual => Some(before(ceiling).negated()),
        Operator::Equal => Some(equal()),
        Operator::NotEqual => Some(equal().negated()),
        Operator::Contains | Operator::StartsWith | Operator::EndsWith => None,
    }
}
