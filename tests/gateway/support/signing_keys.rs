//! The keys that sign JWTs, as an operator and the worker handle them.

use chrono::TimeDelta;
use vestibule::domain::id::JwkId;
use vestibule::domain::id::RequestId;
use vestibule::storage::signing_keys::StoredSigningKey;
use vestibule::use_cases::operator_error::OperatorError;
use vestibule::use_cases::signing_keys;
use vestibule::use_cases::signing_keys::Rotation;
use vestibule::use_cases::signing_keys::SealedKey;
use vestibule::worker;

use super::Node;
use super::TestGateway;
use super::signing_key;

impl TestGateway {
    /// Looks which keys sign JWTs, as the worker does.
    pub async fn learn_keys(&self) {
        worker::signing_keys::look(&self.storage, &self.deployment, &self.served.signer).await;
    }

    /// Lets another key follow the one that signs.
    pub async fn rotate_keys(&self, rotation: Rotation) -> Result<StoredSigningKey, OperatorError> {
        let deployment = self.deployment.clone();
        let (project, master) = (&deployment.project_id, &deployment.master_key);
        let key = SealedKey::new(project, master, signing_key()).unwrap();
        let rotate = {
            let deployment = deployment.clone();
            move |tx: &mut vestibule::storage::Transaction<'_>| {
                let whose = (&deployment.project_id, &deployment.master_key);
                signing_keys::rotate(tx, whose, (&key, rotation))
            }
        };
        self.storage.transaction(RequestId::fresh(), rotate).await
    }

    /// Takes a key away.
    pub async fn revoke_key(&self, id: JwkId) -> Result<StoredSigningKey, OperatorError> {
        let project = self.deployment.project_id.clone();
        let revoke = self.storage.transaction(RequestId::fresh(), move |tx| {
            signing_keys::revoke(tx, &project, id)
        });
        revoke.await
    }

    /// The ids of the keys that the JWKS shows.
    pub async fn shown_keys(&self) -> Vec<String> {
        shown(self, &self.base_url).await
    }
}

impl Node {
    /// Looks which keys sign JWTs, as the worker does.
    pub async fn learn_keys(&self) {
        let gateway = &self.served;
        worker::signing_keys::look(&gateway.storage, &gateway.deployment, &gateway.signer).await;
    }

    /// The ids of the keys that its JWKS shows.
    pub async fn shown_keys(&self, gateway: &TestGateway) -> Vec<String> {
        shown(gateway, &self.base_url).await
    }
}

async fn shown(gateway: &TestGateway, base_url: &str) -> Vec<String> {
    let url = format!("{base_url}/v1/b2b/sessions/jwks/{}", gateway.project_id);
    let answer = gateway.send(gateway.http.get(url)).await;
    let keys = answer.body["keys"].as_array().unwrap();
    let ids = keys.iter().map(|key| key["kid"].as_str().unwrap());
    ids.map(str::to_owned).collect()
}

/// A rotation whose new key signs after so many seconds.
pub fn in_seconds(lead: i64) -> Rotation {
    Rotation {
        lead: TimeDelta::seconds(lead),
        overlap: TimeDelta::days(30),
    }
}
