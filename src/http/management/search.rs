//! Search requests: operands, limits, cursors (contract 3.1, 3.2).

use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::member::MemberStatus;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::search::SearchError;
use crate::use_cases::members::MemberFilter;
use crate::use_cases::organizations::OrganizationFilter;

const ORGANIZATION: &str = "organization";
const MEMBER: &str = "member";

/// The body of both searches.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub(crate) struct SearchRequest {
    pub(crate) organization_ids: Vec<String>,
    pub(crate) cursor: Option<String>,
    pub(crate) limit: Option<i64>,
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
    pub(crate) fn new(total: i64, next_cursor: Option<String>) -> Self {
        Self { total, next_cursor }
    }
}

/// Conditions that must all hold.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub(crate) struct SearchQuery {
    operands: Vec<Operand>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
struct Operand {
    filter_name: Option<String>,
    filter_value: Option<Value>,
}

impl SearchRequest {
    /// How many results a page has.
    pub(crate) fn limit(&self) -> Result<i64, ManagementError> {
        let limit = self.limit.unwrap_or(100);
        if (1..=1000).contains(&limit) {
            Ok(limit)
        } else {
            Err(ManagementError::Search(SearchError::InvalidLimit))
        }
    }

    /// The last result of the page before.
    pub(crate) fn after<Id: FromStr>(&self) -> Result<Option<Id>, ManagementError> {
        let Some(cursor) = self.cursor.as_deref().filter(|cursor| !cursor.is_empty()) else {
            return Ok(None);
        };
        let text = URL_SAFE_NO_PAD
            .decode(cursor)
            .ok()
            .and_then(|b| String::from_utf8(b).ok());
        let id = text.and_then(|text| text.parse().ok());
        id.map(Some)
            .ok_or(ManagementError::Search(SearchError::InvalidCursor))
    }
}

/// The cursor of the next page, if there is one.
pub(crate) fn next_cursor(has_more: bool, last: Option<String>) -> Option<String> {
    last.filter(|_| has_more)
        .map(|id| URL_SAFE_NO_PAD.encode(id))
}

/// Reads an operand: its name and its value.
struct Reader<'a> {
    what: &'static str,
    name: &'a str,
    value: &'a Value,
}

impl Reader<'_> {
    fn read<T: DeserializeOwned>(&self, expected: &'static str) -> Result<T, ManagementError> {
        serde_json::from_value(self.value.clone()).map_err(|_| {
            ManagementError::Search(SearchError::InvalidFilterValue(
                self.what,
                self.name.to_owned(),
                expected,
            ))
        })
    }

    fn texts(&self) -> Result<Vec<String>, ManagementError> {
        self.read("expected array of strings")
    }

    fn flag(&self) -> Result<bool, ManagementError> {
        self.read("expected boolean")
    }

    fn fuzzy(&self) -> Result<String, ManagementError> {
        let text: String = self.read("expected string")?;
        if text.chars().count() < 3 {
            return Err(ManagementError::Search(SearchError::FuzzyTooShort(
                self.what,
                self.name.to_owned(),
            )));
        }
        Ok(text)
    }

    /// Ids that are none of ours match nothing.
    fn ids<Id: FromStr>(&self) -> Result<Vec<Id>, ManagementError> {
        Ok(self
            .texts()?
            .iter()
            .filter_map(|id| id.parse().ok())
            .collect())
    }
}

fn operands<T>(
    what: &'static str,
    query: Option<&SearchQuery>,
    read: impl Fn(&Reader<'_>) -> Result<T, ManagementError>,
) -> Result<Vec<T>, ManagementError> {
    let operands = query
        .map(|query| query.operands.as_slice())
        .unwrap_or_default();
    operands
        .iter()
        .map(|operand| {
            let name = operand.filter_name.as_deref().ok_or_else(|| {
                ManagementError::Search(SearchError::InvalidFilterValue(
                    what,
                    String::new(),
                    "missing filter name",
                ))
            })?;
            let value = operand.filter_value.as_ref().ok_or_else(|| {
                ManagementError::Search(SearchError::InvalidFilterValue(
                    what,
                    name.to_owned(),
                    "missing filter value",
                ))
            })?;
            read(&Reader { what, name, value })
        })
        .collect()
}

/// The conditions of an organization search.
pub(crate) fn organization_filters(
    query: Option<&SearchQuery>,
) -> Result<Vec<OrganizationFilter>, ManagementError> {
    operands(ORGANIZATION, query, |operand| match operand.name {
        "organization_ids" => operand.ids().map(OrganizationFilter::Ids),
        "organization_slugs" => operand.texts().map(OrganizationFilter::Slugs),
        "organization_name_fuzzy" => operand.fuzzy().map(OrganizationFilter::NameContains),
        "organization_slug_fuzzy" => operand.fuzzy().map(OrganizationFilter::SlugContains),
        "member_emails" => operand.texts().map(OrganizationFilter::MemberEmails),
        "has_active_sso_connection" => operand.flag().map(OrganizationFilter::HasActiveSso),
        "sso_connection_id" => {
            let id: String = operand.read("expected string")?;
            match id.parse() {
                Ok(id) => Ok(OrganizationFilter::Connection(id)),
                Err(_) => Ok(OrganizationFilter::Ids(Vec::new())),
            }
        }
        other => Err(ManagementError::Search(SearchError::UnknownFilter(
            ORGANIZATION,
            other.to_owned(),
        ))),
    })
}

/// The conditions of a member search.
pub(crate) fn member_filters(
    query: Option<&SearchQuery>,
) -> Result<Vec<MemberFilter>, ManagementError> {
    operands(MEMBER, query, |operand| match operand.name {
        "member_ids" => operand.ids().map(MemberFilter::Ids),
        "member_emails" => operand.texts().map(MemberFilter::Emails),
        "member_email_fuzzy" => operand.fuzzy().map(MemberFilter::EmailContains),
        "member_is_breakglass" => operand.flag().map(MemberFilter::BreakGlass),
        "statuses" => {
            let names = operand.texts()?;
            let known: Option<Vec<_>> = names
                .iter()
                .map(|name| MemberStatus::from_name(name))
                .collect();
            known.map(MemberFilter::Statuses).ok_or_else(|| {
                let expected = "invalid status filter";
                ManagementError::Search(SearchError::InvalidFilterValue(
                    MEMBER,
                    "statuses".to_owned(),
                    expected,
                ))
            })
        }
        other => Err(ManagementError::Search(SearchError::UnknownFilter(
            MEMBER,
            other.to_owned(),
        ))),
    })
}
