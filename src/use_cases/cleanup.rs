//! Forgets what has expired: sign-in flows, one-time tokens, sessions, SCIM access tokens, mails
//! that nobody could use any more and what is kept about sending them, signing keys, portal links,
//! what opened the console.

use crate::storage::Transaction;
use crate::storage::email_codes;
use crate::storage::factors::sms_messages;
use crate::storage::fence::Crossing;
use crate::storage::mail_recipients;
use crate::storage::mails;
use crate::storage::operator_secrets;
use crate::storage::portal_links;
use crate::storage::scim_access_tokens;
use crate::storage::sessions;
use crate::storage::sign_in_flows;
use crate::storage::signing_keys;
use crate::storage::used_tokens;
use crate::use_cases::error::ManagementError;

/// Removes what nobody can use any more, and says how many rows there were. Expired rows are
/// refused anyway, so this is no change of state and leaves no event.
pub fn forget_expired(tx: &mut Transaction<'_>) -> Result<usize, ManagementError> {
    tx.across_organizations(Crossing::Expiry)?;
    let forgotten = [
        sign_in_flows::forget_expired(tx)?,
        used_tokens::forget_expired(tx)?,
        sessions::forget_expired(tx)?,
        scim_access_tokens::forget_expired(tx)?,
        mails::forget_expired(tx)?,
        mail_recipients::forget_expired(tx)?,
        email_codes::forget_expired(tx)?,
        signing_keys::forget_over(tx)?,
        portal_links::forget_expired(tx)?,
        operator_secrets::forget_expired(tx)?,
        sms_messages::forget_expired(tx)?,
    ];
    Ok(forgotten.iter().sum())
}
