//! The table of refusals about searches.

use crate::http::management::error_text::Described;
use crate::http::management::error_text::told;
use crate::use_cases::error::search::SearchError;

pub(super) fn described(error: &SearchError) -> Described {
    use SearchError as E;
    match error {
        E::UnknownOperator(given) => told(
            400,
            "search_operator_not_recognized",
            format!("query.operator must be AND or OR, not {given}."),
        ),
        E::UnknownFilter(what, name) => told(
            400,
            &format!("{what}_search_filter_name_not_recognized"),
            format!("There is no filter called {name}."),
        ),
        E::InvalidFilterValue(what, name, expected) => told(
            400,
            &format!("{what}_search_{}", expected.replace(' ', "_")),
            format!("filter_value of {name}: {expected}."),
        ),
        E::MissingValues(what, name) => told(
            400,
            &format!("{what}_search_missing_{name}"),
            format!("filter_value of {name} must hold at least one value."),
        ),
        E::InvalidStatus(given) => told(
            400,
            "search_invalid_status_filter",
            format!("{given} is no status; use pending, invited, active or deleted."),
        ),
        E::MixedMemberIds => told(
            400,
            "member_search_cannot_mix_internal_and_external_member_ids",
            "filter_value of member_ids must hold either member ids or external ids, not both.",
        ),
        E::FuzzyTooShort(what, name) => told(
            400,
            &format!("{what}_search_{name}_too_short"),
            format!("filter_value of {name} needs at least three characters."),
        ),
        E::InvalidCursor => told(
            400,
            "invalid_cursor",
            "The cursor must be one that a search has given out.",
        ),
        E::InvalidLimit => told(400, "invalid_limit", "limit must be between 1 and 1000."),
        E::OrganizationIdsEmpty => told(
            400,
            "member_search_organization_ids_empty",
            "organization_ids must name at least one organization.",
        ),
    }
}
