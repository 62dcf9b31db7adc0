//! Filters and PATCH paths from text to tree, by one grammar (RFC 7644 §3.4.2.2, §3.5.2).
//!
//! Beyond the ABNF it reads keywords and literals in any case, any amount of white space, and
//! `emails[type eq "work"].value eq "x"`, which Entra writes for one element with both.

use crate::protocol::scim::attribute_name::AttributeName;
use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::filter::Filter;
use crate::protocol::scim::filter_word::Input;
use crate::protocol::scim::filter_word::Relation;
use crate::protocol::scim::filter_word::Usage;
use crate::protocol::scim::filter_word::complain;
use crate::protocol::scim::filter_word::expected;
use crate::protocol::scim::filter_word::literal;
use crate::protocol::scim::filter_word::name;
use crate::protocol::scim::filter_word::relation;
use crate::protocol::scim::filter_word::sub_attribute;
use winnow::ModalResult;
use winnow::Parser;
use winnow::ascii::Caseless;
use winnow::ascii::alpha1;
use winnow::ascii::multispace0;
use winnow::ascii::multispace1;
use winnow::combinator::alt;
use winnow::combinator::cut_err;
use winnow::combinator::delimited;
use winnow::combinator::eof;
use winnow::combinator::opt;
use winnow::combinator::peek;
use winnow::combinator::preceded;
use winnow::combinator::separated;
use winnow::error::ContextError;
use winnow::error::ErrMode;
use winnow::stream::Stateful;

/// The greatest length of a filter or path in bytes.
pub const MAX_LENGTH: usize = 8 * 1024;
/// The greatest number of comparisons in a filter.
pub const MAX_TERMS: usize = 100;
/// The greatest depth of parentheses and brackets in a filter.
pub const MAX_DEPTH: usize = 20;

/// Reads a filter; the names in it are not looked up yet.
pub fn parse_filter(text: &str) -> Result<Filter, ScimError> {
    let end = preceded(multispace0, eof).context(expected("`and`, `or` or the end"));
    run(text, (preceded(multispace0, disjunction), cut_err(end))).map_err(|failure| {
        ScimError::InvalidFilter(format!("the filter is not valid: {}", failure.reason))
    })
}

/// Reads a PATCH path: `attribute`, `attribute.sub`, `attribute[filter]`,
/// `attribute[filter].sub`.
pub(crate) fn parse_path(text: &str) -> Result<(AttributeName, Option<Filter>), ScimError> {
    let end = eof.context(expected(
        "the end, or a filter in brackets after an attribute",
    ));
    run(text, (path, cut_err(end))).map_err(|failure| {
        let kind = if failure.nested {
            ScimError::InvalidFilter
        } else {
            ScimError::InvalidPath
        };
        kind(format!(
            "the path `{text}` is not valid: {}",
            failure.reason
        ))
    })
}

/// Why a text cannot be read, and whether the place is inside parentheses or brackets.
struct Failure {
    reason: String,
    nested: bool,
}

fn run<'i, T, E>(
    text: &'i str,
    mut grammar: impl Parser<Input<'i>, (T, E), ErrMode<ContextError>>,
) -> Result<T, Failure> {
    if text.len() > MAX_LENGTH {
        let reason = format!("it has {} bytes; at most {MAX_LENGTH} are read", text.len());
        return Err(Failure {
            reason,
            nested: false,
        });
    }
    let mut input = Stateful {
        input: text,
        state: Usage::default(),
    };
    grammar
        .parse_next(&mut input)
        .map(|found| found.0)
        .map_err(|error| {
            let context = || error.into_inner().map(|context| context.to_string());
            let complaint = input.state.complaint.take();
            let explanation = complaint.or_else(|| context().ok()).unwrap_or_default();
            let position = text.len().saturating_sub(input.input.len());
            let before = text.get(..position).unwrap_or(text).chars().count();
            let reason = format!(
                "at character {}: {}",
                before + 1,
                explanation.replace('\n', "; ")
            );
            Failure {
                reason,
                nested: input.state.depth > 0,
            }
        })
}

