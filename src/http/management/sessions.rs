//! Sessions: authenticate, and the keys that check their JWTs.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Path;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::secret::SecretHash;
use crate::domain::session_token::PublicJwk;
use crate::domain::session_token::SessionSigner;
use crate::http::caller::ProjectCredentials;
use crate::http::caller::request_id;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::management::session_json::SessionAnswer;
use crate::http::state::Gateway;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::request::RequestError;
use crate::use_cases::error::session::SessionError;
use crate::use_cases::sessions;
use crate::use_cases::sessions::Authentication;
use crate::use_cases::sessions::AuthorizationCheck;
use crate::use_cases::sessions::SessionLocator;
use crate::use_cases::sessions::SessionView;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(authenticate, jwks))]
pub(crate) struct Calls;

/// A session to be checked.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(crate) struct SessionAuthenticateBody {
    /// The session's opaque token; one of token and JWT is needed.
    session_token: Option<String>,
    /// A JWT of the session, expired or not.
    session_jwt: Option<String>,
    /// Extends the session so that it ends in so many minutes, 5 to 527040.
    session_duration_minutes: Option<i64>,
    /// Claims to set; null deletes one.
    #[schema(value_type = Option<Object>)]
    session_custom_claims: Option<Map<String, Value>>,
    /// Something that the member must be allowed to do.
    authorization_check: Option<AuthorizationCheckBody>,
}

/// May the session's member do this?
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = AuthorizationCheck)]
struct AuthorizationCheckBody {
    /// The organization in which it would be done.
    organization_id: String,
    resource_id: String,
    action: String,
}

/// A session that holds.
#[derive(Serialize, ToSchema)]
struct SessionAuthenticated {
    #[serde(flatten)]
    session: SessionAnswer,
    /// Null when nothing was asked to be allowed.
    verdict: Option<AuthorizationVerdict>,
}

/// Why an action is allowed.
#[derive(Serialize, ToSchema)]
struct AuthorizationVerdict {
    authorized: bool,
    /// The roles that allow it.
    granting_roles: Vec<String>,
}

/// The public keys that check session JWTs, RFC 7517.
#[derive(Serialize, ToSchema)]
struct JwksAnswer {
    keys: Vec<PublicJwk>,
}

impl SessionAuthenticateBody {
    fn asked(&self, signer: &SessionSigner) -> Result<Authentication, ManagementError> {
        let given = (self.session_token.as_deref(), self.session_jwt.as_deref());
        let locator = locator(given, signer)?;
        let check = self
            .authorization_check
            .clone()
            .map(|check| AuthorizationCheck {
                organization_id: check.organization_id,
                resource_id: check.resource_id,
                action: check.action,
            });
        Ok(Authentication {
            locator,
            duration_minutes: self.session_duration_minutes,
            custom_claims: self.session_custom_claims.clone().unwrap_or_default(),
            authorization_check: check,
        })
    }
}

/// The session that a token or a JWT names; one of the two is needed, and an empty one is none.
pub(crate) fn locator(
    (token, jwt): (Option<&str>, Option<&str>),
    signer: &SessionSigner,
) -> Result<SessionLocator, ManagementError> {
    let given = |value: &&str| !value.is_empty();
    match (token.filter(given), jwt.filter(given)) {
        (Some(token), None) => Ok(SessionLocator::Token(SecretHash::of(token))),
        (None, Some(jwt)) => match signer.session_of(jwt) {
            Ok(session) => Ok(SessionLocator::Jwt(session)),
            Err(refusal) => Err(SessionError::UnparsableJwt(refusal.to_string()).into()),
        },
        (None, None) => Err(SessionError::NoArguments.into()),
        (Some(_), Some(_)) => Err(SessionError::TooManyArguments.into()),
    }
}

/// Checks a session; extends it, asks what it allows and gives a fresh JWT.
#[utoipa::path(post, path = "/v1/b2b/sessions/authenticate", operation_id = "sessions.authenticate", tag = "sessions",
    request_body = SessionAuthenticateBody,
    responses((status = 200, body = SessionAuthenticated)))]
pub(crate) async fn authenticate(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<SessionAuthenticateBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    // What is wrong with it is told only to those who have proven themselves.
    let asked = body.get().and_then(|body| body.asked(&gateway.signer));
    let view = authenticated(&gateway, caller, Arc::new(asked)).await?;
    let token = sessions::token(&gateway.deployment, &view.session);
    let session = SessionAnswer::new(&gateway, &view, &token).map_err(ApiError::of(request_id))?;
    let verdict = view
        .granting_roles
        .clone()
        .map(|granting_roles| AuthorizationVerdict {
            authorized: true,
            granting_roles,
        });
    Ok(success(
        request_id,
        &SessionAuthenticated { session, verdict },
    ))
}

/// The session, as cheaply as it can be had: remembered, read, or written.
async fn authenticated(
    gateway: &Gateway,
    caller: ProjectCredentials,
    asked: Arc<Result<Authentication, ManagementError>>,
) -> Result<Arc<SessionView>, ApiError> {
    let at = gateway.reading();
    let recent = asked.as_ref().as_ref().ok();
    let recent = recent.filter(|_| gateway.knows(&caller, at.now));
    if let Some(view) = recent.and_then(|asked| {
        gateway
            .recent_sessions
            .find(asked, (gateway.storage.writes(), at.now))
    }) {
        return Ok(view);
    }
    let asking = asked.clone();
    let read = gateway.seek(caller.clone(), move |tx, caller| {
        sessions::check(tx, caller, asking.as_ref().as_ref().map_err(Clone::clone)?)
    });
    // Mostly nothing changes, and what only reads waits for nobody.
    if let Some(view) = read.await? {
        let view = Arc::new(view);
        if let Ok(asked) = asked.as_ref() {
            gateway.recent_sessions.keep(asked, (at, &view));
        }
        return Ok(view);
    }
    let write = gateway.write(caller, move |tx, caller| {
        sessions::authenticate(tx, caller, asked.as_ref().as_ref().map_err(Clone::clone)?)
    });
    write.await.map(Arc::new)
}

/// The public keys that check session JWTs; open, since SDKs fetch them without credentials.
#[utoipa::path(get, path = "/v1/b2b/sessions/jwks/{project_id}", operation_id = "sessions.getJWKS", tag = "sessions",
    params(("project_id" = String, Path, description = "The project's id.")),
    security(()),
    responses((status = 200, body = JwksAnswer)))]
pub(crate) async fn jwks(
    gateway: Data<Gateway>,
    request: HttpRequest,
    project_id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let request_id = request_id(&request);
    if *project_id != gateway.project_id.as_str() {
        return Err(ApiError {
            error: ManagementError::Request(RequestError::RouteNotFound),
            request_id,
        });
    }
    let answer = JwksAnswer {
        keys: gateway.signer.jwks(),
    };
    Ok(success(request_id, &answer))
}
