//! Sessions for whom another issuer vouches (attest), or a system that people come from (migrate).

use actix_web::HttpResponse;
use actix_web::web;
use actix_web::web::Data;
use actix_web::web::post;
use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::foreign_tokens::vouched_address;
use crate::domain::id::TrustedTokenId;
use crate::domain::session_token::SessionSigner;
use crate::http::caller::ProjectCredentials;
use crate::http::management::admission_json::SessionWishesBody;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::management::session_json::SessionAnswer;
use crate::http::management::sessions::locator;
use crate::http::state::Gateway;
use crate::outbound::oidc_provider::KeySource;
use crate::outbound::trusted_token::ForeignFailure;
use crate::outbound::trusted_token::foreign_session;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::foreign_token::ForeignTokenError;
use crate::use_cases::foreign_tokens;
use crate::use_cases::foreign_tokens::Vouched;
use crate::use_cases::sign_in::entry::SignInWishes;
use crate::use_cases::sign_in::present::Presented;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(attest, migrate))]
pub(crate) struct Calls;

/// The URLs of these calls.
pub(crate) fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route("/v1/b2b/sessions/attest", post().to(attest))
        .route("/v1/b2b/sessions/migrate", post().to(migrate));
}

/// A token of an issuer that the project trusts.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(crate) struct AttestBody {
    /// The issuer, as the project file names it.
    profile_id: String,
    /// Its token.
    token: String,
    /// An id, an external id or a slug; if absent, the token names the organization. Where both do,
    /// they have to name the same one.
    organization_id: Option<String>,
    /// A session of the same member, which this one joins.
    session_token: Option<String>,
    /// A JWT of such a session; not both.
    session_jwt: Option<String>,
    #[serde(flatten)]
    session: SessionWishesBody,
}

/// A session of the system that people come from.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(crate) struct MigrateBody {
    /// What its userinfo endpoint takes as a bearer token.
    session_token: String,
    /// An id, an external id or a slug.
    organization_id: String,
    #[serde(flatten)]
    session: SessionWishesBody,
}

impl AttestBody {
    fn wishes(&self, signer: &SessionSigner) -> Result<SignInWishes, ManagementError> {
        let given = (self.session_token.as_deref(), self.session_jwt.as_deref());
        let session = match given {
            (None, None) => None,
            given => Some(locator(given, signer)?),
        };
        Ok(SignInWishes {
            session: self.session.wishes(),
            presented: Presented {
                session,
                intermediate_token: None,
            },
            locale: None,
        })
    }
}

fn refused(failure: ForeignFailure) -> ManagementError {
    match failure {
        ForeignFailure::Unreachable(reason) => ForeignTokenError::Unreachable(reason).into(),
        ForeignFailure::Refused(reason) => ForeignTokenError::Refused(reason).into(),
    }
}

/// Turns a token of an issuer that the project trusts into a session of a member that is there.
#[utoipa::path(post, path = "/v1/b2b/sessions/attest", operation_id = "sessions.attest", tag = "sessions",
    request_body = AttestBody,
    responses((status = 200, body = SessionAnswer)))]
pub(crate) async fn attest(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<AttestBody>,
) -> Result<HttpResponse, ApiError> {
    let (told, asked) = (ApiError::of(caller.request_id), body.clone());
    let profile = gateway.read(caller.clone(), move |tx, caller| {
        foreign_tokens::profile(tx, caller, &asked.get()?.profile_id)
    });
    let profile = profile.await?;
    let body = body.get().map_err(&told)?;
    let source = KeySource {
        issuer: profile.issuer.clone(),
        jwks_url: profile.jwks_url.clone(),
    };
    let (whose, now) = ((&source, profile.audience.as_str()), gateway.clock.now());
    let verified = gateway
        .oidc_providers
        .verify_trusted_token(&body.token, whose, now);
    let claims = verified.await.map_err(|it| told(refused(it)))?;
    let claimed = claim(&claims, &profile.organization_claim);
    let organization = body.organization_id.clone().or_else(|| claimed.clone());
    let organization =
        organization.ok_or_else(|| told(ForeignTokenError::NoOrganization.into()))?;
    let token_id = claim(&claims, &profile.token_id_claim);
    let token_id = token_id.unwrap_or_else(|| body.token.clone());
    let vouched = Vouched {
        email_address: vouched_address(&claims, &profile.email_claim).ok_or_else(|| {
            told(ForeignTokenError::NoAddress(profile.email_claim.clone()).into())
        })?,
        organization,
        claimed_organization: claimed,
        token_id: TrustedTokenId::derived(&[&profile.issuer, &token_id]),
        wishes: body.wishes(&gateway.signer).map_err(&told)?,
    };
    admit(&gateway, caller, vouched).await
}

fn claim(claims: &Map<String, Value>, name: &str) -> Option<String> {
    let text = claims.get(name).and_then(Value::as_str);
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Turns a session of the system that people come from into one of a member that is there.
#[utoipa::path(post, path = "/v1/b2b/sessions/migrate", operation_id = "sessions.migrate", tag = "sessions",
    request_body = MigrateBody,
    responses((status = 200, body = SessionAnswer)))]
pub(crate) async fn migrate(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<MigrateBody>,
) -> Result<HttpResponse, ApiError> {
    let (told, asked) = (ApiError::of(caller.request_id), body.clone());
    let url = gateway.read(caller.clone(), move |tx, caller| {
        asked.get()?;
        foreign_tokens::userinfo_url(tx, caller)
    });
    let url = url.await?;
    let body = body.get().map_err(&told)?;
    let asked = foreign_session(&gateway.http_client, (&url, &body.session_token));
    let claims = asked.await.map_err(|it| told(refused(it)))?;
    let address = vouched_address(&claims, "email");
    let vouched = Vouched {
        email_address: address
            .ok_or_else(|| told(ForeignTokenError::NoAddress("email".to_owned()).into()))?,
        organization: body.organization_id.clone(),
        claimed_organization: None,
        token_id: TrustedTokenId::derived(&[&url, &body.session_token]),
        wishes: SignInWishes {
            session: body.session.wishes(),
            ..SignInWishes::default()
        },
    };
    admit(&gateway, caller, vouched).await
}

async fn admit(
    gateway: &Gateway,
    caller: ProjectCredentials,
    vouched: Vouched,
) -> Result<HttpResponse, ApiError> {
    let (request_id, deployment) = (caller.request_id, gateway.deployment.clone());
    let admitted = gateway.write(caller, move |tx, caller| {
        foreign_tokens::admit(tx, (caller, &deployment), &vouched)
    });
    let (view, token) = admitted.await?;
    let answer = SessionAnswer::new(gateway, &view, &token).map_err(ApiError::of(request_id))?;
    Ok(success(request_id, &answer))
}
