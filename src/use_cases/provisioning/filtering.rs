//! Filters: what an index can answer is asked of it, the rest is matched here, up to a limit.

use serde_json::Value;

use crate::domain::id::ScimGroupId;
use crate::domain::id::ScimResourceId;
use crate::domain::id::ScimUserId;
use crate::protocol::scim::attribute_name::AttributeName;
use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::filter::Filter;
use crate::protocol::scim::filter::Operator;
use crate::protocol::scim::list::Page;
use crate::storage::groups::GroupNarrowing;
use crate::storage::scim_resources::ResourceNarrowing;
use crate::storage::scim_users::UserNarrowing;
use crate::use_cases::provisioning::Listing;
use crate::use_cases::provisioning::error::ProvisioningError;
use crate::use_cases::provisioning::group_member::GroupMember;

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
         with eq on id, userName, externalId, emails.value, displayName of a Group, or members"
    ))
}

/// What a filter of Users is narrowed to; `None` when it cannot match anything.
pub(crate) fn narrow_users(filter: &Filter) -> Option<UserNarrowing> {
    let mut narrowing = UserNarrowing::default();
    for (name, value) in equalities(filter) {
        let folded = || Some(value.to_lowercase());
        match name.as_str() {
            _ if value.contains('\0') => return None,
            "id" => narrowing.id = Some(value.parse::<ScimUserId>().ok()?),
            "userName" => narrowing.user_name = folded(),
            "externalId" => narrowing.external_id = Some(value.to_owned()),
            "emails.value" => narrowing.email = folded(),
            _ => {}
        }
    }
    Some(narrowing)
}

/// What a filter of Groups is narrowed to; `None` when it cannot match anything.
pub(crate) fn narrow_groups(filter: &Filter) -> Option<GroupNarrowing> {
    let mut narrowing = GroupNarrowing::default();
    for (name, value) in equalities(filter) {
        match name.as_str() {
            _ if value.contains('\0') => return None,
            "id" => narrowing.id = Some(value.parse::<ScimGroupId>().ok()?),
            "displayName" => narrowing.display_name = Some(value.to_lowercase()),
            "externalId" => narrowing.external_id = Some(value.to_owned()),
            "members.value" => match GroupMember::read(value)? {
                GroupMember::User(user) => narrowing.member = Some(user),
                GroupMember::Group(group) => narrowing.nested = Some(group),
            },
            _ => {}
        }
    }
    Some(narrowing)
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

/// How often a filter speaks of an attribute of the main schema.
pub(crate) fn mentions(filter: &Filter, attribute: &str) -> usize {
    let is_it =
        |name: &AttributeName| usize::from(name.schema.is_none() && name.attribute == attribute);
    match filter {
        Filter::Compare { attribute: it, .. }
        | Filter::Present(it)
        | Filter::Element { attribute: it, .. } => is_it(it),
        Filter::And(filters) | Filter::Or(filters) => {
            filters.iter().map(|part| mentions(part, attribute)).sum()
        }
        Filter::Not(filter) => mentions(filter, attribute),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::scim::filter_check;
    use crate::protocol::scim::leniency::Leniency;
    use crate::protocol::scim::schema;

    fn user_filter(text: &str) -> Filter {
        filter_check::read(text, schema::user(), Leniency::STRICT).unwrap()
    }

    #[test]
    fn only_what_must_hold_narrows() {
        let email = Some("ana@acme.test".to_owned());
        let by_email = UserNarrowing {
            email,
            ..UserNarrowing::default()
        };
        let by_name = UserNarrowing {
            user_name: Some("ana".to_owned()),
            ..UserNarrowing::default()
        };
        let none = UserNarrowing::default();
        let cases = [
            ("userName eq \"ANA\"", &by_name),
            (
                "title pr and (active eq true and username eq \"Ana\")",
                &by_name,
            ),
            ("userName eq \"a\" or userName eq \"b\"", &none),
            ("not (userName eq \"a\")", &none),
            ("userName sw \"a\"", &none),
            ("emails eq \"Ana@acme.test\"", &by_email),
            (
                "emails[type eq \"work\" and value eq \"ana@acme.test\"]",
                &by_email,
            ),
            (
                "emails[type eq \"work\"].value eq \"ana@acme.test\"",
                &by_email,
            ),
        ];
        for (text, narrowing) in cases {
            assert_eq!(
                narrow_users(&user_filter(text)).as_ref(),
                Some(narrowing),
                "{text}"
            );
        }
    }

    #[test]
    fn an_id_of_another_form_matches_nothing() {
        for text in ["id eq \"1\"", "userName eq \"\\u0000\""] {
            assert_eq!(narrow_users(&user_filter(text)), None, "{text}");
        }
        let filter = filter_check::read("members eq \"1\"", schema::group(), Leniency::STRICT);
        assert_eq!(narrow_groups(&filter.unwrap()), None);
    }

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
