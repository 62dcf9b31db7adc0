//! A token request, read: the grant, the scope and how the client proves itself (RFC 6749 §2.3,
//! §4.4.2, RFC 7521 §4.2).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Map;
use serde_json::Value;

use crate::protocol::oauth::error::TokenError;

/// The scope of every token: all that SCIM offers.
pub const SCOPE: &str = "scim";

const GRANT_TYPE: &str = "client_credentials";
const PARAMETERS: [&str; 4] = ["grant_type", "client_id", "client_secret", "scope"];
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How a client proves itself. It holds secrets, so it cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub enum ClientProof {
    /// By a secret, in the header or in the form.
    Secret {
        /// The client.
        client_id: String,
        /// The secret.
        secret: String,
    },
    /// By a signed assertion.
    Assertion {
        /// The client, if it is named; the assertion's subject names it otherwise.
        client_id: Option<String>,
        /// The assertion.
        assertion: String,
    },
}

/// Reads a token request: the `Authorization` header if there is one, and the form.
///
/// # Errors
/// Something is missing, twice there or not served; or the header is not one of HTTP Basic.
pub fn read(authorization: Option<&str>, form: &[u8]) -> Result<ClientProof, TokenError> {
    let form = Form::read(form)?;
    let proof = form.proof(authorization)?;
    form.check_grant()?;
    let asked = form.get("scope").unwrap_or(SCOPE);
    if asked.split(' ').any(|scope| scope != SCOPE) {
        return Err(TokenError::InvalidScope(format!(
            "the scope \"{asked}\" is not served here; leave it out or send {SCOPE}"
        )));
    }
    Ok(proof)
}

