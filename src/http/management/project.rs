//! whoami: whose credentials are these? And how much of what their project has.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::project::ProjectId;
use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::success;
use crate::http::state::Gateway;
use crate::use_cases::project;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(whoami, metrics))]
pub(crate) struct Calls;

/// Whose credentials they are.
#[derive(Serialize, ToSchema)]
struct WhoamiAnswer {
    #[schema(value_type = String)]
    project_id: ProjectId,
    name: String,
}

/// Says whose credentials were given: a way to check them.
#[utoipa::path(get, path = "/v1/debug/whoami", operation_id = "debug.whoami", tag = "project",
    responses((status = 200, body = WhoamiAnswer)))]
pub(crate) async fn whoami(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let project = gateway.read(caller, project::whoami).await?;
    let answer = WhoamiAnswer {
        project_id: project.id,
        name: project.name,
    };
    Ok(success(request_id, &answer))
}

/// How much of what the project has.
#[derive(Serialize, ToSchema)]
struct MetricsAnswer {
    #[schema(value_type = String)]
    project_id: ProjectId,
    metrics: Vec<ProjectMetric>,
}

/// How much of one thing.
#[derive(Serialize, ToSchema)]
struct ProjectMetric {
    /// `ORGANIZATION_COUNT`, `MEMBER_COUNT` or `M2M_CLIENT_COUNT`.
    metric_type: &'static str,
    count: i64,
}

/// Counts organizations, their members that are not deleted, and machines.
#[utoipa::path(get, path = "/v1/projects/metrics", operation_id = "project.metrics", tag = "project",
    responses((status = 200, body = MetricsAnswer)))]
pub(crate) async fn metrics(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let counts = gateway.read(caller, project::metrics).await?;
    let metrics = [
        ("ORGANIZATION_COUNT", counts.organizations),
        ("MEMBER_COUNT", counts.members),
        ("M2M_CLIENT_COUNT", counts.m2m_clients),
    ];
    let metric = |(metric_type, count)| ProjectMetric { metric_type, count };
    let answer = MetricsAnswer {
        project_id: gateway.project_id.clone(),
        metrics: metrics.into_iter().map(metric).collect(),
    };
    Ok(success(request_id, &answer))
}
