//! The one-time token of an SSO sign-in becomes a session (contract 4.1, steps 5 and 6).

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Deserialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::secret::SecretHash;
use crate::domain::session_token::SessionSigner;
use crate::http::caller::ProjectCredentials;
use crate::http::management::admission_json::AdmissionAnswer;
use crate::http::management::admission_json::SignInWishesBody;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::state::Gateway;
use crate::use_cases::error::ManagementError;
use crate::use_cases::sign_in::admit::SsoAuthentication;
use crate::use_cases::sign_in::admit::admit;

/// This call, as the API's description shows it.
#[derive(OpenApi)]
#[openapi(paths(authenticate))]
pub(crate) struct Calls;

/// A sign-in that is to become a session.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(crate) struct SsoAuthenticateBody {
    /// The `token` that the browser brought to the redirect URL; it is good once.
    sso_token: Option<String>,
    /// The verifier of the `pkce_code_challenge` that the sign-in began with.
    pkce_code_verifier: Option<String>,
    #[serde(flatten)]
    wishes: SignInWishesBody,
}

impl SsoAuthenticateBody {
    fn asked(&self, signer: &SessionSigner) -> Result<SsoAuthentication, ManagementError> {
        Ok(SsoAuthentication {
            sso_token: self.sso_token.clone().unwrap_or_default(),
            pkce_code_verifier: self.pkce_code_verifier.clone(),
            wishes: self.wishes.wishes(signer)?,
        })
    }
}

/// Turns the one-time token of a single sign-on into a session.
#[utoipa::path(post, path = "/v1/b2b/sso/authenticate", operation_id = "sso.authenticate", tag = "sso",
    request_body = SsoAuthenticateBody,
    responses((status = 200, body = AdmissionAnswer)))]
pub(crate) async fn authenticate(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<SsoAuthenticateBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let deployment = gateway.deployment.clone();
    let asked = body.get().and_then(|body| body.asked(&gateway.signer));
    let token = asked.as_ref().map_or("", |asked| &asked.sso_token);
    let admitted = gateway.redeem(caller, SecretHash::of(token), move |tx, caller| {
        admit(
            tx,
            (caller, &deployment),
            asked.as_ref().map_err(Clone::clone)?,
        )
    });
    let answer = AdmissionAnswer::composed(&gateway, admitted.await?)
        .await
        .map_err(ApiError::of(request_id))?;
    Ok(success(request_id, &answer))
}
