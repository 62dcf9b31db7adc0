//! Tokens that work once: the SSO token of a redirect, a magic link, an intermediate session. Those
//! of people who have not chosen an organization yet belong to the project alone.

use chrono::DateTime;
use chrono::NaiveDateTime;
use chrono::Utc;
use diesel::EscapeExpressionMethods;
use diesel::ExpressionMethods;
use diesel::NullableExpressionMethods;
use diesel::OptionalExtension;
use diesel::QueryDsl;
use diesel::RunQueryDsl;
use diesel::TextExpressionMethods;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::domain::id::ConnectionId;
use crate::domain::id::OrganizationId;
use crate::domain::member::Member;
use crate::domain::project::ProjectId;
use crate::domain::scope::OrgScope;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::columns::from_json;
use crate::storage::columns::instant;
use crate::storage::columns::like_anywhere;
use crate::storage::columns::to_json;
use crate::storage::error::StorageError;
use crate::storage::schema::one_time_tokens;

/// What a token stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A proven identity on its way to the application.
    Sso,
    /// A sign-in with an OAuth provider that is under way, by its state.
    OauthFlow,
    /// Who an OAuth provider says somebody is, on its way to the application.
    Oauth,
    /// The same for somebody who has not chosen an organization.
    OauthDiscovery,
    /// What somebody has proven who is not in yet.
    Intermediate,
    /// An operator's permission to act as a member.
    Impersonation,
    /// A link that proves the address of a member.
    MagicLink,
    /// A link that proves an address before an organization is chosen.
    DiscoveryLink,
    /// A member may set its password.
    PasswordReset,
    /// Whoever has an address may set its password.
    DiscoveryPasswordReset,
    /// What a member has proven on the hosted pages, on its way to the application.
    HandedOver,
}

impl TokenKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sso => "sso",
            Self::OauthFlow => "oauth_flow",
            Self::Oauth => "oauth",
            Self::OauthDiscovery => "oauth_discovery",
            Self::Intermediate => "intermediate_session",
            Self::Impersonation => "impersonation",
            Self::MagicLink => "magic_link",
            Self::DiscoveryLink => "discovery_link",
            Self::PasswordReset => "password_reset",
            Self::DiscoveryPasswordReset => "discovery_password_reset",
            Self::HandedOver => "handed_over",
        }
    }
}

/// Where a token belongs: to a project, and mostly to one of its organizations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenPlace {
    /// The project.
    pub project_id: ProjectId,
    /// The organization, once one is chosen.
    pub organization_id: Option<OrganizationId>,
}

impl From<&OrgScope> for TokenPlace {
    fn from(scope: &OrgScope) -> Self {
        Self {
            project_id: scope.project_id.clone(),
            organization_id: Some(scope.organization_id),
        }
    }
}

/// The token of this kind, while it is live.
macro_rules! live {
    ($tx:expr, $kind:expr, $token:expr) => {
        one_time_tokens::table
            .filter(one_time_tokens::hash.eq($token.as_str()))
            .filter(one_time_tokens::kind.eq($kind.name()))
            .filter(one_time_tokens::expires_at.gt(instant($tx.now)))
    };
}
pub(crate) use live;

/// Keeps content under a token.
pub fn insert<C: Serialize>(
    tx: &mut Transaction<'_>,
    (scope, kind): (&OrgScope, TokenKind),
    token: &SecretHash,
    content: &C,
    expires_at: DateTime<Utc>,
) -> Result<(), StorageError> {
    insert_at(tx, (&scope.into(), kind), token, content, expires_at)
}

/// The same where an organization may not be chosen yet.
pub fn insert_at<C: Serialize>(
    tx: &mut Transaction<'_>,
    (place, kind): (&TokenPlace, TokenKind),
    token: &SecretHash,
    content: &C,
    expires_at: DateTime<Utc>,
) -> Result<(), StorageError> {
    let row = (
        one_time_tokens::hash.eq(token.as_str().to_owned()),
        one_time_tokens::project_id.eq(place.project_id.as_str().to_owned()),
        one_time_tokens::organization_id.eq(place.organization_id.map(|id| id.key())),
        one_time_tokens::kind.eq(kind.name()),
        one_time_tokens::content.eq(to_json(content)?),
        one_time_tokens::expires_at.eq(instant(expires_at)),
    );
    let row = diesel::insert_into(one_time_tokens::table).values(row);
    tx.add("one_time_tokens", row)
}

/// What a live token stands for, without using it up.
pub fn find<C: DeserializeOwned>(
    tx: &mut Transaction<'_>,
    kind: TokenKind,
    token: &SecretHash,
) -> Result<Option<(OrganizationId, C)>, StorageError> {
    live!(tx, kind, token)
        .select((
            one_time_tokens::organization_id.assume_not_null(),
            one_time_tokens::content,
        ))
        .filter(one_time_tokens::organization_id.is_not_null())
        .first::<(String, String)>(tx.connection()?)
        .optional()?
        .map(|(organization, content)| {
            let id = OrganizationId::from_key(&organization).map_err(StorageError::corrupt)?;
            Ok((id, from_json(&content)?))
        })
        .transpose()
}

/// What a live token of this project stands for, whether an organization is chosen or not.
pub fn find_in_project<C: DeserializeOwned>(
    tx: &mut Transaction<'_>,
    (project, kind): (&ProjectId, TokenKind),
    token: &SecretHash,
) -> Result<Option<C>, StorageError> {
    one_time_tokens::table
        .filter(one_time_tokens::hash.eq(token.as_str()))
        .filter(one_time_tokens::project_id.eq(project.as_str()))
        .filter(one_time_tokens::kind.eq(kind.name()))
        .filter(one_time_tokens::expires_at.gt(instant(tx.now)))
        .select(one_time_tokens::content)
        .first::<String>(tx.connection()?)
        .optional()?
        .map(|content| from_json(&content))
        .transpose()
}

