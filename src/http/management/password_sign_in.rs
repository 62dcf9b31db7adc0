//! Members come with a password, or set one by what they have instead.

use actix_web::HttpResponse;
use actix_web::web;
use actix_web::web::Data;
use actix_web::web::post;
use serde::Deserialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::id::RequestId;
use crate::domain::password::kept::PasswordHash;
use crate::domain::session_token::SessionSigner;
use crate::http::caller::ProjectCredentials;
use crate::http::management::admission_json::AdmissionAnswer;
use crate::http::management::admission_json::SignInWishesBody;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::management::password_attempts::Attempt;
use crate::http::management::password_attempts::attempt;
use crate::http::management::password_attempts::hash;
use crate::http::refused;
use crate::http::state::Gateway;
use crate::storage::Transaction;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::password::PasswordError;
use crate::use_cases::passwords::authenticate;
use crate::use_cases::passwords::authenticate::Login;
use crate::use_cases::passwords::expectation::Tried;
use crate::use_cases::passwords::reset;
use crate::use_cases::refusals::kept::Refused;
use crate::use_cases::sign_in::entry::Admission;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(authenticate, existing_password_reset, session_reset))]
pub(crate) struct Calls;

/// The URLs of these calls.
pub(crate) fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route("/v1/b2b/passwords/authenticate", post().to(authenticate))
        .route(
            "/v1/b2b/passwords/existing_password/reset",
            post().to(existing_password_reset),
        )
        .route("/v1/b2b/passwords/session/reset", post().to(session_reset));
}

/// A member's address and password.
#[derive(Clone, Deserialize, ToSchema)]
pub(crate) struct PasswordAuthenticateBody {
    /// An id, an external id or a slug.
    organization_id: String,
    email_address: String,
    password: String,
    #[serde(flatten)]
    wishes: SignInWishesBody,
}

/// A member's address, its password, and the one that it wants instead.
#[derive(Clone, Deserialize, ToSchema)]
pub(crate) struct ExistingPasswordBody {
    /// An id, an external id or a slug.
    organization_id: String,
    email_address: String,
    existing_password: String,
    new_password: String,
    #[serde(flatten)]
    wishes: SignInWishesBody,
}

/// A password that the member of a session wants.
#[derive(Clone, Deserialize, ToSchema)]
pub(crate) struct SessionResetBody {
    /// An id, an external id or a slug.
    organization_id: String,
    password: String,
    #[serde(flatten)]
    wishes: SignInWishesBody,
}

impl PasswordAuthenticateBody {
    fn login(&self, signer: &SessionSigner) -> Result<(Login, Attempt), ManagementError> {
        let login = Login {
            organization: self.organization_id.clone(),
            email_address: self.email_address.clone(),
            wishes: self.wishes.wishes(signer)?,
        };
        let attempt = Attempt {
            password: self.password.clone(),
            wanted: None,
        };
        Ok((login, attempt))
    }
}

impl ExistingPasswordBody {
    fn login(&self, signer: &SessionSigner) -> Result<(Login, Attempt), ManagementError> {
        let login = Login {
            organization: self.organization_id.clone(),
            email_address: self.email_address.clone(),
            wishes: self.wishes.wishes(signer)?,
        };
        let attempt = Attempt {
            password: self.existing_password.clone(),
            wanted: Some(self.new_password.clone()),
        };
        Ok((login, attempt))
    }
}

/// Lets a member in whose password is right. Nothing tells whether the address or the password is
/// wrong, not even the time that it takes.
#[utoipa::path(post, path = "/v1/b2b/passwords/authenticate", operation_id = "passwords.authenticate", tag = "passwords",
    request_body = PasswordAuthenticateBody,
    responses((status = 200, body = AdmissionAnswer)))]
pub(crate) async fn authenticate(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<PasswordAuthenticateBody>,
) -> Result<HttpResponse, ApiError> {
    let login = body.get().and_then(|body| body.login(&gateway.signer));
    sign_in(&gateway, caller, login).await
}

