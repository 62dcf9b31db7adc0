//! An OpenID provider of which a test decides every answer: discovery, keys, tokens, userinfo.

use std::collections::HashMap;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use actix_web::App;
use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::HttpServer;
use actix_web::http::StatusCode;
use actix_web::web;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::encoding::Pkcs8V1Der;
use aws_lc_rs::rsa::KeySize;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::Utc;
use jsonwebtoken::Algorithm;
use jsonwebtoken::EncodingKey;
use jsonwebtoken::Header;
use jsonwebtoken::jwk::Jwk;
use serde_json::Value;
use serde_json::json;

/// A key of the provider.
#[derive(Clone)]
pub struct StubKey {
    pub kid: &'static str,
    pub algorithm: Algorithm,
    private: EncodingKey,
    public: Value,
}

impl StubKey {
    pub fn rsa(kid: &'static str, algorithm: Algorithm) -> Self {
        let pair = aws_lc_rs::rsa::KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).unwrap();
        let body = BASE64_STANDARD.encode(der.as_ref());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
        let private = EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap();
        Self::of(kid, algorithm, private)
    }

    pub fn elliptic(kid: &'static str, algorithm: Algorithm) -> Self {
        use aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING;
        use aws_lc_rs::signature::ECDSA_P384_SHA384_FIXED_SIGNING;
        use aws_lc_rs::signature::EcdsaKeyPair;
        use aws_lc_rs::signature::Ed25519KeyPair;
        use aws_lc_rs::signature::KeyPair;
        let random = aws_lc_rs::rand::SystemRandom::new();
        if algorithm == Algorithm::EdDSA {
            let der = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
            let pair = Ed25519KeyPair::from_pkcs8(der.as_ref()).unwrap();
            let public = BASE64_URL_SAFE_NO_PAD.encode(pair.public_key());
            let public = json!({ "kty": "OKP", "crv": "Ed25519", "x": public });
            let private = EncodingKey::from_ed_der(der.as_ref());
            return Self::shown_as(kid, algorithm, private, public);
        }
        let curve = if algorithm == Algorithm::ES384 {
            &ECDSA_P384_SHA384_FIXED_SIGNING
        } else {
            &ECDSA_P256_SHA256_FIXED_SIGNING
        };
        let der = EcdsaKeyPair::generate_pkcs8(curve, &random).unwrap();
        let private = EncodingKey::from_ec_der(der.as_ref());
        Self::of(kid, algorithm, private)
    }

    fn of(kid: &'static str, algorithm: Algorithm, private: EncodingKey) -> Self {
        let jwk = Jwk::from_encoding_key(&private, algorithm).unwrap();
        let public = serde_json::to_value(jwk).unwrap();
        Self::shown_as(kid, algorithm, private, public)
    }

    fn shown_as(
        kid: &'static str,
        algorithm: Algorithm,
        private: EncodingKey,
        mut public: Value,
    ) -> Self {
        public["kid"] = json!(kid);
        public["use"] = json!("sig");
        Self {
            kid,
            algorithm,
            private,
            public,
        }
    }

    /// Signs claims, with a `kid` or without.
    pub fn sign(&self, kid: Option<&str>, typ: &str, claims: &Value) -> String {
        let mut header = Header::new(self.algorithm);
        header.kid = kid.map(str::to_owned);
        header.typ = Some(typ.to_owned());
        jsonwebtoken::encode(&header, claims, &self.private).unwrap()
    }
}

/// What the provider does; each test changes what it is about.
pub struct Conduct {
    /// The keys that it shows, and whether it names them.
    pub shown: Vec<StubKey>,
    pub names_keys: bool,
    /// The one that signs.
    pub signs: StubKey,
    /// Put over the claims of the next ID tokens; `null` takes one away.
    pub claims: Value,
    /// Put over the discovery document.
    pub discovery: Value,
    pub userinfo: Value,
    /// Fixed answers by path, instead of its own: status, header lines, body.
    pub answers: HashMap<&'static str, (u16, &'static str, String)>,
    /// How long a path waits before it answers.
    pub slow: HashMap<&'static str, Duration>,
    /// What happens on a call of the token endpoint, before it answers.
    pub before_token: Option<fn(&mut Conduct)>,
    /// The forms that the token endpoint got, and the headers.
    pub forms: Vec<(String, HashMap<String, String>)>,
    pub requests: Vec<String>,
    /// Whether a code is good more than once, against RFC 6749 §4.1.2.
    pub keeps_codes: bool,
    nonces: HashMap<String, String>,
}

type Shared = Arc<Mutex<Conduct>>;

/// The provider, at the issuer below an origin of loopback.
pub struct OidcStub {
    pub origin: String,
    /// The path of the issuer below the origin.
    base: String,
    shared: Shared,
    server: actix_web::dev::ServerHandle,
}

struct Site {
    issuer: String,
    base: String,
    shared: Shared,
}

impl OidcStub {
    pub fn start() -> Self {
        Self::at("")
    }

