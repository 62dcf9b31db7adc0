//! Members: create, read, change, delete.

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Path;
use actix_web::web::Query;
use serde::Deserialize;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::id::MemberId;
use crate::domain::id::OrganizationId;
use crate::domain::member::changes::MemberDraft;
use crate::domain::member::changes::MemberUpdate;
use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::query_flag;
use crate::http::management::json::success;
use crate::http::management::member_json::MemberAnswer;
use crate::http::state::Gateway;
use crate::storage::Transaction;
use crate::use_cases::caller::Caller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::members;
use crate::use_cases::members::MemberLocator;
use crate::use_cases::members::MemberView;
use crate::use_cases::members::RetiredEmailLocator;

type Parameters = Query<HashMap<String, String>>;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(
    create,
    get,
    dangerously_get,
    update,
    delete,
    reactivate,
    unlink_retired_email,
    delete_external_id
))]
pub(crate) struct Calls;

/// How a retired address is named.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct UnlinkBody {
    email_id: Option<String>,
    email_address: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct MemberDeleted {
    member_id: MemberId,
}

#[derive(Serialize, ToSchema)]
struct EmailUnlinked {
    organization_id: OrganizationId,
    #[serde(flatten)]
    member: MemberAnswer,
}

/// Creates a member, active unless it is asked to be pending.
#[utoipa::path(post, path = "/v1/b2b/organizations/{organization_id}/members", operation_id = "organizations.members.create", tag = "members",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug.")),
    request_body = MemberDraft,
    responses((status = 200, body = MemberAnswer)))]
pub(crate) async fn create(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<String>,
    body: JsonBody<MemberDraft>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let created = gateway.write_as(caller, move |tx, caller| {
        members::create(tx, caller, &named, body.get()?)
    });
    Ok(success(request_id, &MemberAnswer::new(&created.await?)))
}

/// Reads a member that is not deleted.
#[utoipa::path(get, path = "/v1/b2b/organizations/{organization_id}/member", operation_id = "organizations.members.get", tag = "members",
    params(
        ("organization_id" = String, Path, description = "An id, an external id or a slug."),
        ("member_id" = Option<String>, Query, description = "An id or an external id."),
        ("email_address" = Option<String>, Query, description = "Instead of an id.")),
    responses((status = 200, body = MemberAnswer)))]
pub(crate) async fn get(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<String>,
    parameters: Parameters,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let given = |name: &str| {
        parameters
            .get(name)
            .filter(|value| !value.is_empty())
            .cloned()
    };
    let locator = MemberLocator {
        member_id: given("member_id"),
        email_address: given("email_address"),
    };
    let found = gateway.read(caller, move |tx, caller| {
        members::get(tx, caller, &named, &locator)
    });
    Ok(success(request_id, &MemberAnswer::new(&found.await?)))
}

/// Reads a member of whatever organization.
#[utoipa::path(get, path = "/v1/b2b/organizations/members/dangerously_get/{member_id}", operation_id = "organizations.members.dangerouslyGet", tag = "members",
    params(
        ("member_id" = String, Path, description = "An id."),
        ("include_deleted" = Option<bool>, Query, description = "Deleted ones as well.")),
    responses((status = 200, body = MemberAnswer)))]
pub(crate) async fn dangerously_get(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<String>,
    parameters: Parameters,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let deleted = query_flag(parameters.get("include_deleted").map(String::as_str));
    let found = gateway.read(caller, move |tx, caller| {
        members::dangerously_get(tx, caller, &named, deleted)
    });
    Ok(success(request_id, &MemberAnswer::new(&found.await?)))
}

/// Changes what the body names of a member.
#[utoipa::path(put, path = "/v1/b2b/organizations/{organization_id}/members/{member_id}", operation_id = "organizations.members.update", tag = "members",
    params(
        ("organization_id" = String, Path, description = "An id, an external id or a slug."),
        ("member_id" = String, Path, description = "An id or an external id.")),
    request_body = MemberUpdate,
    responses((status = 200, body = MemberAnswer)))]
