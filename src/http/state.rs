//! What a handler may hold.

use std::sync::Arc;

use crate::domain::clock::Clock;
use crate::domain::project::ProjectId;
use crate::domain::session_token::SessionSigner;
use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::outbound::oidc_provider::OidcProviders;
use crate::storage::Storage;
use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::credentials;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;

/// The gateway, as handlers see it; one for all of them.
#[derive(Clone)]
pub struct Gateway {
    /// The database.
    pub storage: Storage,
    /// The time.
    pub clock: Clock,
    /// What use cases may know about this installation.
    pub deployment: Arc<Deployment>,
    /// The project that this installation serves.
    pub project_id: ProjectId,
    /// Signs session JWTs.
    pub signer: Arc<SessionSigner>,
    /// The organizations' OIDC providers.
    pub oidc_providers: OidcProviders,
    /// Whether callers are held to their rates.
    pub rate_limits: bool,
}

impl Gateway {
    /// Proves the caller and runs a use case that only reads.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        caller: ProjectCredentials,
        use_case: impl Fn(&mut Transaction<'_>, &ProjectCaller) -> Result<T, ManagementError>
        + Send
        + 'static,
    ) -> Result<T, ApiError> {
        let request_id = caller.request_id;
        let proven = proven(self.project_id.clone(), caller, use_case);
        let answer = self.storage.read(request_id, proven).await;
        answer.map_err(ApiError::of(request_id))
    }

    /// Proves the caller and runs a use case in one transaction.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        caller: ProjectCredentials,
        use_case: impl Fn(&mut Transaction<'_>, &ProjectCaller) -> Result<T, ManagementError>
        + Send
        + 'static,
    ) -> Result<T, ApiError> {
        let request_id = caller.request_id;
        let proven = proven(self.project_id.clone(), caller, use_case);
        let answer = self.storage.transaction(request_id, proven).await;
        answer.map_err(ApiError::of(request_id))
    }
}

/// A use case behind its proof. A database may know projects that this installation does not
/// serve (any more); their credentials open nothing here.
fn proven<T>(
    served: ProjectId,
    given: ProjectCredentials,
    use_case: impl Fn(&mut Transaction<'_>, &ProjectCaller) -> Result<T, ManagementError>,
) -> impl Fn(&mut Transaction<'_>) -> Result<T, ManagementError> {
    move |tx| {
        let caller = credentials::project(tx, &given.project_id, &given.secret)?;
        if caller.project_id == served {
            use_case(tx, &caller)
        } else {
            Err(ManagementError::UnauthorizedCredentials)
        }
    }
}
