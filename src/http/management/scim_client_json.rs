//! OAuth clients of SCIM connections as answers show them; the contract has no such clients.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::id::ConnectionId;
use crate::domain::id::OrganizationId;
use crate::domain::id::ScimClientId;
use crate::domain::id::ScimClientSecretId;
use crate::domain::scim_client::AssertionTrust;
use crate::domain::scim_client::ClientSecret;
use crate::domain::scim_client::ScimClient;
use crate::domain::scim_client::TrustedKeys;
use crate::domain::session_token::timestamp;
use crate::use_cases::Deployment;

/// An OAuth client that gets access tokens of a SCIM connection.
#[derive(Serialize, ToSchema)]
#[schema(as = SCIMClient)]
pub(crate) struct ScimClientJson {
    organization_id: OrganizationId,
    connection_id: ConnectionId,
    client_id: ScimClientId,
    display_name: String,
    /// Where it gets its access tokens.
    token_url: String,
    secrets: Vec<ScimClientSecretJson>,
    /// Null unless assertions prove the client.
    client_assertion: Option<ScimClientAssertionJson>,
    /// RFC 3339, UTC.
    created_at: String,
    /// RFC 3339, UTC.
    updated_at: String,
}

/// A secret of a client, of which the end is shown.
#[derive(Serialize, ToSchema)]
#[schema(as = SCIMClientSecret)]
struct ScimClientSecretJson {
    secret_id: ScimClientSecretId,
    last_four: String,
    /// RFC 3339, UTC.
    created_at: String,
    /// RFC 3339, UTC; null if it works until it is deleted.
    expires_at: Option<String>,
}

/// Whose assertions prove a client (RFC 7523).
#[derive(Serialize, ToSchema)]
#[schema(as = SCIMClientAssertion)]
struct ScimClientAssertionJson {
    issuer: String,
    subject: String,
    audience: String,
    /// Empty if the keys are given.
    jwks_url: String,
    /// Null if the keys are fetched.
    #[schema(value_type = Option<Object>)]
    jwks: Option<Value>,
    /// Whether an assertion without `jti` is good until it expires, and not once.
    allow_reuse: bool,
}

impl ScimClientJson {
    pub(crate) fn new(client: &ScimClient, deployment: &Deployment) -> Self {
        Self {
            organization_id: client.organization_id,
            connection_id: client.connection_id,
            client_id: client.id,
            display_name: client.display_name.clone(),
            token_url: deployment.scim_token_url(client.connection_id),
            secrets: client.secrets.iter().map(secret).collect(),
            client_assertion: client.trust.as_ref().map(assertion),
            created_at: timestamp(client.created_at),
            updated_at: timestamp(client.updated_at),
        }
    }
}

fn secret(secret: &ClientSecret) -> ScimClientSecretJson {
    ScimClientSecretJson {
        secret_id: secret.id,
        last_four: secret.last_four.clone(),
        created_at: timestamp(secret.created_at),
        expires_at: secret.expires_at.map(timestamp),
    }
}

fn assertion(trust: &AssertionTrust) -> ScimClientAssertionJson {
    let (jwks_url, jwks) = match &trust.keys {
        TrustedKeys::JwksUrl(url) => (url.clone(), None),
        TrustedKeys::Jwks(keys) => (String::new(), Some(keys.clone())),
    };
    ScimClientAssertionJson {
        issuer: trust.issuer.clone(),
        subject: trust.subject.clone(),
        audience: trust.audience.clone(),
        jwks_url,
        jwks,
        allow_reuse: trust.allow_reuse,
    }
}

/// A client with its newest secret, which is told this once.
#[derive(Serialize, ToSchema)]
#[schema(as = SCIMClientWithSecret)]
pub(crate) struct WithSecret {
    #[serde(flatten)]
    pub(crate) client: ScimClientJson,
    /// Empty if assertions prove the client.
    pub(crate) client_secret: String,
}

/// The answer to the creation of a client or of a secret.
#[derive(Serialize, ToSchema)]
pub(crate) struct ScimClientCreated {
    pub(crate) client: WithSecret,
}

/// An answer about a client.
#[derive(Serialize, ToSchema)]
pub(crate) struct ScimClientAnswer {
    pub(crate) client: ScimClientJson,
}

/// The clients of a connection, oldest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct ScimClientsAnswer {
    pub(crate) clients: Vec<ScimClientJson>,
}

/// The answer to a deletion.
#[derive(Serialize, ToSchema)]
pub(crate) struct ScimClientDeleted {
    pub(crate) client_id: ScimClientId,
}
