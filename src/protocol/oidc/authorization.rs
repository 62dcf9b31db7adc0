//! The authorization request and its answer (OpenID Connect Core 1.0 §3.1.2, RFC 7636, RFC 9207).

use openidconnect::AuthUrl;
use openidconnect::ClientId;
use openidconnect::CsrfToken;
use openidconnect::IssuerUrl;
use openidconnect::LoginHint;
use openidconnect::Nonce;
use openidconnect::PkceCodeChallenge;
use openidconnect::PkceCodeVerifier;
use openidconnect::RedirectUrl;
use openidconnect::Scope;
use openidconnect::core::CoreAuthenticationFlow;
use openidconnect::core::CoreClient;
use serde::Deserialize;
use url::Url;

use crate::protocol::oidc::error::Rejection;
use crate::protocol::oidc::expectation::Jwks;

/// The scopes that are asked for unless a connection names others.
pub const DEFAULT_SCOPES: &str = "openid email profile";

/// What a browser is sent to the provider with.
pub struct AuthorizationRequest<'a> {
    /// The connection's issuer.
    pub issuer: &'a str,
    /// The provider's authorization endpoint.
    pub authorization_url: &'a str,
    /// Our client id at the provider.
    pub client_id: &'a str,
    /// Where the provider sends the browser back to.
    pub redirect_uri: &'a str,
    /// Scopes, separated by spaces; `openid` is added when it is absent.
    pub scopes: &'a str,
    /// The opaque key of the request row.
    pub state: &'a str,
    /// The value the ID token must repeat.
    pub nonce: &'a str,
    /// The PKCE secret, of which the challenge is made.
    pub code_verifier: &'a str,
    /// The address the person has already given, if any.
    pub login_hint: Option<&'a str>,
}

impl AuthorizationRequest<'_> {
    /// The URL to redirect the browser to.
    ///
    /// # Errors
    /// One of the URLs is not a URL, or the code verifier does not have the required form.
    pub fn url(&self) -> Result<Url, Rejection> {
        self.built(true)
    }

    /// The same for a provider that speaks OAuth 2.0 alone and refuses scopes that it does not know.
    ///
    /// # Errors
    /// As above.
    pub fn url_without_openid(&self) -> Result<Url, Rejection> {
        self.built(false)
    }

    fn built(&self, speaks_openid: bool) -> Result<Url, Rejection> {
        let challenge = code_challenge(self.code_verifier)?;
        let state = CsrfToken::new(self.state.to_owned());
        let nonce = Nonce::new(self.nonce.to_owned());
        let client_id = ClientId::new(self.client_id.to_owned());
        let client = CoreClient::new(client_id, self.issuer_url()?, Jwks::default())
            .set_auth_uri(self.endpoint()?)
            .set_redirect_uri(self.redirect_url()?);
        let client = if speaks_openid {
            client
        } else {
            client.disable_openid_scope()
        };
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || state,
                move || nonce,
            )
            .add_scopes(self.further_scopes())
            .set_pkce_challenge(challenge);
        if let Some(hint) = self.login_hint {
            request = request.set_login_hint(LoginHint::new(hint.to_owned()));
        }
        let (url, _, _) = request.url();
        Ok(url)
    }

    // The client adds `openid` by itself.
    fn further_scopes(&self) -> impl Iterator<Item = Scope> {
        let scopes = self.scopes.split_whitespace();
        scopes
            .filter(|scope| *scope != "openid")
            .map(|scope| Scope::new(scope.to_owned()))
    }

    fn issuer_url(&self) -> Result<IssuerUrl, Rejection> {
        let received = || Rejection::IssuerUrl {
            received: self.issuer.to_owned(),
        };
        IssuerUrl::new(self.issuer.to_owned()).map_err(|_| received())
    }

    fn endpoint(&self) -> Result<AuthUrl, Rejection> {
        AuthUrl::new(self.authorization_url.to_owned())
            .map_err(|_| no_url("authorization_endpoint", self.authorization_url))
    }

    fn redirect_url(&self) -> Result<RedirectUrl, Rejection> {
        RedirectUrl::new(self.redirect_uri.to_owned())
            .map_err(|_| no_url("redirect_uri", self.redirect_uri))
    }
}

fn no_url(name: &'static str, received: &str) -> Rejection {
    let received = received.to_owned();
    Rejection::EndpointUrl { name, received }
}

// The length is checked first because the library panics where it is wrong.
fn code_challenge(verifier: &str) -> Result<PkceCodeChallenge, Rejection> {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let length = verifier.len();
    if !(43..=128).contains(&length) || !verifier.bytes().all(is_unreserved) {
        return Err(Rejection::CodeVerifier { length });
    }
    let verifier = PkceCodeVerifier::new(verifier.to_owned());
    Ok(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
}

/// The parameters a provider adds to the redirect URI.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct AuthorizationResponse {
    /// The authorization code.
    pub code: Option<String>,
    /// The key of the request row.
    pub state: Option<String>,
    /// The issuer that answers (RFC 9207).
    pub iss: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
    /// The same in words.
    pub error_description: Option<String>,
}

