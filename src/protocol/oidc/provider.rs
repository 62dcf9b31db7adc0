//! The discovery document, checked (OpenID Connect Discovery 1.0 §3 and §4).

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::protocol::oidc::error::Rejection;
use crate::protocol::oidc::expectation::ACCEPTED_ALGORITHMS;
use crate::protocol::oidc::private_key_jwt::AssertionAlgorithm;

/// How a client proves itself at the token endpoint (OpenID Connect Core 1.0 §9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClientAuthentication {
    /// The secret travels in the `Authorization` header.
    #[default]
    ClientSecretBasic,
    /// The secret travels in the form.
    ClientSecretPost,
}

/// The algorithms of assertions, the one that most providers know first.
const ASSERTION_ALGORITHMS: [AssertionAlgorithm; 2] =
    [AssertionAlgorithm::Rs256, AssertionAlgorithm::Ps256];

/// What a provider says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ProviderMetadata {
    /// The issuer, equal to the one that was asked for.
    pub issuer: String,
    /// Where the browser is sent.
    #[serde(default)]
    pub authorization_endpoint: String,
    /// Where the code is exchanged.
    #[serde(default)]
    pub token_endpoint: String,
    /// Where further claims are read, if the provider has such an endpoint.
    #[serde(default)]
    pub userinfo_endpoint: Option<String>,
    /// Where the keys are.
    #[serde(default)]
    pub jwks_uri: String,
    /// The algorithms ID tokens may be signed with.
    #[serde(default)]
    pub id_token_signing_alg_values_supported: Vec<String>,
    /// How clients may prove themselves; empty means basic.
    #[serde(default)]
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// The algorithms that clients' assertions may be signed with; empty means any.
    #[serde(default)]
    pub token_endpoint_auth_signing_alg_values_supported: Vec<String>,
    /// Whether the provider always names itself in its answers (RFC 9207).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

/// Where the discovery document of an issuer is.
///
/// # Errors
/// The issuer is no URL, carries a query or a fragment, or is plain http without `allow_http`.
pub fn discovery_url(issuer: &str, allow_http: bool) -> Result<String, Rejection> {
    let is_issuer = Url::parse(issuer).is_ok_and(|url| {
        has_accepted_scheme(&url, allow_http) && url.query().is_none() && url.fragment().is_none()
    });
    if !is_issuer {
        let received = issuer.to_owned();
        return Err(Rejection::IssuerUrl { received });
    }
    let base = issuer.trim_end_matches('/');
    Ok(format!("{base}/.well-known/openid-configuration"))
}

impl ProviderMetadata {
    /// Reads and checks the discovery document of `issuer`.
    ///
    /// # Errors
    /// One variant for each of the checks.
    pub fn read(document: Value, issuer: &str, allow_http: bool) -> Result<Self, Rejection> {
        let metadata: Self =
            serde_json::from_value(document).map_err(|error| Rejection::DiscoveryMalformed {
                reason: error.to_string(),
            })?;
        if metadata.issuer != issuer {
            return Err(Rejection::DiscoveryIssuer {
                expected: issuer.to_owned(),
                received: metadata.issuer,
            });
        }
        metadata.check_endpoints(allow_http)?;
        metadata.check_algorithms()?;
        Ok(metadata)
    }

    /// How the client proves itself: basic, unless the provider lists post and not basic.
    pub fn client_authentication(&self) -> ClientAuthentication {
        let lists = |method: &str| {
            let methods = &self.token_endpoint_auth_methods_supported;
            methods.iter().any(|listed| listed == method)
        };
        if lists("client_secret_post") && !lists("client_secret_basic") {
            ClientAuthentication::ClientSecretPost
        } else {
            ClientAuthentication::ClientSecretBasic
        }
    }

    /// The algorithm of our assertions that the provider takes, the usual one if it names none.
    ///
    /// # Errors
    /// It names others alone.
    pub fn assertion_algorithm(&self) -> Result<AssertionAlgorithm, Rejection> {
        let listed = &self.token_endpoint_auth_signing_alg_values_supported;
        let fits = |known: &AssertionAlgorithm| {
            listed.is_empty() || listed.iter().any(|listed| listed == known.name())
        };
        let found = ASSERTION_ALGORITHMS.into_iter().find(fits);
        found.ok_or_else(|| Rejection::AssertionAlgorithm {
            received: listed.clone(),
        })
    }

    fn check_endpoints(&self, allow_http: bool) -> Result<(), Rejection> {
        let required = [
            ("authorization_endpoint", &self.authorization_endpoint),
            ("token_endpoint", &self.token_endpoint),
            ("jwks_uri", &self.jwks_uri),
        ];
        for (name, url) in required {
            if url.is_empty() {
                return Err(Rejection::EndpointMissing { name });
            }
            check_endpoint(name, url, allow_http)?;
        }
        match &self.userinfo_endpoint {
            Some(url) => check_endpoint("userinfo_endpoint", url, allow_http),
            None => Ok(()),
        }
    }

