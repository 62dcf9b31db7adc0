//! Which Users there are: pages and filters.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::id::ScimGroupId;
use crate::domain::id::ScimUserId;
use crate::protocol::scim::filter::Filter;
use crate::protocol::scim::filter_check;
use crate::protocol::scim::filter_match::matches;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::group_members;
use crate::storage::scim_users;
use crate::storage::scim_users::ScimUser;
use crate::storage::scim_users::UserNarrowing;
use crate::use_cases::credentials::ScimCaller;
use crate::use_cases::provisioning::ListQuery;
use crate::use_cases::provisioning::Listing;
use crate::use_cases::provisioning::error::ProvisioningError;
use crate::use_cases::provisioning::filtering;
use crate::use_cases::provisioning::filtering::CHUNK;
use crate::use_cases::provisioning::filtering::Chunk;
use crate::use_cases::provisioning::leniency;
use crate::use_cases::provisioning::mapping::UserView;

/// Lists Users in the order of their creation.
pub fn list(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    query: &ListQuery,
) -> Result<Listing<UserView>, ProvisioningError> {
    let narrowest = UserNarrowing::default();
    let place = (&caller.scope, caller.connection.id);
    let Some(text) = &query.filter else {
        let part = (query.page.offset(), query.page.count);
        let users = scim_users::list(tx, place, &narrowest, part)?;
        return Ok(Listing {
            resources: views(tx, caller, users, query.with_relations)?,
            total: scim_users::count(tx, place, &narrowest)?,
            page: query.page,
        });
    };
    let filter = filter_check::read(text, caller.schemas.user(), leniency(caller))?;
    let Some(narrowing) = filtering::narrow_users(&filter) else {
        return Ok(Listing::empty(query.page));
    };
    let found = filtered(tx, caller, query, (&filter, &narrowing))?;
    if found.total > 0 || narrowing.email.is_none() {
        return Ok(found);
    }
    // The index knows one address of each User; this may be another one.
    let wider = UserNarrowing {
        email: None,
        ..narrowing
    };
    filtered(tx, caller, query, (&filter, &wider))
}

fn filtered(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    query: &ListQuery,
    (filter, narrowing): (&Filter, &UserNarrowing),
) -> Result<Listing<UserView>, ProvisioningError> {
    let with_groups = query.with_relations || filtering::mentions(filter, "groups") > 0;
    let place = (&caller.scope, caller.connection.id);
    filtering::scan(query.page, |offset| {
        let users = scim_users::list(tx, place, narrowing, (offset, CHUNK))?;
        let read = users.len();
        let mut matching = views(tx, caller, users, with_groups)?;
        let kind = caller.schemas.user();
        matching.retain(|view| matches(filter, &view.represent(&query.base_url), kind));
        Ok(Chunk {
            read,
            cost: read,
            matching,
        })
    })
}

fn views(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    users: Vec<ScimUser>,
    with_groups: bool,
) -> Result<Vec<UserView>, StorageError> {
    let ids: Vec<ScimUserId> = users.iter().map(|user| user.id).collect();
    let mut groups: HashMap<ScimUserId, Vec<(ScimGroupId, String)>> = HashMap::new();
    if with_groups && !ids.is_empty() {
        for (user, group, name) in group_members::places(tx, &caller.scope, &ids)? {
            groups.entry(user).or_default().push((group, name));
        }
    }
    let with_theirs = users.into_iter().map(|user| UserView {
        groups: groups.remove(&user.id).unwrap_or_default(),
        user,
        schemas: Arc::clone(&caller.schemas),
    });
    Ok(with_theirs.collect())
}