pub(crate) async fn update(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<(String, String)>,
    body: JsonBody<MemberUpdate>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let updated = gateway.write_as(caller, move |tx, caller| {
        members::update(tx, caller, (&named.0, &named.1), body.get()?)
    });
    Ok(success(request_id, &MemberAnswer::new(&updated.await?)))
}

/// Deletes a member softly; its sessions and invites end.
#[utoipa::path(delete, path = "/v1/b2b/organizations/{organization_id}/members/{member_id}", operation_id = "organizations.members.delete", tag = "members",
    params(
        ("organization_id" = String, Path, description = "An id, an external id or a slug."),
        ("member_id" = String, Path, description = "An id or an external id.")),
    responses((status = 200, body = MemberDeleted)))]
pub(crate) async fn delete(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let deleted = gateway.write_as(caller, move |tx, caller| {
        members::delete(tx, caller, (&named.0, &named.1))
    });
    let member_id = deleted.await?;
    Ok(success(request_id, &MemberDeleted { member_id }))
}

/// Brings a deleted member back.
#[utoipa::path(put, path = "/v1/b2b/organizations/{organization_id}/members/{member_id}/reactivate", operation_id = "organizations.members.reactivate", tag = "members",
    params(
        ("organization_id" = String, Path, description = "An id, an external id or a slug."),
        ("member_id" = String, Path, description = "An id; an external id does not do.")),
    responses((status = 200, body = MemberAnswer)))]
pub(crate) async fn reactivate(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    change(gateway, caller, named, members::reactivate).await
}

/// Frees an address that a member gave up.
#[utoipa::path(post, path = "/v1/b2b/organizations/{organization_id}/members/{member_id}/unlink_retired_email", operation_id = "organizations.members.unlinkRetiredEmail", tag = "members",
    params(
        ("organization_id" = String, Path, description = "An id, an external id or a slug."),
        ("member_id" = String, Path, description = "An id or an external id.")),
    request_body = UnlinkBody,
    responses((status = 200, body = EmailUnlinked)))]
pub(crate) async fn unlink_retired_email(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<(String, String)>,
    body: JsonBody<UnlinkBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let unlinked = gateway.write_as(caller, move |tx, caller| {
        let UnlinkBody {
            email_id,
            email_address,
        } = body.get()?.clone();
        let given = |name: Option<String>| name.filter(|name| !name.is_empty());
        let locator = RetiredEmailLocator {
            email_id: given(email_id),
            email_address: given(email_address),
        };
        members::unlink_retired_email(tx, caller, (&named.0, &named.1), &locator)
    });
    let view = unlinked.await?;
    let answer = EmailUnlinked {
        organization_id: view.organization.organization.id,
        member: MemberAnswer::new(&view),
    };
    Ok(success(request_id, &answer))
}

/// Takes a member's external id away.
#[utoipa::path(delete, path = "/v1/b2b/organizations/{organization_id}/members/{member_id}/external_id", operation_id = "organizations.members.deleteExternalId", tag = "members",
    params(
        ("organization_id" = String, Path, description = "An id, an external id or a slug."),
        ("member_id" = String, Path, description = "An id or an external id.")),
    responses((status = 200, body = MemberAnswer)))]
pub(crate) async fn delete_external_id(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    change(gateway, caller, named, members::delete_external_id).await
}

type Change =
    fn(&mut Transaction<'_>, &Caller, (&str, &str)) -> Result<MemberView, ManagementError>;

/// A call that says all in its URL and answers with the member as it is then.
pub(crate) async fn change(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<(String, String)>,
    use_case: Change,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let changed = gateway.write_as(caller, move |tx, caller| {
        use_case(tx, caller, (&named.0, &named.1))
    });
    Ok(success(request_id, &MemberAnswer::new(&changed.await?)))
}
