//! What comes in: the client's token, its query and its body, before a transaction proves them.

use std::future::Ready;
use std::future::ready;

use actix_web::FromRequest;
use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::header::HeaderName;
use actix_web::http::header::IF_MATCH;
use actix_web::http::header::IF_NONE_MATCH;

use crate::domain::id::ConnectionId;
use crate::domain::id::ConnectionKind;
use crate::domain::id::RequestId;
use crate::domain::secret::SecretHash;
use crate::http::caller::bearer;
use crate::http::caller::request_id;
use crate::http::scim::error::ScimFailure;
use crate::http::scim::request_log::Trace;
use crate::http::scim::throttle::Throttle;
use crate::http::state::Gateway;
use crate::protocol::scim::projection::Projection;
use crate::protocol::scim::schema::ResourceType;
use crate::protocol::scim::version::Conditions;
use crate::storage::Transaction;
use crate::use_cases::credentials;
use crate::use_cases::credentials::Begin;
use crate::use_cases::credentials::ScimCaller;
use crate::use_cases::provisioning::Target;
use crate::use_cases::provisioning::error::ProvisioningError;
use crate::use_cases::provisioning::users::Newcomer;

/// A request of a SCIM client: its connection, its token, not yet proven, and what it asks.
#[derive(Clone, Debug)]
pub(crate) struct ScimRequest {
    /// The connection in the URL.
    pub(crate) connection_id: ConnectionId,
    /// The token, hashed.
    token: SecretHash,
    /// The request.
    pub(crate) request_id: RequestId,
    query: Vec<(String, String)>,
    /// What it expects of the version of the resource.
    pub(crate) conditions: Conditions,
    /// The rate that it is held to.
    pub(crate) throttle: Throttle,
    trace: Trace,
}

impl FromRequest for ScimRequest {
    type Error = ScimFailure;
    type Future = Ready<Result<Self, ScimFailure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request_id = request_id(request);
        let trace = Trace::of(request);
        let read = connection_id(request).zip(bearer(request));
        let read = read.map(|(connection_id, token)| Self {
            connection_id,
            token,
            request_id,
            query: query(request),
            conditions: conditions(request),
            throttle: Throttle::of(request),
            trace,
        });
        ready(read.ok_or_else(|| ScimFailure::of(request_id)(ProvisioningError::Unauthorized)))
    }
}

/// The SCIM connection that the URL names.
pub(crate) fn connection_id(request: &HttpRequest) -> Option<ConnectionId> {
    let id: ConnectionId = request.match_info().get("connection_id")?.parse().ok()?;
    (id.kind == ConnectionKind::Scim).then_some(id)
}

fn conditions(request: &HttpRequest) -> Conditions {
    Conditions {
        if_match: header(request, &IF_MATCH),
        if_none_match: header(request, &IF_NONE_MATCH),
    }
}

/// All lines of a header as one list.
pub(crate) fn header(request: &HttpRequest, name: &HeaderName) -> Option<String> {
    let lines = request.headers().get_all(name);
    let lines: Vec<_> = lines
        .map(|line| String::from_utf8_lossy(line.as_bytes()))
        .collect();
    (!lines.is_empty()).then(|| lines.join(","))
}

