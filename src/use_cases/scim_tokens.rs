//! Access tokens of SCIM connections: who asks (first transaction), and, once the client has
//! proven itself, the token (second transaction). The proof stands between them, since it may need
//! the network.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde_json::json;

use crate::domain::event::Actor;
use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::id::ConnectionId;
use crate::domain::id::ScimClientSecretId;
use crate::domain::project::ProjectId;
use crate::domain::scim_client::AssertionTrust;
use crate::domain::scim_client::ClientSecret;
use crate::domain::scim_client::ScimClient;
use crate::domain::scim_client::access_token_expiry;
use crate::domain::scim_client::fresh_access_token;
use crate::domain::scope::OrgScope;
use crate::domain::secret::SecretHash;
use crate::protocol::oauth::client_assertion::AssertionId;
use crate::protocol::oauth::client_assertion::AssertionRefusal;
use crate::protocol::oauth::client_assertion::VerifiedAssertion;
use crate::protocol::oauth::error::TokenError;
use crate::storage::Transaction;
use crate::storage::connections;
use crate::storage::error::Failure;
use crate::storage::error::StorageError;
use crate::storage::journal;
use crate::storage::scim_access_tokens;
use crate::storage::scim_clients;
use crate::storage::sign_in_flows;

/// Why no token was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenFailure {
    /// The request was refused, in the protocol's own words.
    Refused(TokenError),
    /// The client has not proven itself; the reason is for the log.
    Unproven(&'static str),
    /// Something failed that no client can mend.
    Internal(String),
    /// Storage failed.
    Storage(StorageError),
}

impl From<TokenError> for TokenFailure {
    fn from(error: TokenError) -> Self {
        Self::Refused(error)
    }
}

impl From<StorageError> for TokenFailure {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl TokenFailure {
    /// Whether the database is too busy or away, so that the client may try again soon.
    pub fn is_overload(&self) -> bool {
        self.storage().is_some_and(StorageError::is_overload)
    }
}

impl Failure for TokenFailure {
    fn storage(&self) -> Option<&StorageError> {
        match self {
            Self::Storage(error) => Some(error),
            Self::Refused(_) | Self::Unproven(_) | Self::Internal(_) => None,
        }
    }
}

/// How a client is named by its request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientName {
    /// By its `client_id`.
    Id(String),
    /// By issuer and subject of its assertion.
    IssuerAndSubject(String, String),
}

/// What a client has proven itself by.
#[derive(Clone, Debug, PartialEq)]
pub enum Proven {
    /// A secret.
    Secret(SecretHash),
    /// An assertion, and what it was held against.
    Assertion(AssertionTrust, VerifiedAssertion),
}

/// An access token, told this once.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuedToken {
    /// The token.
    pub token: String,
    /// How long it works.
    pub lifetime: TimeDelta,
}

/// The client that a request names, if this connection has it.
pub fn client(
    tx: &mut Transaction<'_>,
    (project, connection): (&ProjectId, ConnectionId),
    name: &ClientName,
) -> Result<ScimClient, TokenFailure> {
    let unknown = TokenFailure::Unproven("the connection has no such client");
    let scope = connections::scope_of(tx, project, connection)?;
    let scope = scope.ok_or(TokenFailure::Unproven("there is no such connection"))?;
    let found = match name {
        ClientName::Id(id) => match id.parse() {
            Ok(id) => scim_clients::find(tx, (&scope, connection), id)?,
            Err(_) => None,
        },
        ClientName::IssuerAndSubject(issuer, subject) => {
            let connection = connections::find(tx, &scope, connection)?;
            let connection = connection.ok_or(unknown.clone())?;
            let mut all = scim_clients::list(tx, &connection)?.into_iter();
            all.find(|client| client.trusts(issuer, subject))
        }
    };
    found.ok_or(unknown)
}

/// Gives a client that has proven itself its token; what the proof rested on must still hold.
pub fn issue(
    tx: &mut Transaction<'_>,
    (project, connection): (&ProjectId, ConnectionId),
    (asking, proven): (&ScimClient, &Proven),
) -> Result<IssuedToken, TokenFailure> {
    let scope = connections::scope_of(tx, project, connection)?;
    let scope = scope.ok_or(TokenFailure::Unproven("the connection is gone"))?;
    let client = scim_clients::find(tx, (&scope, connection), asking.id)?;
    let client = client.ok_or(TokenFailure::Unproven("the client is gone"))?;
    tx.acts_as(Actor::Directory(connection.to_string()));
    let secret = match proven {
        Proven::Secret(presented) => {
            let wrong = TokenFailure::Unproven("the secret is wrong or over");
            Some(client.secret(presented, tx.now).ok_or(wrong)?)
        }
        Proven::Assertion(trust, verified) => {
            if client.trust.as_ref() != Some(trust) {
                return Err(TokenFailure::Unproven("the client trusts others now"));
            }
            use_up(tx, (&scope, &client), (trust, verified))?;
            None
        }
    };
    let token = fresh_access_token().map_err(|it| TokenFailure::Internal(it.to_string()))?;
    let expires_at = access_token_expiry(tx.now, secret);
    let by = (&client, secret.map(|secret| secret.id));
    scim_access_tokens::insert(tx, by, &SecretHash::of(&token), expires_at)?;
    note_issued(tx, &client, (secret, expires_at))?;
    Ok(IssuedToken {
        token,
        lifetime: expires_at - tx.now,
    })
}

/// An assertion is good once; the memory of it lasts as long as it could be shown.
fn use_up(
    tx: &mut Transaction<'_>,
    (scope, client): (&OrgScope, &ScimClient),
    (trust, assertion): (&AssertionTrust, &VerifiedAssertion),
) -> Result<(), TokenFailure> {
    let id = match &assertion.id {
        AssertionId::Signed(_) if trust.allow_reuse => return Ok(()),
        AssertionId::Signed(signed) => format!("{}\0\0{signed}", client.id),
        AssertionId::Jti(jti) => format!("{}\0{jti}", client.id),
    };
    // Ids are the issuer's own, of any length.
    let id = SecretHash::of(&id);
    let place = (scope, client.connection_id);
    let is_new = sign_in_flows::see_assertion(tx, place, (id.as_str(), assertion.usable_until))?;
    if is_new {
        Ok(())
    } else {
        let reason = AssertionRefusal::Replayed.to_string();
        Err(TokenError::InvalidClient(reason).into())
    }
}

fn note_issued(
    tx: &mut Transaction<'_>,
    client: &ScimClient,
    (secret, expires_at): (Option<&ClientSecret>, DateTime<Utc>),
) -> Result<(), StorageError> {
    let secret: Option<ScimClientSecretId> = secret.map(|secret| secret.id);
    let change = Change {
        organization_id: Some(client.organization_id),
        kind: EventKind::ScimTokenIssued,
        object_id: client.id.to_string(),
        before: None,
        after: Some(json!({
            "connection_id": client.connection_id,
            "secret_id": secret,
            "expires_at": expires_at,
        })),
    };
    journal::append(tx, &change)
}
