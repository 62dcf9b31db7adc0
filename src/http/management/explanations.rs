//! Why a member has the roles that it has.

use actix_web::HttpResponse;
use actix_web::web;
use actix_web::web::Data;
use actix_web::web::Path;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::explanation_json::MemberExplanationJson;
use crate::http::management::json::success;
use crate::http::state::Gateway;
use crate::use_cases::explain;
use crate::use_cases::members::MemberLocator;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(member))]
pub(crate) struct Calls;

/// The URLs of these calls.
pub(crate) fn routes(configuration: &mut web::ServiceConfig) {
    configuration.route(
        "/v1/b2b/organizations/{organization_id}/members/{member_id}/explain",
        web::get().to(member),
    );
}

#[derive(Serialize, ToSchema)]
struct MemberExplained {
    explanation: MemberExplanationJson,
}

/// Explains the roles of a member: each with every source, what made it so and when, and what it
/// would take to have the others. A deleted member has no roles, and the answer says what ended its
/// membership.
#[utoipa::path(get, path = "/v1/b2b/organizations/{organization_id}/members/{member_id}/explain", operation_id = "organizations.members.explain", tag = "members",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug."), ("member_id" = String, Path, description = "An id or an external id.")),
    responses((status = 200, body = MemberExplained)))]
pub(crate) async fn member(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let explained = gateway.read_as(caller, move |tx, caller| {
        let locator = MemberLocator {
            member_id: Some(path.1.clone()),
            email_address: None,
        };
        explain::member::explain(tx, caller, (&path.0, &locator))
    });
    let explanation = MemberExplanationJson::new(&explained.await?);
    Ok(success(request_id, &MemberExplained { explanation }))
}
