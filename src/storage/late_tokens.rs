//! Tokens that came too late, as long as they are not forgotten.

use chrono::DateTime;
use chrono::NaiveDateTime;
use chrono::Utc;
use diesel::ExpressionMethods;
use diesel::NullableExpressionMethods;
use diesel::OptionalExtension;
use diesel::QueryDsl;
use diesel::RunQueryDsl;
use serde::de::DeserializeOwned;

use crate::domain::id::OrganizationId;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::columns::from_json;
use crate::storage::columns::instant;
use crate::storage::error::StorageError;
use crate::storage::one_time_tokens::TokenKind;
use crate::storage::schema::one_time_tokens;

/// What a token stood for that has expired, until it is forgotten, and when it did.
pub fn find<C: DeserializeOwned>(
    tx: &mut Transaction<'_>,
    kind: TokenKind,
    token: &SecretHash,
) -> Result<Option<(OrganizationId, C, DateTime<Utc>)>, StorageError> {
    one_time_tokens::table
        .filter(one_time_tokens::hash.eq(token.as_str()))
        .filter(one_time_tokens::kind.eq(kind.name()))
        .filter(one_time_tokens::expires_at.le(instant(tx.now)))
        .filter(one_time_tokens::organization_id.is_not_null())
        .select((
            one_time_tokens::organization_id.assume_not_null(),
            one_time_tokens::content,
            one_time_tokens::expires_at,
        ))
        .first::<(String, String, NaiveDateTime)>(tx.connection()?)
        .optional()?
        .map(|(organization, content, expired_at)| {
            let id = OrganizationId::from_key(&organization).map_err(StorageError::corrupt)?;
            Ok((id, from_json(&content)?, expired_at.and_utc()))
        })
        .transpose()
}
