//! A mail that brings a link to a new password may bring one that signs in without it (contract 4.5).

use chrono::TimeDelta;

use crate::domain::email::EmailAddress;
use crate::domain::magic_link::DiscoveryLink;
use crate::domain::magic_link::LinkPurpose;
use crate::domain::magic_link::MagicLink;
use crate::domain::member::Member;
use crate::domain::organization::Organization;
use crate::domain::project::ProjectId;
use crate::domain::project::RedirectKind;
use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::error::ManagementError;
use crate::use_cases::magic_links::discovery;
use crate::use_cases::magic_links::follow::LOGIN;
use crate::use_cases::magic_links::sending;

/// Where such a link leads and how long it works; there is none unless the application asks for one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LoginLink {
    redirect_url: String,
    pkce_code_challenge: Option<String>,
    lifetime: TimeDelta,
}

impl LoginLink {
    /// The link that is asked for, if its URL is one of the project's.
    pub(crate) fn asked(
        tx: &mut Transaction<'_>,
        deployment: &Deployment,
        target: (RedirectKind, Option<&str>),
        (pkce_code_challenge, lifetime): (&Option<String>, TimeDelta),
    ) -> Result<Option<Self>, ManagementError> {
        if target.1.is_none() {
            return Ok(None);
        }
        Ok(Some(Self {
            redirect_url: sending::target(tx, deployment, target)?,
            pkce_code_challenge: pkce_code_challenge.clone(),
            lifetime,
        }))
    }

    /// The URL of the link of a member.
    pub(crate) fn of_member(
        self,
        tx: &mut Transaction<'_>,
        deployment: &Deployment,
        (organization, member): (&Organization, &Member),
    ) -> Result<String, ManagementError> {
        let link = MagicLink {
            purpose: LinkPurpose::Login,
            member_id: member.id,
            joins: false,
            email_address: member.email_address.clone(),
            redirect_url: self.redirect_url,
            pkce_code_challenge: self.pkce_code_challenge,
        };
        let kept = (&link, self.lifetime);
        let url = sending::keep(tx, (deployment, organization), kept, &[LOGIN])?;
        sending::record(tx, organization, kept)?;
        Ok(url)
    }

    /// The URL of the link of an address, before an organization is chosen.
    pub(crate) fn of_address(
        self,
        tx: &mut Transaction<'_>,
        place: (&ProjectId, &Deployment),
        address: &EmailAddress,
    ) -> Result<String, ManagementError> {
        let link = DiscoveryLink {
            email_address: address.clone(),
            redirect_url: self.redirect_url,
            pkce_code_challenge: self.pkce_code_challenge,
        };
        discovery::keep(tx, place, (&link, self.lifetime), &[LOGIN])
    }
}
