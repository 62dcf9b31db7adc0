//! SAML connections: create and update.

use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Path;
use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::domain::connection::Connection;
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
use crate::use_cases::saml_connections;
use crate::use_cases::saml_connections::SamlConnectionDraft;

/// The body of create and update.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct SamlConnectionBody {
    display_name: Option<String>,
    identity_provider: Option<String>,
    idp_entity_id: Option<String>,
    idp_sso_url: Option<String>,
    attribute_mapping: Option<Map<String, Value>>,
    x509_certificate: Option<String>,
    saml_connection_implicit_role_assignments: Option<Vec<ConnectionRole>>,
    saml_group_implicit_role_assignments: Option<Vec<GroupRole>>,
    alternative_audience_uri: Option<String>,
    alternative_acs_url: Option<String>,
    signing_private_key: Option<String>,
    nameid_format: Option<String>,
    idp_initiated_auth_disabled: Option<bool>,
    allow_gateway_callback: Option<bool>,
}

impl SamlConnectionBody {
    fn naming(&self) -> Naming {
        Naming {
            display_name: self.display_name.clone(),
            identity_provider: self.identity_provider.clone(),
        }
    }

    fn draft(&self) -> SamlConnectionDraft {
        let body = self.clone();
        let naming = self.naming();
        let connection = body.saml_connection_implicit_role_assignments.as_ref();
        let roles = role_rules(
            connection,
            body.saml_group_implicit_role_assignments.as_ref(),
        );
        SamlConnectionDraft {
            naming,
            idp_entity_id: body.idp_entity_id,
            idp_sso_url: body.idp_sso_url,
            attribute_mapping: body.attribute_mapping,
            x509_certificate: body.x509_certificate,
            roles,
            alternative_audience_uri: body.alternative_audience_uri,
            alternative_acs_url: body.alternative_acs_url,
            signing_private_key: body.signing_private_key,
            nameid_format: body.nameid_format,
            idp_initiated_auth_disabled: body.idp_initiated_auth_disabled,
            allow_gateway_callback: body.allow_gateway_callback,
        }
    }
}

/// `POST /v1/b2b/sso/saml/{organization_id}`
pub(crate) async fn create(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<String>,
    body: JsonBody<SamlConnectionBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let created = gateway.write_as(caller, move |tx, caller| {
        saml_connections::create(tx, caller, &named, &body.get()?.naming())
    });
    Ok(success(request_id, &answer(&gateway, &created.await?)))
}

/// `PUT /v1/b2b/sso/saml/{organization_id}/connections/{connection_id}`
pub(crate) async fn update(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    path: Path<(String, String)>,
    body: JsonBody<SamlConnectionBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let deployment = gateway.deployment.clone();
    let updated = gateway.write_as(caller, move |tx, caller| {
        let named = (path.0.as_str(), path.1.as_str());
        saml_connections::update(tx, (caller, &deployment), named, &body.get()?.draft())
    });
    Ok(success(request_id, &answer(&gateway, &updated.await?)))
}

fn answer(gateway: &Gateway, connection: &Connection) -> Value {
    let object = connection
        .saml()
        .map(|settings| connection_json::saml(connection, settings, &gateway.deployment));
    json!({ "connection": object })
}
