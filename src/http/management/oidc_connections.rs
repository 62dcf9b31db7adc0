//! OIDC connections: create and update.

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
use crate::use_cases::oidc_connections;
use crate::use_cases::oidc_connections::DiscoveredEndpoints;
use crate::use_cases::oidc_connections::OidcConnectionDraft;

/// The body of create and update.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct OidcConnectionBody {
    display_name: Option<String>,
    identity_provider: Option<String>,
    issuer: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    authorization_url: Option<String>,
    token_url: Option<String>,
    userinfo_url: Option<String>,
    jwks_url: Option<String>,
    custom_scopes: Option<String>,
    attribute_mapping: Option<Map<String, Value>>,
    connection_implicit_role_assignments: Option<Vec<ConnectionRole>>,
    group_implicit_role_assignments: Option<Vec<GroupRole>>,
}

impl OidcConnectionBody {
    fn naming(&self) -> Naming {
        Naming {
            display_name: self.display_name.clone(),
            identity_provider: self.identity_provider.clone(),
        }
    }

    fn draft(&self) -> OidcConnectionDraft {
        let body = self.clone();
        let naming = self.naming();
        let connection = body.connection_implicit_role_assignments.as_ref();
        let roles = role_rules(connection, body.group_implicit_role_assignments.as_ref());
        OidcConnectionDraft {
            naming,
            issuer: body.issuer,
            client_id: body.client_id,
            client_secret: body.client_secret,
            authorization_url: body.authorization_url,
            token_url: body.token_url,
            userinfo_url: body.userinfo_url,
            jwks_url: body.jwks_url,
            custom_scopes: body.custom_scopes,
            attribute_mapping: body.attribute_mapping,
            roles,
        }
    }
}

/// `POST /v1/b2b/sso/oidc/{organization_id}`
pub(crate) async fn create(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<String>,
    body: JsonBody<OidcConnectionBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let created = gateway.write_as(caller, move |tx, caller| {
        oidc_connections::create(tx, caller, &named, &body.get()?.naming())
    });
    Ok(success(
        request_id,
        &answer(&gateway, &created.await?, None),
    ))
}

/// `PUT /v1/b2b/sso/oidc/{organization_id}/connections/{connection_id}`
///
/// A new issuer's own document fills in what the body does not name; if it cannot be read, the
/// update succeeds with a warning.
pub(crate) async fn update(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    path: Path<(String, String)>,
    body: JsonBody<OidcConnectionBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let (asked, target) = (body.clone(), path.clone());
    let expected = gateway.read_as(caller.clone(), move |tx, caller| {
        let draft = asked.get()?.draft();
        let named = (target.0.as_str(), target.1.as_str());
        Ok((
            oidc_connections::new_issuer(tx, caller, named, &draft)?,
            draft,
        ))
    });
    let (issuer, draft) = expected.await?;
    let (endpoints, warning) = discover(&gateway, issuer.as_deref()).await;
    let draft = draft.completed_by(&endpoints);
    let deployment = gateway.deployment.clone();
    let updated = gateway.write_as(caller, move |tx, caller| {
        let named = (path.0.as_str(), path.1.as_str());
        oidc_connections::update(tx, (caller, &deployment), named, &draft)
    });
    Ok(success(
        request_id,
        &answer(&gateway, &updated.await?, warning),
    ))
}

async fn discover(
    gateway: &Gateway,
    issuer: Option<&str>,
) -> (DiscoveredEndpoints, Option<String>) {
    let Some(issuer) = issuer else {
        return (DiscoveredEndpoints::default(), None);
    };
    match gateway.oidc_providers.discover(issuer).await {
        Ok(found) => {
            let given = |url: String| Some(url).filter(|url| !url.is_empty());
            let endpoints = DiscoveredEndpoints {
                authorization_url: given(found.authorization_endpoint),
                token_url: given(found.token_endpoint),
                userinfo_url: found.userinfo_endpoint,
                jwks_url: given(found.jwks_uri),
            };
            (endpoints, None)
        }
        Err(error) => {
            let warning = format!("The discovery document of {issuer} could not be used: {error}");
            (DiscoveredEndpoints::default(), Some(warning))
        }
    }
}

fn answer(gateway: &Gateway, connection: &Connection, warning: Option<String>) -> Value {
    let object = connection
        .oidc()
        .map(|settings| connection_json::oidc(connection, settings, &gateway.deployment));
    json!({ "connection": object, "warning": warning })
}
