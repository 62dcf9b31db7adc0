//! The syntax tree of a filter and its printing (RFC 7644 §3.4.2.2).

use crate::protocol::scim::attribute_name::AttributeName;
use serde_json::Value;
use std::fmt;

/// A filter, as written or, after `filter_check`, in canonical form.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// `userName eq "ana"`
    Compare {
        /// What is compared.
        attribute: AttributeName,
        /// How it is compared.
        operator: Operator,
        /// A string, number, boolean or null.
        value: Value,
    },
    /// `title pr`
    Present(AttributeName),
    /// `emails[type eq "work"]`: one element satisfies the whole inner filter, whose names are
    /// those of sub-attributes.
    Element {
        /// The attribute whose elements are looked at.
        attribute: AttributeName,
        /// What one of them must satisfy.
        filter: Box<Filter>,
    },
    /// At least two filters, all of which must hold.
    And(Vec<Filter>),
    /// At least two filters, one of which must hold.
    Or(Vec<Filter>),
    /// A filter that must not hold.
    Not(Box<Filter>),
}

/// A comparison operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `eq`
    Equal,
    /// `ne`
    NotEqual,
    /// `co`
    Contains,
    /// `sw`
    StartsWith,
    /// `ew`
    EndsWith,
    /// `gt`
    GreaterThan,
    /// `ge`
    GreaterOrEqual,
    /// `lt`
    LessThan,
    /// `le`
    LessOrEqual,
}

const OPERATORS: [(Operator, &str); 9] = [
    (Operator::Equal, "eq"),
    (Operator::NotEqual, "ne"),
    (Operator::Contains, "co"),
    (Operator::StartsWith, "sw"),
    (Operator::EndsWith, "ew"),
    (Operator::GreaterThan, "gt"),
    (Operator::GreaterOrEqual, "ge"),
    (Operator::LessThan, "lt"),
    (Operator::LessOrEqual, "le"),
];

impl Operator {
    /// The operator of this keyword, in any case.
    pub fn from_keyword(keyword: &str) -> Option<Self> {
        let mut rows = OPERATORS.iter();
        rows.find(|row| row.1.eq_ignore_ascii_case(keyword))
            .map(|row| row.0)
    }

    /// The keyword.
    pub fn keyword(self) -> &'static str {
        OPERATORS
            .iter()
            .find(|row| row.0 == self)
            .map_or("eq", |row| row.1)
    }

    /// Whether the operator asks for an order of values.
    pub fn is_ordering(self) -> bool {
        matches!(
            self,
            Self::GreaterThan | Self::GreaterOrEqual | Self::LessThan | Self::LessOrEqual
        )
    }

    /// Whether the operator looks at parts of a string.
    pub fn is_substring(self) -> bool {
        matches!(self, Self::Contains | Self::StartsWith | Self::EndsWith)
    }
}

impl Filter {
    /// The values that a new element must have to satisfy this filter: the `eq` comparisons that
    /// are not inside `or` or `not`.
    pub fn required_values(&self) -> Vec<(&str, &Value)> {
        match self {
            Self::Compare {
                attribute,
                operator: Operator::Equal,
                value,
            } => {
                vec![(attribute.attribute.as_str(), value)]
            }
            Self::And(filters) => filters.iter().flat_map(Self::required_values).collect(),
            Self::Compare { .. }
            | Self::Present(_)
            | Self::Element { .. }
            | Self::Or(_)
            | Self::Not(_) => Vec::new(),
        }
    }

    fn print_operand(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(_) | Self::Or(_) => write!(formatter, "({self})"),
            Self::Compare { .. } | Self::Present(_) | Self::Element { .. } | Self::Not(_) => {
                write!(formatter, "{self}")
            }
        }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (filters, separator) = match self {
            Self::Compare {
                attribute,
                operator,
                value,
            } => {
                return write!(formatter, "{attribute} {} {value}", operator.keyword());
            }
            Self::Present(attribute) => return write!(formatter, "{attribute} pr"),
            Self::Element { attribute, filter } => {
                return write!(formatter, "{attribute}[{filter}]");
            }
            Self::Not(filter) => return write!(formatter, "not ({filter})"),
            Self::And(filters) => (filters, " and "),
            Self::Or(filters) => (filters, " or "),
        };
        for (position, filter) in filters.iter().enumerate() {
            if position > 0 {
                formatter.write_str(separator)?;
            }
            filter.print_operand(formatter)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Filter;
    use super::Operator;
    use crate::protocol::scim::attribute_name::AttributeName;
    use serde_json::json;

    fn equals(attribute: &str, value: &str) -> Filter {
        Filter::Compare {
            attribute: AttributeName::plain(attribute),
            operator: Operator::Equal,
            value: json!(value),
        }
    }

    #[test]
    fn groups_are_printed_in_parentheses() {
        let either = Filter::Or(vec![equals("a", "1"), equals("b", "\"")]);
        let filter = Filter::And(vec![
            Filter::Not(Box::new(either.clone())),
            Filter::Element {
                attribute: AttributeName::plain("emails"),
                filter: Box::new(equals("type", "work")),
            },
            either,
        ]);
        assert_eq!(
            filter.to_string(),
            r#"not (a eq "1" or b eq "\"") and emails[type eq "work"] and (a eq "1" or b eq "\"")"#
        );
    }

    #[test]
    fn only_certain_values_are_required_of_a_new_element() {
        let filter = Filter::And(vec![
            equals("type", "work"),
            Filter::Or(vec![equals("value", "x"), equals("value", "y")]),
            Filter::Not(Box::new(equals("display", "z"))),
        ]);
        assert_eq!(filter.required_values(), vec![("type", &json!("work"))]);
    }
}
