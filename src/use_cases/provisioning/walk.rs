//! The rows of a page: read from the database as they are, or found by going through what it
//! narrows a query to, up to a limit.

use std::borrow::Cow;

use serde_json::Map;
use serde_json::Value;

use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::filter_match::matches;
use crate::protocol::scim::sort;
use crate::protocol::scim::sort::SortKey;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::scim_pages::Part;
use crate::use_cases::credentials::ScimCaller;
use crate::use_cases::provisioning::collection::Row;
use crate::use_cases::provisioning::cursor::Position;
use crate::use_cases::provisioning::error::ProvisioningError;
use crate::use_cases::provisioning::plan::Plan;
use crate::use_cases::provisioning::search::Findings;
use crate::use_cases::provisioning::search::Window;
use crate::use_cases::provisioning::shown::Reader;
use crate::use_cases::provisioning::shown::Shown;
use crate::use_cases::provisioning::shown::show;

/// How many rows are read at once.
const CHUNK: i64 = 500;
/// Behind how many rows a page may be nearer to the end.
const FAR: i64 = 1000;
/// How many resources and relations are looked at for one query.
const MOST_SCANNED: i64 = 20_000;

/// The resource as filters see it: a User that does not say so is active, in SQL and here.
fn filtered(shown: &Shown) -> Cow<'_, Map<String, Value>> {
    let is_user = matches!(shown.row, Row::User(_));
    if !is_user || shown.full.contains_key("active") {
        return Cow::Borrowed(&shown.full);
    }
    let mut full = shown.full.clone();
    full.insert("active".to_owned(), Value::Bool(true));
    Cow::Owned(full)
}

/// The page that SQL gives as it is.
pub(crate) fn by_sql(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    plan: &Plan<'_>,
    part: Part<'_>,
) -> Result<Findings, ProvisioningError> {
    if plan.predicate.is_impossible() {
        return Ok(Findings::default());
    }
    let found = |total: i64, rows: Vec<Row>| Findings {
        total,
        rows: rows.into_iter().map(|row| (0, row)).collect(),
    };
    if part.offset >= FAR {
        let total = plan.collection.count(tx, caller, &plan.predicate)?;
        let nearer = part.nearer(total);
        let rows = page(tx, caller, plan, nearer)?;
        // Whoever came meanwhile has moved what is counted from the end.
        if !nearer.is_backwards || total == plan.collection.count(tx, caller, &plan.predicate)? {
            return Ok(found(total, rows));
        }
        let rows = page(tx, caller, plan, part)?;
        return Ok(found(total, rows));
    }
    let rows = page(tx, caller, plan, part)?;
    let read = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    // A page that is not full is the last one, so that there is nothing to count.
    let is_last = part.after.is_none() && read < part.limit && (read > 0 || part.offset == 0);
    let total = if is_last {
        part.offset.saturating_add(read)
    } else {
        plan.collection.count(tx, caller, &plan.predicate)?
    };
    Ok(found(total, rows))
}

fn page(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    plan: &Plan<'_>,
    part: Part<'_>,
) -> Result<Vec<Row>, StorageError> {
    match part.limit {
        ..=0 => Ok(Vec::new()),
        _ if plan.is_as_kept => plan.collection.listed(tx, caller, &plan.predicate, part),
        _ => plan.collection.page(tx, caller, &plan.predicate, part),
    }
}

