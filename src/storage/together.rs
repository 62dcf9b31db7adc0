//! What is known already in a transaction, which may be that of several requests of one organization:
//! they see the same rows, so what opened the first one opens the others without being read again.

use crate::domain::id::ConnectionId;
use crate::domain::id::OrganizationId;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::credentials::Opened;

/// What is known; whatever undoes it in the same transaction has it forgotten.
#[derive(Default)]
pub(crate) struct Together {
    /// An organization in which no member is known to stay an administrator against its directory.
    keeps_nobody: Option<OrganizationId>,
    /// What a SCIM token opens. Nothing that a directory sends can change that.
    opened: Option<(SecretHash, ConnectionId, Opened)>,
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

    /// What was known is so no more: a member is kept as administrator from here on, or what made it
    /// so is undone.
    pub(crate) fn forget_what_is_known(&mut self) {
        *self.together = Together::default();
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
}
