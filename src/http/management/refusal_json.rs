//! Refusals, as answers and commands show them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::session_token::timestamp;
use crate::use_cases::explain::refusals::Refused;

/// Something that was refused, with what helps.
#[derive(Serialize, ToSchema)]
#[schema(as = ExplainedRefusal)]
pub(crate) struct RefusalJson {
    /// `sign_in.refused`, `second_factor.refused`, `member.locked`, `scim_user.refused`,
    /// `single_logout.refused` or `scim_request.refused`.
    kind: String,
    occurred_at: String,
    /// As the error page and the answer name it.
    request_id: String,
    /// A connection, or an OAuth provider.
    connection: Option<String>,
    member_id: Option<String>,
    email_address: Option<String>,
    /// The stable name of the check that failed.
    code: String,
    /// The rule in words.
    rule: String,
    /// What came.
    received: Option<String>,
    /// What would have been right.
    expected: Option<String>,
    /// Whether others like it that came soon after were not kept.
    others_not_kept: bool,
    remedy: RemedyJson,
}

/// What helps, and who can do it.
#[derive(Serialize, ToSchema)]
#[schema(as = Remedy)]
struct RemedyJson {
    name: &'static str,
    meaning: &'static str,
    fix: &'static str,
    /// `person`, `it_admin`, `organization_admin` or `operator`.
    who: &'static str,
    /// The setting, and in which product.
    place: &'static str,
}

impl RefusalJson {
    pub(crate) fn new(refused: &Refused) -> Self {
        let remedy = refused.remedy;
        Self {
            kind: refused.kind.clone(),
            occurred_at: timestamp(refused.occurred_at),
            request_id: refused.request_id.clone(),
            connection: refused.connection.clone(),
            member_id: refused.member_id.clone(),
            email_address: refused.email_address.clone(),
            code: refused.code.clone(),
            rule: refused.rule.clone(),
            received: refused.received.clone(),
            expected: refused.expected.clone(),
            others_not_kept: refused.is_last_kept,
            remedy: RemedyJson {
                name: remedy.name,
                meaning: remedy.meaning,
                fix: remedy.fix,
                who: remedy.who.name(),
                place: remedy.place,
            },
        }
    }
}