/// Sets a new password for a member whose old one is right. Every session of the member ends, but
/// for the one that is brought along.
#[utoipa::path(post, path = "/v1/b2b/passwords/existing_password/reset", operation_id = "passwords.existingPassword.reset", tag = "passwords",
    request_body = ExistingPasswordBody,
    responses((status = 200, body = AdmissionAnswer)))]
pub(crate) async fn existing_password_reset(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<ExistingPasswordBody>,
) -> Result<HttpResponse, ApiError> {
    let login = body.get().and_then(|body| body.login(&gateway.signer));
    sign_in(&gateway, caller, login).await
}

/// Sets a password for the member of a session that has proven something in the last five minutes.
/// Every other session of the member ends.
#[utoipa::path(post, path = "/v1/b2b/passwords/session/reset", operation_id = "passwords.sessions.reset", tag = "passwords",
    request_body = SessionResetBody,
    responses((status = 200, body = AdmissionAnswer)))]
pub(crate) async fn session_reset(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<SessionResetBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let deployment = gateway.deployment.clone();
    let asked = body.get().and_then(|body| {
        let wishes = body.wishes.wishes(&gateway.signer)?;
        Ok((body.organization_id.clone(), body.password.clone(), wishes))
    });
    let looked = asked.clone();
    let expected = gateway.read(caller.clone(), move |tx, caller| {
        let (organization, _, wishes) = looked.as_ref().map_err(Clone::clone)?;
        reset::expect_by_session(tx, caller, (organization, wishes))
    });
    let expected = expected.await?;
    let (organization, password, wishes) = asked.map_err(ApiError::of(request_id))?;
    let hash = hash(&gateway, request_id, (expected, password)).await?;
    let admitted = gateway.write(caller, move |tx, caller| {
        let asked = (organization.as_str(), &wishes);
        reset::by_session(tx, (caller, &deployment), asked, &hash)
    });
    answer(&gateway, request_id, admitted.await?).await
}

async fn sign_in(
    gateway: &Data<Gateway>,
    caller: ProjectCredentials,
    given: Result<(Login, Attempt), ManagementError>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let deployment = gateway.deployment.clone();
    let (login, tried) = match given {
        Ok((login, attempt)) => (Ok(login), Ok(attempt)),
        Err(error) => (Err(error.clone()), Err(error)),
    };
    let refused = login
        .as_ref()
        .ok()
        .map(|login| Refused::Password(login.organization.clone(), login.email_address.clone()));
    let looked = login.clone();
    let expect = move |tx: &mut Transaction<'_>, caller: &ProjectCaller| {
        let login = looked.as_ref().map_err(Clone::clone)?;
        let named = (login.organization.as_str(), login.email_address.as_str());
        authenticate::expect(tx, caller, named)
    };
    let admit = move |tx: &mut Transaction<'_>,
                      caller: &ProjectCaller,
                      tried: &Tried,
                      hash: Option<&PasswordHash>| {
        let login = login.as_ref().map_err(Clone::clone)?;
        let place = (caller, &*deployment);
        match hash {
            None => authenticate::admit(tx, place, (login, tried)),
            Some(hash) => authenticate::change(tx, place, (login, tried), hash),
        }
    };
    let admission = attempt(gateway, caller, tried, expect, admit).await;
    if let (Err(error), Some(refused)) = (&admission, refused)
        && error.error == PasswordError::WrongCredentials.into()
    {
        refused::keep(gateway, request_id, refused);
    }
    answer(gateway, request_id, admission?).await
}

async fn answer(
    gateway: &Data<Gateway>,
    request_id: RequestId,
    admission: Admission,
) -> Result<HttpResponse, ApiError> {
    let answer = AdmissionAnswer::composed(gateway, admission).await;
    Ok(success(
        request_id,
        &answer.map_err(ApiError::of(request_id))?,
    ))
}
