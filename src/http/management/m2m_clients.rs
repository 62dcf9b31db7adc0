//! Machines of the project: create, get, update, delete and search them.

use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Path;
use serde::Deserialize;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::m2m_client::M2mClient;
use crate::domain::metadata::Metadata;
use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::management::m2m_client_json::M2mClientAnswer;
use crate::http::management::m2m_client_json::M2mClientCreated;
use crate::http::management::m2m_client_json::M2mClientDeleted;
use crate::http::management::m2m_client_json::M2mClientJson;
use crate::http::management::m2m_client_json::M2mClientsFound;
use crate::http::management::m2m_client_json::WithClientSecret;
use crate::http::management::search::ResultsMetadata;
use crate::http::management::search::SearchQuery;
use crate::http::management::search::conditions;
use crate::http::management::search::page_of;
use crate::http::state::Gateway;
use crate::storage::Transaction;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::m2m_client::M2mClientError;
use crate::use_cases::m2m_clients;
use crate::use_cases::m2m_clients::M2mClientDraft;
use crate::use_cases::m2m_clients::M2mClientFilter;
use crate::use_cases::m2m_clients::M2mClientUpdate;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(create, get, update, delete, search))]
pub(crate) struct Calls;

/// The body of a creation.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(crate) struct M2mClientBody {
    /// What its tokens may say.
    scopes: Vec<String>,
    /// Made if absent.
    client_id: Option<String>,
    /// Made if absent, which is better.
    client_secret: Option<String>,
    client_name: Option<String>,
    client_description: Option<String>,
    #[schema(value_type = Option<Object>)]
    trusted_metadata: Option<Metadata>,
}

/// The body of an update; what is absent stays as it is.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub(crate) struct M2mClientUpdateBody {
    client_name: Option<String>,
    client_description: Option<String>,
    /// `active` or `inactive`; an inactive client gets no tokens.
    status: Option<String>,
    /// All of them anew.
    scopes: Option<Vec<String>>,
    /// Merged at the top level; null deletes a key.
    #[schema(value_type = Option<Object>)]
    trusted_metadata: Option<Metadata>,
}

/// Which clients are looked for.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub(crate) struct M2mSearchRequest {
    /// Where the page before ended: its `next_cursor`.
    cursor: Option<String>,
    /// 1 to 1000; 100 if not said.
    limit: Option<i64>,
    /// Filters: `client_id`, `client_name` and `scopes`, each a list of texts.
    query: Option<SearchQuery>,
}

impl M2mClientBody {
    fn draft(&self) -> M2mClientDraft {
        M2mClientDraft {
            id: self.client_id.clone(),
            secret: self.client_secret.clone(),
            fields: M2mClientUpdate {
                name: self.client_name.clone(),
                description: self.client_description.clone(),
                active: None,
                scopes: Some(self.scopes.clone()),
                trusted_metadata: self.trusted_metadata.clone(),
            },
        }
    }
}

impl M2mClientUpdateBody {
    fn asked(&self) -> Result<M2mClientUpdate, ManagementError> {
        let active = match self.status.as_deref() {
            None => None,
            Some("active") => Some(true),
            Some("inactive") => Some(false),
            Some(other) => return Err(M2mClientError::InvalidStatus(other.to_owned()).into()),
        };
        Ok(M2mClientUpdate {
            name: self.client_name.clone(),
            description: self.client_description.clone(),
            active,
            scopes: self.scopes.clone(),
            trusted_metadata: self.trusted_metadata.clone(),
        })
    }
}

/// Creates a machine of the project; its secret is told this once.
#[utoipa::path(post, path = "/v1/m2m/clients", operation_id = "m2m.clients.create", tag = "m2m",
    request_body = M2mClientBody,
    responses((status = 200, body = M2mClientCreated)))]
