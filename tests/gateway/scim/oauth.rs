//! An OAuth client of a connection, and its keys, as a test holds them.

use chrono::Utc;
use jsonwebtoken::Algorithm;
use jsonwebtoken::EncodingKey;
use jsonwebtoken::Header;
use jsonwebtoken::jwk::Jwk;
use serde_json::Value;
use serde_json::json;

use super::directory::Directory;
use super::directory::text;
use crate::support::Answer;
use crate::support::private_key::rsa_key;

pub const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
pub const GRANT: (&str, &str) = ("grant_type", "client_credentials");

/// A client with the secret it was made with, which is empty if assertions prove it.
pub struct Client {
    pub id: String,
    pub secret_id: String,
    pub secret: String,
}

impl Client {
    fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status, 200, "{}", answer.text);
        let client = &answer.body["client"];
        let newest = client["secrets"].as_array().unwrap().last();
        Self {
            id: text(&client["client_id"]),
            secret_id: newest.map_or(String::new(), |secret| text(&secret["secret_id"])),
            secret: text(&client["client_secret"]),
        }
    }
}

impl Directory<'_> {
    /// The path of the connection's clients in the management API.
    pub fn clients(&self) -> String {
        let (organization, connection) = (&self.organization_id, &self.connection_id);
        format!("/v1/b2b/scim/{organization}/connection/{connection}/clients")
    }

    pub async fn client(&self, body: Value) -> Client {
        Client::of(&self.gateway.post(&self.clients(), body).await)
    }

    pub async fn another_secret(&self, client: &Client, body: Value) -> Client {
        let path = format!("{}/{}/secrets", self.clients(), client.id);
        Client::of(&self.gateway.post(&path, body).await)
    }

    pub fn token_request(&self, form: &[(&str, &str)]) -> reqwest::RequestBuilder {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(form);
        let url = format!("{}{}/oauth2/token", self.gateway.base_url, self.base);
        let request = self.gateway.http.post(url);
        request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.finish())
    }

    pub async fn ask(&self, form: &[(&str, &str)]) -> Answer {
        self.gateway.send(self.token_request(form)).await
    }

    pub async fn ask_with_secret(&self, client: &Client) -> Answer {
        let request = self.token_request(&[GRANT]);
        let request = request.basic_auth(&client.id, Some(&client.secret));
        self.gateway.send(request).await
    }

    pub async fn access_token(&self, client: &Client) -> String {
        let answer = self.ask_with_secret(client).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        text(&answer.body["access_token"])
    }

    pub async fn ask_with_assertion(&self, assertion: &str) -> Answer {
        let kind = ("client_assertion_type", JWT_BEARER);
        self.ask(&[GRANT, kind, ("client_assertion", assertion)])
            .await
    }

    /// The status of a SCIM request with this token.
    pub async fn status_with(&self, token: &str) -> u16 {
        let path = format!("{}/Users", self.base);
        let answer = self.gateway.scim(("GET", &path), token, None).await;
        answer.status
    }
}

/// A key with which an issuer signs.
pub struct Signer {
    key: EncodingKey,
    kid: String,
}

impl Signer {
    pub fn new(kid: &str) -> Self {
        let (pem, _) = rsa_key();
        Self {
            key: EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap(),
            kid: kid.to_owned(),
        }
    }

    pub fn public(&self) -> Value {
        let public = Jwk::from_encoding_key(&self.key, Algorithm::RS256).unwrap();
        let mut public = serde_json::to_value(public).unwrap();
        public["use"] = json!("sig");
        public["kid"] = json!(self.kid);
        public
    }

    pub fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, claims, &self.key).unwrap()
    }
}

/// Seconds from now, as a `NumericDate`.
pub fn seconds_from_now(seconds: i64) -> i64 {
    Utc::now().timestamp() + seconds
}
