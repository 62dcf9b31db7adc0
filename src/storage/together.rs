//! What is known already in a transaction, which may be that of several requests of one organization:
//! they see the same rows, so what opened the first one opens the others without being read again.
//! All of them came before the transaction began.

use crate::domain::id::ConnectionId;
use crate::domain::id::OrganizationId;
use crate::domain::project::ProjectId;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::credentials::Opened;
use crate::storage::foreseen::Foreseen;
use crate::storage::foreseen::Newcomer;
use crate::storage::project_settings::ForSessions;
use crate::storage::sign_in_places::Place;
use crate::storage::waiting::Waiting;

/// What is known; whatever undoes or changes it in the same transaction has it forgotten.
#[derive(Default)]
pub(crate) struct Together {
    /// An organization in which no member is known to stay an administrator against its directory.
    keeps_nobody: Option<OrganizationId>,
    /// What a SCIM token opens. Nothing that a directory sends can change that.
    opened: Option<(SecretHash, ConnectionId, Opened)>,
    /// Where tokens of sign-ins lead.
    place: Option<(ConnectionId, Place)>,
    /// What a project declares about its sessions.
    sessions: Option<(ProjectId, ForSessions)>,
    /// What is to be written.
    pub(super) waiting: Waiting,
    /// Who is going to be looked for.
    pub(super) foreseen: Foreseen,
    /// Whether requests share the transaction.
    is_shared: bool,
    /// Whether the transaction has left the organization in which it began.
    has_left: bool,
}

impl Together {
    /// What is known where requests share a transaction, which is nothing but whom some will look for.
    pub(crate) fn shared(newcomers: Vec<Newcomer>) -> Self {
        Self {
            is_shared: true,
            foreseen: Foreseen::from(newcomers),
            ..Self::default()
        }
    }

    /// Whether requests share the transaction.
    pub(crate) fn is_shared(&self) -> bool {
        self.is_shared
    }

    /// Whether nobody may go on in the transaction who relies on where it began.
    pub(crate) fn has_left(&self) -> bool {
        self.has_left
    }

    /// It works for that organization again.
    pub(crate) fn returns(&mut self) {
        self.has_left = false;
    }
}

impl Transaction<'_> {
    /// Whether no member of this organization is kept as administrator.
    pub(crate) fn keeps_nobody(&self, organization: OrganizationId) -> bool {
        self.together.keeps_nobody == Some(organization)
    }

    /// That no member of this organization is kept as administrator.
    pub(crate) fn learn_that_nobody_is_kept(&mut self, organization: OrganizationId) {
        self.together.keeps_nobody = Some(organization);
    }

    /// What was known is so no more: a member is kept as administrator from here on, what was read is
    /// changed, or what made it so is undone.
    pub(crate) fn forget_what_is_known(&mut self) {
        let together = &mut *self.together;
        *together = Together {
            waiting: std::mem::take(&mut together.waiting),
            is_shared: together.is_shared,
            has_left: together.has_left,
            ..Together::default()
        };
    }

    /// It works for another organization from here on, or for none.
    pub(crate) fn leaves(&mut self) {
        self.together.has_left = true;
    }

    /// What this token opens, if it has opened it before in this transaction.
    pub(crate) fn opened_before(
        &self,
        (token, connection): (&SecretHash, ConnectionId),
    ) -> Option<Opened> {
        let (known, at, opened) = self.together.opened.as_ref()?;
        (known == token && *at == connection).then(|| opened.clone())
    }

    /// What this token opens, where no member is kept as administrator.
    pub(crate) fn remember_opened(
        &mut self,
        (token, connection): (&SecretHash, ConnectionId),
        opened: &Opened,
    ) {
        self.together.opened = Some((token.clone(), connection, opened.clone()));
    }

    /// The connection and its organization, if a token led there before in this transaction.
    pub(crate) fn place_before(&self, id: ConnectionId) -> Option<Place> {
        let (at, place) = self.together.place.as_ref()?;
        (*at == id).then(|| place.clone())
    }

    /// Where a token has led.
    pub(crate) fn remember_place(&mut self, place: &Place) {
        self.together.place = Some((place.1.id, place.clone()));
    }

    /// What a project declares about its sessions, if that was asked before in this transaction.
    pub(crate) fn declared_before(&self, project: &ProjectId) -> Option<ForSessions> {
        let (of, declared) = self.together.sessions.as_ref()?;
        (of == project).then(|| declared.clone())
    }

    /// What a project declares about its sessions.
    pub(crate) fn remember_declared(&mut self, of: &ProjectId, declared: &ForSessions) {
        self.together.sessions = Some((of.clone(), declared.clone()));
    }
}
