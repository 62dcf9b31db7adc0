//! Search requests: operands, limits, cursors (contract 3.1, 3.2).

use std::fmt::Display;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::id::OrganizationId;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::search::SearchError;
use crate::use_cases::members::search::MemberPosition;
use crate::use_cases::organization_search::Conditions;
use crate::use_cases::organization_search::Operator;
use crate::use_cases::organization_search::PageStart;

/// Which organizations are looked for.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
#[schema(example = json!({ "limit": 50, "query": { "operator": "AND", "operands": [
    { "filter_name": "organization_name_fuzzy", "filter_value": "acme" },
    { "filter_name": "has_active_sso_connection", "filter_value": true },
] } }))]
pub(crate) struct OrganizationSearchRequest {
    /// Where the page before ended: its `next_cursor`.
    cursor: Option<String>,
    /// 1 to 1000; 100 if not said.
    limit: Option<i64>,
    pub(crate) query: Option<SearchQuery>,
}

/// Which members are looked for, and where.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
#[schema(example = json!({ "organization_ids": ["acme"], "limit": 50,
    "query": { "operator": "AND", "operands": [
        { "filter_name": "member_email_fuzzy", "filter_value": "ana" },
        { "filter_name": "statuses", "filter_value": ["active", "invited"] },
    ] } }))]
pub(crate) struct MemberSearchRequest {
    /// At least one; ids, external ids or slugs.
    pub(crate) organization_ids: Vec<String>,
    /// Where the page before ended: its `next_cursor`.
    cursor: Option<String>,
    /// 1 to 1000; 100 if not said.
    limit: Option<i64>,
    pub(crate) query: Option<SearchQuery>,
}

/// How many results there are, and where the next page begins.
#[derive(Serialize, ToSchema)]
pub(crate) struct ResultsMetadata {
    total: i64,
    /// Opaque; null on the last page.
    next_cursor: Option<String>,
}

impl ResultsMetadata {
    /// The last result of a page that another one follows is where that begins.
    pub(crate) fn new(total: i64, last: Option<impl Display>) -> Self {
        Self {
            total,
            next_cursor: next_cursor(last.map(|last| format!("{total}:{last}"))),
        }
    }
}

/// The cursor of the page after this result.
pub(crate) fn next_cursor(last: Option<impl ToString>) -> Option<String> {
    last.map(|last| URL_SAFE_NO_PAD.encode(last.to_string()))
}

/// Where a page begins whose cursors are ids, and how many results it has.
pub(crate) fn place<Id: FromStr>(
    cursor: Option<&str>,
    given: Option<i64>,
) -> Result<(Option<Id>, i64), ManagementError> {
    Ok((after(cursor, parsed)?, limit(given)?))
}

/// Conditions and how they are joined.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub(crate) struct SearchQuery {
    /// `AND`, which is meant when nothing is said, or `OR`, which is deprecated.
    operator: Option<String>,
    operands: Option<Vec<Operand>>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
struct Operand {
    #[schema(value_type = String)]
    filter_name: Option<Value>,
    /// A text, a list of texts or a boolean, as the filter has it.
    filter_value: Option<Value>,
}

impl OrganizationSearchRequest {
    /// Where the page begins, and how many results it has.
    pub(crate) fn page(&self) -> Result<PageOf<OrganizationId>, ManagementError> {
        page_of((self.cursor.as_deref(), self.limit), parsed)
    }
}

impl MemberSearchRequest {
    /// Where the page begins, and how many results it has.
    pub(crate) fn page(&self) -> Result<PageOf<MemberPosition>, ManagementError> {
        page_of((self.cursor.as_deref(), self.limit), |text| {
            let (organization, member) = text.split_once('/')?;
            Some((parsed(organization)?, parsed(member)?))
        })
    }
}

/// Where a page begins, and how many results it has.
pub(crate) type PageOf<P> = (Option<PageStart<P>>, i64);

/// Reads the cursor and the limit of a search.
pub(crate) fn page_of<P>(
    (cursor, given): (Option<&str>, Option<i64>),
    read: impl Fn(&str) -> Option<P>,
) -> Result<PageOf<P>, ManagementError> {
    let start = after(cursor, |text| {
        let (total, last) = text.split_once(':')?;
        Some(PageStart {
            last: read(last)?,
            total: total.parse().ok()?,
        })
    });
    Ok((start?, limit(given)?))
}

