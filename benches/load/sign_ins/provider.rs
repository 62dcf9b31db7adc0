//! An OpenID provider as light as one can be: it knows nobody, and each code says itself who came.

use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::thread;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::encoding::Pkcs8V1Der;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::rsa::KeySize;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use jsonwebtoken::EncodingKey;
use jsonwebtoken::Header;
use jsonwebtoken::jwk::Jwk;
use serde_json::Value;
use serde_json::json;

use crate::Outcome;

/// The name of the gateway there.
pub(crate) const CLIENT: &str = "bench";
const KEY_ID: &str = "1";

/// The code for somebody, who asked with this nonce.
pub(crate) fn code(nonce: &str, who: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{nonce} {who}"))
}

/// What all its connections share.
pub(crate) struct Provider {
    issuer: String,
    private: EncodingKey,
    public: Jwk,
}

impl Provider {
    /// Serves until the program ends; gives the issuer.
    pub(crate) fn start() -> Outcome<String> {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(said)?;
        let issuer = format!("http://{}", listener.local_addr().map_err(said)?);
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(said)?;
        let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).map_err(said)?;
        let body = STANDARD.encode(der.as_ref());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
        let private = EncodingKey::from_rsa_pem(pem.as_bytes()).map_err(said)?;
        let mut public = Jwk::from_encoding_key(&private, Algorithm::RS256).map_err(said)?;
        public.common.key_id = Some(KEY_ID.to_owned());
        let provider = Arc::new(Self {
            issuer: issuer.clone(),
            private,
            public,
        });
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let provider = Arc::clone(&provider);
                thread::spawn(move || provider.serve(stream));
            }
        });
        Ok(issuer)
    }

    fn serve(&self, mut stream: TcpStream) -> Option<()> {
        stream.set_nodelay(true).ok()?;
        let mut reader = BufReader::new(stream.try_clone().ok()?);
        loop {
            let (path, body) = asked(&mut reader)?;
            let answer = self.answer(&path, &body)?.to_string();
            let length = answer.len();
            let whole = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n\
                 {answer}"
            );
            stream.write_all(whole.as_bytes()).ok()?;
        }
    }

    fn answer(&self, path: &str, body: &[u8]) -> Option<Value> {
        let issuer = &self.issuer;
        match path {
            "/.well-known/openid-configuration" => Some(json!({
                "issuer": issuer,
                "authorization_endpoint": format!("{issuer}/authorize"),
                "token_endpoint": format!("{issuer}/token"),
                "userinfo_endpoint": format!("{issuer}/userinfo"),
                "jwks_uri": format!("{issuer}/keys"),
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
            })),
            "/keys" => Some(json!({ "keys": [self.public] })),
            "/token" => self.tokens(body),
            _ => None,
        }
    }

    fn tokens(&self, form: &[u8]) -> Option<Value> {
        let mut fields = url::form_urlencoded::parse(form);
        let (_, code) = fields.find(|(name, _)| name == "code")?;
        let said = String::from_utf8(URL_SAFE_NO_PAD.decode(code.as_bytes()).ok()?).ok()?;
        let (nonce, who) = said.split_once(' ')?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
        let claims = json!({
            "iss": self.issuer, "aud": CLIENT, "sub": who, "nonce": nonce, "iat": now, "exp": now + 300,
            "email": who, "email_verified": true, "name": "Ada King", "groups": ["analysts"],
        });
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(KEY_ID.to_owned());
        let id_token = jsonwebtoken::encode(&header, &claims, &self.private).ok()?;
        Some(json!({ "access_token": "none", "token_type": "Bearer", "id_token": id_token }))
    }
}

/// The path and the body of the next request.
fn asked(reader: &mut impl BufRead) -> Option<(String, Vec<u8>)> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((path, body))
}

fn said(error: impl ToString) -> String {
    error.to_string()
}
