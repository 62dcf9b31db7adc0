//! Whole sign-ins: the start URL, the identity provider's answer, the session. The identity
//! providers are inside this program, and so is the browser.

use std::io::Read;
use std::sync::Arc;
use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use flate2::read::DeflateDecoder;
use serde_json::Value;
use serde_json::json;
use url::Url;
use url::form_urlencoded::Serializer;
use vestibule::demo::saml_response::Exchange;
use vestibule::demo::saml_response::ResponseDraft;
use vestibule::demo::saml_signature::KeyPair;

use crate::Outcome;
use crate::figures::Place;
use crate::http::Answer;
use crate::http::request;
use crate::rows::Requests;
use crate::rows::Row;
use crate::run;
use crate::run::Load;
use crate::world::Server;
use crate::world::World;
use crate::world::text;

mod provider;

use crate::sign_ins::provider::Provider;

const START: &str = "/v1/public/sso/start";
const IDP: &str = "https://idp.example/metadata";
/// Of ten sign-ins so many are of somebody new.
const NEW_OF_TEN: usize = 3;

/// What each leg of a sign-in is answered with: to the provider, to the application, the session.
pub(crate) const STATUSES: [u16; 3] = [302, 302, 200];

/// One organization with a connection of each kind.
pub(crate) struct SignIns {
    public_token: String,
    saml_connection: String,
    oidc_connection: String,
    acs_url: String,
    key: KeyPair,
}

/// Which sign-ins are measured, where, and how often.
#[derive(Args)]
pub(crate) struct Measurement {
    rows: Vec<Row>,
    #[command(flatten)]
    server: Server,
    #[arg(long, env = "VESTIBULE_PUBLIC_TOKEN", hide_env_values = true)]
    public_token: String,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    load: Load,
    #[arg(long)]
    rounds: u32,
    #[arg(long)]
    pid: u32,
}

impl Measurement {
    /// Signs people of one organization in, row after row, round after round.
    pub(crate) fn measure(&self) -> Outcome<()> {
        let world = prepare(&self.server, &self.public_token)?;
        let turns = (0..self.rounds).flat_map(|_| self.rows.iter().copied());
        run::measure(turns, &self.place, &self.load, (&world, self.pid))
    }
}

fn prepare(server: &Server, public_token: &str) -> Outcome<World> {
    let mut world = World::make(server, "engines")?;
    let named = json!({ "organization_name": "Notes", "organization_slug": "notes" });
    let made = server.ask("POST /v1/b2b/organizations", &named)?;
    let organization = text(&made, "/organization/organization_id")?;
    let key = KeyPair::generate("idp").map_err(|error| error.to_string())?;
    let settings = json!({
        "idp_entity_id": IDP,
        "idp_sso_url": format!("{IDP}/sso"),
        "x509_certificate": key.certificate_pem,
        "attribute_mapping": { "email": "email", "full_name": "name", "groups": "groups" },
    });
    let saml = connection(server, ("saml", &organization), &settings)?;
    let settings = json!({
        "issuer": Provider::start()?, "client_id": provider::CLIENT, "client_secret": "bench-secret",
    });
    let oidc = connection(server, ("oidc", &organization), &settings)?;
    world.sign_ins = Some(Arc::new(SignIns {
        public_token: public_token.to_owned(),
        saml_connection: text(&saml, "/connection_id")?,
        oidc_connection: text(&oidc, "/connection_id")?,
        acs_url: text(&saml, "/acs_url")?,
        key,
    }));
    Ok(world)
}

fn connection(
    server: &Server,
    (kind, organization): (&str, &str),
    settings: &Value,
) -> Outcome<Value> {
    let path = format!("/v1/b2b/sso/{kind}/{organization}");
    let made = server.ask(&format!("POST {path}"), &json!({ "display_name": kind }))?;
    let id = text(&made, "/connection/connection_id")?;
    let made = server.ask(&format!("PUT {path}/connections/{id}"), settings)?;
    let status = text(&made, "/connection/status")?;
    if status != "active" {
        return Err(format!("the {kind} connection is {status}: {made}"));
    }
    Ok(made.get("connection").cloned().unwrap_or_default())
}

/// Sign-ins through the SAML connection.
pub(crate) fn saml(world: &World, client: u32) -> Outcome<Requests<'_>> {
    let known = known(world)?;
    let start = start(known, &known.saml_connection);
    let people = People::of(client)?;
    Ok(legs(world, start, people, |page, who| {
        posted(known, page, who)
    }))
}

/// Sign-ins through the OIDC connection.
pub(crate) fn oidc(world: &World, client: u32) -> Outcome<Requests<'_>> {
    let known = known(world)?;
    let start = start(known, &known.oidc_connection);
    let path = format!("/v1/b2b/sso/callback/{}", known.oidc_connection);
    let people = People::of(client)?;
    Ok(legs(world, start, people, move |page, who| {
        let query = Serializer::new(String::new())
            .append_pair("code", &provider::code(&page.parameter("nonce")?, who))
            .append_pair("state", &page.parameter("state")?)
            .finish();
        let line = format!("GET {path}?{query} HTTP/1.1");
        Some(browsed(&line, &page.cookie, ""))
    }))
}

