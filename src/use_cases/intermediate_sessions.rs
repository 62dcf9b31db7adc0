//! Intermediate sessions: what somebody has proven who is not in yet (contract 4.1, 4.4).
//!
//! A bag of factors that lives for ten minutes after the last of them. With more factors it stays the
//! same token; it ends when it becomes a member session.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;

use crate::domain::email::EmailAddress;
use crate::domain::factor;
use crate::domain::factor::Factor;
use crate::domain::id::ConnectionId;
use crate::domain::id::MemberId;
use crate::domain::id::OrganizationId;
use crate::domain::member::Member;
use crate::domain::project::ProjectId;
use crate::domain::scope::OrgScope;
use crate::domain::secret;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::one_time_tokens;
use crate::storage::one_time_tokens::TokenKind;
use crate::storage::one_time_tokens::TokenPlace;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::admission::AdmissionError;

const MINUTES: i64 = 10;

/// What an intermediate session stands for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IntermediateSession {
    /// The address that the person goes by.
    pub email_address: EmailAddress,
    /// The organization that they want to enter, once one is chosen.
    pub organization_id: Option<OrganizationId>,
    /// The member that they are there.
    pub member_id: Option<MemberId>,
    /// What they have proven.
    pub factors: Vec<Factor>,
    /// The latest end that an IdP allows the session.
    pub ends_no_later_than: Option<DateTime<Utc>>,
}

/// A token that stands for an intermediate session, and when it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntermediateToken {
    /// The token; only its hash is stored.
    pub token: String,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

impl IntermediateSession {
    /// What it holds that counts for this member.
    pub fn counting_for(&self, member: &Member) -> Vec<Factor> {
        if self.member_id == Some(member.id) {
            self.factors.clone()
        } else {
            factor::travelling(&self.factors, &member.email_address)
        }
    }

    /// The address, if one of the factors proves it.
    pub fn proven_address(&self) -> Option<&EmailAddress> {
        let travelling = factor::travelling(&self.factors, &self.email_address);
        (!travelling.is_empty()).then_some(&self.email_address)
    }
}

/// Keeps what somebody has proven under a new token.
pub fn open(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    content: &IntermediateSession,
) -> Result<IntermediateToken, ManagementError> {
    let token = secret::fresh_token()?;
    let expires_at = tx.now + TimeDelta::minutes(MINUTES);
    put(tx, project, (token, expires_at), content)
}

/// Keeps what somebody has proven by now under the token that they have already. It lives longer
/// only with `is_more`, once something was proven besides what it stood for.
pub fn update(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    (token, is_more): (&str, bool),
    content: &IntermediateSession,
) -> Result<IntermediateToken, ManagementError> {
    let known = one_time_tokens::expiry(tx, TokenKind::Intermediate, &SecretHash::of(token))?;
    let known = known.ok_or(AdmissionError::IntermediateNotFound)?;
    consume(tx, token)?;
    let expires_at = if is_more {
        tx.now + TimeDelta::minutes(MINUTES)
    } else {
        known
    };
    put(tx, project, (token.to_owned(), expires_at), content)
}

fn put(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    (token, expires_at): (String, DateTime<Utc>),
    content: &IntermediateSession,
) -> Result<IntermediateToken, ManagementError> {
    let place = TokenPlace {
        project_id: project.clone(),
        organization_id: content.organization_id,
    };
    let hash = SecretHash::of(&token);
    let place = (&place, TokenKind::Intermediate);
    one_time_tokens::insert_at(tx, place, &hash, content, expires_at)?;
    Ok(IntermediateToken { token, expires_at })
}

/// What a live token stands for; it stays.
pub fn find(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    token: &str,
) -> Result<IntermediateSession, ManagementError> {
    let place = (project, TokenKind::Intermediate);
    let found = one_time_tokens::find_in_project(tx, place, &SecretHash::of(token))?;
    found.ok_or(AdmissionError::IntermediateNotFound.into())
}

/// Uses a token up. Whoever comes second finds none.
pub fn consume(tx: &mut Transaction<'_>, token: &str) -> Result<(), ManagementError> {
    if one_time_tokens::consume(tx, TokenKind::Intermediate, &SecretHash::of(token))? {
        Ok(())
    } else {
        Err(AdmissionError::IntermediateNotFound.into())
    }
}

/// The live intermediate sessions of an organization that rest on a connection, by their hashes.
pub(crate) fn resting_on(
    tx: &mut Transaction<'_>,
    place: (&OrgScope, ConnectionId),
) -> Result<Vec<(String, IntermediateSession)>, StorageError> {
    let (scope, connection) = place;
    one_time_tokens::resting_on(tx, (scope, TokenKind::Intermediate, connection))
}
