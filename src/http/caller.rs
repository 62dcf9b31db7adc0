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
use crate::use_cases::error::request::RequestError;

const SESSION_TOKEN: &str = "x-stytch-member-session";
const SESSION_JWT: &str = "x-stytch-member-sessionjwt";

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
    /// The member session on whose behalf the call is made, not yet proven.
    pub(crate) member_session: Option<PresentedSession>,
    /// The request.
    pub request_id: RequestId,
}

/// A member session as it comes in a header, or in the query as one SDK puts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PresentedSession {
    /// The opaque token, hashed.
    Token(SecretHash),
    /// The JWT.
    Jwt(String),
    /// Both, or one of them twice: which of them is meant cannot be told.
    Several,
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
        .ok_or(RequestError::UnauthorizedCredentials)?;
    let (project_id, secret) = decoded
        .split_once(':')
        .filter(|(project_id, secret)| !project_id.is_empty() && !secret.is_empty())
        .ok_or(RequestError::UnauthorizedCredentials)?;
    Ok(ProjectCredentials {
        project_id: project_id.to_owned(),
        secret: SecretHash::of(secret),
        member_session: member_session(request),
        request_id: request_id(request),
    })
}

/// Whatever narrows the rights of a call is found wherever an SDK puts it, and an empty one counts:
/// not to see it would turn a restricted call into an unrestricted one.
fn member_session(request: &HttpRequest) -> Option<PresentedSession> {
    let query = url::form_urlencoded::parse(request.query_string().as_bytes());
    let in_query = query.map(|(name, value)| (name.to_ascii_lowercase(), value.into_owned()));
    let in_headers = request.headers().iter().map(|(name, value)| {
        let value = value.to_str().unwrap_or_default();
        (name.as_str().to_owned(), value.to_owned())
    });
    let mut given = in_headers
        .chain(in_query)
        .filter(|(name, _)| name == SESSION_TOKEN || name == SESSION_JWT);
    let (name, value) = given.next()?;
    if given.next().is_some() {
        return Some(PresentedSession::Several);
    }
    Some(if name == SESSION_TOKEN {
        PresentedSession::Token(SecretHash::of(&value))
    } else {
        PresentedSession::Jwt(value)
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
