//! Sessions: authenticate, and the keys that check their JWTs.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Path;
use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::domain::secret::SecretHash;
use crate::domain::session_token::SessionSigner;
use crate::http::caller::ProjectCredentials;
use crate::http::caller::request_id;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::management::session_json::session_answer;
use crate::http::state::Gateway;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::request::RequestError;
use crate::use_cases::error::session::SessionError;
use crate::use_cases::sessions;
use crate::use_cases::sessions::Authentication;
use crate::use_cases::sessions::AuthorizationCheck;
use crate::use_cases::sessions::SessionLocator;

/// The body of authenticate.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct AuthenticateBody {
    session_token: Option<String>,
    session_jwt: Option<String>,
    session_duration_minutes: Option<i64>,
    session_custom_claims: Option<Map<String, Value>>,
    authorization_check: Option<CheckBody>,
}

#[derive(Clone, Debug, Deserialize)]
struct CheckBody {
    organization_id: String,
    resource_id: String,
    action: String,
}

impl AuthenticateBody {
    fn asked(&self, signer: &SessionSigner) -> Result<Authentication, ManagementError> {
        let given = |value: &Option<String>| value.clone().filter(|value| !value.is_empty());
        let locator = match (given(&self.session_token), given(&self.session_jwt)) {
            (Some(token), None) => SessionLocator::Token(SecretHash::of(&token)),
            (None, Some(jwt)) => {
                let session = signer.session_of(&jwt);
                let refused =
                    |r| ManagementError::Session(SessionError::UnparsableJwt(format!("{r}")));
                SessionLocator::Jwt(session.map_err(refused)?)
            }
            (None, None) => return Err(ManagementError::Session(SessionError::NoArguments)),
            (Some(_), Some(_)) => {
                return Err(ManagementError::Session(SessionError::TooManyArguments));
            }
        };
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

/// `POST /v1/b2b/sessions/authenticate`
pub(crate) async fn authenticate(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<AuthenticateBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let signer = gateway.signer.clone();
    let authenticated = gateway.write(caller, move |tx, caller| {
        let asked = body.get()?.asked(&signer)?;
        sessions::authenticate(tx, caller, &asked)
    });
    let view = authenticated.await?;
    let token = sessions::token(&gateway.deployment, &view.session);
    let mut answer = session_answer(&gateway, &view, &token).map_err(ApiError::of(request_id))?;
    if let (Some(granting), Some(fields)) = (&view.granting_roles, answer.as_object_mut()) {
        let verdict = json!({ "authorized": true, "granting_roles": granting });
        fields.insert("verdict".to_owned(), verdict);
    }
    Ok(success(request_id, &answer))
}

/// `GET /v1/b2b/sessions/jwks/{project_id}`: open, since SDKs fetch it without credentials.
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
    Ok(success(
        request_id,
        &json!({ "keys": [gateway.signer.jwk()] }),
    ))
}
