//! Sign-ins that are proven and are no sessions yet: a token on its way to the application, a second
//! factor that is owed. What ends sessions of an identity provider's people ends these too.

use crate::domain::connection::Connection;
use crate::domain::factor::Factor;
use crate::domain::factor::sso::SsoFactor;
use crate::domain::id::ConnectionId;
use crate::domain::identity::AssertedIdentity;
use crate::domain::identity::SamlSubject;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::connections;
use crate::storage::error::StorageError;
use crate::storage::one_time_tokens;
use crate::storage::one_time_tokens::TokenKind;
use crate::use_cases::hosted_sign_in::hand_over;
use crate::use_cases::intermediate_sessions;
use crate::use_cases::sign_in::KeptIdentity;

/// What an identity provider has said of whoever signs in.
pub(crate) struct Spoken<'s> {
    /// The subject.
    pub(crate) subject: &'s str,
    /// The provider's name for its own session.
    pub(crate) idp_session: Option<&'s str>,
    /// How a SAML IdP named the person.
    pub(crate) saml_subject: Option<&'s SamlSubject>,
}

impl<'s> From<&'s SsoFactor> for Spoken<'s> {
    fn from(factor: &'s SsoFactor) -> Self {
        Self {
            subject: &factor.external_id,
            idp_session: factor.idp_session.as_deref(),
            saml_subject: factor.saml_subject.as_ref(),
        }
    }
}

impl<'s> From<&'s AssertedIdentity> for Spoken<'s> {
    fn from(identity: &'s AssertedIdentity) -> Self {
        Self {
            subject: &identity.subject,
            idp_session: identity.idp_session.as_deref(),
            saml_subject: identity.saml_subject.as_ref(),
        }
    }
}

/// Ends those that came through a connection and are meant.
pub(crate) fn end(
    tx: &mut Transaction<'_>,
    (scope, connection): (&OrgScope, ConnectionId),
    is_meant: impl Fn(&Spoken<'_>) -> bool,
) -> Result<(), StorageError> {
    let mut meant = Vec::new();
    let arriving = (scope, TokenKind::Sso, connection);
    for (hash, kept) in one_time_tokens::resting_on::<KeptIdentity>(tx, arriving)? {
        let identity = &kept.proven.identity;
        if identity.connection_id == connection && is_meant(&identity.into()) {
            meant.push(hash);
        }
    }
    let is_among = |factors: &[Factor]| {
        let mut proven = factors.iter().filter_map(Factor::as_sso);
        proven.any(|factor| factor.connection_id == connection && is_meant(&factor.into()))
    };
    for (hash, half) in intermediate_sessions::resting_on(tx, (scope, connection))? {
        meant.extend(is_among(&half.factors).then_some(hash));
    }
    for (hash, factors) in hand_over::resting_on(tx, (scope, connection))? {
        meant.extend(is_among(&factors).then_some(hash));
    }
    for hash in meant {
        one_time_tokens::delete(tx, scope, &hash)?;
    }
    Ok(())
}

/// Ends all that came through a connection which is not in use any more, here and where another
/// organization lets people in through it.
pub(crate) fn end_all(
    tx: &mut Transaction<'_>,
    connection: &Connection,
) -> Result<(), StorageError> {
    let own = connection.organization_id;
    one_time_tokens::delete_resting_on(tx, own, connection.id)?;
    for external in connections::list_pointing_at(tx, connection.id)? {
        tx.enter(external.organization_id)?;
        one_time_tokens::delete_resting_on(tx, external.organization_id, external.id)?;
    }
    tx.enter(own)
}
