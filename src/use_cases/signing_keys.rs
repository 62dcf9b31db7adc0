//! The keys that sign JWTs of the project: taken into use, made, followed by others, revoked.
//!
//! A key is published from its making on, signs some time later, and is believed for long after
//! another one took over; so no JWT is ever refused for a rotation.

use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::json;

use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::id::JwkId;
use crate::domain::key_pair::KeyPair;
use crate::domain::key_pair::certificate_der;
use crate::domain::project::ProjectId;
use crate::domain::secret::CryptoFailure;
use crate::domain::secret::MasterKey;
use crate::domain::session_token::KeyInTerm;
use crate::domain::session_token::SessionSigner;
use crate::domain::signing_key::SigningKey;
use crate::domain::signing_key::Term;
use crate::domain::signing_key::signing_of;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::journal;
use crate::storage::signing_keys;
use crate::storage::signing_keys::StoredSigningKey;
use crate::use_cases::error::ManagementError;
use crate::use_cases::operator_error::OperatorError;

/// How often nodes look which keys there are, and more than it takes them all to know a new one.
pub const LOOKED_FOR_EVERY: TimeDelta = TimeDelta::seconds(5);
const UNTIL_ALL_NODES_KNOW: TimeDelta = TimeDelta::seconds(15);

/// A new key whose private half is sealed.
#[derive(Clone)]
pub struct SealedKey {
    id: JwkId,
    sealed_private_key: String,
    certificate: String,
}

impl SealedKey {
    /// Seals a key pair for a project.
    pub fn new(
        project: &ProjectId,
        master_key: &MasterKey,
        pair: &KeyPair,
    ) -> Result<Self, CryptoFailure> {
        let id = JwkId::fresh();
        let private = pair.private_key_pem.as_bytes();
        Ok(Self {
            id,
            sealed_private_key: master_key.seal(private, &sealing_place(project, id))?,
            certificate: pair.certificate_pem.clone(),
        })
    }

    fn in_term(&self, tx: &Transaction<'_>, term: Term) -> StoredSigningKey {
        StoredSigningKey {
            id: self.id,
            sealed_private_key: self.sealed_private_key.clone(),
            certificate: self.certificate.clone(),
            created_at: tx.now,
            term,
        }
    }
}

/// How one key follows another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// How long the new key is only published before it signs.
    pub lead: TimeDelta,
    /// How long what the old one signed is believed after that.
    pub overlap: TimeDelta,
}

fn sealing_place(project: &ProjectId, id: JwkId) -> String {
    format!("{project}/signing_keys/{}/private_key", id.key())
}

/// The signer of a project's JWTs, if the project has a key.
pub fn signer(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    master_key: &MasterKey,
) -> Result<Option<SessionSigner>, ManagementError> {
    let signer = SessionSigner::new(project.clone(), Vec::new());
    let keys = current(tx, (project, master_key), &signer)?;
    signer.take(keys);
    Ok(Some(signer).filter(|signer| !signer.jwks().is_empty()))
}

/// The keys as they are now; those that the signer has already are the same ones.
pub fn current(
    tx: &mut Transaction<'_>,
    (project, master_key): (&ProjectId, &MasterKey),
    signer: &SessionSigner,
) -> Result<Vec<KeyInTerm>, ManagementError> {
    let mut keys = Vec::new();
    for stored in signing_keys::list(tx, project)? {
        let key = match signer.known(stored.id) {
            Some(known) => known,
            None => Arc::new(opened(project, master_key, &stored)?),
        };
        keys.push((key, stored.term));
    }
    Ok(keys)
}

fn opened(
    project: &ProjectId,
    master_key: &MasterKey,
    stored: &StoredSigningKey,
) -> Result<SigningKey, ManagementError> {
    let unusable = |what: &str| ManagementError::Internal(format!("signing key: {what}"));
    let place = sealing_place(project, stored.id);
    let private = master_key
        .open(&stored.sealed_private_key, &place)
        .map_err(|_| unusable("the master key does not open it"))?;
    let private = String::from_utf8(private).map_err(|_| unusable("not text"))?;
    let certificate = certificate_der(&stored.certificate);
    let certificate = certificate.ok_or_else(|| unusable("certificate"))?;
    SigningKey::new(stored.id, &private, &certificate)
        .map_err(|refusal| ManagementError::Internal(refusal.to_string()))
}

