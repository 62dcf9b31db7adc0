//! Queries over the resources of one type, or of all (RFC 7644 §3.4.2): a page of what matches and
//! how many match in all.

use std::collections::HashMap;

use crate::domain::secret::MasterKey;
use crate::protocol::scim::list::DEFAULT_COUNT;
use crate::protocol::scim::list::Page;
use crate::protocol::scim::search_request::Paging;
use crate::protocol::scim::search_request::SearchRequest;
use crate::storage::Transaction;
use crate::storage::scim_pages::Part;
use crate::use_cases::credentials::ScimCaller;
use crate::use_cases::provisioning::collection::Collection;
use crate::use_cases::provisioning::collection::Row;
use crate::use_cases::provisioning::cursor::Cursors;
use crate::use_cases::provisioning::cursor::Position;
use crate::use_cases::provisioning::error::ProvisioningError;
use crate::use_cases::provisioning::plan::Plan;
use crate::use_cases::provisioning::plan::plan;
use crate::use_cases::provisioning::related::MOST_READ;
use crate::use_cases::provisioning::related::refuse_too_many;
use crate::use_cases::provisioning::shown::Reader;
use crate::use_cases::provisioning::shown::texts;
use crate::use_cases::provisioning::walk;

/// A query and where its answer will be seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// What is searched.
    pub collections: Vec<Collection>,
    /// What is asked for.
    pub request: SearchRequest,
    /// The base address of the connection, as `meta.location` shows it.
    pub base_url: String,
}

/// The answer to a query.
#[derive(Clone, Debug, PartialEq)]
pub struct Results {
    /// The resources on the page, as far as the client wants to see them, as JSON.
    pub resources: Vec<String>,
    /// How many match.
    pub total: i64,
    /// Where the page is.
    pub place: Place,
}

/// How a page is told from others.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// By position.
    Index(Page),
    /// By the cursor of the page after it; `None` on the last one.
    Cursor(Option<String>),
}

/// The part of what matches that is looked for.
pub(crate) struct Window {
    pub(crate) start: Position,
    pub(crate) count: i64,
}

/// What was found: rows with the number of their plan, one more than asked for if there are.
#[derive(Default)]
pub(crate) struct Findings {
    pub(crate) total: i64,
    pub(crate) rows: Vec<(usize, Row)>,
}

/// Answers a query.
pub fn run(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    search: &Search,
    key: &MasterKey,
) -> Result<Results, ProvisioningError> {
    let request = &search.request;
    let plans = plan(caller, &search.collections, request)?;
    let types: Vec<&str> = plans.iter().map(|plan| plan.kind.name.as_str()).collect();
    let is_sorted = plans.iter().any(|plan| plan.sort.is_some());
    let cursors = Cursors {
        key,
        connection: caller.connection.id,
        query: format!("{:?} {:?} {:?}", types, request.filter, request.sort),
        now: tx.now,
    };
    let window = window(&cursors, &request.paging)?;
    let reader = Reader {
        caller,
        base_url: &search.base_url,
    };
    let mut found = find(tx, reader, (&plans, request), &window)?;
    let full = usize::try_from(window.count).unwrap_or(usize::MAX);
    let has_more = found.rows.len() > full;
    found.rows.truncate(full);
    let place = match &request.paging {
        Paging::Index(page) => Place::Index(*page),
        Paging::Cursor { .. } if has_more => {
            let next = next(&window, is_sorted, found.rows.last());
            Place::Cursor(Some(cursors.issue(&next, window.count)))
        }
        Paging::Cursor { .. } => Place::Cursor(None),
    };
    Ok(Results {
        total: found.total,
        resources: shown(tx, reader, (&plans, request), found.rows)?,
        place,
    })
}

fn window(cursors: &Cursors<'_>, paging: &Paging) -> Result<Window, ProvisioningError> {
    let (start, count) = match paging {
        Paging::Index(page) => (Position::Skip(page.offset()), page.count),
        Paging::Cursor { cursor, count } if cursor.is_empty() => {
            (Position::Skip(0), count.unwrap_or(DEFAULT_COUNT))
        }
        Paging::Cursor { cursor, count } => cursors.open(cursor, *count)?,
    };
    Ok(Window { start, count })
}

/// In the order of creation a page begins after a resource, whatever comes and goes before it.
fn next(window: &Window, is_sorted: bool, last: Option<&(usize, Row)>) -> Position {
    match (&window.start, last) {
        (_, Some((plan, row))) if !is_sorted => Position::After(*plan, row.key()),
        (Position::Skip(before), _) => Position::Skip(before.saturating_add(window.count)),
        (start @ Position::After(..), _) => start.clone(),
    }
}

fn find(
    tx: &mut Transaction<'_>,
    reader: Reader<'_>,
    (plans, request): (&[Plan<'_>], &SearchRequest),
    window: &Window,
) -> Result<Findings, ProvisioningError> {
    let sort = request.sort.as_ref();
    let Some(sort) = sort.filter(|_| plans.iter().any(|plan| plan.sort.is_some())) else {
        return walk::in_order_of_creation(tx, reader, plans, window);
    };
    let skipped = match window.start {
        Position::Skip(skipped) => skipped,
        Position::After(..) => 0,
    };
    if let [plan] = plans
        && let Some(order) = plan.order(sort.is_descending)
    {
        let part = Part {
            order: Some(order),
            after: None,
            offset: skipped,
            limit: window.count.saturating_add(1),
            is_backwards: false,
        };
        return walk::by_sql(tx, reader.caller, plan, part);
    }
    walk::sorted(
        tx,
        reader,
        plans,
        (sort.is_descending, skipped, window.count),
    )
}

/// The rows of a page, with what they are related to when that is shown.
fn shown(
    tx: &mut Transaction<'_>,
    reader: Reader<'_>,
    (plans, request): (&[Plan<'_>], &SearchRequest),
    rows: Vec<(usize, Row)>,
) -> Result<Vec<String>, ProvisioningError> {
    let place = |(number, row): &(usize, Row)| (*number, row.key());
    let order: Vec<(usize, String)> = rows.iter().map(place).collect();
    let mut parts: Vec<Vec<Row>> = plans.iter().map(|_| Vec::new()).collect();
    for (number, row) in rows {
        if let Some(part) = parts.get_mut(number) {
            part.push(row);
        }
    }
    let (mut shown, mut read) = (HashMap::new(), 0);
    for ((number, plan), rows) in plans.iter().enumerate().zip(parts) {
        let projection = request.projection(plan.kind);
        let relation = plan.collection.relation();
        let relation = relation.filter(|relation| projection.shows(relation, plan.kind));
        let rows = (rows, relation.map(|_| MOST_READ));
        let (more, found) = texts(tx, reader, rows, (&projection, plan.kind))?;
        read += more;
        refuse_too_many(read, relation.unwrap_or_default())?;
        shown.extend(found.into_iter().map(|(key, text)| ((number, key), text)));
    }
    let resources = order.iter().filter_map(|place| shown.remove(place));
    Ok(resources.collect())
}