/// An id of ours.
pub(crate) fn parsed<Id: FromStr>(text: &str) -> Option<Id> {
    text.parse().ok()
}

fn limit(given: Option<i64>) -> Result<i64, ManagementError> {
    let limit = given.unwrap_or(100);
    if (1..=1000).contains(&limit) {
        Ok(limit)
    } else {
        Err(SearchError::InvalidLimit.into())
    }
}

/// The last result of the page before.
fn after<T>(
    cursor: Option<&str>,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, ManagementError> {
    let Some(cursor) = cursor.filter(|cursor| !cursor.is_empty()) else {
        return Ok(None);
    };
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let position = text.as_deref().and_then(read);
    position
        .map(Some)
        .ok_or_else(|| SearchError::InvalidCursor.into())
}

/// Reads an operand: its name and its value.
pub(crate) struct Reader<'a> {
    what: &'static str,
    pub(crate) name: &'a str,
    value: &'a Value,
}

impl Reader<'_> {
    fn read<T: DeserializeOwned>(&self, expected: &'static str) -> Result<T, ManagementError> {
        T::deserialize(self.value).map_err(|_| self.wrong(expected))
    }

    pub(crate) fn wrong(&self, expected: &'static str) -> ManagementError {
        SearchError::InvalidFilterValue(self.what, self.name.to_owned(), expected).into()
    }

    pub(crate) fn unknown(&self) -> ManagementError {
        SearchError::UnknownFilter(self.what, self.name.to_owned()).into()
    }

    pub(crate) fn texts(&self) -> Result<Vec<String>, ManagementError> {
        let expected = "expected array of strings";
        let texts: Vec<String> = self.read(expected)?;
        if texts.is_empty() {
            return Err(SearchError::MissingValues(self.what, self.name.to_owned()).into());
        }
        Ok(texts)
    }

    pub(crate) fn text(&self) -> Result<String, ManagementError> {
        self.read("expected string")
    }

    pub(crate) fn flag(&self) -> Result<bool, ManagementError> {
        self.read("expected boolean")
    }

    pub(crate) fn fuzzy(&self) -> Result<String, ManagementError> {
        let text = self.text()?;
        if text.chars().count() < 3 {
            return Err(SearchError::FuzzyTooShort(self.what, self.name.to_owned()).into());
        }
        Ok(text)
    }

    /// Ids that are none of ours match nothing.
    pub(crate) fn ids<Id: FromStr>(&self) -> Result<Vec<Id>, ManagementError> {
        let texts = self.texts()?;
        Ok(texts.iter().filter_map(|id| id.parse().ok()).collect())
    }
}

/// Reads a query, operand by operand.
pub(crate) fn conditions<F>(
    what: &'static str,
    query: Option<&SearchQuery>,
    read: impl Fn(&Reader<'_>) -> Result<F, ManagementError>,
) -> Result<Conditions<F>, ManagementError> {
    let operator = query.and_then(|query| query.operator.as_deref());
    let operator = match operator {
        None | Some("AND") => Operator::And,
        Some("OR") => Operator::Or,
        Some(other) => return Err(SearchError::UnknownOperator(other.to_owned()).into()),
    };
    let operands = query.and_then(|query| query.operands.as_deref());
    let filters = operands.unwrap_or_default().iter().map(|operand| {
        let refused = |name: &str, why| {
            ManagementError::from(SearchError::InvalidFilterValue(what, name.to_owned(), why))
        };
        let name = operand.filter_name.as_ref();
        let name = name.ok_or_else(|| refused("", "missing filter name"))?;
        let name = name.as_str();
        let name = name.ok_or_else(|| refused("", "filter name must be string"))?;
        let value = operand.filter_value.as_ref();
        let value = value.ok_or_else(|| refused(name, "missing filter value"))?;
        read(&Reader { what, name, value })
    });
    Ok(Conditions {
        operator,
        filters: filters.collect::<Result<_, _>>()?,
    })
}
