//! The searches of organizations and of members.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::management::member_json::MemberJson;
use crate::http::management::organization_json::OrganizationJson;
use crate::http::management::search::MemberSearchRequest;
use crate::http::management::search::OrganizationSearchRequest;
use crate::http::management::search::ResultsMetadata;
use crate::http::management::search_filters::member_conditions;
use crate::http::management::search_filters::organization_conditions;
use crate::http::state::Gateway;
use crate::use_cases::members::search;
use crate::use_cases::organization_search;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(organizations, members))]
pub(crate) struct Calls;

#[derive(Serialize, ToSchema)]
struct OrganizationsFound {
    organizations: Vec<OrganizationJson>,
    results_metadata: ResultsMetadata,
}

#[derive(Serialize, ToSchema)]
struct MembersFound {
    /// By organization and, within each, by age.
    members: Vec<MemberJson>,
    /// The organizations of these members, by their ids.
    organizations: BTreeMap<String, OrganizationJson>,
    results_metadata: ResultsMetadata,
}

/// One page of the organizations that the conditions match.
#[utoipa::path(post, path = "/v1/b2b/organizations/search", operation_id = "organizations.search", tag = "organizations",
    request_body = OrganizationSearchRequest,
    responses((status = 200, body = OrganizationsFound)))]
pub(crate) async fn organizations(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<OrganizationSearchRequest>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let page = gateway.read(caller, move |tx, caller| {
        let request = body.get()?;
        let conditions = organization_conditions(request.query.as_ref())?;
        organization_search::search(tx, caller, &conditions, request.page()?)
    });
    let page = page.await?;
    let last = page.organizations.last().filter(|_| page.has_more);
    let last = last.map(|view| view.organization.id);
    let found = page.organizations.iter().map(OrganizationJson::new);
    let answer = OrganizationsFound {
        organizations: found.collect(),
        results_metadata: ResultsMetadata::new(page.total, last),
    };
    Ok(success(request_id, &answer))
}

/// One page of the members of some organizations that the conditions match.
#[utoipa::path(post, path = "/v1/b2b/organizations/members/search", operation_id = "organizations.members.search", tag = "members",
    request_body = MemberSearchRequest,
    responses((status = 200, body = MembersFound)))]
pub(crate) async fn members(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<MemberSearchRequest>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let page = gateway.read_as(caller, move |tx, caller| {
        let request = body.get()?;
        let conditions = member_conditions(request.query.as_ref())?;
        let wanted = (request.organization_ids.as_slice(), &conditions);
        search::search(tx, caller, wanted, request.page()?)
    });
    let page = page.await?;
    let last = page.members.last().filter(|_| page.has_more);
    let last = last.map(|found| format!("{}/{}", found.member.organization_id, found.member.id));
    let organizations = page.organizations.iter();
    let organizations = organizations.map(|view| {
        (
            view.organization.id.to_string(),
            OrganizationJson::new(view),
        )
    });
    let answer = MembersFound {
        members: page.members.iter().map(MemberJson::new).collect(),
        organizations: organizations.collect(),
        results_metadata: ResultsMetadata::new(page.total, last),
    };
    Ok(success(request_id, &answer))
}
