//! The password of an address, before an organization is chosen (contract 4.4).

use actix_web::HttpResponse;
use actix_web::web;
use actix_web::web::Data;
use actix_web::web::post;
use serde::Deserialize;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::password::kept::PasswordHash;
use crate::domain::session_token::timestamp;
use crate::http::caller::ProjectCredentials;
use crate::http::management::discovery_json::DiscoveredOrganizationJson;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::management::password_attempts::Attempt;
use crate::http::management::password_attempts::attempt;
use crate::http::management::password_attempts::hash;
use crate::http::management::password_resets::given;
use crate::http::state::Gateway;
use crate::storage::Transaction;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::passwords::discovery;
use crate::use_cases::passwords::discovery::Discovered;
use crate::use_cases::passwords::discovery_reset;
use crate::use_cases::passwords::email_reset::Redemption;
use crate::use_cases::passwords::email_reset::ResetStart;
use crate::use_cases::passwords::expectation::Tried;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(authenticate, reset_start, reset))]
pub(crate) struct Calls;

/// The URLs of these calls.
pub(crate) fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route(
            "/v1/b2b/passwords/discovery/authenticate",
            post().to(authenticate),
        )
        .route(
            "/v1/b2b/passwords/discovery/email/reset/start",
            post().to(reset_start),
        )
        .route("/v1/b2b/passwords/discovery/email/reset", post().to(reset));
}

/// An address and its password.
#[derive(Clone, Deserialize, ToSchema)]
pub(crate) struct DiscoveryPasswordBody {
    email_address: String,
    password: String,
}

/// Whose password is to be set anew.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(crate) struct DiscoveryResetStartBody {
    email_address: String,
    /// Where the new password is chosen: one of the project's for `reset_password`.
    reset_password_redirect_url: Option<String>,
    /// Where somebody goes who would rather sign in without a new password, one of the project's for
    /// `discovery`: then the mail has a link that leads there, with a token for
    /// `magicLinks.discovery.authenticate`.
    discovery_redirect_url: Option<String>,
    /// For how long the link is good, 5 to 10080; 30 when nothing is said.
    reset_password_expiration_minutes: Option<i64>,
    /// A PKCE challenge (S256), whose verifier the reset then needs.
    pkce_code_challenge: Option<String>,
}

/// A token of a mail, and the password that its reader wants.
#[derive(Clone, Deserialize, ToSchema)]
pub(crate) struct DiscoveryResetBody {
    /// The `token` that the browser brought to the redirect URL; it is good once.
    password_reset_token: String,
    password: String,
    /// The verifier of the `pkce_code_challenge` that the reset began with.
    pkce_code_verifier: Option<String>,
}

/// What somebody who has proven an address may choose from.
#[derive(Serialize, ToSchema)]
struct PasswordDiscovered {
    email_address: String,
    /// Stands for what was proven.
    intermediate_session_token: String,
    /// RFC 3339, UTC.
    intermediate_session_token_expires_at: String,
    discovered_organizations: Vec<DiscoveredOrganizationJson>,
}

/// An answer that says nothing, whosever the address is.
#[derive(Serialize, ToSchema)]
struct DiscoveryResetStarted {}

impl PasswordDiscovered {
    fn new(found: &Discovered) -> Self {
        let organizations = found.organizations.iter();
        Self {
            email_address: found.email_address.to_string(),
            intermediate_session_token: found.intermediate.token.clone(),
            intermediate_session_token_expires_at: timestamp(found.intermediate.expires_at),
            discovered_organizations: organizations.map(DiscoveredOrganizationJson::new).collect(),
        }
    }
}

/// Tells whoever knows the password of an address which organizations they may choose from.
#[utoipa::path(post, path = "/v1/b2b/passwords/discovery/authenticate", operation_id = "passwords.discovery.authenticate", tag = "passwords",
    request_body = DiscoveryPasswordBody,
    responses((status = 200, body = PasswordDiscovered)))]
pub(crate) async fn authenticate(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<DiscoveryPasswordBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let given = body.get().map(|body| Attempt {
        password: body.password.clone(),
        wanted: None,
    });
    let address = body.get().map(|body| body.email_address.clone());
    let looked = address.clone();
    let expect = move |tx: &mut Transaction<'_>, caller: &ProjectCaller| {
        discovery::expect(tx, caller, looked.as_ref().map_err(Clone::clone)?)
    };
    let deployment = gateway.deployment.clone();
    let admit = move |tx: &mut Transaction<'_>,
                      caller: &ProjectCaller,
                      tried: &Tried,
                      _: Option<&PasswordHash>| {
        let address = address.as_ref().map_err(Clone::clone)?;
        discovery::admit(tx, (caller, &deployment), (address, tried))
    };
    let found = attempt(&gateway, caller, given, expect, admit).await?;
    Ok(success(request_id, &PasswordDiscovered::new(&found)))
}

/// Sends a link to choose a new password by, to any address.
#[utoipa::path(post, path = "/v1/b2b/passwords/discovery/email/reset/start", operation_id = "passwords.discovery.email.resetStart", tag = "passwords",
    request_body = DiscoveryResetStartBody,
    responses((status = 200, body = DiscoveryResetStarted)))]
pub(crate) async fn reset_start(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<DiscoveryResetStartBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let deployment = gateway.deployment.clone();
    let started = gateway.write(caller, move |tx, caller| {
        let body = body.get()?;
        let asked = ResetStart {
            email_address: body.email_address.clone(),
            redirect_url: body.reset_password_redirect_url.clone(),
            login_redirect_url: given(body.discovery_redirect_url.as_ref()),
            minutes: body.reset_password_expiration_minutes,
            code_challenge: body.pkce_code_challenge.clone(),
        };
        discovery_reset::start(tx, (caller, &deployment), &asked)
    });
    started.await?;
    Ok(success(request_id, &DiscoveryResetStarted {}))
}

/// Sets the password of an address by the token of a mail, once, and tells which organizations its
/// reader may choose from.
#[utoipa::path(post, path = "/v1/b2b/passwords/discovery/email/reset", operation_id = "passwords.discovery.email.reset", tag = "passwords",
    request_body = DiscoveryResetBody,
    responses((status = 200, body = PasswordDiscovered)))]
pub(crate) async fn reset(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<DiscoveryResetBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let asked = body.get().map(|body| Redemption {
        token: body.password_reset_token.clone(),
        code_verifier: body.pkce_code_verifier.clone(),
        ..Redemption::default()
    });
    let password = body.get().map(|body| body.password.clone());
    let looked = asked.clone();
    let expected = gateway.read(caller.clone(), move |tx, caller| {
        discovery_reset::expect(tx, caller, looked.as_ref().map_err(Clone::clone)?)
    });
    let expected = expected.await?;
    let password = password.map_err(ApiError::of(request_id))?;
    let hash = hash(&gateway, request_id, (expected, password)).await?;
    let redeemed = gateway.write(caller, move |tx, caller| {
        let redemption = asked.as_ref().map_err(Clone::clone)?;
        discovery_reset::redeem(tx, caller, redemption, &hash)
    });
    let found = redeemed.await?;
    Ok(success(request_id, &PasswordDiscovered::new(&found)))
}
