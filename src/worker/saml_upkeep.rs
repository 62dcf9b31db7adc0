//! Looks after SAML connections: reads metadata again and warns of certificates that end.

use tokio::task::JoinSet;

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

/// How many addresses are read at once, so that those who let one wait do not let all wait.
const AT_ONCE: usize = 16;

type Reading = JoinSet<Result<(), ManagementError>>;

/// Takes the connections that are due until none is left, and reads what they follow.
pub async fn run(storage: &Storage, deployment: &Deployment, client: &HttpClient) {
    let mut reading = Reading::new();
    for _ in 0..MOST {
        let owned = deployment.clone();
        let claimed = storage
            .transaction(RequestId::fresh(), move |tx| refresh::claim(tx, &owned))
            .await;
        match claimed {
            Ok(None) => break,
            Ok(Some(due)) => {
                let (storage, deployment) = (storage.clone(), deployment.clone());
                reading.spawn(look_after(storage, deployment, client.clone(), due));
            }
            Err(error) => {
                tell(&error);
                break;
            }
        }
        finish(&mut reading, AT_ONCE - 1).await;
    }
    finish(&mut reading, 0).await;
}

/// Waits until no more than so many are under way.
async fn finish(reading: &mut Reading, at_most: usize) {
    while reading.len() > at_most {
        match reading.join_next().await {
            Some(Ok(Err(error))) => tell(&error),
            Some(Err(error)) => tracing::error!(%error, "a reading of metadata failed"),
            Some(Ok(Ok(()))) | None => {}
        }
    }
}

fn tell(error: &ManagementError) {
    tracing::error!(?error, "a SAML connection could not be looked after");
}

async fn look_after(
    storage: Storage,
    deployment: Deployment,
    client: HttpClient,
    due: Due,
) -> Result<(), ManagementError> {
    let Some(url) = due.metadata_url else {
        return Ok(());
    };
    let fetched = client.get_text(&url, BODY_LIMIT).await;
    let fetched = fetched.map_err(|error| error.to_string());
    let read = fetched.and_then(|xml| refresh::read(&xml));
    let take = move |tx: &mut Transaction<'_>| {
        let read = read.as_ref().map_err(String::as_str);
        refresh::take(tx, &deployment, (due.connection_id, &url), read)
    };
    storage.transaction(RequestId::fresh(), take).await
}