/// Keeps the first key of a project, unless another node was faster.
pub fn add_first(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    key: &SealedKey,
) -> Result<(), ManagementError> {
    if !signing_keys::list(tx, project)?.is_empty() {
        return Ok(());
    }
    let term = Term {
        signs_from: tx.now,
        verifies_until: None,
    };
    let key = key.in_term(tx, term);
    Ok(commit(tx, project, (None, Some(&key)))?)
}

/// Publishes a key that will sign after the lead, and says until when its predecessors are believed.
pub fn rotate(
    tx: &mut Transaction<'_>,
    (project, master_key): (&ProjectId, &MasterKey),
    (key, rotation): (&SealedKey, Rotation),
) -> Result<StoredSigningKey, OperatorError> {
    let (before, signing) = list(tx, project)?;
    for stored in &before {
        let is_last = stored.term.verifies_until.is_none();
        if is_last && !stored.term.has_begun(tx.now) && signing != Some(stored.id) {
            return Err(OperatorError::KeyWaits(stored.id, stored.term.signs_from));
        }
        // A key sealed under another master key would stop every node.
        opened(project, master_key, stored).map_err(|_| OperatorError::WrongMasterKey)?;
    }
    let mut signs_from = tx.now + rotation.lead.max(UNTIL_ALL_NODES_KNOW);
    if let Some(latest) = before.iter().map(|key| key.term.signs_from).max() {
        // Whose clock is behind must not put a key before the one that it follows.
        signs_from = signs_from.max(latest + TimeDelta::seconds(1));
    }
    for old in before.iter().filter(|it| it.term.verifies_until.is_none()) {
        let verifies_until = Some(signs_from + rotation.overlap);
        let after = StoredSigningKey {
            term: Term {
                verifies_until,
                ..old.term
            },
            ..old.clone()
        };
        commit(tx, project, (Some(old), Some(&after)))?;
    }
    let term = Term {
        signs_from,
        verifies_until: None,
    };
    let key = key.in_term(tx, term);
    commit(tx, project, (None, Some(&key)))?;
    Ok(key)
}

/// Keys as an operator sees them, and which of them signs.
pub fn list(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
) -> Result<(Vec<StoredSigningKey>, Option<JwkId>), OperatorError> {
    let keys = signing_keys::list(tx, project)?;
    let signing = signing_of(&keys, |key| key.term, tx.now).map(|key| key.id);
    Ok((keys, signing))
}

/// Takes a key away: what it signed is believed no more. A key that signs goes only when another one
/// has taken over; where one goes that would have followed, the latest before it stays.
pub fn revoke(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    id: JwkId,
) -> Result<StoredSigningKey, OperatorError> {
    let (mut keys, signing) = list(tx, project)?;
    let place = keys.iter().position(|key| key.id == id);
    let place = place.ok_or_else(|| OperatorError::UnknownKey(id.to_string()))?;
    if signing == Some(id) {
        return Err(OperatorError::KeySigns);
    }
    let gone = keys.remove(place);
    commit(tx, project, (Some(&gone), None))?;
    if keys.iter().all(|key| key.term.verifies_until.is_some())
        && let Some(stays) = keys.iter().max_by_key(|key| key.term.signs_from)
    {
        let mut after = stays.clone();
        after.term.verifies_until = None;
        commit(tx, project, (Some(stays), Some(&after)))?;
    }
    Ok(gone)
}

/// The one way a signing key changes: row and journal.
fn commit(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    (before, after): (Option<&StoredSigningKey>, Option<&StoredSigningKey>),
) -> Result<(), StorageError> {
    let (kind, id) = match (before, after) {
        (None, None) => return Ok(()),
        (None, Some(key)) => {
            signing_keys::insert(tx, project, key)?;
            (EventKind::SigningKeyCreated, key.id)
        }
        (Some(_), Some(key)) => {
            signing_keys::save(tx, project, key)?;
            (EventKind::SigningKeyUpdated, key.id)
        }
        (Some(key), None) => {
            signing_keys::delete(tx, project, key.id)?;
            (EventKind::SigningKeyRevoked, key.id)
        }
    };
    let shown = |key: &StoredSigningKey| {
        json!({
            "signs_from": key.term.signs_from,
            "verifies_until": key.term.verifies_until,
        })
    };
    let change = Change {
        organization_id: None,
        kind,
        object_id: id.to_string(),
        before: before.map(shown),
        after: after.map(shown),
    };
    journal::append(tx, &change)
}