/// The body of a token request.
#[derive(Clone, Copy)]
pub enum TokenBody<'a> {
    /// As the RFC has it.
    Form(&'a [u8]),
    /// As some SDKs send it: the same parameters, and `scopes` as a list.
    Json(&'a [u8]),
}

/// Reads a token request that may ask for any scopes, of a client that proves itself by a secret.
/// SDKs send the credentials of their project (`user`) with every request: beside a proof in the
/// body those count for nothing.
///
/// # Errors
/// Something is missing, twice there or not served; or the header is not one of HTTP Basic.
pub fn read_scoped(
    (authorization, user): (Option<&str>, &str),
    body: TokenBody<'_>,
) -> Result<(String, String, Vec<String>), TokenError> {
    let form = match body {
        TokenBody::Form(body) => Form::read(body)?,
        TokenBody::Json(body) => Form::read_json(body)?,
    };
    let is_of_user = |header: &&str| {
        form.get("client_secret").is_some() && basic(header).is_some_and(|(name, _)| name == user)
    };
    let authorization = authorization.filter(|header| !is_of_user(header));
    let ClientProof::Secret { client_id, secret } = form.proof(authorization)? else {
        return Err(TokenError::InvalidClient(
            "the client must prove itself by its client_secret".to_owned(),
        ));
    };
    form.check_grant()?;
    let scopes = form.get("scope").unwrap_or_default().split(' ');
    let scopes = scopes.filter(|scope| !scope.is_empty()).map(str::to_owned);
    Ok((client_id, secret, scopes.collect()))
}

fn unsupported_grant(given: &str) -> TokenError {
    TokenError::UnsupportedGrantType(format!(
        "the grant_type \"{given}\" is not served here; send {GRANT_TYPE}"
    ))
}

fn invalid(reason: &str) -> TokenError {
    TokenError::InvalidRequest(reason.to_owned())
}

struct Form(Vec<(String, String)>);

impl Form {
    /// Parameters without a value count as left out, and none may come twice (RFC 6749 §3.2).
    fn read(body: &[u8]) -> Result<Self, TokenError> {
        let mut known: Vec<(String, String)> = Vec::new();
        for (name, value) in url::form_urlencoded::parse(body) {
            if known.iter().any(|(before, _)| *before == name) {
                let reason = format!("the parameter \"{name}\" is there twice; send it once");
                return Err(TokenError::InvalidRequest(reason));
            }
            known.push((name.into_owned(), value.into_owned()));
        }
        known.retain(|(_, value)| !value.is_empty());
        Ok(Self(known))
    }

    /// A list of scopes is the same as one text of them; null counts as left out.
    fn read_json(body: &[u8]) -> Result<Self, TokenError> {
        let read: Result<Map<String, Value>, _> = serde_json::from_slice(body);
        let fields = read.map_err(|_| invalid("the body must be a JSON object, or a form"))?;
        let mut known = Vec::new();
        for (name, value) in fields {
            match (name.as_str(), value) {
                ("scopes", Value::Array(scopes)) => {
                    let scopes: Option<Vec<&str>> = scopes.iter().map(Value::as_str).collect();
                    let scopes = scopes.ok_or_else(|| invalid("scopes must be a list of texts"))?;
                    known.push(("scope".to_owned(), scopes.join(" ")));
                }
                (_, Value::String(text)) => known.push((name, text)),
                (_, Value::Null) => {}
                ("scopes", _) => return Err(invalid("scopes must be a list of texts")),
                (other, _) if PARAMETERS.contains(&other) => {
                    return Err(TokenError::InvalidRequest(format!(
                        "{other} must be a text"
                    )));
                }
                _ => {}
            }
        }
        known.retain(|(_, value)| !value.is_empty());
        Ok(Self(known))
    }

    fn check_grant(&self) -> Result<(), TokenError> {
        match self.get("grant_type") {
            Some(GRANT_TYPE) => Ok(()),
            Some(other) => Err(unsupported_grant(other)),
            None => Err(invalid("grant_type is missing; send client_credentials")),
        }
    }

    fn get(&self, wanted: &str) -> Option<&str> {
        let mut all = self.0.iter();
        let found = all.find(|(name, _)| name == wanted)?;
        Some(&found.1)
    }

    /// Exactly one proof; the client may be named beside it, as long as it is the same one.
    fn proof(&self, authorization: Option<&str>) -> Result<ClientProof, TokenError> {
        let named = self.get("client_id");
        let (secret, assertion) = (self.get("client_secret"), self.assertion()?);
        match (authorization, secret, assertion) {
            (Some(header), None, None) => {
                let (client_id, secret) = basic(header).ok_or_else(not_basic)?;
                if named.is_some_and(|named| named != client_id) {
                    return Err(invalid(
                        "the form names another client_id than the Authorization header",
                    ));
                }
                Ok(ClientProof::Secret { client_id, secret })
            }
            (None, Some(secret), None) => {
                let client_id = named.ok_or_else(|| invalid("client_id is missing"))?;
                Ok(ClientProof::Secret {
                    client_id: client_id.to_owned(),
                    secret: secret.to_owned(),
                })
            }
            (None, None, Some(assertion)) => Ok(ClientProof::Assertion {
                client_id: named.map(str::to_owned),
                assertion: assertion.to_owned(),
            }),
            (None, None, None) => Err(TokenError::InvalidClient(
                "the client does not prove itself; send its client_id and client_secret by HTTP \
                 Basic or in the form, or a client_assertion"
                    .to_owned(),
            )),
            _ => Err(invalid(
                "the client proves itself in more than one way; use one of HTTP Basic, \
                 client_secret and client_assertion",
            )),
        }
    }

    fn assertion(&self) -> Result<Option<&str>, TokenError> {
        let kind = self.get("client_assertion_type");
        match (self.get("client_assertion"), kind) {
            (None, None) => Ok(None),
            (Some(assertion), Some(JWT_BEARER)) => Ok(Some(assertion)),
            (Some(_), _) => Err(TokenError::InvalidRequest(format!(
                "client_assertion_type must be {JWT_BEARER}"
            ))),
            (None, Some(_)) => Err(invalid("client_assertion is missing")),
        }
    }
}

fn not_basic() -> TokenError {
    let right = "the Authorization header must be \"Basic\" with client_id and client_secret";
    TokenError::InvalidClient(right.to_owned())
}

/// Both parts are form-encoded before they are joined (RFC 6749 §2.3.1).
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = STANDARD.decode(encoded.trim()).ok()?;
    let decoded = String::from_utf8(decoded).ok()?;
    let (client_id, secret) = decoded.split_once(':')?;
    Some((form_decoded(client_id), form_decoded(secret)))
}

