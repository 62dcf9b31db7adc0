//! Who would be locked out by a change of an organization's settings, before it is saved: the rules
//! of admission, asked about every live member as they are and as they would be.

use crate::domain::forecast::SettingsForecast;
use crate::domain::forecast::Ways;
use crate::domain::organization::Organization;
use crate::domain::organization_draft::OrganizationDraft;
use crate::storage::Transaction;
use crate::storage::connections;
use crate::storage::members;
use crate::storage::ways_in;
use crate::use_cases::error::ManagementError;

/// What would come of it, in a fixed number of statements; nothing is written.
pub fn forecast(
    tx: &mut Transaction<'_>,
    before: &Organization,
    draft: &OrganizationDraft,
) -> Result<SettingsForecast, ManagementError> {
    let after = before.update(draft, tx.now)?;
    let mut in_use = connections::list(tx, &[before.id])?;
    in_use.retain(|connection| connection.is_active() && connection.sso_roles().is_some());
    let ways = ways_in::list(tx, &before.scope(), &in_use)?;
    let nothing = Ways::default();
    let mut forecast = SettingsForecast::default();
    for member in members::list_live(tx, &before.scope())? {
        let theirs = ways.get(&member.id).unwrap_or(&nothing);
        forecast.look_at((&member, theirs), &before.settings, &after.settings);
    }
    Ok(forecast)
}
