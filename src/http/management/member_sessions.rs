//! The sessions of a member, seen from outside: list, revoke.

use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Query;
use serde::Deserialize;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::secret::SecretHash;
use crate::domain::session_token::SessionSigner;
use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::management::session_json::MemberSessionJson;
use crate::http::state::Gateway;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::member::MemberError;
use crate::use_cases::error::request::RequestError;
use crate::use_cases::error::session::SessionError;
use crate::use_cases::member_sessions;
use crate::use_cases::member_sessions::Revocation;
use crate::use_cases::members::MemberLocator;
use crate::use_cases::sessions::SessionLocator;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(list, revoke))]
pub(crate) struct Calls;

#[derive(Serialize, ToSchema)]
struct SessionsAnswer {
    member_sessions: Vec<MemberSessionJson>,
}

/// Whose sessions.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ListQuery {
    organization_id: Option<String>,
    member_id: Option<String>,
}

impl ListQuery {
    fn named(&self) -> Result<(&str, MemberLocator), ManagementError> {
        let given = |value: &Option<String>| value.clone().filter(|value| !value.is_empty());
        let organization = self.organization_id.as_deref().unwrap_or_default();
        if organization.is_empty() {
            let reason = "the query has to name the organization".to_owned();
            return Err(RequestError::InvalidBody("organization_id".to_owned(), reason).into());
        }
        let locator = MemberLocator {
            member_id: given(&self.member_id),
            email_address: None,
        };
        Ok((organization, locator))
    }
}

/// The sessions of a member that are not over, with the roles that count in each.
#[utoipa::path(get, path = "/v1/b2b/sessions", operation_id = "sessions.get", tag = "sessions",
    params(("organization_id" = String, Query, description = "An id, an external id or a slug."),
        ("member_id" = String, Query, description = "An id or an external id.")),
    responses((status = 200, body = SessionsAnswer)))]
pub(crate) async fn list(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    query: Query<ListQuery>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let found = gateway.read(caller, move |tx, caller| {
        let (organization, locator) = query.named()?;
        member_sessions::list(tx, caller, organization, &locator)
    });
    let member_sessions = found.await?.iter().map(MemberSessionJson::new).collect();
    Ok(success(request_id, &SessionsAnswer { member_sessions }))
}

/// What has to end: exactly one of these.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub(crate) struct RevokeBody {
    member_session_id: Option<String>,
    session_token: Option<String>,
    /// May be over: what counts is the session that it names.
    session_jwt: Option<String>,
    /// Ends every session of this member.
    member_id: Option<String>,
}

impl RevokeBody {
    fn named(&self, signer: &SessionSigner) -> Result<Revocation, ManagementError> {
        let given = |value: &Option<String>| value.clone().filter(|value| !value.is_empty());
        let all = [
            given(&self.member_session_id),
            given(&self.session_token),
            given(&self.session_jwt),
            given(&self.member_id),
        ];
        Ok(match all {
            [None, None, None, None] => return Err(SessionError::NoRevocationArguments.into()),
            [Some(id), None, None, None] => {
                Revocation::Session(id.parse().map_err(|_| SessionError::NotFound)?)
            }
            [None, Some(token), None, None] => {
                Revocation::Presented(SessionLocator::Token(SecretHash::of(&token)))
            }
            [None, None, Some(jwt), None] => {
                let named = signer.session_of(&jwt);
                let unparsable = |refusal| SessionError::UnparsableJwt(format!("{refusal}"));
                Revocation::Presented(SessionLocator::Jwt(named.map_err(unparsable)?))
            }
            [None, None, None, Some(id)] => {
                Revocation::Member(id.parse().map_err(|_| MemberError::NotFound)?)
            }
            _ => return Err(SessionError::TooManyRevocationArguments.into()),
        })
    }
}

/// Nothing but the envelope.
#[derive(Serialize, ToSchema)]
struct Revoked {}

/// Ends one session, or all of a member; ending what is over already is no error.
#[utoipa::path(post, path = "/v1/b2b/sessions/revoke", operation_id = "sessions.revoke", tag = "sessions",
    request_body = RevokeBody,
    responses((status = 200, body = Revoked)))]
pub(crate) async fn revoke(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<RevokeBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let signer = gateway.signer.clone();
    let revoked = gateway.write_as(caller, move |tx, caller| {
        member_sessions::revoke(tx, caller, &body.get()?.named(&signer)?)
    });
    revoked.await?;
    Ok(success(request_id, &Revoked {}))
}
