//! Who is calling: credentials as they come in, before a transaction proves them.

use std::future::Ready;
use std::future::ready;

use actix_web::FromRequest;
use actix_web::HttpMessage;
use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::domain::id::RequestId;
use crate::domain::secret::SecretHash;
use crate::http::management::error::ApiError;
use crate::use_cases::error::ManagementError;

const MEMBER_SESSION_NAMES: [&str; 2] = ["x-stytch-member-session", "x-stytch-member-sessionjwt"];

/// The id of this request, as its answer, the journal and the logs name it.
pub fn request_id(request: &HttpRequest) -> RequestId {
    let known = request.extensions().get::<RequestId>().copied();
    known.unwrap_or_else(|| {
        let fresh = RequestId::fresh();
        request.extensions_mut().insert(fresh);
        fresh
    })
}

/// Project id and secret of HTTP Basic, not yet proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectCredentials {
    /// The project id given as user name.
    pub project_id: String,
    /// The secret given as password, hashed.
    pub secret: SecretHash,
    /// The request.
    pub request_id: RequestId,
}

impl FromRequest for ProjectCredentials {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let refused = |error| ApiError {
            error,
            request_id: request_id(request),
        };
        ready(read_basic(request).map_err(refused))
    }
}

fn read_basic(request: &HttpRequest) -> Result<ProjectCredentials, ManagementError> {
    let decoded = header(request)
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
        .and_then(|(_, encoded)| STANDARD.decode(encoded.trim()).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or(ManagementError::UnauthorizedCredentials)?;
    let (project_id, secret) = decoded
        .split_once(':')
        .filter(|(project_id, secret)| !project_id.is_empty() && !secret.is_empty())
        .ok_or(ManagementError::UnauthorizedCredentials)?;
    if acts_as_member(request) {
        return Err(ManagementError::ActingAsMember);
    }
    Ok(ProjectCredentials {
        project_id: project_id.to_owned(),
        secret: SecretHash::of(secret),
        request_id: request_id(request),
    })
}

/// A member session in a header, or in the query as one SDK puts it, narrows what a call may do.
/// Ignoring it would turn a restricted call into an unrestricted one, so it is refused instead.
fn acts_as_member(request: &HttpRequest) -> bool {
    let query = request.query_string().to_ascii_lowercase();
    MEMBER_SESSION_NAMES.iter().any(|name| {
        request.headers().contains_key(*name)
            || query
                .split('&')
                .any(|pair| pair.split('=').next() == Some(name))
    })
}

/// A bearer token, hashed, not yet proven.
pub fn bearer(request: &HttpRequest) -> Option<SecretHash> {
    header(request)
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .filter(|token| !token.is_empty())
        .map(SecretHash::of)
}

fn header(request: &HttpRequest) -> Option<&str> {
    request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
}