/// Uses a token up; false when somebody else already did.
pub fn consume(
    tx: &mut Transaction<'_>,
    kind: TokenKind,
    token: &SecretHash,
) -> Result<bool, StorageError> {
    let live = live!(tx, kind, token);
    Ok(diesel::delete(live).execute(tx.connection()?)? == 1)
}

/// When a live token ends.
pub fn expiry(
    tx: &mut Transaction<'_>,
    kind: TokenKind,
    token: &SecretHash,
) -> Result<Option<DateTime<Utc>>, StorageError> {
    let found = live!(tx, kind, token)
        .select(one_time_tokens::expires_at)
        .first::<NaiveDateTime>(tx.connection()?)
        .optional()?;
    Ok(found.map(|ends| ends.and_utc()))
}

/// The live tokens of an organization that rest on this connection, by their hashes.
pub fn resting_on<C: DeserializeOwned>(
    tx: &mut Transaction<'_>,
    (scope, kind, connection): (&OrgScope, TokenKind, ConnectionId),
) -> Result<Vec<(String, C)>, StorageError> {
    let rows = one_time_tokens::table
        .filter(one_time_tokens::organization_id.eq(scope.key()))
        .filter(one_time_tokens::kind.eq(kind.name()))
        .filter(one_time_tokens::expires_at.gt(instant(tx.now)))
        .filter(one_time_tokens::content.like(like_anywhere(&connection.to_string())))
        .select((one_time_tokens::hash, one_time_tokens::content))
        .load::<(String, String)>(tx.connection()?)?;
    let read = |(hash, content): (String, String)| Ok((hash, from_json(&content)?));
    rows.into_iter().map(read).collect()
}

/// What the live tokens of an organization stand for that mention a text.
pub fn mentioning<C: DeserializeOwned>(
    tx: &mut Transaction<'_>,
    (scope, kind): (&OrgScope, TokenKind),
    text: &str,
) -> Result<Vec<C>, StorageError> {
    let named = one_time_tokens::content.like(like_anywhere(text));
    let contents = one_time_tokens::table
        .filter(one_time_tokens::organization_id.eq(scope.key()))
        .filter(one_time_tokens::kind.eq(kind.name()))
        .filter(one_time_tokens::expires_at.gt(instant(tx.now)))
        .filter(named.escape('\\'))
        .select(one_time_tokens::content)
        .load::<String>(tx.connection()?)?;
    contents.iter().map(|content| from_json(content)).collect()
}

/// Takes a token away, by its hash.
pub fn delete(tx: &mut Transaction<'_>, scope: &OrgScope, hash: &str) -> Result<(), StorageError> {
    let this = one_time_tokens::table
        .filter(one_time_tokens::organization_id.eq(scope.key()))
        .filter(one_time_tokens::hash.eq(hash));
    diesel::delete(this).execute(tx.connection()?)?;
    Ok(())
}

/// Forgets the live tokens that stand for this member: their content names it.
pub fn delete_all_of(tx: &mut Transaction<'_>, member: &Member) -> Result<(), StorageError> {
    delete_all_of_but(tx, member, "")
}

/// The same but for one, named by its hash.
pub fn delete_all_of_but(
    tx: &mut Transaction<'_>,
    member: &Member,
    kept: &str,
) -> Result<(), StorageError> {
    let theirs = one_time_tokens::table
        .filter(one_time_tokens::organization_id.eq(member.organization_id.key()))
        .filter(one_time_tokens::content.like(like_anywhere(&member.id.to_string())))
        .filter(one_time_tokens::expires_at.gt(instant(tx.now)))
        .filter(one_time_tokens::hash.ne(kept.to_owned()));
    tx.change("one_time_tokens", diesel::delete(theirs))
}

/// The live tokens of a kind whose people have not chosen an organization, by their hashes.
pub fn unplaced<C: DeserializeOwned>(
    tx: &mut Transaction<'_>,
    (project, kind): (&ProjectId, TokenKind),
) -> Result<Vec<(String, C)>, StorageError> {
    let unplaced = one_time_tokens::table
        .filter(one_time_tokens::project_id.eq(project.as_str()))
        .filter(one_time_tokens::organization_id.is_null());
    let rows = unplaced
        .filter(one_time_tokens::kind.eq(kind.name()))
        .filter(one_time_tokens::expires_at.gt(instant(tx.now)))
        .select((one_time_tokens::hash, one_time_tokens::content))
        .load::<(String, String)>(tx.connection()?)?;
    let read = |(hash, content): (String, String)| Ok((hash, from_json(&content)?));
    rows.into_iter().map(read).collect()
}

/// Takes away one of them, by its hash.
pub fn delete_unplaced(tx: &mut Transaction<'_>, hash: &str) -> Result<(), StorageError> {
    let this = one_time_tokens::table.find(hash);
    diesel::delete(this.filter(one_time_tokens::organization_id.is_null()))
        .execute(tx.connection()?)?;
    Ok(())
}

/// Takes away the tokens of an organization that rest on this connection, whatever they are for.
pub fn delete_resting_on(
    tx: &mut Transaction<'_>,
    organization: OrganizationId,
    connection: ConnectionId,
) -> Result<usize, StorageError> {
    let theirs = one_time_tokens::table
        .filter(one_time_tokens::organization_id.eq(organization.key()))
        .filter(one_time_tokens::content.like(like_anywhere(&connection.to_string())));
    Ok(diesel::delete(theirs).execute(tx.connection()?)?)
}
