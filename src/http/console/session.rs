//! Who is in the console: the cookie as it comes in, before a transaction proves it.

use std::future::Ready;
use std::future::ready;

use actix_web::FromRequest;
use actix_web::HttpRequest;
use actix_web::cookie::Cookie;
use actix_web::cookie::time::Duration;
use actix_web::dev::Payload;

use crate::domain::id::RequestId;
use crate::domain::secret::SecretHash;
use crate::http::caller::request_id;
use crate::http::console::error::ConsoleRefusal;
use crate::http::pages::cookies;
use crate::http::state::Gateway;
use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::console_error::ConsoleError;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::operators;

const COOKIE: &str = "vestibule_operator";

/// A session of the console, by the hash of its secret, not yet proven.
#[derive(Clone, Debug)]
pub(crate) struct OperatorSession {
    /// The secret, hashed.
    pub(crate) token: SecretHash,
    /// The request.
    pub(crate) request_id: RequestId,
}

impl FromRequest for OperatorSession {
    type Error = ConsoleRefusal;
    type Future = Ready<Result<Self, ConsoleRefusal>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request_id = request_id(request);
        let token = cookies::presented(request, COOKIE);
        let session = token.map(|token| Self { token, request_id });
        ready(session.ok_or_else(|| ConsoleRefusal::of(request_id)(ConsoleError::NoSession)))
    }
}

/// The cookie of a session that was opened.
pub(super) fn cookie(deployment: &Deployment, token: String) -> Cookie<'static> {
    let lifetime = Duration::seconds(operators::SESSION_LIFE.num_seconds());
    cookies::of_page(deployment, COOKIE, token, lifetime)
}

/// The cookie, taken back.
pub(super) fn taken_back(deployment: &Deployment) -> Cookie<'static> {
    cookies::taken_back(deployment, COOKIE)
}

impl Gateway {
    /// Proves who is in the console and runs a use case that only reads.
    pub(super) async fn console_read<T: Send + 'static>(
        &self,
        session: &OperatorSession,
        use_case: impl Fn(&mut Transaction<'_>, &ProjectCaller) -> Result<T, ConsoleError>
        + Send
        + 'static,
    ) -> Result<T, ConsoleRefusal> {
        let proven = self.in_console(session, use_case);
        let answer = self.storage.read(session.request_id, proven);
        answer.await.map_err(ConsoleRefusal::of(session.request_id))
    }

    /// Proves who is in the console and runs a use case in one transaction.
    pub(super) async fn console_write<T: Send + 'static>(
        &self,
        session: &OperatorSession,
        use_case: impl Fn(&mut Transaction<'_>, &ProjectCaller) -> Result<T, ConsoleError>
        + Send
        + 'static,
    ) -> Result<T, ConsoleRefusal> {
        let proven = self.in_console(session, use_case);
        let answer = self.storage.transaction(session.request_id, proven);
        answer.await.map_err(ConsoleRefusal::of(session.request_id))
    }

    fn in_console<T, F>(
        &self,
        session: &OperatorSession,
        use_case: F,
    ) -> impl Fn(&mut Transaction<'_>) -> Result<T, ConsoleError> + use<T, F>
    where
        F: Fn(&mut Transaction<'_>, &ProjectCaller) -> Result<T, ConsoleError>,
    {
        let (project, token) = (self.project_id.clone(), session.token.clone());
        move |tx| {
            let caller = operators::caller(tx, &project, &token)?;
            use_case(tx, &caller.ok_or(ConsoleError::NoSession)?)
        }
    }
}
