//! The one-time token of a sign-in with an OAuth provider becomes a session, or a choice of
//! organizations (contract 4.4, 4.5).

use actix_web::HttpResponse;
use actix_web::web;
use actix_web::web::Data;
use actix_web::web::post;
use serde::Deserialize;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::oauth_identity::ProviderTokens;
use crate::domain::session_token::SessionSigner;
use crate::domain::session_token::timestamp;
use crate::http::caller::ProjectCredentials;
use crate::http::management::admission_json::AdmissionAnswer;
use crate::http::management::admission_json::SessionWishesBody;
use crate::http::management::admission_json::SignInWishesBody;
use crate::http::management::discovery_json::DiscoveryArrival;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::state::Gateway;
use crate::use_cases::error::ManagementError;
use crate::use_cases::oauth::authenticate::OauthAuthentication;
use crate::use_cases::oauth::authenticate::authenticate as admit;
use crate::use_cases::oauth::discover::discover as find_organizations;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(authenticate, discover))]
pub(crate) struct Calls;

/// The URLs of these calls.
pub(crate) fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route("/v1/b2b/oauth/authenticate", post().to(authenticate))
        .route("/v1/b2b/oauth/discovery/authenticate", post().to(discover));
}

/// A sign-in with an OAuth provider that is to become a session.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(crate) struct OauthAuthenticateBody {
    /// The `token` that the browser brought to the redirect URL; it is good once.
    oauth_token: Option<String>,
    /// The verifier of the `pkce_code_challenge` that the sign-in began with.
    pkce_code_verifier: Option<String>,
    #[serde(flatten)]
    wishes: SignInWishesBody,
}

impl OauthAuthenticateBody {
    fn asked(&self, signer: &SessionSigner) -> Result<OauthAuthentication, ManagementError> {
        Ok(OauthAuthentication {
            oauth_token: self.oauth_token.clone().unwrap_or_default(),
            pkce_code_verifier: self.pkce_code_verifier.clone(),
            wishes: self.wishes.wishes(signer)?,
        })
    }
}

/// A sign-in with an OAuth provider that is to become a choice of organizations.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(crate) struct OauthDiscoveryBody {
    /// The `token` that the browser brought to the discovery URL; it is good once.
    discovery_oauth_token: Option<String>,
    /// The verifier of the `pkce_code_challenge` that the sign-in began with.
    pkce_code_verifier: Option<String>,
    #[serde(flatten)]
    #[expect(dead_code, reason = "told to the description; no session begins here")]
    session: SessionWishesBody,
}

/// A session, or what is still owed for one, and what the provider gave.
#[derive(Serialize, ToSchema)]
#[schema(as = OAuthSignInAnswer)]
struct OauthAnswer {
    #[serde(flatten)]
    admission: AdmissionAnswer,
    /// The subject at the provider.
    provider_subject: String,
    /// `Google`, `Microsoft`, `GitHub`, `Slack` or `HubSpot`.
    provider_type: &'static str,
    provider_values: ProviderValuesJson,
    reset_sessions: bool,
}

/// The keys to the provider's API; they are told here and kept nowhere.
#[derive(Serialize, ToSchema)]
#[schema(as = OAuthProviderValues)]
struct ProviderValuesJson {
    scopes: Vec<String>,
    access_token: String,
    /// Empty if the provider gave none.
    refresh_token: String,
    /// RFC 3339, UTC.
    expires_at: Option<String>,
    /// Empty if the provider gave none.
    id_token: String,
}

impl From<ProviderTokens> for ProviderValuesJson {
    fn from(tokens: ProviderTokens) -> Self {
        Self {
            scopes: tokens.scopes,
            access_token: tokens.access_token,
            refresh_token: tokens.refresh_token,
            expires_at: tokens.expires_at.map(timestamp),
            id_token: tokens.id_token,
        }
    }
}

/// Who came, and the organizations that they may choose from.
#[derive(Serialize, ToSchema)]
#[schema(as = OAuthDiscoveryAnswer)]
struct OauthDiscovered {
    #[serde(flatten)]
    arrival: DiscoveryArrival,
    /// `Google`, `Microsoft`, `GitHub`, `Slack` or `HubSpot`.
    provider_type: &'static str,
    /// The first of the tenants; empty if there is none.
    provider_tenant_id: String,
    /// The tenants at the provider to which the person belongs.
    provider_tenant_ids: Vec<String>,
    /// Empty if the provider says none.
    full_name: String,
}

/// Turns the one-time token of a sign-in with an OAuth provider into a session.
#[utoipa::path(post, path = "/v1/b2b/oauth/authenticate", operation_id = "oauth.authenticate", tag = "oauth",
    request_body = OauthAuthenticateBody,
    responses((status = 200, body = OauthAnswer)))]
pub(crate) async fn authenticate(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<OauthAuthenticateBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let deployment = gateway.deployment.clone();
    let asked = body.get().and_then(|body| body.asked(&gateway.signer));
    let admitted = gateway.write(caller, move |tx, caller| {
        let asked = asked.as_ref().map_err(Clone::clone)?;
        admit(tx, (caller, &deployment), asked)
    });
    let admitted = admitted.await?;
    let admission = AdmissionAnswer::composed(&gateway, admitted.admission).await;
    let answer = OauthAnswer {
        admission: admission.map_err(ApiError::of(request_id))?,
        provider_subject: admitted.identity.subject,
        provider_type: admitted.identity.provider.title(),
        provider_values: admitted.tokens.into(),
        reset_sessions: false,
    };
    Ok(success(request_id, &answer))
}

/// Turns the one-time token of a sign-in with an OAuth provider into a choice of organizations.
#[utoipa::path(post, path = "/v1/b2b/oauth/discovery/authenticate", operation_id = "oauth.discovery.authenticate", tag = "oauth",
    request_body = OauthDiscoveryBody,
    responses((status = 200, body = OauthDiscovered)))]
pub(crate) async fn discover(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<OauthDiscoveryBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let deployment = gateway.deployment.clone();
    let found = gateway.write(caller, move |tx, caller| {
        let body = body.get()?;
        let token = body.discovery_oauth_token.as_deref().unwrap_or_default();
        let redeemed = (token, body.pkce_code_verifier.as_deref());
        find_organizations(tx, (caller, &deployment), redeemed)
    });
    let (identity, arrival) = found.await?;
    let answer = OauthDiscovered {
        arrival: DiscoveryArrival::new(&arrival),
        provider_type: identity.provider.title(),
        provider_tenant_id: identity.tenants.first().cloned().unwrap_or_default(),
        provider_tenant_ids: identity.tenants,
        full_name: identity.name,
    };
    Ok(success(request_id, &answer))
}
