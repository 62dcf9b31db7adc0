//! The demo provider's token endpoint: a code, its verifier and the client's secret give tokens.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::SHA256;
use aws_lc_rs::digest::digest;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use crate::demo::oidc_provider::error::DemoProviderError;
use crate::demo::oidc_provider::grants::Grant;
use crate::demo::oidc_provider::provider::DemoProvider;
use crate::demo::oidc_provider::provider::person_claims;
use crate::demo::record::Who;

const ID_TOKEN_SECONDS: i64 = 300;

/// The fields of the form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Fields {
    grant_type: String,
    code: String,
    redirect_uri: String,
    code_verifier: String,
    client_id: Option<String>,
    client_secret: Option<String>,
}

/// Exchanges a code.
pub(crate) async fn token(
    provider: web::Data<DemoProvider>,
    request: HttpRequest,
    fields: web::Form<Fields>,
) -> HttpResponse {
    if !provider.knows(credentials(&request, &fields)) {
        return refusal(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            "wrong client or secret",
        );
    }
    if fields.grant_type != "authorization_code" {
        let description = "grant_type must be authorization_code";
        return refusal(
            StatusCode::BAD_REQUEST,
            "unsupported_grant_type",
            description,
        );
    }
    let Some(grant) = provider.grants.redeem(&fields.code, provider.now()) else {
        let description = "the code is unknown, used or expired";
        return refusal(StatusCode::BAD_REQUEST, "invalid_grant", description);
    };
    if let Some(description) = fault(&grant, &fields) {
        return refusal(StatusCode::BAD_REQUEST, "invalid_grant", description);
    }
    match provider.tokens(&grant) {
        Ok(tokens) => answer(StatusCode::OK, &tokens),
        Err(error) => {
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            refusal(status, "server_error", &error.to_string())
        }
    }
}

fn fault(grant: &Grant, fields: &Fields) -> Option<&'static str> {
    if grant.redirect_uri != fields.redirect_uri {
        return Some("the redirect_uri is not the one of the request");
    }
    if grant.code_challenge != encoded_hash(&fields.code_verifier) {
        return Some("the code_verifier does not fit the code_challenge");
    }
    None
}

impl DemoProvider {
    fn knows(&self, credentials: Option<(String, String)>) -> bool {
        let expected = self.settings.client_secret.as_bytes();
        credentials.is_some_and(|(client_id, secret)| {
            client_id == self.settings.client_id
                && verify_slices_are_equal(secret.as_bytes(), expected).is_ok()
        })
    }

    fn tokens(&self, grant: &Grant) -> Result<Value, DemoProviderError> {
        let now = self.now();
        let access_token = self.grants.access_token(grant.person.clone(), now)?;
        let mut claims = person_claims(&grant.person);
        if let Some(claims) = claims.as_object_mut() {
            let issued_at = now.timestamp();
            claims.insert("iss".to_owned(), json!(self.issuer));
            claims.insert("aud".to_owned(), json!(self.settings.client_id));
            claims.insert("iat".to_owned(), json!(issued_at));
            claims.insert("exp".to_owned(), json!(issued_at + ID_TOKEN_SECONDS));
            claims.insert("at_hash".to_owned(), json!(half_hash(&access_token)));
            if let Some(nonce) = &grant.nonce {
                claims.insert("nonce".to_owned(), json!(nonce));
            }
        }
        let stage = &self.settings.stage;
        let email = &grant.person.email;
        stage.exchanges.add_claims(email, format!("{claims:#}"));
        let note = format!(
            "{} gives an ID token for {email}",
            self.settings.company.name
        );
        stage.record.note(Who::IdentityProvider, note);
        Ok(json!({
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": 600,
            "id_token": self.settings.key.sign(&claims)?,
        }))
    }
}

// The secret may come in the header or in the form (RFC 6749 §2.3.1).
fn credentials(request: &HttpRequest, fields: &Fields) -> Option<(String, String)> {
    let Some(header) = request.headers().get(AUTHORIZATION) else {
        return fields.client_id.clone().zip(fields.client_secret.clone());
    };
    let encoded = header.to_str().ok()?.strip_prefix("Basic ")?;
    let decoded = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
    let (client_id, secret) = decoded.split_once(':')?;
    Some((form_decoded(client_id), form_decoded(secret)))
}

fn form_decoded(text: &str) -> String {
    let mut pairs = url::form_urlencoded::parse(text.as_bytes());
    pairs
        .next()
        .map(|(name, _)| name.into_owned())
        .unwrap_or_default()
}

fn encoded_hash(text: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()))
}

fn half_hash(text: &str) -> String {
    let hash = digest(&SHA256, text.as_bytes());
    let half: Vec<u8> = hash.as_ref().iter().copied().take(16).collect();
    BASE64_URL_SAFE_NO_PAD.encode(half)
}

fn refusal(status: StatusCode, error: &str, description: &str) -> HttpResponse {
    answer(
        status,
        &json!({"error": error, "error_description": description}),
    )
}

fn answer(status: StatusCode, body: &Value) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(body)
}
