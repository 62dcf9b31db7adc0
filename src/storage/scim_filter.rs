//! SCIM filters → SQL: what columns can answer exactly as `protocol::scim::filter_match` would
//! (RFC 7644 §3.4.2.2). Each condition is true or false, never unknown, so that `not` is safe.

use chrono::NaiveDateTime;

use crate::domain::id::ConnectionId;
use crate::domain::scope::OrgScope;
use crate::protocol::scim::attribute_name::AttributeName;
use crate::protocol::scim::filter::Filter;
use crate::protocol::scim::filter::Operator;
use crate::storage::scim_filter::columns::Column;
use crate::storage::scim_filter::columns::Columns;
use crate::storage::scim_filter::columns::Relation;

/// Whose rows are looked at.
pub type Owner<'a> = (&'a OrgScope, ConnectionId);

pub mod columns;
mod compare;
pub(crate) mod write;

/// A condition that SQL can state.
#[derive(Clone, Debug, PartialEq)]
pub enum Predicate {
    /// All of these hold; without any, every row matches.
    All(Vec<Self>),
    /// One of these holds; without any, no row matches.
    Any(Vec<Self>),
    /// This does not hold.
    Not(Box<Self>),
    /// The column has a value.
    Held(&'static str),
    /// The column has a text that is not empty.
    Filled(&'static str),
    /// The column has a text, and it compares so.
    Text(String, Operator, String),
    /// The column has a boolean, and it is this one.
    Flag(&'static str, bool),
    /// The column has an instant, and it is before this one.
    Before(&'static str, NaiveDateTime),
    /// The column has one of these keys.
    OneOf(&'static str, Vec<String>),
    /// A row beside this one matches.
    Beside(&'static Relation, Box<Self>),
}

impl Predicate {
    /// Every row.
    pub fn everything() -> Self {
        Self::All(Vec::new())
    }

    /// No row.
    pub fn nothing() -> Self {
        Self::Any(Vec::new())
    }

    /// Whether directories ask this again and again: for all, or for the one with some value.
    pub(crate) fn is_usual(&self) -> bool {
        let is_equality = |one: &Self| matches!(one, Self::Text(_, Operator::Equal, _));
        let Self::All(all) = self else {
            return false;
        };
        // Nothing that may be nested: each depth would be another statement to keep.
        match all.as_slice() {
            [] => true,
            [Self::Any(any)] => any.len() == 1 && any.iter().all(is_equality),
            _ => false,
        }
    }

    fn constant(value: bool) -> Self {
        if value {
            Self::everything()
        } else {
            Self::nothing()
        }
    }

    /// Both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::All(mut all), Self::All(more)) => {
                all.extend(more);
                Self::All(all)
            }
            (Self::All(mut all), other) => {
                all.push(other);
                Self::All(all)
            }
            (this, other) => Self::All(vec![this, other]),
        }
    }

    /// This does not hold.
    fn negated(self) -> Self {
        Self::Not(Box::new(self))
    }

    /// Whether no row can match, whatever the rows are.
    pub fn is_impossible(&self) -> bool {
        match self {
            Self::Any(any) => any.iter().all(Self::is_impossible),
            Self::All(all) => all.iter().any(Self::is_impossible),
            Self::Beside(_, test) => test.is_impossible(),
            _ => false,
        }
    }
}

/// A filter, parted into what SQL answers and what has to be matched on the rows that it gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Compiled {
    /// What SQL answers.
    pub predicate: Predicate,
    /// What is left; `None` when SQL answers the whole filter.
    pub rest: Option<Filter>,
}

/// Compiles a checked filter for a table.
pub fn compile(filter: Filter, columns: &'static Columns) -> Compiled {
    let leaf = |filter: &Filter| columns.leaf(filter);
    let element = |name: &AttributeName, filter: &Filter| columns.wider_element(name, filter);
    let parts = match filter {
        Filter::And(filters) => filters,
        filter => vec![filter],
    };
    let (mut predicate, mut left) = (Predicate::everything(), Vec::new());
    for part in parts {
        if let Some(exact) = exact(&part, &leaf) {
            predicate = predicate.and(exact);
        } else {
            predicate = predicate.and(wider(&part, (&leaf, &element)));
            left.push(part);
        }
    }
    let rest = match (left.pop(), left.is_empty()) {
        (last, true) => last,
        (last, false) => {
            left.extend(last);
            Some(Filter::And(left))
        }
    };
    Compiled { predicate, rest }
}

type Leaf<'l> = dyn Fn(&Filter) -> Option<Predicate> + 'l;
type Element<'l> = dyn Fn(&AttributeName, &Filter) -> Predicate + 'l;

/// The condition that a filter is, if there is one.
fn exact(filter: &Filter, leaf: &Leaf<'_>) -> Option<Predicate> {
    let each = |filters: &[Filter]| -> Option<Vec<Predicate>> {
        filters.iter().map(|part| exact(part, leaf)).collect()
    };
    match filter {
        Filter::And(filters) => each(filters).map(Predicate::All),
        Filter::Or(filters) => each(filters).map(Predicate::Any),
        Filter::Not(filter) => exact(filter, leaf).map(Predicate::negated),
        Filter::Compare { .. } | Filter::Present(_) | Filter::Element { .. } => leaf(filter),
    }
}

/// A condition that holds wherever a filter does.
fn wider(filter: &Filter, how: (&Leaf<'_>, &Element<'_>)) -> Predicate {
    match filter {
        Filter::And(filters) => {
            let parts = filters.iter().map(|part| wider(part, how));
            parts.fold(Predicate::everything(), Predicate::and)
        }
        Filter::Or(filters) => {
            Predicate::Any(filters.iter().map(|part| wider(part, how)).collect())
        }
        Filter::Not(_) | Filter::Compare { .. } | Filter::Present(_) => {
            exact(filter, how.0).unwrap_or_else(Predicate::everything)
        }
        Filter::Element { attribute, filter } => how.1(attribute, filter),
    }
}

impl Columns {
    fn leaf(&'static self, filter: &Filter) -> Option<Predicate> {
        match filter {
            Filter::Compare {
                attribute,
                operator,
                value,
            } => compare::any(&self.places(attribute)?, *operator, value),
            Filter::Present(attribute) => {
                let places = self.places(attribute)?.into_iter();
                let filled = places.map(|place| place.beside(place.column.filled()));
                Some(Predicate::Any(filled.collect()))
            }
            Filter::Element { attribute, filter } => self.element(attribute, filter),
            Filter::And(_) | Filter::Or(_) | Filter::Not(_) => None,
        }
    }

    /// One element matches the whole filter; exactly so, or not at all.
    fn element(&'static self, attribute: &AttributeName, filter: &Filter) -> Option<Predicate> {
        let mut found = Vec::new();
        for beside in self.beside_of(attribute) {
            let leaf = |part: &Filter| beside.leaf(part);
            let test = exact(filter, &leaf)?;
            found.push(Predicate::Beside(&beside.relation, Box::new(test)));
        }
        (!found.is_empty()).then_some(Predicate::Any(found))
    }

    /// One element matches as much of the filter as columns know.
    fn wider_element(&'static self, attribute: &AttributeName, filter: &Filter) -> Predicate {
        let found = self.beside_of(attribute).map(|beside| {
            let leaf = |part: &Filter| beside.leaf(part);
            // Elements have no elements.
            let test = wider(filter, (&leaf, &|_, _| Predicate::everything()));
            Predicate::Beside(&beside.relation, Box::new(test))
        });
        let found: Vec<Predicate> = found.collect();
        if found.is_empty() {
            return Predicate::everything();
        }
        Predicate::Any(found)
    }
}

impl columns::Beside {
    fn leaf(&'static self, filter: &Filter) -> Option<Predicate> {
        match filter {
            Filter::Compare {
                attribute,
                operator,
                value,
            } => {
                let column = self.column(&attribute.attribute)?;
                compare::any(&[Place::of(column)], *operator, value)
            }
            Filter::Present(name) => Some(self.column(&name.attribute)?.filled()),
            _ => None,
        }
    }
}

/// Where values of an attribute are: in the row, or in rows beside it.
#[derive(Clone, Copy)]
struct Place {
    relation: Option<&'static Relation>,
    column: &'static Column,
}

impl Place {
    fn of(column: &'static Column) -> Self {
        Self {
            relation: None,
            column,
        }
    }

    fn beside(self, test: Predicate) -> Predicate {
        match self.relation {
            None => test,
            Some(relation) => Predicate::Beside(relation, Box::new(test)),
        }
    }
}

#[cfg(test)]
mod tests;
