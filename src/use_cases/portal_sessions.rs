//! Who is in the admin portal: the holder of a link, with the rights of the administrator of one
//! organization, asked by the same checks as every caller of the management API.

use std::ops::Deref;

use crate::domain::event::EventKind;
use crate::domain::organization::Organization;
use crate::domain::portal_link::PortalLink;
use crate::domain::portal_link::PortalSession;
use crate::domain::project::ProjectId;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::portal_links as link_rows;
use crate::use_cases::caller::Caller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::portal_link::PortalLinkError;
use crate::use_cases::portal_links;

/// The holder of a link in its organization. As a [`Caller`] it is asked for each right like a
/// member who is that organization's administrator, and like a member it reaches no other one.
#[derive(Clone, Debug)]
pub struct PortalCaller {
    caller: Caller,
    organization: Organization,
    link: PortalLink,
}

impl PortalCaller {
    /// The live session that a secret opens; the transaction acts for its link from here on.
    pub fn of(
        tx: &mut Transaction<'_>,
        project: &ProjectId,
        token: &SecretHash,
    ) -> Result<Self, ManagementError> {
        let found = link_rows::find_by_session(tx, project, token)?;
        let (link, organization) = found.ok_or(PortalLinkError::NoSession)?;
        let caller = Caller::of_portal(tx, &organization, link.id)?;
        Ok(Self {
            caller,
            organization,
            link,
        })
    }

    /// The one organization that it speaks about.
    pub fn organization(&self) -> &Organization {
        &self.organization
    }

    /// How API calls name that organization.
    pub fn organization_id(&self) -> String {
        self.organization.id.to_string()
    }

    /// The link that it came by.
    pub fn link(&self) -> &PortalLink {
        &self.link
    }
}

impl Deref for PortalCaller {
    type Target = Caller;
    fn deref(&self) -> &Caller {
        &self.caller
    }
}

/// Where a link leads, without opening it: what reads a mail before people do burns nothing.
pub fn look(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    token: &SecretHash,
) -> Result<(PortalLink, Organization), ManagementError> {
    let found = link_rows::find_by_token(tx, project, token)?;
    let (link, organization) = found.ok_or(PortalLinkError::NotFound)?;
    match PortalLinkError::of(link.status(tx.now)) {
        Some(refusal) => Err(refusal.into()),
        None => Ok((link, organization)),
    }
}

/// Opens a link, and with it a session under the hash of its secret. A link that works once is
/// used up; a lasting one opens again until it is revoked, completed or expired. One browser is in at
/// a time: whoever was in by the link is out, and so is what the browser had open before.
pub fn open(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    (link_token, session_token): (&SecretHash, &SecretHash),
    left: Option<&SecretHash>,
) -> Result<PortalSession, ManagementError> {
    look(tx, project, link_token)?;
    if let Some(left) = left {
        end(tx, project, left)?;
    }
    let (before, organization) = look(tx, project, link_token)?;
    Caller::of_portal(tx, &organization, before.id)?;
    let after = PortalLink {
        opened_at: Some(tx.now),
        ..before.clone()
    };
    portal_links::commit(tx, EventKind::PortalLinkOpened, (&before, &after))?;
    link_rows::delete_sessions_of(tx, &after)?;
    let session = PortalSession::of(&after, tx.now);
    link_rows::insert_session(tx, &session, session_token)?;
    Ok(session)
}

fn end(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    token: &SecretHash,
) -> Result<(), ManagementError> {
    if let Some((_, organization)) = link_rows::find_by_session(tx, project, token)? {
        link_rows::delete_session(tx, &organization.scope(), token)?;
    }
    Ok(())
}

/// Says that all is set up: the link opens nothing any more, and nobody is in by it.
pub fn complete(tx: &mut Transaction<'_>, caller: &PortalCaller) -> Result<(), ManagementError> {
    let after = PortalLink {
        completed_at: Some(tx.now),
        ..caller.link.clone()
    };
    let kind = EventKind::PortalLinkCompleted;
    Ok(portal_links::commit(tx, kind, (&caller.link, &after))?)
}

/// Leaves the portal in this browser; a lasting link opens it again.
pub fn leave(
    tx: &mut Transaction<'_>,
    caller: &PortalCaller,
    token: &SecretHash,
) -> Result<(), ManagementError> {
    Ok(link_rows::delete_session(
        tx,
        &caller.organization.scope(),
        token,
    )?)
}