/// The parameters of the query; `+` is a space.
fn query(request: &HttpRequest) -> Vec<(String, String)> {
    url::form_urlencoded::parse(request.query_string().as_bytes())
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

/// Whether a request filters, for endpoints that cannot.
pub(crate) fn filters(request: &HttpRequest) -> bool {
    let query = query(request);
    query.iter().any(|(name, _)| is_named(name, "filter"))
}

fn is_named(name: &str, wanted: &str) -> bool {
    name.eq_ignore_ascii_case(wanted)
}

impl ScimRequest {
    /// The value of a parameter, the first if it comes twice. Unknown parameters, such as Entra's
    /// `aadOptscim062020`, are ignored.
    pub(crate) fn parameter(&self, wanted: &str) -> Option<&str> {
        let mut parameters = self.query.iter();
        let found = parameters.find(|(name, _)| is_named(name, wanted));
        found.map(|(_, value)| value.as_str())
    }

    /// The resource of this id, as the request expects it.
    pub(crate) fn target(&self, id: String) -> Target {
        Target {
            id,
            conditions: self.conditions.clone(),
        }
    }

    /// What has to be proven.
    pub(crate) fn credentials(&self) -> (ConnectionId, SecretHash) {
        (self.connection_id, self.token.clone())
    }

    /// Which attributes the answer shows.
    pub(crate) fn projection(&self, resource_type: &ResourceType) -> Projection {
        let (only, without) = ("attributes", "excludedAttributes");
        Projection::parse(self.parameter(only), self.parameter(without), resource_type)
    }
}

impl Gateway {
    /// The base address of a connection, as its resources show it.
    pub(crate) fn scim_base_url(&self, connection: ConnectionId) -> String {
        format!("{}/v1/b2b/scim/{connection}", self.deployment.public_url)
    }

    /// Proves the client and runs a use case that only reads.
    pub(crate) async fn scim_read<T: Send + 'static>(
        &self,
        request: &ScimRequest,
        use_case: impl Fn(&mut Transaction<'_>, &ScimCaller) -> Result<T, ProvisioningError>
        + Send
        + 'static,
    ) -> Result<T, ScimFailure> {
        let (begin, proven) = self.proven_directory(request, use_case);
        let read = self.storage.read(begin, proven).await;
        read.map_err(ScimFailure::of(request.request_id))
    }

    /// Proves the client and runs a use case in one transaction.
    pub(crate) async fn scim_write<T: Send + 'static>(
        &self,
        request: &ScimRequest,
        use_case: impl Fn(&mut Transaction<'_>, &ScimCaller) -> Result<T, ProvisioningError>
        + Send
        + 'static,
    ) -> Result<T, ScimFailure> {
        self.scim_add(request, None, use_case).await
    }

    /// Like `scim_write`, for what adds a User.
    pub(crate) async fn scim_add<T: Send + 'static>(
        &self,
        request: &ScimRequest,
        newcomer: Option<Newcomer>,
        use_case: impl Fn(&mut Transaction<'_>, &ScimCaller) -> Result<T, ProvisioningError>
        + Send
        + 'static,
    ) -> Result<T, ScimFailure> {
        let (begin, proven) = self.proven_directory(request, use_case);
        let written = self
            .storage
            .transaction_of_newcomer(begin, newcomer, proven)
            .await;
        self.told_of(request, written).await
    }

    /// Like `scim_write`, for what often changes nothing: clients send again what they sent before.
    pub(crate) async fn scim_change<T: Send + 'static>(
        &self,
        request: &ScimRequest,
        use_case: impl Fn(&mut Transaction<'_>, &ScimCaller) -> Result<T, ProvisioningError>
        + Send
        + Sync
        + 'static,
    ) -> Result<T, ScimFailure> {
        let (begin, proven) = self.proven_directory(request, use_case);
        let changed = self.storage.transaction_if_needed(begin, proven).await;
        self.told_of(request, changed).await
    }

    async fn told_of<T>(
        &self,
        request: &ScimRequest,
        written: Result<T, ProvisioningError>,
    ) -> Result<T, ScimFailure> {
        if let Err(refused @ ProvisioningError::MemberRefused(_)) = &written {
            self.note_refusal(request, refused.clone()).await?;
        }
        written.map_err(ScimFailure::of(request.request_id))
    }

    fn proven_directory<T, F>(
        &self,
        request: &ScimRequest,
        use_case: F,
    ) -> (
        Begin,
        impl Fn(&mut Transaction<'_>) -> Result<T, ProvisioningError> + use<T, F>,
    )
    where
        F: Fn(&mut Transaction<'_>, &ScimCaller) -> Result<T, ProvisioningError>,
    {
        let (connection_id, token) = request.credentials();
        let (served, throttle) = (self.project_id.clone(), request.throttle.clone());
        let (trace, owners) = (request.trace.clone(), self.owners_of_directories.clone());
        let begin = owners.begin(request.request_id, connection_id);
        let proven = move |tx: &mut Transaction<'_>| {
            let caller = credentials::scim(tx, &served, connection_id, &token)?;
            let caller = caller.ok_or(ProvisioningError::Unauthorized)?;
            if tx.begin.within.is_none() {
                owners.remember(&caller);
            }
            let early = throttle.admit(connection_id);
            early.map_err(ProvisioningError::TooManyRequests)?;
            let answer = use_case(tx, &caller);
            trace.worked_on(&caller);
            answer
        };
        (begin, proven)
    }
}