fn path(input: &mut Input<'_>) -> ModalResult<(AttributeName, Option<Filter>)> {
    let mut name = name.parse_next(input)?;
    if name.sub_attribute.is_some() {
        return Ok((name, None));
    }
    let filter = opt(brackets).parse_next(input)?;
    if filter.is_some() {
        name.sub_attribute = opt(sub_attribute).parse_next(input)?;
    }
    Ok((name, filter))
}

fn disjunction(input: &mut Input<'_>) -> ModalResult<Filter> {
    separated(1.., conjunction, keyword("or"))
        .map(|filters| joined(filters, Filter::Or))
        .parse_next(input)
}

fn conjunction(input: &mut Input<'_>) -> ModalResult<Filter> {
    separated(1.., term, keyword("and"))
        .map(|filters| joined(filters, Filter::And))
        .parse_next(input)
}

fn joined(mut filters: Vec<Filter>, join: fn(Vec<Filter>) -> Filter) -> Filter {
    match (filters.pop(), filters.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            filters.extend(last);
            join(filters)
        }
    }
}

fn keyword<'i>(word: &'static str) -> impl Parser<Input<'i>, (), ErrMode<ContextError>> {
    let boundary = peek(alt((multispace1.void(), "(".void())));
    (multispace0, Caseless(word), boundary, multispace0).void()
}

fn term(input: &mut Input<'_>) -> ModalResult<Filter> {
    alt((
        preceded((Caseless("not"), multispace0), group).map(|filter| Filter::Not(Box::new(filter))),
        group,
        expression,
    ))
    .parse_next(input)
}

fn group(input: &mut Input<'_>) -> ModalResult<Filter> {
    let end = cut_err(")").context(expected("`)`, `and` or `or`"));
    nested("(", end).parse_next(input)
}

fn brackets(input: &mut Input<'_>) -> ModalResult<Filter> {
    let end = cut_err("]").context(expected("`]`, `and` or `or`"));
    nested("[", end).parse_next(input)
}

fn nested<'i>(
    mut start: &'static str,
    mut end: impl Parser<Input<'i>, &'i str, ErrMode<ContextError>>,
) -> impl Parser<Input<'i>, Filter, ErrMode<ContextError>> {
    move |input: &mut Input<'i>| {
        start.parse_next(input)?;
        input.state.depth += 1;
        if input.state.depth > MAX_DEPTH {
            let complaint = format!("more than {MAX_DEPTH} nested parentheses or brackets");
            return complain(input, &complaint);
        }
        let filter = delimited(multispace0, disjunction, multispace0).parse_next(input)?;
        end.parse_next(input)?;
        input.state.depth -= 1;
        Ok(filter)
    }
}

fn expression(input: &mut Input<'_>) -> ModalResult<Filter> {
    let attribute = name.parse_next(input)?;
    let Some(filter) = opt(brackets).parse_next(input)? else {
        return comparison(attribute, input);
    };
    let filter = match opt(sub_attribute).parse_next(input)? {
        None => filter,
        Some(sub) => {
            let further = comparison(AttributeName::plain(&sub), input)?;
            match filter {
                Filter::And(filters) => Filter::And(filters.into_iter().chain([further]).collect()),
                filter => Filter::And(vec![filter, further]),
            }
        }
    };
    Ok(Filter::Element {
        attribute,
        filter: Box::new(filter),
    })
}

fn comparison(attribute: AttributeName, input: &mut Input<'_>) -> ModalResult<Filter> {
    input.state.terms += 1;
    if input.state.terms > MAX_TERMS {
        return complain(input, &format!("more than {MAX_TERMS} comparisons"));
    }
    let relation = cut_err(preceded(multispace1, alpha1.verify_map(relation)))
        .context(expected(
            "an operator: eq, ne, co, sw, ew, gt, ge, lt, le or pr",
        ))
        .parse_next(input)?;
    let Relation::Compared(operator) = relation else {
        return Ok(Filter::Present(attribute));
    };
    let value = cut_err(preceded(multispace1, literal))
        .context(expected(
            "a value: a string in double quotes, a number, true, false or null",
        ))
        .parse_next(input)?;
    Ok(Filter::Compare {
        attribute,
        operator,
        value,
    })
}

#[cfg(test)]
mod tests;