impl AuthorizationResponse {
    /// The `state`, by which the request row is found.
    ///
    /// # Errors
    /// There is none.
    pub fn state(&self) -> Result<&str, Rejection> {
        let state = self.state.as_deref().filter(|state| !state.is_empty());
        state.ok_or(Rejection::StateMissing)
    }

    /// The code, provided that the right issuer answers.
    ///
    /// `iss_required` is what the provider's metadata says about RFC 9207.
    ///
    /// # Errors
    /// Another issuer answers, the provider refused, or there is no code.
    pub fn code(&self, issuer: &str, iss_required: bool) -> Result<&str, Rejection> {
        let is_right = self.iss.as_ref().map_or(!iss_required, |iss| iss == issuer);
        if !is_right {
            return Err(Rejection::ResponseIssuer {
                expected: issuer.to_owned(),
                received: self.iss.clone(),
            });
        }
        if let Some(error) = &self.error {
            return Err(Rejection::AuthorizationRefused {
                error: error.clone(),
                description: self.error_description.clone().unwrap_or_default(),
            });
        }
        let code = self.code.as_deref().filter(|code| !code.is_empty());
        code.ok_or(Rejection::CodeMissing)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    // The pair of RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn request() -> AuthorizationRequest<'static> {
        AuthorizationRequest {
            issuer: "https://idp.example",
            authorization_url: "https://idp.example/authorize?tenant=1",
            client_id: "us",
            redirect_uri: "https://gateway.example/callback",
            scopes: "groups openid  email",
            state: "the state",
            nonce: "the nonce",
            code_verifier: VERIFIER,
            login_hint: Some("ana@acme.test"),
        }
    }

    #[test]
    fn the_request_carries_state_nonce_challenge_and_scopes() {
        let url = request().url().unwrap();
        assert!(
            url.as_str()
                .starts_with("https://idp.example/authorize?tenant=1&")
        );
        let parameters: HashMap<_, _> = url.query_pairs().into_owned().collect();
        let expected = [
            ("response_type", "code"),
            ("client_id", "us"),
            ("redirect_uri", "https://gateway.example/callback"),
            ("scope", "openid groups email"),
            ("state", "the state"),
            ("nonce", "the nonce"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("login_hint", "ana@acme.test"),
        ];
        for (name, value) in expected {
            assert_eq!(
                parameters.get(name).map(String::as_str),
                Some(value),
                "{name}"
            );
        }
    }

    #[test]
    fn a_code_verifier_of_the_wrong_form_is_refused() {
        let long = "a".repeat(129);
        let outside = format!("{}+", "a".repeat(50));
        for code_verifier in ["", "short", &long, &outside] {
            let refused = AuthorizationRequest {
                code_verifier,
                ..request()
            }
            .url();
            assert_eq!(
                refused.unwrap_err().code(),
                "code_verifier",
                "{code_verifier}"
            );
        }
    }

    #[test]
    fn a_url_that_is_none_is_refused() {
        let refused = AuthorizationRequest {
            authorization_url: "authorize",
            ..request()
        }
        .url();
        assert_eq!(refused.unwrap_err().code(), "endpoint_url");
        let refused = AuthorizationRequest {
            issuer: "idp",
            ..request()
        }
        .url();
        assert_eq!(refused.unwrap_err().code(), "issuer_url");
    }

    #[test]
    fn the_answer_is_checked_before_its_code_is_used() {
        let some = |text: &str| Some(text.to_owned());
        let answer = || AuthorizationResponse {
            code: some("c"),
            ..Default::default()
        };
        let from = |iss: &str| AuthorizationResponse {
            iss: some(iss),
            ..answer()
        };
        let refused = AuthorizationResponse {
            error: some("access_denied"),
            ..answer()
        };
        let table = [
            (answer(), false, Ok("c")),
            (answer(), true, Err("response_issuer")),
            (from("https://idp.example"), true, Ok("c")),
            (from("https://other.example"), false, Err("response_issuer")),
            (refused, false, Err("authorization_refused")),
            (AuthorizationResponse::default(), false, Err("code_missing")),
        ];
        for (answer, iss_required, expected) in table {
            let code = answer.code("https://idp.example", iss_required);
            assert_eq!(
                code.map_err(|rejection| rejection.code()),
                expected,
                "{answer:?}"
            );
        }
    }

    #[test]
    fn an_answer_without_state_is_refused() {
        let empty = AuthorizationResponse {
            state: Some(String::new()),
            ..Default::default()
        };
        assert_eq!(
            AuthorizationResponse::default().state(),
            Err(Rejection::StateMissing)
        );
        assert_eq!(empty.state(), Err(Rejection::StateMissing));
    }
}