    /// With the issuer at a path, as Entra has a tenant's.
    pub fn at(base: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let key = StubKey::rsa("k1", Algorithm::RS256);
        let shared = Arc::new(Mutex::new(Conduct {
            shown: vec![key.clone()],
            names_keys: true,
            signs: key,
            claims: json!({}),
            discovery: json!({}),
            userinfo: json!({ "sub": "ana", "email": "ana@acme.test", "email_verified": true }),
            answers: HashMap::new(),
            slow: HashMap::new(),
            before_token: None,
            forms: Vec::new(),
            requests: Vec::new(),
            keeps_codes: false,
            nonces: HashMap::new(),
        }));
        let site = web::Data::new(Site {
            issuer: format!("{origin}{base}"),
            base: base.to_owned(),
            shared: shared.clone(),
        });
        let server = HttpServer::new(move || {
            App::new()
                .app_data(site.clone())
                .default_service(web::to(answer))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .unwrap()
        .run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self {
            origin,
            base: base.to_owned(),
            shared,
            server: handle,
        }
    }

    pub fn issuer(&self) -> String {
        format!("{}{}", self.origin, self.base)
    }

    /// Changes what the provider does.
    pub fn conduct<T>(&self, change: impl FnOnce(&mut Conduct) -> T) -> T {
        change(&mut self.shared.lock().unwrap())
    }

    /// Puts claims over those of the ID tokens from now on.
    pub fn says(&self, claims: Value) {
        self.conduct(|conduct| conduct.claims = claims);
    }

    /// How often a path was asked for.
    pub fn count(&self, path: &str) -> usize {
        self.conduct(|conduct| conduct.requests.iter().filter(|it| *it == path).count())
    }
}

impl Drop for OidcStub {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

/// The Workspace of an account at Google: the one of its address.
fn domain_named(claims: &Value) -> String {
    let email = claims["email"].as_str().unwrap_or("ana@acme.test");
    email.rsplit('@').next().unwrap().to_owned()
}

fn over(mut base: Value, more: &Value) -> Value {
    let fields = base.as_object_mut().unwrap();
    for (name, value) in more.as_object().unwrap() {
        if value.is_null() {
            fields.shift_remove(name);
        } else {
            fields.insert(name.clone(), value.clone());
        }
    }
    base
}

async fn answer(site: web::Data<Site>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let path = request.path().to_owned();
    let path = path.strip_prefix(&site.base).unwrap_or(&path).to_owned();
    let (fixed, slow) = {
        let mut conduct = site.shared.lock().unwrap();
        conduct.requests.push(path.clone());
        let fixed = conduct.answers.get(path.as_str()).cloned();
        (fixed, conduct.slow.get(path.as_str()).copied())
    };
    if let Some(time) = slow {
        tokio::time::sleep(time).await;
    }
    if let Some((status, headers, body)) = fixed {
        let mut response = HttpResponse::build(StatusCode::from_u16(status).unwrap());
        for line in headers.lines() {
            let (name, value) = line.split_once(": ").unwrap();
            response.insert_header((name, value));
        }
        return response.body(body);
    }
    let mut conduct = site.shared.lock().unwrap();
    match path.as_str() {
        "/.well-known/openid-configuration" => {
            HttpResponse::Ok().json(over(discovery(&site.issuer), &conduct.discovery))
        }
        "/keys" | "/other-keys" => HttpResponse::Ok().json(keys(&conduct)),
        "/authorize" => authorize(&site.issuer, &mut conduct, &request),
        "/token" => token(&site.issuer, &mut conduct, (&request, &body)),
        "/userinfo" => HttpResponse::Ok().json(&conduct.userinfo),
        _ => HttpResponse::NotFound().finish(),
    }
}

fn discovery(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/keys"),
        "id_token_signing_alg_values_supported": ["RS256"],
        "authorization_response_iss_parameter_supported": true,
    })
}

fn keys(conduct: &Conduct) -> Value {
    let keys = conduct.shown.iter().map(|key| {
        let mut public = key.public.clone();
        if !conduct.names_keys {
            public.as_object_mut().unwrap().shift_remove("kid");
        }
        public
    });
    json!({ "keys": keys.collect::<Vec<_>>() })
}

fn pairs(text: &[u8]) -> HashMap<String, String> {
    url::form_urlencoded::parse(text).into_owned().collect()
}

fn authorize(issuer: &str, conduct: &mut Conduct, request: &HttpRequest) -> HttpResponse {
    let asked = pairs(request.query_string().as_bytes());
    let code = uuid::Uuid::new_v4().to_string();
    let nonce = asked.get("nonce").cloned().unwrap_or_default();
    conduct.nonces.insert(code.clone(), nonce);
    let mut target = url::Url::parse(&asked["redirect_uri"]).unwrap();
    target
        .query_pairs_mut()
        .append_pair("code", &code)
        .append_pair("state", &asked["state"])
        .append_pair("iss", issuer);
    HttpResponse::Found()
        .insert_header(("location", target.as_str()))
        .finish()
}

fn token(
    issuer: &str,
    conduct: &mut Conduct,
    (request, body): (&HttpRequest, &[u8]),
) -> HttpResponse {
    let form = pairs(body);
    let header = request.headers().get("authorization");
    let header = header.map(|it| it.to_str().unwrap().to_owned());
    conduct
        .forms
        .push((header.unwrap_or_default(), form.clone()));
    let Some(nonce) = conduct.nonces.get(&form["code"]).cloned() else {
        return HttpResponse::BadRequest().json(json!({ "error": "invalid_grant" }));
    };
    if !conduct.keeps_codes {
        conduct.nonces.remove(&form["code"]);
    }
    if let Some(change) = conduct.before_token {
        change(conduct);
    }
    let now = Utc::now().timestamp();
    let claims = json!({
        "iss": issuer, "aud": "vestibule", "sub": "ana", "nonce": nonce, "iat": now,
        "exp": now + 300, "email": "ana@acme.test", "email_verified": true, "name": "Ana Anders",
        "hd": domain_named(&conduct.claims),
    });
    let claims = over(claims, &conduct.claims);
    let kid = conduct.names_keys.then_some(conduct.signs.kid);
    HttpResponse::Ok().json(json!({
        "access_token": "the-access-token",
        "token_type": "Bearer",
        "id_token": conduct.signs.sign(kid, "JWT", &claims),
    }))
}
