//! What the journal is to tell of a request whose own changes are all undone.

use crate::http::scim::caller::ScimRequest;
use crate::http::scim::error::ScimFailure;
use crate::http::state::Gateway;
use crate::use_cases::credentials;
use crate::use_cases::provisioning;
use crate::use_cases::provisioning::error::ProvisioningError;

impl Gateway {
    /// Journals whom the directory was refused, apart from the request and not counted as one.
    pub(crate) async fn note_refusal(
        &self,
        request: &ScimRequest,
        refused: ProvisioningError,
    ) -> Result<(), ScimFailure> {
        let (id, served) = (request.request_id, self.project_id.clone());
        let (connection_id, token) = request.credentials();
        let noted = self.storage.transaction(id, move |tx| {
            let caller = credentials::scim(tx, &served, connection_id, &token)?;
            if let Some(caller) = caller {
                provisioning::note_refusal(tx, &caller, &refused)?;
            }
            Ok::<_, ProvisioningError>(())
        });
        noted.await.map_err(ScimFailure::of(id))
    }
}
