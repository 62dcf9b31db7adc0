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

/// How many members are looked at, the oldest first: enough to see what a change does.
pub const MOST_LOOKED_AT: i64 = 10_000;

/// What would come of it for so many members, in a fixed number of statements; nothing is written.
pub fn forecast(
    tx: &mut Transaction<'_>,
    before: &Organization,
    (draft, most): (&OrganizationDraft, i64),
) -> Result<SettingsForecast, ManagementError> {
    let after = before.update(draft, tx.now)?;
    let mut in_use = connections::list(tx, &[before.id])?;
    in_use.retain(|connection| connection.is_active() && connection.sso_roles().is_some());
    let mut looked_at = members::first_live(tx, &before.scope(), most.saturating_add(1))?;
    let others = looked_at.split_off(
        looked_at
            .len()
            .min(usize::try_from(most).unwrap_or_default()),
    );
    let last = looked_at.last().map(|member| member.id);
    let ways = ways_in::list(tx, (&before.scope(), last), &in_use)?;
    let nothing = Ways::default();
    let mut forecast = SettingsForecast {
        looked_at: looked_at.len(),
        is_of_all: others.is_empty(),
        ..SettingsForecast::default()
    };
    for member in &looked_at {
        let theirs = ways.get(&member.id).unwrap_or(&nothing);
        forecast.look_at((member, theirs), &before.settings, &after.settings);
    }
    Ok(forecast)
}
