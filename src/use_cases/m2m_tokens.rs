//! Access tokens for machines of the project: what one may be given that proves itself.

use serde_json::json;

use crate::domain::event::Actor;
use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::m2m_client::M2mClient;
use crate::domain::m2m_client::distinct;
use crate::domain::project::ProjectId;
use crate::domain::secret::SecretHash;
use crate::protocol::oauth::error::TokenError;
use crate::storage::Transaction;
use crate::storage::journal;
use crate::storage::m2m_clients;
use crate::use_cases::scim_tokens::TokenFailure;

/// A machine that asks for a token.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenWish {
    /// How it is called.
    pub client_id: String,
    /// What it proves itself by.
    pub secret: SecretHash,
    /// What the token shall say; all that it may, if nothing is asked for.
    pub scopes: Vec<String>,
}

/// What a token says.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenGrant {
    /// The client that it speaks of.
    pub client: M2mClient,
    /// Its scopes.
    pub scopes: Vec<String>,
}

/// Lets a client that proves itself have a token. The token itself is signed outside, since nothing
/// of it is kept.
pub fn grant(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    wish: &TokenWish,
) -> Result<TokenGrant, TokenFailure> {
    let found = m2m_clients::find(tx, project, &wish.client_id)?;
    let client = found.ok_or(TokenFailure::Unproven("there is no such client"))?;
    if !client.has_secret(&wish.secret) {
        return Err(TokenFailure::Unproven("the secret is wrong"));
    }
    if !client.active {
        return Err(TokenFailure::Unproven("the client is inactive"));
    }
    let mut wanted = wish.scopes.iter();
    if let Some(more) = wanted.find(|scope| !client.scopes.contains(scope)) {
        let reason = format!("the client does not have the scope \"{more}\"");
        return Err(TokenError::InvalidScope(reason).into());
    }
    let scopes = if wish.scopes.is_empty() {
        client.scopes.clone()
    } else {
        distinct(&wish.scopes)
    };
    tx.acts_as(Actor::M2mClient(client.id.clone()));
    let change = Change {
        organization_id: None,
        kind: EventKind::M2mTokenIssued,
        object_id: client.id.clone(),
        before: None,
        after: Some(json!({ "scopes": scopes })),
    };
    journal::append(tx, &change)?;
    Ok(TokenGrant { client, scopes })
}
