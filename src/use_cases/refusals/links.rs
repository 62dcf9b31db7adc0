//! Links of mails that came too late or a second time. Scanners of mail are known to use links up
//! before their people do.

use serde::Deserialize;

use crate::domain::email::EmailAddress;
use crate::domain::id::MemberId;
use crate::domain::member::Member;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::members;
use crate::storage::one_time_tokens::TokenKind;
use crate::storage::organizations;
use crate::storage::used_tokens;
use crate::use_cases::Deployment;
use crate::use_cases::error::ManagementError;
use crate::use_cases::explain::catalogue::joining;
use crate::use_cases::refusals::kept::Found;
use crate::use_cases::refusals::told::Told;

/// What links of all kinds keep of whom they were sent to.
#[derive(Deserialize)]
struct Sent {
    #[serde(default)]
    member_id: Option<MemberId>,
    email_address: EmailAddress,
}

/// Whose link it was that was refused, while that is known.
pub(super) fn late(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    token: &SecretHash,
) -> Result<Option<Found>, ManagementError> {
    let Some(late) = used_tokens::find::<Sent>(tx, token)? else {
        return Ok(None);
    };
    let organization = organizations::find(tx, &deployment.project_id, late.organization_id)?;
    let Some(organization) = organization else {
        return Ok(None);
    };
    let member = match late.content.member_id {
        Some(id) => members::find(tx, &organization.scope(), id)?.filter(Member::is_live),
        None => None,
    };
    let (at, since) = (tx.now, late.since);
    let told = if late.was_used {
        Told {
            code: "link_used",
            rule: Some("a link in a mail works once".to_owned()),
            expected: Some("a link that nobody has used".to_owned()),
            received: Some(format!("one that was used at {since}, again at {at}")),
            remedy: joining::LINK_USED,
        }
    } else {
        Told {
            code: "link_expired",
            rule: Some("a link in a mail has to be used before it expires".to_owned()),
            expected: Some(format!("before {since}")),
            received: Some(format!("at {at}")),
            remedy: joining::LINK_OVER,
        }
    };
    let member_id = member.map(|member| member.id);
    Ok(Some(Found {
        method: match late.kind {
            TokenKind::PasswordReset => "password",
            _ => "magic_link",
        },
        organization_id: organization.id,
        object_id: member_id.map_or_else(|| organization.id.to_string(), |id| id.to_string()),
        member_id,
        email_address: Some(late.content.email_address),
        known: Vec::new(),
        told,
    }))
}
