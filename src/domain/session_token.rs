//! The session JWT: its claims, its signature, its public keys (contract 4.2).

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use chrono::Duration;
use chrono::SecondsFormat;
use chrono::Utc;
use jsonwebtoken::Algorithm;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::EncodingKey;
use jsonwebtoken::Header;
use jsonwebtoken::Validation;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use utoipa::ToSchema;

use crate::domain::id::SessionId;
use crate::domain::project::ProjectId;
use crate::domain::recent_jwts::RecentJwts;
use crate::domain::secret::hex;
use crate::domain::session::Session;

const LIFETIME_SECONDS: i64 = 300;

/// Why a session JWT was not accepted or not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRefusal(pub String);

impl fmt::Display for TokenRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A public key as the JWKS shows it; all nine members, since typed SDKs ask for them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = JWK)]
#[expect(
    missing_docs,
    reason = "the members are those of RFC 7517 and RFC 7518"
)]
pub struct PublicJwk {
    pub kty: &'static str,
    #[serde(rename = "use")]
    pub usage: &'static str,
    pub key_ops: Vec<&'static str>,
    pub alg: &'static str,
    pub kid: String,
    pub x5c: Vec<String>,
    #[serde(rename = "x5tS256")]
    pub x5t_s256: String,
    pub n: String,
    pub e: String,
}

/// The key that signs session JWTs, and what others need to check them.
pub struct SessionSigner {
    project_id: ProjectId,
    kid: String,
    signing: EncodingKey,
    verifying: DecodingKey,
    jwk: PublicJwk,
    recent: RecentJwts,
}

impl SessionSigner {
    /// Takes a key into use: PKCS#8 PEM and its certificate in DER.
    pub fn new(
        project_id: ProjectId,
        kid: String,
        private_key_pem: &str,
        certificate_der: &[u8],
    ) -> Result<Self, TokenRefusal> {
        let unusable = |what: &str| TokenRefusal(format!("signing key {kid}: {what}"));
        let signing = EncodingKey::from_rsa_pem(private_key_pem.as_bytes())
            .map_err(|_| unusable("not an RSA key in PEM"))?;
        let (_, certificate) = x509_parser::parse_x509_certificate(certificate_der)
            .map_err(|_| unusable("certificate unreadable"))?;
        let key = certificate
            .public_key()
            .parsed()
            .map_err(|_| unusable("key unreadable"))?;
        let x509_parser::public_key::PublicKey::RSA(rsa) = key else {
            return Err(unusable("not an RSA key"));
        };
        let modulus: Vec<u8> = rsa
            .modulus
            .iter()
            .copied()
            .skip_while(|byte| *byte == 0)
            .collect();
        let (n, e) = (
            URL_SAFE_NO_PAD.encode(modulus),
            URL_SAFE_NO_PAD.encode(rsa.exponent),
        );
        let verifying = DecodingKey::from_rsa_components(&n, &e)
            .map_err(|_| unusable("public key unreadable"))?;
        let thumbprint = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, certificate_der);
        let jwk = PublicJwk {
            kty: "RSA",
            usage: "sig",
            key_ops: vec!["verify"],
            alg: "RS256",
            kid: kid.clone(),
            x5c: vec![STANDARD.encode(certificate_der)],
            x5t_s256: hex(thumbprint.as_ref()),
            n,
            e,
        };
        Ok(Self {
            project_id,
            kid,
            signing,
            verifying,
            jwk,
            recent: RecentJwts::default(),
        })
    }

    /// The public half.
    pub fn jwk(&self) -> &PublicJwk {
        &self.jwk
    }

    /// The JWT of a session: good for five minutes, or for a few seconds less when the very same
    /// has just been signed, since a signature costs more than all else in a request.
    pub fn sign(
        &self,
        session: &Session,
        member_facing: &Value,
        slug: &str,
        now: DateTime<Utc>,
    ) -> Result<String, TokenRefusal> {
        let content = (session, member_facing, slug);
        if let Some(jwt) = self.recent.find(content, now) {
            return Ok(jwt);
        }
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(self.kid.clone());
        let claims = self.claims(session, member_facing, slug, now);
        let jwt = jsonwebtoken::encode(&header, &claims, &self.signing)
            .map_err(|error| TokenRefusal(error.to_string()))?;
        self.recent.keep(content, &jwt, now);
        Ok(jwt)
    }

    fn claims(
        &self,
        session: &Session,
        member_facing: &Value,
        slug: &str,
        now: DateTime<Utc>,
    ) -> Map<String, Value> {
        let mut claims = session.custom_claims.clone();
        let ours = [
            ("iss", json!(format!("stytch.com/{}", self.project_id))),
            ("aud", json!([self.project_id])),
            ("sub", json!(session.member_id)),
            ("iat", json!(now.timestamp())),
            ("nbf", json!(now.timestamp())),
            (
                "exp",
                json!((now + Duration::seconds(LIFETIME_SECONDS)).timestamp()),
            ),
            (
                "https://stytch.com/session",
                session_claim(session, member_facing),
            ),
            (
                "https://stytch.com/organization",
                json!({ "organization_id": session.organization_id, "slug": slug }),
            ),
        ];
        claims.extend(ours.map(|(name, value)| (name.to_owned(), value)));
        claims
    }

    /// The session that a JWT of ours speaks of; one that has expired is fine here, since the
    /// session itself is looked up afterwards.
    pub fn session_of(&self, jwt: &str) -> Result<SessionId, TokenRefusal> {
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_audience(&[self.project_id.as_str()]);
        validation.set_issuer(&[format!("stytch.com/{}", self.project_id)]);
        validation.validate_exp = false;
        let decoded = jsonwebtoken::decode::<Map<String, Value>>(jwt, &self.verifying, &validation)
            .map_err(|error| TokenRefusal(format!("the session JWT is not valid: {error}")))?;
        decoded
            .claims
            .get("https://stytch.com/session")
            .and_then(|claim| claim.get("id"))
            .and_then(Value::as_str)
            .and_then(|id| id.parse().ok())
            .ok_or_else(|| TokenRefusal("the session JWT names no session".to_owned()))
    }
}

fn session_claim(session: &Session, member_facing: &Value) -> Value {
    json!({
        "id": session.id,
        "started_at": timestamp(session.started_at),
        "last_accessed_at": timestamp(session.last_accessed_at),
        "expires_at": timestamp(session.expires_at),
        "attributes": { "user_agent": "", "ip_address": "" },
        "authentication_factors": member_facing.get("authentication_factors"),
        "roles": member_facing.get("roles"),
    })
}

/// An instant as the contract writes it: RFC 3339, UTC, `Z`.
pub fn timestamp(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
