//! Filters: what an index can answer is asked of it, the rest is matched here, up to a limit.

use serde_json::Value;

use crate::domain::id::ScimResourceId;
use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::filter::Filter;
use crate::protocol::scim::filter::Operator;
use crate::protocol::scim::list::Page;
use crate::storage::scim_resources::ResourceNarrowing;
use crate::use_cases::provisioning::Listing;
use crate::use_cases::provisioning::error::ProvisioningError;

/// How many rows are read at once.
pub(crate) const CHUNK: i64 = 500;
/// How many resources and members are looked at for one query.
const MOST_SCANNED: i64 = 20_000;

/// A part of the rows that an index narrowed a query to.
pub(crate) struct Chunk<T> {
    /// How many rows were read.
    pub(crate) read: usize,
    /// How much reading them cost, in resources and members.
    pub(crate) cost: usize,
    /// Those that match.
    pub(crate) matching: Vec<T>,
}

/// Reads chunk after chunk and keeps what the page asks for.
pub(crate) fn scan<T>(
    page: Page,
    mut chunk_after: impl FnMut(i64) -> Result<Chunk<T>, ProvisioningError>,
) -> Result<Listing<T>, ProvisioningError> {
    let mut listing = Listing::empty(page);
    let (mut offset, mut scanned) = (0, 0_i64);
    loop {
        let chunk = chunk_after(offset)?;
        for resource in chunk.matching {
            let wanted = page.offset()..page.offset().saturating_add(page.count);
            if wanted.contains(&listing.total) {
                listing.resources.push(resource);
            }
            listing.total += 1;
        }
        if i64::try_from(chunk.read).unwrap_or(CHUNK) < CHUNK {
            return Ok(listing);
        }
        offset += CHUNK;
        scanned = scanned.saturating_add(i64::try_from(chunk.cost).unwrap_or(i64::MAX));
        if scanned >= MOST_SCANNED {
            return Err(too_many().into());
        }
    }
}

fn too_many() -> ScimError {
    ScimError::TooMany(format!(
        "the filter would have to look at more than {MOST_SCANNED} resources; add a comparison \
         with eq on id or externalId"
    ))
}

/// What a filter of a connection's own resources is narrowed to; `None` when it cannot match
/// anything.
pub(crate) fn narrow_resources(filter: &Filter) -> Option<ResourceNarrowing> {
    let mut narrowing = ResourceNarrowing::default();
    for (name, value) in equalities(filter) {
        match name.as_str() {
            _ if value.contains('\0') => return None,
            "id" => narrowing.id = Some(value.parse::<ScimResourceId>().ok()?),
            "externalId" => narrowing.external_id = Some(value.to_owned()),
            _ => {}
        }
    }
    Some(narrowing)
}

/// The comparisons with a text by `eq` that must hold whatever else the filter says.
fn equalities(filter: &Filter) -> Vec<(String, &str)> {
    match filter {
        Filter::Compare {
            attribute,
            operator: Operator::Equal,
            value: Value::String(value),
        } => vec![(attribute.to_string(), value.as_str())],
        Filter::Element { attribute, filter } => {
            let required = filter.required_values().into_iter();
            required
                .filter_map(|(name, value)| Some((format!("{attribute}.{name}"), value.as_str()?)))
                .collect()
        }
        Filter::And(filters) => filters.iter().flat_map(equalities).collect(),
        Filter::Compare { .. } | Filter::Present(_) | Filter::Or(_) | Filter::Not(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn a_scan_stops_at_its_limit_and_counts_what_is_off_the_page() {
        let page = Page {
            start_index: 3,
            count: 2,
        };
        let once = |_| {
            Ok(Chunk {
                read: 5,
                cost: 5,
                matching: vec![1, 2, 3, 4, 5],
            })
        };
        let listing = scan(page, once).unwrap();
        assert_eq!((listing.resources, listing.total), (vec![3, 4], 5));
        let mut chunks = 0;
        let endless = |_| {
            chunks += 1;
            Ok(Chunk::<i32> {
                read: 500,
                cost: 500,
                matching: Vec::new(),
            })
        };
        let refused = scan(page, endless).unwrap_err();
        assert!(matches!(
            refused,
            ProvisioningError::Scim(ScimError::TooMany(_))
        ));
        assert_eq!(chunks, 40);
    }
}
