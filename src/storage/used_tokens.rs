//! Tokens as they are used up, and links of mails that come too late or a second time, as long as they
//! are not forgotten.

use chrono::DateTime;
use chrono::NaiveDateTime;
use chrono::TimeDelta;
use chrono::Utc;
use diesel::BoolExpressionMethods;
use diesel::ExpressionMethods;
use diesel::NullableExpressionMethods;
use diesel::OptionalExtension;
use diesel::QueryDsl;
use diesel::QueryableByName;
use diesel::RunQueryDsl;
use diesel::sql_types::Text;
use serde::de::DeserializeOwned;

use crate::domain::id::OrganizationId;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::columns::from_json;
use crate::storage::columns::instant;
use crate::storage::error::StorageError;
use crate::storage::one_time_tokens::TokenKind;
use crate::storage::one_time_tokens::consume;
use crate::storage::one_time_tokens::live;
use crate::storage::plain_sql::PlainSql;
use crate::storage::schema::one_time_tokens;

/// What links are kept as, and what they are kept as once they are used.
const LINKS: [(TokenKind, &str); 2] = [
    (TokenKind::MagicLink, "magic_link_used"),
    (TokenKind::PasswordReset, "password_reset_used"),
];
/// How long it is known whose a link was that is over.
const KNOWN: TimeDelta = TimeDelta::days(1);

/// A link that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Late<C> {
    /// What it was for.
    pub kind: TokenKind,
    /// Where it led.
    pub organization_id: OrganizationId,
    /// What it stood for.
    pub content: C,
    /// Whether somebody used it, and not only the time it had is over.
    pub was_used: bool,
    /// When it was used, or was over.
    pub since: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct Redeemed {
    #[diesel(sql_type = Text)]
    organization_id: String,
    #[diesel(sql_type = Text)]
    content: String,
}

/// Uses a token of an organization up and gives what it stood for; none when it is not live any
/// more, or somebody else already did.
pub fn take<C: DeserializeOwned>(
    tx: &mut Transaction<'_>,
    kind: TokenKind,
    token: &SecretHash,
) -> Result<Option<(OrganizationId, C)>, StorageError> {
    let mut sql = PlainSql::prepared(tx, "DELETE FROM one_time_tokens WHERE hash = ");
    sql.text(token.as_str()).sql(" AND kind = ");
    sql.text(kind.name()).sql(" AND expires_at > ");
    sql.instant(instant(tx.now));
    sql.sql(" AND organization_id IS NOT NULL RETURNING organization_id, content");
    let Some(found) = sql.load::<Redeemed>(tx)?.pop() else {
        return Ok(None);
    };
    let organization = OrganizationId::from_key(&found.organization_id);
    let organization = organization.map_err(StorageError::corrupt)?;
    Ok(Some((organization, from_json(&found.content)?)))
}

/// Uses a token up, of which a link stays known; false when somebody else already did.
pub fn use_up(
    tx: &mut Transaction<'_>,
    kind: TokenKind,
    token: &SecretHash,
) -> Result<bool, StorageError> {
    let Some((_, used)) = LINKS.iter().find(|(link, _)| *link == kind) else {
        return consume(tx, kind, token);
    };
    let used = (
        one_time_tokens::kind.eq(*used),
        one_time_tokens::expires_at.eq(instant(tx.now)),
    );
    let update = diesel::update(live!(tx, kind, token)).set(used);
    Ok(update.execute(tx.connection()?)? == 1)
}

/// What a link stood for that is over.
pub fn find<C: DeserializeOwned>(
    tx: &mut Transaction<'_>,
    token: &SecretHash,
) -> Result<Option<Late<C>>, StorageError> {
    one_time_tokens::table
        .filter(one_time_tokens::hash.eq(token.as_str()))
        .filter(one_time_tokens::kind.eq_any(kinds()))
        .filter(one_time_tokens::expires_at.le(instant(tx.now)))
        .filter(one_time_tokens::organization_id.is_not_null())
        .select((
            one_time_tokens::organization_id.assume_not_null(),
            one_time_tokens::kind,
            one_time_tokens::content,
            one_time_tokens::expires_at,
        ))
        .first::<(String, String, String, NaiveDateTime)>(tx.connection()?)
        .optional()?
        .map(|(organization, kind, content, since)| {
            let id = OrganizationId::from_key(&organization);
            let link = LINKS
                .iter()
                .find(|(link, used)| kind == link.name() || kind == *used);
            let (link, used) = link.ok_or_else(|| StorageError::corrupt("a link of no kind"))?;
            Ok(Late {
                kind: *link,
                organization_id: id.map_err(StorageError::corrupt)?,
                content: from_json(&content)?,
                was_used: kind == *used,
                since: since.and_utc(),
            })
        })
        .transpose()
}

fn kinds() -> impl Iterator<Item = &'static str> {
    LINKS.iter().flat_map(|(link, used)| [link.name(), used])
}

/// Forgets tokens that have expired; links of organizations a day later.
pub fn forget_expired(tx: &mut Transaction<'_>) -> Result<usize, StorageError> {
    let known = one_time_tokens::kind
        .ne_all(kinds())
        .or(one_time_tokens::expires_at.le(instant(tx.now - KNOWN)));
    let expired = one_time_tokens::table
        .filter(one_time_tokens::expires_at.le(instant(tx.now)))
        .filter(known);
    Ok(diesel::delete(expired).execute(tx.connection()?)?)
}