fn form_decoded(text: &str) -> String {
    let pair = format!("v={text}");
    let mut values = url::form_urlencoded::parse(pair.as_bytes());
    values
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn basic_header(text: &str) -> String {
        format!("Basic {}", STANDARD.encode(text))
    }

    fn secret(client_id: &str, secret: &str) -> ClientProof {
        ClientProof::Secret {
            client_id: client_id.to_owned(),
            secret: secret.to_owned(),
        }
    }

    fn assertion(client_id: Option<&str>) -> ClientProof {
        ClientProof::Assertion {
            client_id: client_id.map(str::to_owned),
            assertion: "a.b.c".to_owned(),
        }
    }

    const JWT: &str = "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3A\
                       jwt-bearer&client_assertion=a.b.c";

    #[test]
    fn each_way_to_prove_oneself_is_read() {
        let grant = "grant_type=client_credentials";
        let by_assertion = format!("{grant}&{JWT}");
        let naming = format!("{grant}&client_id=c&{JWT}&scope=scim");
        let table = [
            (Some(basic_header("c:s")), grant, secret("c", "s")),
            (
                Some(basic_header("c%2D1:s%3A+x")),
                grant,
                secret("c-1", "s: x"),
            ),
            (
                Some(basic_header("c:s:t").replace("Basic", "bASIC ")),
                "grant_type=client_credentials&client_id=c&scope=scim&client_secret=",
                secret("c", "s:t"),
            ),
            (
                None,
                "client_id=c&client_secret=s%26&grant_type=client_credentials&scope=&more=1",
                secret("c", "s&"),
            ),
            (None, &by_assertion, assertion(None)),
            (None, &naming, assertion(Some("c"))),
        ];
        for (header, form, expected) in table {
            let found = read(header.as_deref(), form.as_bytes());
            assert!(found == Ok(expected), "{form}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_request_is_told_in_the_words_of_the_rfc() {
        let header = basic_header("c:s");
        let header = Some(header.as_str());
        let jwt_twice = format!("grant_type=client_credentials&{JWT}&client_secret=s&client_id=c");
        let table: [(Option<&str>, &str, &str); 15] = [
            (header, "", "invalid_request"),
            (header, "grant_type=", "invalid_request"),
            (header, "grant_type=password", "unsupported_grant_type"),
            (
                header,
                "grant_type=client_credentials&scope=openid",
                "invalid_scope",
            ),
            (
                header,
                "grant_type=client_credentials&scope=scim+x",
                "invalid_scope",
            ),
            (
                header,
                "grant_type=client_credentials&grant_type=client_credentials",
                "invalid_request",
            ),
            (
                header,
                "grant_type=client_credentials&client_id=d",
                "invalid_request",
            ),
            (
                header,
                "grant_type=client_credentials&client_id=c&client_secret=s",
                "invalid_request",
            ),
            (None, "grant_type=client_credentials", "invalid_client"),
            (
                None,
                "grant_type=client_credentials&client_id=c",
                "invalid_client",
            ),
            (
                None,
                "grant_type=client_credentials&client_secret=s",
                "invalid_request",
            ),
            (
                None,
                "grant_type=client_credentials&client_assertion=a.b.c",
                "invalid_request",
            ),
            (
                None,
                "grant_type=client_credentials&client_assertion_type=x",
                "invalid_request",
            ),
            (None, &jwt_twice, "invalid_request"),
            (
                Some("Bearer abc"),
                "grant_type=client_credentials",
                "invalid_client",
            ),
        ];
        for (header, form, expected) in table {
            let Err(error) = read(header, form.as_bytes()) else {
                panic!("{form} is accepted");
            };
            assert_eq!(error.to_json()["error"], expected, "{form}");
        }
    }

    #[test]
    fn a_client_with_scopes_is_read_from_forms_and_from_json() {
        let project = basic_header("project-test-1:secret");
        let client = basic_header("c:s");
        let body = json!({ "grant_type": "client_credentials", "client_id": "c",
            "client_secret": "s", "scopes": ["read:users", "b"], "extra": 1 });
        let without = json!({ "grant_type": "client_credentials", "client_id": "c",
            "client_secret": "s", "scopes": null });
        let (body, without) = (body.to_string(), without.to_string());
        let form = "grant_type=client_credentials&client_id=c&client_secret=s&scope=read%3Ausers+b";
        let two = vec!["read:users".to_owned(), "b".to_owned()];
        let table: [(Option<&str>, TokenBody<'_>, Vec<String>); 5] = [
            (None, TokenBody::Form(form.as_bytes()), two.clone()),
            (
                Some(&project),
                TokenBody::Form(form.as_bytes()),
                two.clone(),
            ),
            (Some(&project), TokenBody::Json(body.as_bytes()), two),
            (None, TokenBody::Json(without.as_bytes()), Vec::new()),
            (
                Some(&client),
                TokenBody::Form(b"grant_type=client_credentials"),
                Vec::new(),
            ),
        ];
        for (header, body, scopes) in table {
            let read = read_scoped((header, "project-test-1"), body);
            assert_eq!(read, Ok(("c".to_owned(), "s".to_owned(), scopes)));
        }
    }

    #[test]
    fn what_is_wrong_with_a_scoped_request_is_told_too() {
        let client = basic_header("c:s");
        let table: [(Option<&str>, TokenBody<'_>, &str); 7] = [
            (None, TokenBody::Json(b"[]"), "invalid_request"),
            (None, TokenBody::Json(b"{}"), "invalid_client"),
            (
                None,
                TokenBody::Json(br#"{"client_id":"c","client_secret":"s","scopes":"a"}"#),
                "invalid_request",
            ),
            (
                None,
                TokenBody::Json(br#"{"client_id":1,"client_secret":"s"}"#),
                "invalid_request",
            ),
            (
                None,
                TokenBody::Json(br#"{"client_id":"c","client_secret":"s","grant_type":"x"}"#),
                "unsupported_grant_type",
            ),
            (
                Some(&client),
                TokenBody::Form(b"grant_type=client_credentials&client_id=c&client_secret=s"),
                "invalid_request",
            ),
            (None, TokenBody::Form(JWT.as_bytes()), "invalid_client"),
        ];
        for (header, body, expected) in table {
            let error = read_scoped((header, "project-test-1"), body).unwrap_err();
            assert_eq!(error.to_json()["error"], expected);
        }
    }
}
