//! Who is in the portal: the cookie as it comes in, before a transaction proves it.

use std::future::Ready;
use std::future::ready;

use actix_web::FromRequest;
use actix_web::HttpRequest;
use actix_web::cookie::Cookie;
use actix_web::cookie::time::Duration;
use actix_web::dev::Payload;

use crate::domain::id::RequestId;
use crate::domain::portal_link::SESSION_LIFE;
use crate::domain::secret::SecretHash;
use crate::http::caller::request_id;
use crate::http::pages::cookies;
use crate::http::portal::error::PortalRefusal;
use crate::http::state::Gateway;
use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::portal_link::PortalLinkError;
use crate::use_cases::portal_sessions::PortalCaller;

const COOKIE: &str = "vestibule_portal";

/// A session of the portal, by the hash of its secret, not yet proven. It names no organization:
/// which one it is bound to is in the database alone.
#[derive(Clone, Debug)]
pub(crate) struct PortalSession {
    /// The secret, hashed.
    pub(crate) token: SecretHash,
    /// The request.
    pub(crate) request_id: RequestId,
}

impl FromRequest for PortalSession {
    type Error = PortalRefusal;
    type Future = Ready<Result<Self, PortalRefusal>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request_id = request_id(request);
        let token = brought(request);
        let session = token.map(|token| Self { token, request_id });
        ready(
            session.ok_or_else(|| PortalRefusal::of(request_id)(PortalLinkError::NoSession.into())),
        )
    }
}

/// The secret that a browser brings, hashed.
pub(crate) fn brought(request: &HttpRequest) -> Option<SecretHash> {
    cookies::presented(request, COOKIE)
}

/// The cookie of a session that was opened.
pub(crate) fn cookie(deployment: &Deployment, token: String) -> Cookie<'static> {
    let lifetime = Duration::seconds(SESSION_LIFE.num_seconds());
    cookies::of_page(deployment, COOKIE, token, lifetime)
}

/// The cookie, taken back.
pub(crate) fn taken_back(deployment: &Deployment) -> Cookie<'static> {
    cookies::taken_back(deployment, COOKIE)
}

impl Gateway {
    /// Proves who is in the portal and runs a use case that only reads.
    pub(crate) async fn portal_read<T: Send + 'static>(
        &self,
        session: &PortalSession,
        use_case: impl Fn(&mut Transaction<'_>, &PortalCaller) -> Result<T, ManagementError>
        + Send
        + 'static,
    ) -> Result<T, PortalRefusal> {
        let request_id = session.request_id;
        let answer = self
            .storage
            .read(request_id, self.in_portal(session, use_case));
        answer.await.map_err(PortalRefusal::of(request_id))
    }

    /// Proves who is in the portal and runs a use case in one transaction.
    pub(crate) async fn portal_write<T: Send + 'static>(
        &self,
        session: &PortalSession,
        use_case: impl Fn(&mut Transaction<'_>, &PortalCaller) -> Result<T, ManagementError>
        + Send
        + 'static,
    ) -> Result<T, PortalRefusal> {
        let request_id = session.request_id;
        let answer = self
            .storage
            .transaction(request_id, self.in_portal(session, use_case));
        answer.await.map_err(PortalRefusal::of(request_id))
    }

    fn in_portal<T, F>(
        &self,
        session: &PortalSession,
        use_case: F,
    ) -> impl Fn(&mut Transaction<'_>) -> Result<T, ManagementError> + use<T, F>
    where
        F: Fn(&mut Transaction<'_>, &PortalCaller) -> Result<T, ManagementError>,
    {
        let (project, token) = (self.project_id.clone(), session.token.clone());
        move |tx| {
            let caller = PortalCaller::of(tx, &project, &token)?;
            use_case(tx, &caller)
        }
    }
}