    fn check_algorithms(&self) -> Result<(), Rejection> {
        let listed = &self.id_token_signing_alg_values_supported;
        let accepted = |algorithm: &String| ACCEPTED_ALGORITHMS.contains(&algorithm.as_str());
        if listed.is_empty() || listed.iter().any(accepted) {
            return Ok(());
        }
        let received = listed.clone();
        Err(Rejection::AlgorithmsUnsupported { received })
    }
}

/// Checks that an endpoint is an https URL, or an http one where that is allowed.
///
/// # Errors
/// It is neither.
pub fn check_endpoint(name: &'static str, url: &str, allow_http: bool) -> Result<(), Rejection> {
    if Url::parse(url).is_ok_and(|url| has_accepted_scheme(&url, allow_http)) {
        return Ok(());
    }
    let received = url.to_owned();
    Err(Rejection::EndpointUrl { name, received })
}

fn has_accepted_scheme(url: &Url, allow_http: bool) -> bool {
    url.scheme() == "https" || (allow_http && url.scheme() == "http")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ISSUER: &str = "https://idp.example";

    fn document() -> Value {
        json!({
            "issuer": ISSUER,
            "authorization_endpoint": "https://idp.example/authorize",
            "token_endpoint": "https://idp.example/token",
            "userinfo_endpoint": "https://idp.example/userinfo",
            "jwks_uri": "https://idp.example/keys",
            "id_token_signing_alg_values_supported": ["RS256", "HS256"],
            "response_types_supported": ["code"],
            "subject_types_supported": ["pairwise", "something new"],
        })
    }

    fn with(name: &str, value: Value) -> Value {
        let mut document = document();
        document[name] = value;
        document
    }

    #[test]
    fn a_complete_document_is_read() {
        let metadata = ProviderMetadata::read(document(), ISSUER, false).unwrap();
        assert_eq!(metadata.token_endpoint, "https://idp.example/token");
        assert_eq!(
            metadata.userinfo_endpoint.as_deref(),
            Some("https://idp.example/userinfo")
        );
        assert!(!metadata.authorization_response_iss_parameter_supported);
    }

    #[test]
    fn each_fault_of_a_document_has_its_rejection() {
        let table = [
            (json!([]), "discovery_malformed"),
            (json!({}), "discovery_malformed"),
            (
                with("issuer", json!("https://idp.example/")),
                "discovery_issuer",
            ),
            (
                with("issuer", json!("https://IDP.example")),
                "discovery_issuer",
            ),
            (with("jwks_uri", json!("")), "endpoint_missing"),
            (with("jwks_uri", json!(null)), "discovery_malformed"),
            (
                with("jwks_uri", json!("http://idp.example/keys")),
                "endpoint_url",
            ),
            (with("token_endpoint", json!("/token")), "endpoint_url"),
            (
                with("authorization_endpoint", json!("javascript:alert(1)")),
                "endpoint_url",
            ),
            (
                with("userinfo_endpoint", json!("file:///etc/passwd")),
                "endpoint_url",
            ),
            (
                with(
                    "id_token_signing_alg_values_supported",
                    json!(["HS256", "none"]),
                ),
                "algorithms_unsupported",
            ),
        ];
        for (document, code) in table {
            let rejection = ProviderMetadata::read(document, ISSUER, false).unwrap_err();
            assert_eq!(rejection.code(), code, "{rejection}");
        }
    }

    #[test]
    fn plain_http_needs_the_flag() {
        let insecure = || with("token_endpoint", json!("http://idp.example/token"));
        assert!(ProviderMetadata::read(insecure(), ISSUER, false).is_err());
        assert!(ProviderMetadata::read(insecure(), ISSUER, true).is_ok());
        assert!(discovery_url("http://idp.example", false).is_err());
        assert!(discovery_url("http://idp.example", true).is_ok());
    }

    #[test]
    fn post_is_used_only_where_basic_is_not_offered() {
        let table = [
            (json!([]), ClientAuthentication::ClientSecretBasic),
            (
                json!(["client_secret_post"]),
                ClientAuthentication::ClientSecretPost,
            ),
            (
                json!(["client_secret_post", "client_secret_basic"]),
                ClientAuthentication::ClientSecretBasic,
            ),
            (
                json!(["private_key_jwt"]),
                ClientAuthentication::ClientSecretBasic,
            ),
        ];
        for (methods, expected) in table {
            let document = with("token_endpoint_auth_methods_supported", methods);
            let metadata = ProviderMetadata::read(document, ISSUER, false).unwrap();
            assert_eq!(metadata.client_authentication(), expected);
        }
    }

    #[test]
    fn the_discovery_document_is_below_the_issuer() {
        let suffix = ".well-known/openid-configuration";
        let table = [
            (
                "https://idp.example",
                Some(format!("https://idp.example/{suffix}")),
            ),
            (
                "https://idp.example/",
                Some(format!("https://idp.example/{suffix}")),
            ),
            (
                "https://idp.example/t/1",
                Some(format!("https://idp.example/t/1/{suffix}")),
            ),
            ("https://idp.example/?t=1", None),
            ("https://idp.example/#t", None),
            ("idp.example", None),
            ("", None),
        ];
        for (issuer, expected) in table {
            assert_eq!(discovery_url(issuer, false).ok(), expected, "{issuer}");
        }
    }
}
