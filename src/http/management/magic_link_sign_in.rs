//! The token of a link becomes a session, or an intermediate one (contract 4.3, 4.4).

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Deserialize;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::id::EmailId;
use crate::http::caller::ProjectCredentials;
use crate::http::management::admission_json::AdmissionAnswer;
use crate::http::management::admission_json::SignInWishesBody;
use crate::http::management::discovery_json::DiscoveryArrival;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::state::Gateway;
use crate::use_cases::magic_links::authenticate;
use crate::use_cases::magic_links::authenticate::PresentedLink;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(authenticate_link, discover))]
pub(crate) struct Calls;

/// A link that is to become a session.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(crate) struct MagicLinkAuthenticateBody {
    /// The `token` that the browser brought to the redirect URL; it is good once.
    magic_links_token: Option<String>,
    /// The verifier of the `pkce_code_challenge` with which the link was asked for.
    pkce_code_verifier: Option<String>,
    #[serde(flatten)]
    wishes: SignInWishesBody,
}

/// A link of discovery.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(crate) struct DiscoveryLinkAuthenticateBody {
    /// The `token` that the browser brought to the redirect URL; it is good once.
    discovery_magic_links_token: Option<String>,
    /// The verifier of the `pkce_code_challenge` with which the link was asked for.
    pkce_code_verifier: Option<String>,
}

/// A session, or what is still owed for one.
#[derive(Serialize, ToSchema)]
struct MagicLinkAuthenticated {
    /// The address that was proven.
    method_id: EmailId,
    reset_sessions: bool,
    #[serde(flatten)]
    admission: AdmissionAnswer,
}

fn presented(token: Option<&String>, verifier: Option<&String>) -> PresentedLink {
    PresentedLink {
        token: token.cloned().unwrap_or_default(),
        pkce_code_verifier: verifier.cloned(),
    }
}

/// Turns the token of a link into a session; whoever was invited or pending is a member then.
#[utoipa::path(post, path = "/v1/b2b/magic_links/authenticate", operation_id = "magicLinks.authenticate", tag = "magic_links",
    request_body = MagicLinkAuthenticateBody,
    responses((status = 200, body = MagicLinkAuthenticated)))]
pub(crate) async fn authenticate_link(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<MagicLinkAuthenticateBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let (deployment, signer) = (gateway.deployment.clone(), gateway.signer.clone());
    let admitted = gateway.write(caller, move |tx, caller| {
        let body = body.get()?;
        let wishes = body.wishes.wishes(&signer)?;
        let token = body.magic_links_token.as_ref();
        let presented = presented(token, body.pkce_code_verifier.as_ref());
        authenticate::authenticate(tx, (caller, &deployment), &presented, &wishes)
    });
    let (admission, method_id) = admitted.await?;
    let admission = AdmissionAnswer::composed(&gateway, admission)
        .await
        .map_err(ApiError::of(request_id))?;
    let answer = MagicLinkAuthenticated {
        method_id,
        reset_sessions: false,
        admission,
    };
    Ok(success(request_id, &answer))
}

/// Turns the token of a link of discovery into an intermediate session, and lists the organizations
/// that its person may choose from.
#[utoipa::path(post, path = "/v1/b2b/magic_links/discovery/authenticate", operation_id = "magicLinks.discovery.authenticate", tag = "magic_links",
    request_body = DiscoveryLinkAuthenticateBody,
    responses((status = 200, body = DiscoveryArrival)))]
pub(crate) async fn discover(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<DiscoveryLinkAuthenticateBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let arrived = gateway.write(caller, move |tx, caller| {
        let body = body.get()?;
        let token = body.discovery_magic_links_token.as_ref();
        let presented = presented(token, body.pkce_code_verifier.as_ref());
        authenticate::discover(tx, caller, &presented)
    });
    Ok(success(request_id, &DiscoveryArrival::new(&arrived.await?)))
}
