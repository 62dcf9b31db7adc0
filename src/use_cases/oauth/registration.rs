//! How a member becomes known to an OAuth provider's subject, once and for all.

use serde_json::json;

use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::factor;
use crate::domain::factor::Factor;
use crate::domain::factor::OauthFactor;
use crate::domain::id::OauthRegistrationId;
use crate::domain::member::Member;
use crate::domain::oauth_identity::OauthIdentity;
use crate::domain::organization::Organization;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::journal;
use crate::storage::oauth_registrations;
use crate::use_cases::oauth::entrance::may_link;

/// Keeps what the provider said this time about a member whom it knows.
pub(crate) fn register(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    (member, identity): (&Member, &OauthIdentity),
) -> Result<OauthRegistrationId, StorageError> {
    let scope = organization.scope();
    let subject = (identity.provider, identity.subject.as_str());
    if let Some(known) = oauth_registrations::find(tx, &scope, subject)? {
        // A factor of a session remembers neither.
        if !identity.picture_url.is_empty() || !identity.locale.is_empty() {
            oauth_registrations::save(tx, member, identity)?;
        }
        return Ok(known.id);
    }
    let id = oauth_registrations::insert(tx, member, identity)?;
    let change = Change {
        organization_id: Some(organization.id),
        kind: EventKind::OauthRegistrationCreated,
        object_id: id.to_string(),
        before: None,
        after: Some(json!({
            "member_id": member.id,
            "provider": identity.provider,
            "provider_subject": identity.subject,
        })),
    };
    journal::append(tx, &change)?;
    Ok(id)
}

/// The factors of a member who is let in, each OAuth one by its registration here: whoever only
/// named an address that has been proven by now is registered on the way.
pub(crate) fn settle(
    tx: &mut Transaction<'_>,
    (organization, member): (&Organization, &Member),
    factors: Vec<Factor>,
) -> Result<Vec<Factor>, StorageError> {
    let counting: Vec<Factor> = factor::identifying(&factors).cloned().collect();
    let mut settled = Vec::with_capacity(factors.len());
    for factor in factors {
        settled.push(match factor {
            Factor::Oauth(oauth) if counting.contains(&Factor::Oauth(oauth.clone())) => {
                Factor::Oauth(settled_one(tx, (organization, member), oauth)?)
            }
            other => other,
        });
    }
    Ok(settled)
}

fn settled_one(
    tx: &mut Transaction<'_>,
    (organization, member): (&Organization, &Member),
    oauth: OauthFactor,
) -> Result<OauthFactor, StorageError> {
    let subject = (oauth.provider, oauth.provider_subject.as_str());
    let known = oauth_registrations::find(tx, &organization.scope(), subject)?;
    let registration_id = match known {
        Some(known) if known.member_id == member.id => known.id,
        Some(_) => return Ok(oauth),
        None if oauth.email_address != member.email_address => return Ok(oauth),
        None => {
            let identity = OauthIdentity {
                provider: oauth.provider,
                subject: oauth.provider_subject.clone(),
                email_address: oauth.email_address.clone(),
                address_proven: oauth.address_proven,
                tenants: oauth.tenants.clone(),
                name: String::new(),
                picture_url: String::new(),
                locale: String::new(),
            };
            if !may_link(tx, organization, (member, &identity))? {
                return Ok(oauth);
            }
            register(tx, organization, (member, &identity))?
        }
    };
    Ok(OauthFactor {
        registration_id,
        is_registered: true,
        ..oauth
    })
}

/// Who somebody is at a provider, as a factor of a session.
pub(crate) fn factor_of(
    tx: &Transaction<'_>,
    identity: &OauthIdentity,
    registration: Option<OauthRegistrationId>,
) -> Factor {
    Factor::Oauth(OauthFactor {
        provider: identity.provider,
        registration_id: registration.unwrap_or_else(OauthRegistrationId::fresh),
        provider_subject: identity.subject.clone(),
        email_address: identity.email_address.clone(),
        address_proven: identity.address_proven,
        is_registered: registration.is_some(),
        tenants: identity.tenants.clone(),
        authenticated_at: tx.now,
    })
}
