//! The link into the operator's console that the first start prints.

use crate::domain::id::RequestId;
use crate::domain::secret::SecretHash;
use crate::domain::secret::fresh_token;
use crate::server::StartError;
use crate::storage::Storage;
use crate::storage::Transaction;
use crate::use_cases::console_link_url;
use crate::use_cases::operators;
use crate::use_cases::project::Adopted;

/// Makes a link when the project was just given its first secret.
pub(crate) async fn first_link(
    storage: &Storage,
    adopted: &Adopted,
    public_url: &str,
) -> Result<Option<String>, StartError> {
    if adopted.new_secret.is_none() {
        return Ok(None);
    }
    let failed = "no link into the console can be made";
    let token = fresh_token().map_err(|error| StartError::because(failed, error))?;
    let (project, hash) = (adopted.project.id.clone(), SecretHash::of(&token));
    let make = move |tx: &mut Transaction<'_>| operators::make_link(tx, &project, &hash);
    let kept = storage.transaction(RequestId::fresh(), make).await;
    kept.map_err(|error| StartError::because(failed, error))?;
    Ok(Some(console_link_url(public_url, &token)))
}
