//! Looks after SAML connections: reads metadata again and warns of certificates that end.

use crate::domain::id::RequestId;
use crate::outbound::http_client::BODY_LIMIT;
use crate::outbound::http_client::HttpClient;
use crate::storage::Storage;
use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::error::ManagementError;
use crate::use_cases::saml_metadata::refresh;
use crate::use_cases::saml_metadata::refresh::Due;

/// How many connections are looked after in one round.
const MOST: usize = 500;

/// Takes the connections that are due, one after the other, until none is left.
pub async fn run(storage: &Storage, deployment: &Deployment, client: &HttpClient) {
    for _ in 0..MOST {
        let owned = deployment.clone();
        let claimed = storage
            .transaction(RequestId::fresh(), move |tx| refresh::claim(tx, &owned))
            .await;
        let outcome = match claimed {
            Ok(None) => return,
            Ok(Some(due)) => look_after(storage, deployment, client, due).await,
            Err(error) => Err(error),
        };
        if let Err(error) = outcome {
            tracing::error!(?error, "a SAML connection could not be looked after");
            return;
        }
    }
}

async fn look_after(
    storage: &Storage,
    deployment: &Deployment,
    client: &HttpClient,
    due: Due,
) -> Result<(), ManagementError> {
    let Some(url) = due.metadata_url else {
        return Ok(());
    };
    let fetched = client.get_text(&url, BODY_LIMIT).await;
    let fetched = fetched.map_err(|error| error.to_string());
    let read = fetched.and_then(|xml| refresh::read(&xml));
    let deployment = deployment.clone();
    let take = move |tx: &mut Transaction<'_>| {
        let read = read.as_ref().map_err(String::as_str);
        refresh::take(tx, &deployment, (due.connection_id, &url), read)
    };
    storage.transaction(RequestId::fresh(), take).await
}
