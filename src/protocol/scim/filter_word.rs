//! The words of the filter grammar: names, operators and literals (RFC 7644 §3.4.2.2).

use crate::protocol::scim::attribute_name::AttributeName;
use crate::protocol::scim::filter::Operator;
use serde_json::Number;
use serde_json::Value;
use winnow::ModalResult;
use winnow::Parser;
use winnow::ascii::alpha1;
use winnow::combinator::alt;
use winnow::combinator::cut_err;
use winnow::combinator::preceded;
use winnow::combinator::repeat;
use winnow::error::ContextError;
use winnow::error::ErrMode;
use winnow::error::StrContext;
use winnow::error::StrContextValue;
use winnow::stream::Stateful;
use winnow::token::any;
use winnow::token::none_of;
use winnow::token::take_while;

/// What is said about an attribute: only `pr` takes no value.
pub(crate) enum Relation {
    Present,
    Compared(Operator),
}

pub(crate) fn relation(keyword: &str) -> Option<Relation> {
    if keyword.eq_ignore_ascii_case("pr") {
        return Some(Relation::Present);
    }
    Operator::from_keyword(keyword).map(Relation::Compared)
}

pub(crate) type Input<'i> = Stateful<&'i str, Usage>;

/// How much of the limits is used up, and the complaint once one is passed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Usage {
    pub(crate) terms: usize,
    pub(crate) depth: usize,
    pub(crate) complaint: Option<String>,
}

pub(crate) fn expected(what: &'static str) -> StrContext {
    StrContext::Expected(StrContextValue::Description(what))
}

pub(crate) fn complain<T>(input: &mut Input<'_>, complaint: &str) -> ModalResult<T> {
    input.state.complaint = Some(complaint.to_owned());
    Err(ErrMode::Cut(ContextError::new()))
}

pub(crate) fn name(input: &mut Input<'_>) -> ModalResult<AttributeName> {
    let characters = |c: char| c.is_ascii_alphanumeric() || "$:._-/".contains(c);
    cut_err(take_while(1.., characters).verify_map(AttributeName::parse))
        .context(expected("the name of an attribute"))
        .parse_next(input)
}

pub(crate) fn sub_attribute(input: &mut Input<'_>) -> ModalResult<String> {
    let characters = |c: char| c.is_ascii_alphanumeric() || "$_-".contains(c);
    let name =
        take_while(1.., characters).verify(|text: &str| AttributeName::parse(text).is_some());
    preceded(
        ".",
        cut_err(name).context(expected("the name of a sub-attribute")),
    )
    .map(str::to_owned)
    .parse_next(input)
}

/// A string, number, `true`, `false` or `null`.
pub(crate) fn literal(input: &mut Input<'_>) -> ModalResult<Value> {
    alt((string, number, alpha1.verify_map(word))).parse_next(input)
}

fn string(input: &mut Input<'_>) -> ModalResult<Value> {
    let character = alt((none_of(['"', '\\']).void(), ("\\", any).void()));
    let characters = repeat::<_, _, (), _, _>(0.., character);
    (("\"", characters, "\"").take())
        .verify_map(|quoted: &str| serde_json::from_str::<String>(quoted).ok())
        .map(Value::String)
        .parse_next(input)
}

fn number(input: &mut Input<'_>) -> ModalResult<Value> {
    take_while(1.., |c: char| c.is_ascii_digit() || "+-.eE".contains(c))
        .verify_map(|digits: &str| serde_json::from_str::<Number>(digits).ok())
        .map(Value::Number)
        .parse_next(input)
}

fn word(text: &str) -> Option<Value> {
    let words = [
        ("true", Value::Bool(true)),
        ("false", Value::Bool(false)),
        ("null", Value::Null),
    ];
    words
        .into_iter()
        .find(|row| row.0.eq_ignore_ascii_case(text))
        .map(|row| row.1)
}