fn known(world: &World) -> Outcome<&SignIns> {
    let known = world.sign_ins.as_deref();
    known.ok_or_else(|| "nobody signs in there".to_owned())
}

fn start(known: &SignIns, connection: &str) -> Vec<u8> {
    let query = Serializer::new(String::new())
        .append_pair("connection_id", connection)
        .append_pair("public_token", &known.public_token)
        .finish();
    browsed(&format!("GET {START}?{query} HTTP/1.1"), "", "")
}

/// What a browser sends.
fn browsed(line: &str, cookie: &str, form: &str) -> Vec<u8> {
    let length = form.len();
    format!(
        "{line}\r\nHost: bench\r\nCookie: {cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {length}\r\n\r\n{form}"
    )
    .into_bytes()
}

/// A redirect as the browser got it.
struct Page {
    location: Url,
    cookie: String,
}

impl Page {
    fn of(answer: &Answer) -> Option<Self> {
        let cookie = answer.header("set-cookie").unwrap_or_default();
        let (cookie, _) = cookie.split_once(';').unwrap_or((cookie, ""));
        Some(Self {
            location: Url::parse(answer.header("location")?).ok()?,
            cookie: cookie.to_owned(),
        })
    }

    fn parameter(&self, name: &str) -> Option<String> {
        let mut all = self.location.query_pairs();
        let found = all.find(|(known, _)| known == name);
        found.map(|(_, value)| value.into_owned())
    }
}

/// The next leg, whatever the one before was answered; from the start again if that was no way on.
fn legs<'w>(
    world: &'w World,
    start: Vec<u8>,
    mut people: People,
    answered: impl Fn(&Page, &str) -> Option<Vec<u8>> + Send + 'w,
) -> Requests<'w> {
    let mut who = String::new();
    Box::new(move |last| {
        let page = last.filter(|last| last.status == 302).and_then(Page::of);
        let next = page.and_then(|page| match page.parameter("token") {
            Some(token) => Some(authentication(world, &token)),
            None => answered(&page, &who),
        });
        next.unwrap_or_else(|| {
            who = people.next();
            start.clone()
        })
    })
}

fn authentication(world: &World, token: &str) -> Vec<u8> {
    let body = json!({ "sso_token": token, "session_duration_minutes": 60 }).to_string();
    let line = "POST /v1/b2b/sso/authenticate";
    request(line, &world.project_authorization, &body)
}

/// The response of the IdP, in the form that it has the browser post.
fn posted(known: &SignIns, page: &Page, who: &str) -> Option<Vec<u8>> {
    let asked = request_id(&page.parameter("SAMLRequest")?)?;
    let exchange = Exchange {
        issuer: IDP,
        acs_url: &known.acs_url,
        audience: &known.acs_url,
        in_response_to: Some(&asked),
        unique: asked.trim_start_matches('_'),
    };
    let mut draft = ResponseDraft::new(exchange, who, SystemTime::now().into());
    let one = |name: &str, value: &str| (name.to_owned(), vec![value.to_owned()]);
    draft.attributes = vec![
        one("email", who),
        one("name", "Ada King"),
        one("groups", "analysts"),
    ];
    let form = Serializer::new(String::new())
        .append_pair("SAMLResponse", &draft.to_form_value(&known.key).ok()?)
        .append_pair("RelayState", &page.parameter("RelayState")?)
        .finish();
    let path = format!("/v1/b2b/sso/callback/{}", known.saml_connection);
    Some(browsed(
        &format!("POST {path} HTTP/1.1"),
        &page.cookie,
        &form,
    ))
}

fn request_id(deflated: &str) -> Option<String> {
    let deflated = STANDARD.decode(deflated).ok()?;
    let mut xml = String::new();
    DeflateDecoder::new(deflated.as_slice())
        .read_to_string(&mut xml)
        .ok()?;
    let (_, after) = xml.split_once(" ID=\"")?;
    let (id, _) = after.split_once('"')?;
    Some(id.to_owned())
}

/// Who signs in through one client: somebody new, or in turns those who were new before.
struct People {
    seed: String,
    known: usize,
    turn: usize,
}

impl People {
    fn of(client: u32) -> Outcome<Self> {
        let micros = format!("{:.0}", crate::world::now()? * 1_000_000.0);
        Ok(Self {
            seed: format!("{micros}.{client}"),
            known: 0,
            turn: 0,
        })
    }

    fn next(&mut self) -> String {
        let turn = self.turn;
        self.turn += 1;
        let number = if turn % 10 < NEW_OF_TEN {
            self.known += 1;
            self.known
        } else {
            1 + turn % self.known.max(1)
        };
        format!("ada.{number}.{}@notes.example", self.seed)
    }
}
