//! OAuth clients of SCIM connections: create, list, update and delete them, add and delete secrets.

use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Path;
use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::management::scim_client_json::ScimClientAnswer;
use crate::http::management::scim_client_json::ScimClientCreated;
use crate::http::management::scim_client_json::ScimClientDeleted;
use crate::http::management::scim_client_json::ScimClientJson;
use crate::http::management::scim_client_json::ScimClientsAnswer;
use crate::http::management::scim_client_json::WithSecret;
use crate::http::state::Gateway;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::scim_client::ScimClientError;
use crate::use_cases::scim_clients;
use crate::use_cases::scim_clients::ScimClientDraft;
use crate::use_cases::scim_clients::ScimClientUpdate;
use crate::use_cases::scim_clients::assertion::AssertionDraft;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(create, list, update, delete, create_secret, delete_secret))]
pub(crate) struct Calls;

/// The body of a creation.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub(crate) struct ScimClientBody {
    display_name: String,
    /// RFC 3339; the client's first secret works until it is deleted if absent.
    secret_expires_at: Option<String>,
    /// Whose assertions prove the client; it then has no secret to begin with.
    client_assertion: Option<ScimClientAssertionBody>,
}

/// Whose assertions prove a client (RFC 7523), and one of `jwks_url` and `jwks`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
struct ScimClientAssertionBody {
    /// The `iss` of its assertions; its client id if absent.
    issuer: Option<String>,
    /// Their `sub`; its client id if absent.
    subject: Option<String>,
    /// Their `aud`; its token URL if absent.
    audience: Option<String>,
    /// Where the public keys are.
    jwks_url: Option<String>,
    /// The public keys: a JWK set.
    #[schema(value_type = Option<Object>)]
    jwks: Option<Value>,
    /// Whether an assertion without `jti` is good until it expires, for issuers that hand out the
    /// same one again; otherwise each is good once. If absent, only where the connection's
    /// `identity_provider` is `microsoft-entra`, which does so.
    allow_reuse: Option<bool>,
}

/// The body of an update; what is absent stays as it is.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub(crate) struct ScimClientUpdateBody {
    display_name: Option<String>,
    /// Whose assertions prove the client, all of it anew; the access tokens that it got with
    /// assertions stop working when this changes.
    client_assertion: Option<ScimClientAssertionBody>,
}

/// The body of a new secret.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub(crate) struct ScimClientSecretBody {
    /// RFC 3339; the secret works until it is deleted if absent.
    secret_expires_at: Option<String>,
}

impl ScimClientBody {
    fn draft(&self) -> Result<ScimClientDraft, ManagementError> {
        let assertion = self.client_assertion.clone();
        Ok(ScimClientDraft {
            display_name: self.display_name.clone(),
            secret_expires_at: expiry(self.secret_expires_at.as_deref())?,
            assertion: assertion.map(ScimClientAssertionBody::draft),
        })
    }
}

impl ScimClientAssertionBody {
    fn draft(self) -> AssertionDraft {
        AssertionDraft {
            issuer: self.issuer,
            subject: self.subject,
            audience: self.audience,
            jwks_url: self.jwks_url,
            jwks: self.jwks,
            allow_reuse: self.allow_reuse,
        }
    }
}

fn expiry(given: Option<&str>) -> Result<Option<DateTime<Utc>>, ManagementError> {
    let read = |text: &str| {
        let time = DateTime::parse_from_rfc3339(text);
        time.map_err(|_| ScimClientError::InvalidExpiry)
    };
    Ok(given.map(read).transpose()?.map(|time| time.to_utc()))
}

/// Creates an OAuth client of a SCIM connection; its secret is told this once.
#[utoipa::path(post, path = "/v1/b2b/scim/{organization_id}/connection/{connection_id}/clients", operation_id = "scim.connection.createClient", tag = "scim",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug."), ("connection_id" = String, Path)),
    request_body = ScimClientBody,
    responses((status = 200, body = ScimClientCreated)))]
pub(crate) async fn create(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    path: Path<(String, String)>,
    body: JsonBody<ScimClientBody>,
) -> Result<HttpResponse, ApiError> {
    let (request_id, deployment) = (caller.request_id, gateway.deployment.clone());
    let created = gateway.write_as(caller, move |tx, caller| {
        let named = (path.0.as_str(), path.1.as_str());
        scim_clients::create(tx, (caller, &deployment), named, &body.get()?.draft()?)
    });
    let (client, secret) = created.await?;
    let client = WithSecret {
        client: ScimClientJson::new(&client, &gateway.deployment),
        client_secret: secret.unwrap_or_default(),
    };
    Ok(success(request_id, &ScimClientCreated { client }))
}

