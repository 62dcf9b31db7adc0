//! Where an OpenID provider sends the browser back with a code (OpenID Connect Core 1.0 §3.1.2.5).

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Path;
use actix_web::web::Query;
use chrono::DateTime;
use chrono::Utc;

use crate::domain::oidc_settings::TokenEndpointAuthMethod;
use crate::domain::secret;
use crate::http::caller::request_id;
use crate::http::sso::callback;
use crate::http::sso::error::SignInPage;
use crate::http::sso::refuse;
use crate::http::sso::send_on;
use crate::http::sso::trial;
use crate::http::state::Gateway;
use crate::outbound::code_exchange::ClientProof;
use crate::outbound::code_exchange::CodeExchange;
use crate::outbound::oidc_provider::KeySource;
use crate::outbound::oidc_provider::ProviderError;
use crate::outbound::userinfo::UserinfoRequest;
use crate::protocol::oidc::Expectation;
use crate::protocol::oidc::ProviderMetadata;
use crate::protocol::oidc::authorization::AuthorizationResponse;
use crate::protocol::oidc::private_key_jwt::AssertionAlgorithm;
use crate::protocol::oidc::private_key_jwt::AssertionDraft;
use crate::protocol::oidc::provider::ClientAuthentication;
use crate::storage::Transaction;
use crate::use_cases::sign_in::ProvenIdentity;
use crate::use_cases::sign_in::error::SignInError;
use crate::use_cases::sign_in::oidc::ClientCredential;
use crate::use_cases::sign_in::oidc::OidcExpectation;
use crate::use_cases::sign_in::oidc::expect;
use crate::use_cases::sign_in::receive::Arrival;

/// `GET /v1/b2b/sso/callback/{connection_id}`
pub(crate) async fn consume(
    gateway: Data<Gateway>,
    request: HttpRequest,
    connection: Path<String>,
) -> Result<HttpResponse, SignInPage> {
    match take(&gateway, &request, &connection).await {
        Ok(response) => Ok(response),
        Err(error) => {
            let answer = Query::<AuthorizationResponse>::from_query(request.query_string()).ok();
            let state = answer.and_then(|answer| answer.state.clone());
            let place = (connection.as_str(), state.as_deref());
            if let Some(report) = trial::failed(&gateway, &request, place, &error).await {
                return Ok(report);
            }
            let place = (connection.as_str(), state);
            Err(refuse(&gateway, &request, place, error).await)
        }
    }
}

async fn take(
    gateway: &Gateway,
    request: &HttpRequest,
    connection: &str,
) -> Result<HttpResponse, SignInError> {
    let answer = Query::<AuthorizationResponse>::from_query(request.query_string())
        .map_err(|error| SignInError::InvalidQuery(error.to_string()))?
        .into_inner();
    let callback = callback(
        (&gateway.deployment, request),
        connection,
        answer.state.as_deref(),
    )?;
    let (deployment, asked) = (gateway.deployment.clone(), callback.clone());
    let expected = gateway
        .storage
        .seek(request_id(request), move |tx: &mut Transaction<'_>| {
            expect(tx, &deployment, &asked)
        })
        .await?;
    let proven = prove(gateway, &expected, &answer).await?;
    let checks = expected.is_test.then(|| expected.checks(&proven.identity));
    let arrival = Arrival {
        callback,
        proven,
        answers_flow: true,
        assertion: None,
    };
    match checks {
        Some(checks) => trial::passed(gateway, request, (arrival, checks)).await,
        None => send_on(gateway, request, arrival).await,
    }
}

/// Exchanges the code and verifies what comes for it.
async fn prove(
    gateway: &Gateway,
    expected: &OidcExpectation,
    answer: &AuthorizationResponse,
) -> Result<ProvenIdentity, SignInError> {
    let (settings, now) = (&expected.settings, gateway.clock.now());
    let providers = &gateway.oidc_providers;
    // A provider without a discovery document is configured by hand and gets the defaults.
    let metadata = providers.metadata(&settings.issuer, now).await.ok();
    let names_itself = metadata
        .as_ref()
        .is_some_and(|metadata| metadata.authorization_response_iss_parameter_supported);
    let exchange = CodeExchange {
        issuer: &settings.issuer,
        token_url: &settings.token_url,
        client_id: &settings.client_id,
        code: answer.code(&settings.issuer, names_itself)?,
        proof: proof(expected, metadata.as_deref(), now)?,
        redirect_uri: &expected.redirect_uri,
        code_verifier: &expected.code_verifier,
    };
    let tokens = providers.exchange_code(&exchange).await.map_err(refused)?;
    let expectation = Expectation {
        issuer: &settings.issuer,
        client_id: &settings.client_id,
        nonce: &expected.nonce,
        access_token: Some(&tokens.access_token),
    };
    let id_token = providers
        .verify_id_token(&tokens.id_token, &expectation, &settings.jwks_url, now)
        .await
        .map_err(refused)?;
    let mut joined = id_token.clone();
    if expected.wants_userinfo(&id_token) {
        let asked = UserinfoRequest {
            url: &settings.userinfo_url,
            access_token: &tokens.access_token,
            source: &KeySource {
                issuer: settings.issuer.clone(),
                jwks_url: settings.jwks_url.clone(),
            },
            client_id: &settings.client_id,
        };
        let userinfo = providers.userinfo(&asked, now).await.map_err(refused)?;
        joined = joined.with_userinfo(userinfo)?;
    }
    expected.identity(&id_token, &joined, now)
}

/// What proves us at the token endpoint: as the connection says, or else as the provider does.
fn proof<'e>(
    expected: &'e OidcExpectation,
    metadata: Option<&ProviderMetadata>,
    now: DateTime<Utc>,
) -> Result<ClientProof<'e>, SignInError> {
    let settings = &expected.settings;
    let (kid, private_key) = match &expected.credential {
        ClientCredential::Secret(secret) => {
            let method = match settings.token_endpoint_auth_method {
                TokenEndpointAuthMethod::ClientSecretBasic => {
                    ClientAuthentication::ClientSecretBasic
                }
                TokenEndpointAuthMethod::ClientSecretPost => ClientAuthentication::ClientSecretPost,
                TokenEndpointAuthMethod::Discovered | TokenEndpointAuthMethod::PrivateKeyJwt => {
                    let told = metadata.map(ProviderMetadata::client_authentication);
                    told.unwrap_or_default()
                }
            };
            return Ok(ClientProof::Secret(secret, method));
        }
        ClientCredential::Key(kid, private_key) => (kid, private_key),
    };
    let told = metadata.map(ProviderMetadata::assertion_algorithm);
    let algorithm = if expected.tenant.is_some() {
        AssertionAlgorithm::Ps256
    } else {
        told.transpose()?.unwrap_or_default()
    };
    let draft = AssertionDraft {
        client_id: &settings.client_id,
        token_url: &settings.token_url,
        key_id: kid,
        unique: &secret::fresh_token()?,
        algorithm,
    };
    Ok(ClientProof::Assertion(draft.sign(private_key, now)?))
}

fn refused(error: ProviderError) -> SignInError {
    match error {
        ProviderError::Fetch(error) => SignInError::ProviderUnreachable(error.to_string()),
        ProviderError::Rejected(rejection) => SignInError::Oidc(rejection),
    }
}
