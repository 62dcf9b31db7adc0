//! Members: create, get.

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Path;
use actix_web::web::Query;

use crate::domain::member::MemberDraft;
use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::query_flag;
use crate::http::management::json::success;
use crate::http::management::member_json::MemberAnswer;
use crate::http::state::Gateway;
use crate::use_cases::members;
use crate::use_cases::members::MemberLocator;

type Parameters = Query<HashMap<String, String>>;

/// `POST /v1/b2b/organizations/{organization_id}/members`
pub(crate) async fn create(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<String>,
    body: JsonBody<MemberDraft>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let created = gateway.write(caller, move |tx, caller| {
        members::create(tx, caller, &named, body.get()?)
    });
    Ok(success(request_id, &MemberAnswer::new(&created.await?)))
}

/// `GET /v1/b2b/organizations/{organization_id}/member?member_id|email_address`
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

/// `GET /v1/b2b/organizations/members/dangerously_get/{member_id}?include_deleted`
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
