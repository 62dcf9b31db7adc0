//! SCIM connections: create, get, update, delete, and the groups of their directories.

use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Path;
use actix_web::web::Query;
use serde::Deserialize;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::id::ScimGroupId;
use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::management::scim_connection_json::ScimConnectionAnswer;
use crate::http::management::scim_connection_json::ScimConnectionCreated;
use crate::http::management::scim_connection_json::ScimConnectionDeleted;
use crate::http::management::scim_connection_json::ScimConnectionJson;
use crate::http::management::scim_connection_json::ScimGroupsAnswer;
use crate::http::management::scim_connection_json::WithToken;
use crate::http::management::search::next_cursor;
use crate::http::management::search::place;
use crate::http::state::Gateway;
use crate::use_cases::connections::Naming;
use crate::use_cases::connections::RoleRules;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::connection::ConnectionError;
use crate::use_cases::error::search::SearchError;
use crate::use_cases::scim_connections;
use crate::use_cases::scim_connections::ScimConnectionDraft;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(create, get, update, delete, groups))]
pub(crate) struct Calls;

/// The body of create and update; what is absent stays as it is.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub(crate) struct ScimConnectionBody {
    display_name: Option<String>,
    /// `generic`, `okta`, `microsoft-entra`, `cyberark`, `jumpcloud`, `onelogin`,
    /// `pingfederate`, `rippling`, `google-workspace`, `keycloak` or `authentik`.
    identity_provider: Option<String>,
    /// Replaces all of them; a creation has no groups yet and takes none.
    scim_group_implicit_role_assignments: Option<Vec<GroupRoleBody>>,
    /// Replaces all of them.
    scim_connection_implicit_role_assignments: Option<Vec<RoleBody>>,
    /// Whether a push may take away the organization's last active `stytch_admin`; false at first.
    allow_last_admin_removal: Option<bool>,
    /// Whether two groups may have the same name; false at first.
    allow_duplicate_group_names: Option<bool>,
}

/// A role by group; the group's name, which answers show beside its id, is not read.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
struct GroupRoleBody {
    role_id: String,
    #[serde(default)]
    group_id: String,
}

#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
struct RoleBody {
    role_id: String,
}

impl ScimConnectionBody {
    fn draft(&self) -> Result<ScimConnectionDraft, ManagementError> {
        let by_group = self.scim_group_implicit_role_assignments.as_ref();
        if by_group.is_some_and(|rules| rules.iter().any(|rule| rule.group_id.is_empty())) {
            return Err(ConnectionError::ScimGroupMissing.into());
        }
        let for_all = self.scim_connection_implicit_role_assignments.as_ref();
        let pair = |rule: &GroupRoleBody| (rule.role_id.clone(), rule.group_id.clone());
        Ok(ScimConnectionDraft {
            naming: Naming {
                display_name: self.display_name.clone(),
                identity_provider: self.identity_provider.clone(),
            },
            roles: RoleRules {
                connection: for_all.map(|roles| roles.iter().map(|r| r.role_id.clone()).collect()),
                groups: by_group.map(|rules| rules.iter().map(pair).collect()),
            },
            allow_last_admin_removal: self.allow_last_admin_removal,
            allow_duplicate_group_names: self.allow_duplicate_group_names,
        })
    }
}

/// Creates the organization's SCIM connection; its bearer token is told this once.
#[utoipa::path(post, path = "/v1/b2b/scim/{organization_id}/connection", operation_id = "scim.connection.create", tag = "scim",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug.")),
    request_body = ScimConnectionBody,
    responses((status = 200, body = ScimConnectionCreated)))]
pub(crate) async fn create(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<String>,
    body: JsonBody<ScimConnectionBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let created = gateway.write_as(caller, move |tx, caller| {
        scim_connections::create(tx, caller, &named, &body.get()?.draft()?)
    });
    let (view, bearer_token) = created.await?;
    let connection = WithToken {
        connection: ScimConnectionJson::new(&view, &gateway.deployment),
        bearer_token,
    };
    Ok(success(request_id, &ScimConnectionCreated { connection }))
}

/// Reads the organization's SCIM connection.
#[utoipa::path(get, path = "/v1/b2b/scim/{organization_id}/connection", operation_id = "scim.connection.get", tag = "scim",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug.")),
    responses((status = 200, body = ScimConnectionAnswer)))]
pub(crate) async fn get(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let found = gateway.read_as(caller, move |tx, caller| {
        scim_connections::get(tx, caller, &named)
    });
    let connection = ScimConnectionJson::new(&found.await?, &gateway.deployment);
    Ok(success(request_id, &ScimConnectionAnswer { connection }))
}

/// Changes what the body names of a SCIM connection.
#[utoipa::path(put, path = "/v1/b2b/scim/{organization_id}/connection/{connection_id}", operation_id = "scim.connection.update", tag = "scim",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug."), ("connection_id" = String, Path)),
    request_body = ScimConnectionBody,
    responses((status = 200, body = ScimConnectionAnswer)))]
pub(crate) async fn update(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    path: Path<(String, String)>,
    body: JsonBody<ScimConnectionBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let updated = gateway.write_as(caller, move |tx, caller| {
        let named = (path.0.as_str(), path.1.as_str());
        scim_connections::update(tx, caller, named, &body.get()?.draft()?)
    });
    let connection = ScimConnectionJson::new(&updated.await?, &gateway.deployment);
    Ok(success(request_id, &ScimConnectionAnswer { connection }))
}

/// Deletes a SCIM connection with what its directory has pushed; its people stay members.
#[utoipa::path(delete, path = "/v1/b2b/scim/{organization_id}/connection/{connection_id}", operation_id = "scim.connection.delete", tag = "scim",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug."), ("connection_id" = String, Path)),
    responses((status = 200, body = ScimConnectionDeleted)))]
pub(crate) async fn delete(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let deleted = gateway.write_as(caller, move |tx, caller| {
        scim_connections::delete(tx, caller, (&path.0, &path.1))
    });
    let connection_id = deleted.await?;
    Ok(success(
        request_id,
        &ScimConnectionDeleted { connection_id },
    ))
}

/// What `groups` reads of the query; SDKs repeat other things there.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PageQuery {
    cursor: Option<String>,
    limit: Option<String>,
}

impl PageQuery {
    fn place(&self) -> Result<(Option<ScimGroupId>, i64), ManagementError> {
        let given = self.limit.as_deref().filter(|limit| !limit.is_empty());
        let limit = given.map(str::parse).transpose();
        let limit = limit.map_err(|_| SearchError::InvalidLimit)?;
        place(self.cursor.as_deref(), limit)
    }
}

/// One page of the groups that the directory has pushed.
#[utoipa::path(get, path = "/v1/b2b/scim/{organization_id}/connection/{connection_id}", operation_id = "scim.connection.getGroups", tag = "scim",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug."), ("connection_id" = String, Path),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before."),
        ("limit" = Option<i64>, Query, description = "1 to 1000; 100 if absent.")),
    responses((status = 200, body = ScimGroupsAnswer)))]
pub(crate) async fn groups(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    path: Path<(String, String)>,
    query: Query<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let page = gateway.read_as(caller, move |tx, caller| {
        scim_connections::groups(tx, caller, (&path.0, &path.1), query.place()?)
    });
    let page = page.await?;
    let last = page.groups.last().filter(|_| page.has_more);
    let answer = ScimGroupsAnswer::new(&page, next_cursor(last.map(|(id, _)| id)));
    Ok(success(request_id, &answer))
}
