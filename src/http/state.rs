//! What a handler may hold.

use std::sync::Arc;

use chrono::DateTime;
use chrono::Utc;

use crate::domain::clock::Clock;
use crate::domain::project::ProjectId;
use crate::domain::secret::SecretHash;
use crate::domain::session_token::SessionSigner;
use crate::http::caller::PresentedSession;
use crate::http::caller::ProjectCredentials;
use crate::http::client_address::TrustedProxies;
use crate::http::management::error::ApiError;
use crate::http::password_threads::PasswordThreads;
use crate::http::rate_limit::Rates;
use crate::outbound::dns::TxtResolvers;
use crate::outbound::http_client::HttpClient;
use crate::outbound::oidc_provider::OidcProviders;
use crate::storage::Storage;
use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::caller::Caller;
use crate::use_cases::credentials;
use crate::use_cases::credentials::OwnersOfDirectories;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::credentials::ProvenSecrets;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::request::RequestError;
use crate::use_cases::error::session::SessionError;
use crate::use_cases::recent_sessions::ReadAt;
use crate::use_cases::recent_sessions::RecentSessions;
use crate::use_cases::scim_requests::queue::RequestLog;
use crate::use_cases::sessions::SessionLocator;
use crate::use_cases::sign_in::redeem;
use crate::use_cases::sign_in::redeem::TokensUnderWay;

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
    /// Reaches out, and only to where it may.
    pub http_client: HttpClient,
    /// Asked for the DNS records of claimed domains.
    pub txt_resolvers: TxtResolvers,
    /// The organizations' OIDC providers.
    pub oidc_providers: OidcProviders,
    /// The sessions that were authenticated a moment ago.
    pub recent_sessions: Arc<RecentSessions>,
    /// The project secrets that were looked up a moment ago.
    pub proven_secrets: Arc<ProvenSecrets>,
    /// Whose the SCIM connections are that were used.
    pub owners_of_directories: Arc<OwnersOfDirectories>,
    /// Whose the tokens of sign-ins are that are under way.
    pub tokens_under_way: Arc<TokensUnderWay>,
    /// Where SCIM requests wait to be written into their connection's log.
    pub request_log: RequestLog,
    /// Where passwords are hashed.
    pub password_threads: PasswordThreads,
    /// The rates that callers are held to, if they are.
    pub rate_limits: Option<Rates>,
    /// The proxies that are believed about whom they bring.
    pub trusted_proxies: TrustedProxies,
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
        self.read_as(caller, for_backend(use_case)).await
    }

    /// Like `read`, for a use case that finds out whose rows are meant.
    pub(crate) async fn seek<T: Send + 'static>(
        &self,
        caller: ProjectCredentials,
        use_case: impl Fn(&mut Transaction<'_>, &ProjectCaller) -> Result<T, ManagementError>
        + Send
        + 'static,
    ) -> Result<T, ApiError> {
        let request_id = caller.request_id;
        let proven = self.proven(caller, for_backend(use_case));
        let answer = self.storage.seek(request_id, proven);
        answer.await.map_err(self.told(request_id))
    }

    /// Which state of the database whoever reads from now on sees at least.
    pub(crate) fn reading(&self) -> ReadAt {
        ReadAt {
            writes: self.storage.writes().count(),
            now: self.clock.now(),
        }
    }

    /// Whether this backend of the served project has proven itself a moment ago.
    pub(crate) fn knows(&self, caller: &ProjectCredentials, now: DateTime<Utc>) -> bool {
        let presented = (caller.project_id.as_str(), &caller.secret);
        caller.member_session.is_none()
            && caller.project_id == self.project_id.as_str()
            && self.proven_secrets.knows(presented, now)
    }

    /// Proves the caller and runs a use case in one transaction.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        caller: ProjectCredentials,
        use_case: impl Fn(&mut Transaction<'_>, &ProjectCaller) -> Result<T, ManagementError>
        + Send
        + 'static,
    ) -> Result<T, ApiError> {
        self.write_as(caller, for_backend(use_case)).await
    }

    /// Like `write`, for a sign-in by a token that others of the organization sign in beside: it
    /// takes its turn among them and loses no races.
    pub(crate) async fn redeem<T: Send + 'static>(
        &self,
        caller: ProjectCredentials,
        token: SecretHash,
        use_case: impl Fn(&mut Transaction<'_>, &ProjectCaller) -> Result<T, ManagementError>
        + Send
        + 'static,
    ) -> Result<T, ApiError> {
        let request_id = caller.request_id;
        let known = self.tokens_under_way.begin(request_id, &token);
        let begin = if let Some(begin) = known {
            begin
        } else {
            let begin = self.seek(caller.clone(), move |tx, _| redeem::begin(tx, &token));
            begin.await?
        };
        let proven = self.proven(caller, for_backend(use_case));
        let answer = self.storage.transaction(begin, proven);
        answer.await.map_err(self.told(request_id))
    }

    /// Like `read`, for a call that may be made on behalf of a member.
    pub(crate) async fn read_as<T: Send + 'static>(
        &self,
        caller: ProjectCredentials,
        use_case: impl Fn(&mut Transaction<'_>, &Caller) -> Result<T, ManagementError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let request_id = caller.request_id;
        let answer = self.storage.read(request_id, self.proven(caller, use_case));
        answer.await.map_err(self.told(request_id))
    }

    /// Like `write`, for a call that may be made on behalf of a member.
    pub(crate) async fn write_as<T: Send + 'static>(
        &self,
        caller: ProjectCredentials,
        use_case: impl Fn(&mut Transaction<'_>, &Caller) -> Result<T, ManagementError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let request_id = caller.request_id;
        let answer = self
            .storage
            .transaction(request_id, self.proven(caller, use_case));
        answer.await.map_err(self.told(request_id))
    }

    /// A use case behind its proof. A database may know projects that this installation does not
    /// serve (any more); their credentials open nothing here.
    fn proven<T, F>(
        &self,
        given: ProjectCredentials,
        use_case: F,
    ) -> impl Fn(&mut Transaction<'_>) -> Result<T, ManagementError> + use<T, F>
    where
        F: Fn(&mut Transaction<'_>, &Caller) -> Result<T, ManagementError>,
    {
        let (served, signer) = (self.project_id.clone(), self.signer.clone());
        let proven_secrets = self.proven_secrets.clone();
        move |tx| {
            let presented = (given.project_id.as_str(), &given.secret);
            let project = credentials::project(tx, &proven_secrets, presented)?;
            if project.project_id != served {
                return Err(RequestError::UnauthorizedCredentials.into());
            }
            let session = given.member_session.as_ref();
            let session = session.map(|session| session_locator(session, &signer));
            let caller = Caller::new(tx, &project, session.transpose()?.as_ref())?;
            use_case(tx, &caller)
        }
    }
}

fn for_backend<T>(
    use_case: impl Fn(&mut Transaction<'_>, &ProjectCaller) -> Result<T, ManagementError>,
) -> impl Fn(&mut Transaction<'_>, &Caller) -> Result<T, ManagementError> {
    move |tx, caller| {
        let project = caller.backend()?.clone();
        use_case(tx, &project)
    }
}

fn session_locator(
    presented: &PresentedSession,
    signer: &SessionSigner,
) -> Result<SessionLocator, ManagementError> {
    match presented {
        PresentedSession::Token(hash) => Ok(SessionLocator::Token(hash.clone())),
        PresentedSession::Jwt(jwt) => match signer.session_of(jwt) {
            Ok(session) => Ok(SessionLocator::Jwt(session)),
            Err(refusal) => Err(SessionError::UnparsableJwt(refusal.to_string()).into()),
        },
        PresentedSession::Several => Err(SessionError::TooManyArguments.into()),
    }
}
