//! What a SCIM connection declares besides the standards' schemas: read and replace it. Stytch has
//! no such call; it is ours.

use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Path;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::state::Gateway;
use crate::use_cases::scim_schemas;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(get, replace))]
pub(crate) struct Calls;

/// What a connection declares; what is absent is declared no more.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub(crate) struct ScimSchemasBody {
    /// Schemas as RFC 7643 section 7 writes them, at most 20.
    #[schema(value_type = Vec<Object>)]
    schemas: Vec<Value>,
    /// Resource types as RFC 7643 section 6 writes them, at most 20. One that is named `User` or
    /// `Group` lists the further `schemaExtensions` of those.
    #[schema(value_type = Vec<Object>)]
    resource_types: Vec<Value>,
}

#[derive(Serialize, ToSchema)]
struct ScimSchemasAnswer {
    /// The schemas, with every characteristic stated.
    #[schema(value_type = Vec<Object>)]
    schemas: Value,
    /// The resource types.
    #[schema(value_type = Vec<Object>)]
    resource_types: Value,
}

impl ScimSchemasAnswer {
    fn new(documents: &Value) -> Self {
        let list = |name: &str| documents.get(name).cloned().unwrap_or_default();
        Self {
            schemas: list("schemas"),
            resource_types: list("resource_types"),
        }
    }
}

/// Reads the schemas and resource types that a SCIM connection declares.
#[utoipa::path(get, path = "/v1/b2b/scim/{organization_id}/connection/{connection_id}/schemas", operation_id = "scim.connection.getSchemas", tag = "scim",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug."), ("connection_id" = String, Path)),
    responses((status = 200, body = ScimSchemasAnswer)))]
pub(crate) async fn get(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let schemas = gateway.read_as(caller, move |tx, caller| {
        scim_schemas::get(tx, caller, (&path.0, &path.1))
    });
    let schemas = schemas.await?;
    let answer = ScimSchemasAnswer::new(schemas.documents());
    Ok(success(request_id, &answer))
}

/// Replaces the schemas and resource types that a SCIM connection declares: extensions of User and
/// Group, and types of its own. What resources use can grow, but nothing of it can go.
#[utoipa::path(put, path = "/v1/b2b/scim/{organization_id}/connection/{connection_id}/schemas", operation_id = "scim.connection.replaceSchemas", tag = "scim",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug."), ("connection_id" = String, Path)),
    request_body = ScimSchemasBody,
    responses((status = 200, body = ScimSchemasAnswer)))]
pub(crate) async fn replace(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    path: Path<(String, String)>,
    body: JsonBody<ScimSchemasBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let schemas = gateway.write_as(caller, move |tx, caller| {
        let documents = json!(body.get()?);
        scim_schemas::replace(tx, caller, (&path.0, &path.1), &documents)
    });
    let schemas = schemas.await?;
    let answer = ScimSchemasAnswer::new(schemas.documents());
    Ok(success(request_id, &answer))
}
