//! Holds what a connection sends to its rate, once its client has proven itself.

use std::fmt;
use std::sync::Arc;
use std::sync::OnceLock;

use actix_web::HttpRequest;
use actix_web::web::Data;

use crate::domain::id::ConnectionId;
use crate::http::client_address::client_address;
use crate::http::rate_limit::RateLimits;
use crate::use_cases::provisioning::error::ProvisioningError;

/// The rate of a connection, for one request: it counts once, however often its transaction runs.
#[derive(Clone)]
pub(crate) struct Throttle {
    limits: Option<Data<RateLimits>>,
    verdict: Arc<OnceLock<Result<(), u64>>>,
}

impl fmt::Debug for Throttle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Throttle({:?})", self.verdict.get())
    }
}

impl Throttle {
    /// What holds for this request: nothing, where rates are off.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        Self {
            limits: request.app_data::<Data<RateLimits>>().cloned(),
            verdict: Arc::default(),
        }
    }

    /// Counts the request; the seconds to wait if it came too early.
    pub(crate) fn admit(&self, connection: ConnectionId) -> Result<(), u64> {
        let Some(limits) = &self.limits else {
            return Ok(());
        };
        let count = || limits.admit_connection(connection);
        *self.verdict.get_or_init(count)
    }

    /// Counts the operations of a bulk request, the first of which the request itself was counted
    /// for.
    pub(crate) fn admit_operations(
        &self,
        connection: ConnectionId,
        operations: usize,
    ) -> Result<(), ProvisioningError> {
        let Some(limits) = &self.limits else {
            return Ok(());
        };
        let further = u32::try_from(operations.saturating_sub(1)).unwrap_or(u32::MAX);
        let admitted = limits.admit_further(connection, further);
        admitted.map_err(ProvisioningError::TooManyRequests)
    }

    /// Counts a failed attempt to get a token; the seconds to wait if there were too many.
    pub(crate) fn note_failed_proof(
        &self,
        request: &HttpRequest,
        connection: ConnectionId,
    ) -> Result<(), u64> {
        match (&self.limits, client_address(request)) {
            (Some(limits), Some(address)) => limits.note_failed_proof(connection, address),
            _ => Ok(()),
        }
    }
}
