//! Take away what members prove themselves with.

use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Path;
use utoipa::OpenApi;

use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::success;
use crate::http::management::member_json::MemberAnswer;
use crate::http::management::members::change;
use crate::http::state::Gateway;
use crate::use_cases::members;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(delete_mfa_phone_number, delete_totp, delete_password, unlock))]
pub(crate) struct Calls;

/// Takes away the number to which codes go.
#[utoipa::path(delete, path = "/v1/b2b/organizations/{organization_id}/members/mfa_phone_numbers/{member_id}", operation_id = "organizations.members.deleteMFAPhoneNumber", tag = "members",
    params(
        ("organization_id" = String, Path, description = "An id, an external id or a slug."),
        ("member_id" = String, Path, description = "An id or an external id.")),
    responses((status = 200, body = MemberAnswer)))]
pub(crate) async fn delete_mfa_phone_number(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    change(gateway, caller, named, members::delete_mfa_phone_number).await
}

/// Takes the authenticator application away.
#[utoipa::path(delete, path = "/v1/b2b/organizations/{organization_id}/members/{member_id}/totp", operation_id = "organizations.members.deleteTOTP", tag = "members",
    params(
        ("organization_id" = String, Path, description = "An id, an external id or a slug."),
        ("member_id" = String, Path, description = "An id or an external id.")),
    responses((status = 200, body = MemberAnswer)))]
pub(crate) async fn delete_totp(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    change(gateway, caller, named, members::delete_totp).await
}

/// Takes a password away.
#[utoipa::path(delete, path = "/v1/b2b/organizations/{organization_id}/members/passwords/{member_password_id}", operation_id = "organizations.members.deletePassword", tag = "members",
    params(
        ("organization_id" = String, Path, description = "An id, an external id or a slug."),
        ("member_password_id" = String, Path, description = "The id of the password.")),
    responses((status = 200, body = MemberAnswer)))]
pub(crate) async fn delete_password(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    change(gateway, caller, named, members::delete_password).await
}

/// Ends the lock of a member that wrong secrets were given for too often, before its time.
#[utoipa::path(post, path = "/v1/b2b/organizations/{organization_id}/members/{member_id}/unlock", operation_id = "organizations.members.unlock", tag = "members",
    params(
        ("organization_id" = String, Path, description = "An id, an external id or a slug."),
        ("member_id" = String, Path, description = "An id or an external id.")),
    responses((status = 200, body = MemberAnswer)))]
pub(crate) async fn unlock(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let unlocked = gateway.write(caller, move |tx, caller| {
        members::unlock(tx, caller, (&named.0, &named.1))
    });
    Ok(success(request_id, &MemberAnswer::new(&unlocked.await?)))
}
