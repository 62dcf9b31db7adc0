//! SCIM connections: create, get, update.

use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Path;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use crate::http::caller::ProjectCredentials;
use crate::http::management::connection_json;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::management::role_rules::ConnectionRole;
use crate::http::management::role_rules::GroupRole;
use crate::http::management::role_rules::role_rules;
use crate::http::state::Gateway;
use crate::use_cases::connections::Naming;
use crate::use_cases::scim_connections;
use crate::use_cases::scim_connections::ScimConnectionDraft;

/// The body of create and update.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ScimConnectionBody {
    display_name: Option<String>,
    identity_provider: Option<String>,
    scim_group_implicit_role_assignments: Option<Vec<GroupRole>>,
    scim_connection_implicit_role_assignments: Option<Vec<ConnectionRole>>,
}

impl ScimConnectionBody {
    fn draft(&self) -> ScimConnectionDraft {
        let connection = self.scim_connection_implicit_role_assignments.as_ref();
        ScimConnectionDraft {
            naming: Naming {
                display_name: self.display_name.clone(),
                identity_provider: self.identity_provider.clone(),
            },
            roles: role_rules(
                connection,
                self.scim_group_implicit_role_assignments.as_ref(),
            ),
        }
    }
}

/// `POST /v1/b2b/scim/{organization_id}/connection`
pub(crate) async fn create(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<String>,
    body: JsonBody<ScimConnectionBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let created = gateway.write(caller, move |tx, caller| {
        scim_connections::create(tx, caller, &named, &body.get()?.draft())
    });
    let (view, token) = created.await?;
    let mut object = connection_json::scim(&view, &gateway.deployment);
    if let Some(fields) = object.as_object_mut() {
        fields.insert("bearer_token".to_owned(), Value::from(token));
    }
    Ok(success(request_id, &json!({ "connection": object })))
}

/// `GET /v1/b2b/scim/{organization_id}/connection`
pub(crate) async fn get(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let found = gateway.read(caller, move |tx, caller| {
        scim_connections::get(tx, caller, &named)
    });
    let object = connection_json::scim(&found.await?, &gateway.deployment);
    Ok(success(request_id, &json!({ "connection": object })))
}

/// `PUT /v1/b2b/scim/{organization_id}/connection/{connection_id}`
pub(crate) async fn update(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    path: Path<(String, String)>,
    body: JsonBody<ScimConnectionBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let updated = gateway.write(caller, move |tx, caller| {
        let named = (path.0.as_str(), path.1.as_str());
        scim_connections::update(tx, caller, named, &body.get()?.draft())
    });
    let object = connection_json::scim(&updated.await?, &gateway.deployment);
    Ok(success(request_id, &json!({ "connection": object })))
}