/// A page in the order of creation, one collection after the other.
pub(crate) fn in_order_of_creation(
    tx: &mut Transaction<'_>,
    reader: Reader<'_>,
    plans: &[Plan<'_>],
    window: &Window,
) -> Result<Findings, ProvisioningError> {
    let mut found = Findings::default();
    let mut budget = Budget(MOST_SCANNED);
    let wanted = window.count.saturating_add((window.count > 0).into());
    for (number, plan) in plans.iter().enumerate() {
        let taken = i64::try_from(found.rows.len()).unwrap_or(i64::MAX);
        let (offset, after, is_before) = match &window.start {
            Position::Skip(skipped) => (skipped.saturating_sub(found.total).max(0), None, false),
            Position::After(at, key) if *at == number => (0, Some(key.as_str()), false),
            Position::After(at, _) => (0, None, *at > number),
        };
        let part = Part {
            order: None,
            after,
            offset,
            limit: if is_before { 0 } else { wanted - taken },
            is_backwards: false,
        };
        let here = match &plan.rest {
            None => by_sql(tx, reader.caller, plan, part)?,
            Some(_) => scanned(tx, reader, plan, (part, &mut budget))?,
        };
        found.total += here.total;
        let rows = here.rows.into_iter().map(|(_, row)| (number, row));
        found.rows.extend(rows);
    }
    Ok(found)
}

/// The part of those that match when each is looked at.
fn scanned(
    tx: &mut Transaction<'_>,
    reader: Reader<'_>,
    plan: &Plan<'_>,
    (part, budget): (Part<'_>, &mut Budget),
) -> Result<Findings, ProvisioningError> {
    let mut found = Findings::default();
    each_match(
        tx,
        reader,
        plan,
        (budget, &mut |shown: Shown| {
            let is_after = part
                .after
                .is_none_or(|after| shown.row.key().as_str() > after);
            let taken = i64::try_from(found.rows.len()).unwrap_or(i64::MAX);
            if is_after && found.total >= part.offset && taken < part.limit {
                found.rows.push((0, shown.row));
            }
            found.total += 1;
            0
        }),
    )?;
    Ok(found)
}

/// A page in an order that no column has.
pub(crate) fn sorted(
    tx: &mut Transaction<'_>,
    reader: Reader<'_>,
    plans: &[Plan<'_>],
    (is_descending, skipped, count): (bool, i64, i64),
) -> Result<Findings, ProvisioningError> {
    let mut budget = Budget(MOST_SCANNED);
    let mut keys: Vec<(Option<SortKey>, usize, String)> = Vec::new();
    for (number, plan) in plans.iter().enumerate() {
        each_match(
            tx,
            reader,
            plan,
            (&mut budget, &mut |shown: Shown| {
                let name = plan.sort.as_ref();
                let key = name.and_then(|name| SortKey::of(&shown.full, (name, plan.kind)));
                let size = key.as_ref().map_or(0, SortKey::size);
                keys.push((key, number, shown.row.key()));
                size / 512
            }),
        )?;
    }
    keys.sort_by(|left, right| sort::compare(left.0.as_ref(), right.0.as_ref(), is_descending));
    let total = i64::try_from(keys.len()).unwrap_or(i64::MAX);
    let skipped = usize::try_from(skipped).unwrap_or(usize::MAX);
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let page = keys.into_iter().skip(skipped).take(count.saturating_add(1));
    let page: Vec<(usize, String)> = page.map(|(_, number, key)| (number, key)).collect();
    Ok(Findings {
        total,
        rows: rows_of(tx, reader.caller, plans, &page)?,
    })
}

/// The rows with these keys, in this order.
fn rows_of(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    plans: &[Plan<'_>],
    page: &[(usize, String)],
) -> Result<Vec<(usize, Row)>, StorageError> {
    let mut rows = Vec::new();
    for (number, plan) in plans.iter().enumerate() {
        let theirs = page.iter().filter(|(of, _)| *of == number);
        let keys: Vec<String> = theirs.map(|(_, key)| key.clone()).collect();
        if keys.is_empty() {
            continue;
        }
        let found = plan.collection.with_keys(tx, caller, keys)?;
        rows.extend(found.into_iter().map(|row| (number, row)));
    }
    let place = |key: &str| page.iter().position(|(_, of)| of == key);
    rows.sort_by_cached_key(|(_, row)| place(&row.key()));
    Ok(rows)
}

/// Goes through what matches, in the order of creation; what is done with each says how much it
/// costs besides.
fn each_match(
    tx: &mut Transaction<'_>,
    reader: Reader<'_>,
    plan: &Plan<'_>,
    (budget, act): (&mut Budget, &mut dyn FnMut(Shown) -> usize),
) -> Result<(), ProvisioningError> {
    if plan.predicate.is_impossible() {
        return Ok(());
    }
    let mut after: Option<String> = None;
    loop {
        let part = Part {
            order: None,
            after: after.as_deref(),
            offset: 0,
            limit: CHUNK,
            is_backwards: false,
        };
        let rows = plan
            .collection
            .page(tx, reader.caller, &plan.predicate, part)?;
        let read = rows.len();
        after = rows.last().map(Row::key);
        // Enough that what is cut off is seen to cost too much.
        let related = plan
            .looks_at_relations()
            .then_some(budget.0.saturating_add(2 * CHUNK));
        let (more, found) = show(tx, reader, rows, related)?;
        let mut cost = read + more;
        for shown in found {
            let shown = shown?;
            let rest = plan.rest.as_ref();
            if rest.is_none_or(|rest| matches(rest, &filtered(&shown), plan.kind)) {
                cost += act(shown);
            }
        }
        let is_last = i64::try_from(read).unwrap_or(CHUNK) < CHUNK;
        budget.spend(cost, is_last)?;
        if is_last {
            return Ok(());
        }
    }
}

/// How much may still be looked at.
struct Budget(i64);

impl Budget {
    /// The last rows may cost a little more than is left, unless they were not read whole.
    fn spend(&mut self, cost: usize, is_last: bool) -> Result<(), ScimError> {
        let cost = i64::try_from(cost).unwrap_or(i64::MAX);
        let left = self.0.saturating_sub(cost);
        let is_enough = if is_last { left >= -CHUNK } else { left > 0 };
        self.0 = left.max(0);
        if is_enough {
            return Ok(());
        }
        Err(ScimError::TooMany(format!(
            "the query would have to look at more than {MOST_SCANNED} resources; add a comparison \
             with eq on id, userName, externalId, emails.value, displayName or members, or sort by \
             one of id, userName, displayName, externalId, meta.created and meta.lastModified"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::Budget;

    #[test]
    fn a_query_looks_at_so_much_and_no_more() {
        let mut budget = Budget(1000);
        assert_eq!(budget.spend(500, false), Ok(()));
        let refused = budget.spend(500, false).unwrap_err();
        assert_eq!(refused.scim_type(), Some("tooMany"));
        assert!(Budget(100).spend(499, true).is_ok());
        assert!(Budget(100).spend(601, true).is_err());
    }
}
