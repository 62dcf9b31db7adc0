//! Machines of the project as answers show them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::m2m_client::M2mClient;
use crate::domain::metadata::Metadata;
use crate::http::management::search::ResultsMetadata;

/// A machine that gets access tokens of the project.
#[derive(Serialize, ToSchema)]
#[schema(as = M2MClient)]
pub(crate) struct M2mClientJson {
    client_id: String,
    client_name: String,
    client_description: String,
    /// `active` or `inactive`.
    status: &'static str,
    scopes: Vec<String>,
    client_secret_last_four: String,
    #[schema(value_type = Object)]
    trusted_metadata: Metadata,
    /// Null unless the secret is being rotated.
    next_client_secret_last_four: Option<String>,
}

impl M2mClientJson {
    pub(crate) fn new(client: &M2mClient) -> Self {
        Self {
            client_id: client.id.clone(),
            client_name: client.name.clone(),
            client_description: client.description.clone(),
            status: if client.active { "active" } else { "inactive" },
            scopes: client.scopes.clone(),
            client_secret_last_four: client.secret.last_four.clone(),
            trusted_metadata: client.trusted_metadata.clone(),
            next_client_secret_last_four: client
                .next_secret
                .as_ref()
                .map(|it| it.last_four.clone()),
        }
    }
}

/// A client with its secret, which is told this once.
#[derive(Serialize, ToSchema)]
#[schema(as = M2MClientWithClientSecret)]
pub(crate) struct WithClientSecret {
    #[serde(flatten)]
    pub(crate) client: M2mClientJson,
    pub(crate) client_secret: String,
}

/// A client with its next secret, which is told this once.
#[derive(Serialize, ToSchema)]
#[schema(as = M2MClientWithNextClientSecret)]
pub(crate) struct WithNextClientSecret {
    #[serde(flatten)]
    pub(crate) client: M2mClientJson,
    pub(crate) next_client_secret: String,
}

/// The answer to a creation.
#[derive(Serialize, ToSchema)]
pub(crate) struct M2mClientCreated {
    pub(crate) m2m_client: WithClientSecret,
}

/// The answer to the start of a rotation.
#[derive(Serialize, ToSchema)]
pub(crate) struct M2mRotationStarted {
    pub(crate) m2m_client: WithNextClientSecret,
}

/// An answer about a client.
#[derive(Serialize, ToSchema)]
pub(crate) struct M2mClientAnswer {
    pub(crate) m2m_client: M2mClientJson,
}

/// The clients that match, by id.
#[derive(Serialize, ToSchema)]
pub(crate) struct M2mClientsFound {
    pub(crate) m2m_clients: Vec<M2mClientJson>,
    pub(crate) results_metadata: ResultsMetadata,
}

/// The answer to a deletion.
#[derive(Serialize, ToSchema)]
pub(crate) struct M2mClientDeleted {
    pub(crate) client_id: String,
}