pub(crate) async fn create(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<M2mClientBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let created = gateway.write(caller, move |tx, caller| {
        m2m_clients::create(tx, caller, &body.get()?.draft())
    });
    let (client, client_secret) = created.await?;
    let m2m_client = WithClientSecret {
        client: M2mClientJson::new(&client),
        client_secret,
    };
    Ok(success(request_id, &M2mClientCreated { m2m_client }))
}

/// A machine of the project.
#[utoipa::path(get, path = "/v1/m2m/clients/{client_id}", operation_id = "m2m.clients.get", tag = "m2m",
    params(("client_id" = String, Path)),
    responses((status = 200, body = M2mClientAnswer)))]
pub(crate) async fn get(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    client_id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let found = gateway.read(caller, move |tx, caller| {
        m2m_clients::get(tx, caller, &client_id)
    });
    let m2m_client = M2mClientJson::new(&found.await?);
    Ok(success(request_id, &M2mClientAnswer { m2m_client }))
}

/// Changes a machine of the project; tokens that it has got already stay good until they expire.
#[utoipa::path(put, path = "/v1/m2m/clients/{client_id}", operation_id = "m2m.clients.update", tag = "m2m",
    params(("client_id" = String, Path)),
    request_body = M2mClientUpdateBody,
    responses((status = 200, body = M2mClientAnswer)))]
pub(crate) async fn update(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    client_id: Path<String>,
    body: JsonBody<M2mClientUpdateBody>,
) -> Result<HttpResponse, ApiError> {
    changed(&gateway, caller, move |tx, caller| {
        m2m_clients::update(tx, caller, &client_id, &body.get()?.asked()?)
    })
    .await
}

/// Deletes a machine of the project; tokens that it has got already stay good until they expire.
#[utoipa::path(delete, path = "/v1/m2m/clients/{client_id}", operation_id = "m2m.clients.delete", tag = "m2m",
    params(("client_id" = String, Path)),
    responses((status = 200, body = M2mClientDeleted)))]
pub(crate) async fn delete(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    client_id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let deleted = gateway.write(caller, move |tx, caller| {
        m2m_clients::delete(tx, caller, &client_id)
    });
    let client_id = deleted.await?.id;
    Ok(success(request_id, &M2mClientDeleted { client_id }))
}

/// One page of the machines of the project that the conditions match.
#[utoipa::path(post, path = "/v1/m2m/clients/search", operation_id = "m2m.clients.search", tag = "m2m",
    request_body = M2mSearchRequest,
    responses((status = 200, body = M2mClientsFound)))]
pub(crate) async fn search(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<M2mSearchRequest>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let page = gateway.read(caller, move |tx, caller| {
        let request = body.get()?;
        let conditions = conditions("m2m_client", request.query.as_ref(), |it| match it.name {
            "client_id" => Ok(M2mClientFilter::Ids(it.texts()?)),
            "client_name" => Ok(M2mClientFilter::Names(it.texts()?)),
            "scopes" => Ok(M2mClientFilter::Scopes(it.texts()?)),
            _ => Err(it.unknown()),
        })?;
        let given = (request.cursor.as_deref(), request.limit);
        let page = page_of(given, |last| Some(last.to_owned()))?;
        m2m_clients::search(tx, caller, &conditions, page)
    });
    let page = page.await?;
    let last = page.clients.last().filter(|_| page.has_more);
    let answer = M2mClientsFound {
        m2m_clients: page.clients.iter().map(M2mClientJson::new).collect(),
        results_metadata: ResultsMetadata::new(page.total, last.map(|it| it.id.clone())),
    };
    Ok(success(request_id, &answer))
}

/// The answer of a call that changes a client.
pub(crate) async fn changed(
    gateway: &Gateway,
    caller: ProjectCredentials,
    use_case: impl Fn(&mut Transaction<'_>, &ProjectCaller) -> Result<M2mClient, ManagementError>
    + Send
    + 'static,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let client = gateway.write(caller, use_case).await?;
    let m2m_client = M2mClientJson::new(&client);
    Ok(success(request_id, &M2mClientAnswer { m2m_client }))
}