/// Lists the OAuth clients of a SCIM connection.
#[utoipa::path(get, path = "/v1/b2b/scim/{organization_id}/connection/{connection_id}/clients", operation_id = "scim.connection.getClients", tag = "scim",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug."), ("connection_id" = String, Path)),
    responses((status = 200, body = ScimClientsAnswer)))]
pub(crate) async fn list(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let listed = gateway.read_as(caller, move |tx, caller| {
        scim_clients::list(tx, caller, (&path.0, &path.1))
    });
    let listed = listed.await?;
    let shown = listed
        .iter()
        .map(|client| ScimClientJson::new(client, &gateway.deployment));
    let clients = shown.collect();
    Ok(success(request_id, &ScimClientsAnswer { clients }))
}

/// Changes the name of an OAuth client of a SCIM connection, or whose assertions prove it.
#[utoipa::path(put, path = "/v1/b2b/scim/{organization_id}/connection/{connection_id}/clients/{client_id}", operation_id = "scim.connection.updateClient", tag = "scim",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug."), ("connection_id" = String, Path), ("client_id" = String, Path)),
    request_body = ScimClientUpdateBody,
    responses((status = 200, body = ScimClientAnswer)))]
pub(crate) async fn update(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    path: Path<(String, String, String)>,
    body: JsonBody<ScimClientUpdateBody>,
) -> Result<HttpResponse, ApiError> {
    let (request_id, deployment) = (caller.request_id, gateway.deployment.clone());
    let updated = gateway.write_as(caller, move |tx, caller| {
        let client = ((path.0.as_str(), path.1.as_str()), path.2.as_str());
        let asked = body.get()?.clone();
        let update = ScimClientUpdate {
            display_name: asked.display_name,
            assertion: asked.client_assertion.map(ScimClientAssertionBody::draft),
        };
        scim_clients::update(tx, (caller, &deployment), client, &update)
    });
    let client = ScimClientJson::new(&updated.await?, &gateway.deployment);
    Ok(success(request_id, &ScimClientAnswer { client }))
}

/// Deletes an OAuth client of a SCIM connection; its access tokens stop working at once.
#[utoipa::path(delete, path = "/v1/b2b/scim/{organization_id}/connection/{connection_id}/clients/{client_id}", operation_id = "scim.connection.deleteClient", tag = "scim",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug."), ("connection_id" = String, Path), ("client_id" = String, Path)),
    responses((status = 200, body = ScimClientDeleted)))]
pub(crate) async fn delete(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    path: Path<(String, String, String)>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let deleted = gateway.write_as(caller, move |tx, caller| {
        scim_clients::delete(tx, caller, (&path.0, &path.1), &path.2)
    });
    let client_id = deleted.await?;
    Ok(success(request_id, &ScimClientDeleted { client_id }))
}

/// Adds a secret to an OAuth client of a SCIM connection, told this once; the others go on working.
#[utoipa::path(post, path = "/v1/b2b/scim/{organization_id}/connection/{connection_id}/clients/{client_id}/secrets", operation_id = "scim.connection.createClientSecret", tag = "scim",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug."), ("connection_id" = String, Path), ("client_id" = String, Path)),
    request_body = ScimClientSecretBody,
    responses((status = 200, body = ScimClientCreated)))]
pub(crate) async fn create_secret(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    path: Path<(String, String, String)>,
    body: JsonBody<ScimClientSecretBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let added = gateway.write_as(caller, move |tx, caller| {
        let client = ((path.0.as_str(), path.1.as_str()), path.2.as_str());
        let expires_at = expiry(body.get()?.secret_expires_at.as_deref())?;
        scim_clients::add_secret(tx, caller, client, expires_at)
    });
    let (client, client_secret) = added.await?;
    let client = WithSecret {
        client: ScimClientJson::new(&client, &gateway.deployment),
        client_secret,
    };
    Ok(success(request_id, &ScimClientCreated { client }))
}

/// Deletes a secret of an OAuth client; the access tokens that were got with it stop working.
#[utoipa::path(delete, path = "/v1/b2b/scim/{organization_id}/connection/{connection_id}/clients/{client_id}/secrets/{secret_id}", operation_id = "scim.connection.deleteClientSecret", tag = "scim",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug."), ("connection_id" = String, Path), ("client_id" = String, Path), ("secret_id" = String, Path)),
    responses((status = 200, body = ScimClientAnswer)))]
pub(crate) async fn delete_secret(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    path: Path<(String, String, String, String)>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let deleted = gateway.write_as(caller, move |tx, caller| {
        let client = ((path.0.as_str(), path.1.as_str()), path.2.as_str());
        scim_clients::delete_secret(tx, caller, client, &path.3)
    });
    let client = ScimClientJson::new(&deleted.await?, &gateway.deployment);
    Ok(success(request_id, &ScimClientAnswer { client }))
}
