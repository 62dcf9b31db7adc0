//! The Users that a SCIM client has pushed to a connection, and why some are no members.

use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Path;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::id::ConnectionId;
use crate::domain::id::MemberId;
use crate::domain::id::ScimUserId;
use crate::domain::session_token::timestamp;
use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::management::search::ResultsMetadata;
use crate::http::management::search::SearchQuery;
use crate::http::management::search::conditions;
use crate::http::management::search::page_of;
use crate::http::management::search::parsed;
use crate::http::state::Gateway;
use crate::protocol::scim::user_name;
use crate::use_cases::error::ManagementError;
use crate::use_cases::organization_search::Conditions;
use crate::use_cases::scim_users;
use crate::use_cases::scim_users::ScimUser;
use crate::use_cases::scim_users::UserFilter;
use crate::use_cases::scim_users::WithoutMember;

/// This call, as the API's description shows it.
#[derive(OpenApi)]
#[openapi(paths(search))]
pub(crate) struct Calls;

/// Which Users are looked for. Filters are `has_member` and `active` (booleans), `user_names`
/// (whatever their case) and `external_ids`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
#[schema(example = json!({ "limit": 50, "query": { "operator": "AND", "operands": [
    { "filter_name": "has_member", "filter_value": false },
] } }))]
pub(crate) struct ScimUserSearch {
    /// Where the page before ended: its `next_cursor`.
    cursor: Option<String>,
    /// 1 to 1000; 100 if not said.
    limit: Option<i64>,
    query: Option<SearchQuery>,
}

/// A User as its directory pushed it, and whether it is a member.
#[derive(Serialize, ToSchema)]
#[schema(as = ScimUserFound)]
struct ScimUserJson {
    scim_user_id: ScimUserId,
    connection_id: ConnectionId,
    /// `userName`, as it was sent.
    user_name: String,
    /// `externalId`; empty if the directory sends none.
    external_id: String,
    active: bool,
    /// The address that makes it a member; empty if it names none.
    email_address: String,
    /// The member that it is, which may be deleted; null if it is none yet.
    member_id: Option<MemberId>,
    /// Why it is no member: `no_email_address`, or `inactive` from the beginning; null if it is one.
    no_member_reason: Option<&'static str>,
    /// RFC 3339, UTC.
    created_at: String,
    /// RFC 3339, UTC.
    updated_at: String,
}

#[derive(Serialize, ToSchema)]
struct ScimUsersFound {
    /// Oldest first.
    users: Vec<ScimUserJson>,
    results_metadata: ResultsMetadata,
}

impl ScimUserJson {
    fn new(user: &ScimUser) -> Self {
        let sent = user.resource.get("userName").and_then(Value::as_str);
        Self {
            scim_user_id: user.id,
            connection_id: user.connection_id,
            user_name: sent.unwrap_or(&user.user_name).to_owned(),
            external_id: user.external_id.clone().unwrap_or_default(),
            active: user.active,
            email_address: user.email.clone().unwrap_or_default(),
            member_id: user.member_id,
            no_member_reason: WithoutMember::of(user).map(WithoutMember::name),
            created_at: timestamp(user.created_at),
            updated_at: timestamp(user.updated_at),
        }
    }
}

fn user_conditions(query: Option<&SearchQuery>) -> Result<Conditions<UserFilter>, ManagementError> {
    use UserFilter as F;
    let folded = |names: Vec<String>| names.iter().map(|name| user_name::folded(name)).collect();
    conditions("scim_user", query, |operand| match operand.name {
        "has_member" => operand.flag().map(F::HasMember),
        "active" => operand.flag().map(F::Active),
        "user_names" => Ok(F::UserNames(folded(operand.texts()?))),
        "external_ids" => operand.texts().map(F::ExternalIds),
        _ => Err(operand.unknown()),
    })
}

/// One page of the Users that the connection's SCIM client has pushed.
#[utoipa::path(post, path = "/v1/b2b/scim/{organization_id}/connection/{connection_id}/users/search", operation_id = "scim.connection.searchUsers", tag = "scim",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug."), ("connection_id" = String, Path)),
    request_body = ScimUserSearch,
    responses((status = 200, body = ScimUsersFound)))]
pub(crate) async fn search(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    path: Path<(String, String)>,
    body: JsonBody<ScimUserSearch>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let page = gateway.read_as(caller, move |tx, caller| {
        let request = body.get()?;
        let conditions = user_conditions(request.query.as_ref())?;
        let (start, limit) = page_of((request.cursor.as_deref(), request.limit), parsed)?;
        let place = (start.map(|start| start.last), limit);
        scim_users::search(tx, caller, (&path.0, &path.1), &conditions, place)
    });
    let page = page.await?;
    let last = page.users.last().filter(|_| page.has_more);
    let answer = ScimUsersFound {
        results_metadata: ResultsMetadata::new(page.total, last.map(|user| user.id)),
        users: page.users.iter().map(ScimUserJson::new).collect(),
    };
    Ok(success(request_id, &answer))
}
