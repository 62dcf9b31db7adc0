//! External connections: create and update.

use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Path;
use serde::Deserialize;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::connection::Connection;
use crate::http::caller::ProjectCredentials;
use crate::http::management::connection_json::ExternalConnectionJson;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::management::role_rules::ConnectionRole;
use crate::http::management::role_rules::GroupRole;
use crate::http::management::role_rules::role_rules;
use crate::http::state::Gateway;
use crate::use_cases::connections::Naming;
use crate::use_cases::external_connections;
use crate::use_cases::external_connections::ExternalConnectionDraft;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(create, update))]
pub(crate) struct Calls;

/// The body of create.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(crate) struct NewExternalConnection {
    /// An id, an external id or a slug of the other organization.
    external_organization_id: String,
    /// Its SAML or OIDC connection, which has to be active.
    external_connection_id: String,
    display_name: Option<String>,
    connection_implicit_role_assignments: Option<Vec<ConnectionRole>>,
    group_implicit_role_assignments: Option<Vec<GroupRole>>,
}

/// The body of update; what is left out stays as it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct ExternalConnectionUpdate {
    display_name: Option<String>,
    external_connection_implicit_role_assignments: Option<Vec<ConnectionRole>>,
    external_group_implicit_role_assignments: Option<Vec<GroupRole>>,
}

#[derive(Serialize, ToSchema)]
struct ExternalConnectionAnswer {
    connection: Option<ExternalConnectionJson>,
}

fn draft(
    display_name: Option<&String>,
    connection: Option<&Vec<ConnectionRole>>,
    groups: Option<&Vec<GroupRole>>,
) -> ExternalConnectionDraft {
    ExternalConnectionDraft {
        naming: Naming {
            display_name: display_name.cloned(),
            identity_provider: None,
        },
        roles: role_rules(connection, groups),
    }
}

/// Lets people in whom the IdP of another organization proves.
#[utoipa::path(post, path = "/v1/b2b/sso/external/{organization_id}", operation_id = "sso.external.createConnection", tag = "sso",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug.")),
    request_body = NewExternalConnection,
    responses((status = 200, body = ExternalConnectionAnswer)))]
pub(crate) async fn create(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<String>,
    body: JsonBody<NewExternalConnection>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let created = gateway.write_as(caller, move |tx, caller| {
        let body = body.get()?;
        let external = (
            body.external_organization_id.as_str(),
            body.external_connection_id.as_str(),
        );
        let draft = draft(
            body.display_name.as_ref(),
            body.connection_implicit_role_assignments.as_ref(),
            body.group_implicit_role_assignments.as_ref(),
        );
        external_connections::create(tx, caller, &named, external, &draft)
    });
    Ok(success(request_id, &answer(&created.await?)))
}

/// Changes what the body names of an external connection.
#[utoipa::path(put, path = "/v1/b2b/sso/external/{organization_id}/connections/{connection_id}", operation_id = "sso.external.updateConnection", tag = "sso",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug."),
        ("connection_id" = String, Path)),
    request_body = ExternalConnectionUpdate,
    responses((status = 200, body = ExternalConnectionAnswer)))]
pub(crate) async fn update(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    path: Path<(String, String)>,
    body: JsonBody<ExternalConnectionUpdate>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let updated = gateway.write_as(caller, move |tx, caller| {
        let body = body.get()?;
        let draft = draft(
            body.display_name.as_ref(),
            body.external_connection_implicit_role_assignments.as_ref(),
            body.external_group_implicit_role_assignments.as_ref(),
        );
        external_connections::update(tx, caller, (&path.0, &path.1), &draft)
    });
    Ok(success(request_id, &answer(&updated.await?)))
}

fn answer(connection: &Connection) -> ExternalConnectionAnswer {
    ExternalConnectionAnswer {
        connection: ExternalConnectionJson::new(connection),
    }
}
