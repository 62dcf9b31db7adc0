//! How a query is answered: what SQL finds of each collection, and what is matched here.

use crate::protocol::scim::as_kept::may_be_as_kept;
use crate::protocol::scim::attribute_name::AttributeName;
use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::filter::Filter;
use crate::protocol::scim::filter_check;
use crate::protocol::scim::schema::ResourceType;
use crate::protocol::scim::search_request::SearchRequest;
use crate::protocol::scim::sort;
use crate::storage::scim_filter;
use crate::storage::scim_filter::Predicate;
use crate::storage::scim_pages::Order;
use crate::use_cases::credentials::ScimCaller;
use crate::use_cases::provisioning::collection::Collection;
use crate::use_cases::provisioning::leniency;

/// What is asked of one collection.
pub(crate) struct Plan<'c> {
    pub(crate) collection: &'c Collection,
    pub(crate) kind: &'c ResourceType,
    /// What SQL answers.
    pub(crate) predicate: Predicate,
    /// What is left of the filter.
    pub(crate) rest: Option<Filter>,
    /// What it is sorted by, if there is such a thing; otherwise `sortBy` says nothing.
    pub(crate) sort: Option<AttributeName>,
    /// Whether resources are shown as they are kept, as long as nothing is matched or sorted here.
    pub(crate) is_as_kept: bool,
}

impl Plan<'_> {
    /// Whether what is matched or sorted here has to be seen with its relations.
    pub(crate) fn looks_at_relations(&self) -> bool {
        let Some(relation) = self.collection.relation() else {
            return false;
        };
        let sorted = self.sort.iter().any(|name| is_main(name, relation));
        sorted || self.rest.iter().any(|rest| mentions(rest, relation))
    }

    /// The order that SQL gives, where SQL answers the whole filter.
    pub(crate) fn order(&self, is_descending: bool) -> Option<Order> {
        let name = self.sort.as_ref().filter(|_| self.rest.is_none())?;
        Order::by(self.collection.columns()?, name, is_descending)
    }
}

/// Plans a query over some collections.
pub(crate) fn plan<'c>(
    caller: &'c ScimCaller,
    collections: &'c [Collection],
    request: &SearchRequest,
) -> Result<Vec<Plan<'c>>, ScimError> {
    let leniency = leniency(caller);
    let kinds = collections.iter().map(|it| it.kind(&caller.schemas));
    let kinds: Vec<&ResourceType> = kinds.collect();
    let mut plans = Vec::new();
    for (collection, kind) in collections.iter().zip(&kinds) {
        let filter = request.filter.as_ref();
        let filter = filter.map(|text| filter_check::read_among(text, kind, &kinds, leniency));
        let (predicate, rest) = divided(filter.transpose()?, collection);
        let by = request.sort.as_ref().map(|sort| sort.by.as_str());
        let sort = by.and_then(|by| sort::resolve(by, kind, leniency));
        let is_as_kept = may_be_as_kept(kind, &request.projection(kind));
        plans.push(Plan {
            collection,
            kind,
            predicate,
            rest,
            sort,
            is_as_kept,
        });
    }
    Ok(plans)
}

/// What SQL answers of a filter, and what is left of it.
fn divided(filter: Option<Filter>, collection: &Collection) -> (Predicate, Option<Filter>) {
    match (filter, collection.columns()) {
        (Some(filter), Some(columns)) => {
            let compiled = scim_filter::compile(filter, columns);
            (compiled.predicate, compiled.rest)
        }
        (rest, _) => (Predicate::everything(), rest),
    }
}

fn is_main(name: &AttributeName, attribute: &str) -> bool {
    name.schema.is_none() && name.attribute == attribute
}

/// Whether a filter speaks of an attribute of the main schema.
fn mentions(filter: &Filter, attribute: &str) -> bool {
    match filter {
        Filter::Compare {
            attribute: name, ..
        }
        | Filter::Present(name)
        | Filter::Element {
            attribute: name, ..
        } => is_main(name, attribute),
        Filter::And(filters) | Filter::Or(filters) => {
            filters.iter().any(|part| mentions(part, attribute))
        }
        Filter::Not(filter) => mentions(filter, attribute),
    }
}
