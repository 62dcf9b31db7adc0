//! Which Groups there are: pages and filters.

use std::sync::Arc;

use crate::domain::id::ScimGroupId;
use crate::protocol::scim::filter::Filter;
use crate::protocol::scim::filter_check;
use crate::protocol::scim::filter_match::matches;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::groups;
use crate::storage::groups::GroupNarrowing;
use crate::use_cases::credentials::ScimCaller;
use crate::use_cases::provisioning::ListQuery;
use crate::use_cases::provisioning::Listing;
use crate::use_cases::provisioning::error::ProvisioningError;
use crate::use_cases::provisioning::filtering;
use crate::use_cases::provisioning::filtering::CHUNK;
use crate::use_cases::provisioning::filtering::Chunk;
use crate::use_cases::provisioning::group_member;
use crate::use_cases::provisioning::group_member::GroupMember;
use crate::use_cases::provisioning::leniency;
use crate::use_cases::provisioning::mapping::GroupView;

/// Lists Groups in the order of their creation.
pub fn list(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    query: &ListQuery,
) -> Result<Listing<GroupView>, ProvisioningError> {
    let place = (&caller.scope, caller.connection.id);
    let mut listing = match &query.filter {
        None => {
            let everything = GroupNarrowing::default();
            let part = (query.page.offset(), query.page.count);
            let found = groups::list(tx, place, &everything, part)?.into_iter();
            Listing {
                resources: found
                    .map(|group| GroupView {
                        group,
                        members: None,
                        schemas: Arc::clone(&caller.schemas),
                    })
                    .collect(),
                total: groups::count(tx, place, &everything)?,
                page: query.page,
            }
        }
        Some(text) => {
            let filter = filter_check::read(text, caller.schemas.group(), leniency(caller))?;
            match filtering::narrow_groups(&filter) {
                Some(narrowing) => filtered(tx, caller, query, (&filter, &narrowing))?,
                None => Listing::empty(query.page),
            }
        }
    };
    for view in &mut listing.resources {
        view.members = if query.with_relations {
            Some(group_member::list(tx, &caller.scope, view.group.id)?)
        } else {
            None
        };
    }
    Ok(listing)
}

fn filtered(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    query: &ListQuery,
    (filter, narrowing): (&Filter, &GroupNarrowing),
) -> Result<Listing<GroupView>, ProvisioningError> {
    let place = (&caller.scope, caller.connection.id);
    filtering::scan(query.page, |offset| {
        let found = groups::list(tx, place, narrowing, (offset, CHUNK))?;
        let read = found.len();
        let (mut cost, mut matching) = (read, Vec::new());
        for group in found {
            let members = asked_about(tx, caller, group.id, (filter, narrowing))?;
            cost += members.as_ref().map_or(0, Vec::len);
            let view = GroupView {
                group,
                members,
                schemas: Arc::clone(&caller.schemas),
            };
            let kind = caller.schemas.group();
            if matches(filter, &view.represent(&query.base_url), kind) {
                matching.push(view);
            }
        }
        Ok(Chunk {
            read,
            cost,
            matching,
        })
    })
}

/// As many members as a filter has to see: for `members eq "…"` the one that the index found.
fn asked_about(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    group: ScimGroupId,
    (filter, narrowing): (&Filter, &GroupNarrowing),
) -> Result<Option<Vec<GroupMember>>, StorageError> {
    let nested = narrowing.nested.map(GroupMember::Group);
    let member = narrowing.member.map(GroupMember::User).or(nested);
    match (filtering::mentions(filter, "members"), member) {
        (0, _) => Ok(None),
        (1, Some(member)) => Ok(Some(vec![member])),
        _ => group_member::list(tx, &caller.scope, group).map(Some),
    }
}
