//! Single logout from the application's side: beyond the contract (SAML profiles §4.4).

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Deserialize;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::management::sessions::locator;
use crate::http::state::Gateway;
use crate::use_cases::single_logout::begin::LogoutAsked;
use crate::use_cases::single_logout::begin::begin;

/// This call, as the API's description shows it.
#[derive(OpenApi)]
#[openapi(paths(logout))]
pub(crate) struct Calls;

/// Which session ends: by `session_token` or `session_jwt`.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(crate) struct SsoLogoutBody {
    session_token: Option<String>,
    session_jwt: Option<String>,
    /// Where the browser returns in the end: a registered login URL; the default one if not said.
    logout_redirect_url: Option<String>,
}

/// What is left to do.
#[derive(Serialize, ToSchema)]
struct SsoLoggedOut {
    /// Where the application sends the browser next: to us and on to the identity provider where
    /// it has a session to end, else to the return URL; empty if there is none.
    logout_url: String,
}

/// Ends a session at once, and says where the browser goes to end the one at the identity provider.
#[utoipa::path(post, path = "/v1/b2b/sso/logout", operation_id = "sso.logout", tag = "sso",
    request_body = SsoLogoutBody,
    responses((status = 200, body = SsoLoggedOut)))]
pub(crate) async fn logout(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<SsoLogoutBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let (deployment, signer) = (gateway.deployment.clone(), gateway.signer.clone());
    let ended = gateway.write(caller, move |tx, caller| {
        let body = body.get()?;
        let given = (body.session_token.as_deref(), body.session_jwt.as_deref());
        let asked = LogoutAsked {
            session: locator(given, &signer)?,
            return_url: body
                .logout_redirect_url
                .clone()
                .filter(|url| !url.is_empty()),
        };
        begin(tx, (caller, &deployment), &asked)
    });
    let logout_url = ended.await?.unwrap_or_default();
    Ok(success(request_id, &SsoLoggedOut { logout_url }))
}
