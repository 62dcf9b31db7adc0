//! The rows of the benchmark: what one request of each is.

use clap::ValueEnum;
use serde_json::json;

use crate::Outcome;
use crate::fill;
use crate::http::Client;
use crate::http::request;
use crate::searches;
use crate::world;
use crate::world::World;

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Row {
    /// `POST /Users` with a User that is new
    #[value(name = "scim_create")]
    ScimCreate,
    /// `GET /Users/{id}`, any of the Users that were seeded
    #[value(name = "scim_get")]
    ScimGet,
    /// `POST /v1/b2b/sessions/authenticate`, any of the sessions that were filled
    #[value(name = "session_authenticate")]
    SessionAuthenticate,
    /// A search, by its number
    #[value(skip)]
    Search(usize),
}

impl Row {
    /// Its name in the report, where each search is measured with several numbers of clients.
    pub(crate) fn name(self, clients: u32) -> String {
        match self {
            Self::ScimCreate => "scim_create".to_owned(),
            Self::ScimGet => "scim_get".to_owned(),
            Self::SessionAuthenticate => "session_authenticate".to_owned(),
            Self::Search(number) => format!("{} x{clients}", searches::name(number)),
        }
    }

    /// What every request of it is answered with.
    pub(crate) fn status(self) -> u16 {
        match self {
            Self::ScimCreate => 201,
            Self::ScimGet | Self::SessionAuthenticate | Self::Search(_) => 200,
        }
    }

    /// Makes its requests, one after the other, for one client.
    pub(crate) fn requests(self, world: &World, client: u32) -> Outcome<Requests<'_>> {
        match self {
            Self::ScimCreate => creating(world, client),
            Self::ScimGet => reading(world, client),
            Self::SessionAuthenticate => Ok(authenticating(world, client)),
            Self::Search(number) => {
                let (line, body) = searches::request(number);
                let request = request(line, &world.project_authorization, &body);
                Ok(Box::new(move || request.clone()))
            }
        }
    }
}

/// The next request, whenever it is called.
pub(crate) type Requests<'w> = Box<dyn FnMut() -> Vec<u8> + Send + 'w>;

/// Users whose names nobody else takes, in no order, as directories send them.
pub(crate) fn creating(world: &World, client: u32) -> Outcome<Requests<'_>> {
    let line = format!("POST {}/Users", world.path);
    let micros = format!("{:.0}", world::now()? * 1_000_000.0);
    let seed = format!("{micros}{client}").parse();
    let mut random = Random(seed.unwrap_or_default());
    Ok(Box::new(move || {
        let user = user(&format!("{:08x}{:08x}", random.next(), random.next()));
        request(&line, &world.authorization, &user)
    }))
}

/// A User with what identity providers commonly send, 1 KB.
fn user(name: &str) -> String {
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", enterprise],
        "userName": format!("ada.{name}@engines.example"),
        "externalId": format!("00u{name}"),
        "name": { "formatted": "Ms. Augusta Ada King", "familyName": "King", "givenName": "Augusta",
            "middleName": "Ada", "honorificPrefix": "Ms." },
        "displayName": "Ada King",
        "nickName": "Ada",
        "title": "Analyst",
        "userType": "Employee",
        "preferredLanguage": "en-GB",
        "locale": "en-GB",
        "timezone": "Europe/London",
        "active": true,
        "emails": [
            { "value": format!("ada.{name}@engines.example"), "type": "work", "primary": true },
            { "value": format!("ada.{name}@home.example"), "type": "home" },
        ],
        "phoneNumbers": [{ "value": "tel:+44-20-7946-0000", "type": "work" }],
        "addresses": [{ "type": "work", "streetAddress": "12 St James's Square",
            "locality": "London", "postalCode": "SW1Y 4LB", "country": "GB", "primary": true }],
        enterprise: { "employeeNumber": "18151210", "costCenter": "1833",
            "organization": "Analytical Engines", "division": "Notes", "department": "Numbers" },
    })
    .to_string()
}

fn reading(world: &World, client: u32) -> Outcome<Requests<'_>> {
    let requests: Vec<Vec<u8>> = world
        .users
        .iter()
        .map(|user| format!("GET {}/Users/{user}", world.path))
        .map(|line| request(&line, &world.authorization, ""))
        .collect();
    if requests.is_empty() {
        return Err("there are no Users to read; seed some".to_owned());
    }
    let mut random = Random(client.into());
    Ok(Box::new(move || {
        let place = random.below(requests.len());
        requests.get(place).cloned().unwrap_or_default()
    }))
}

fn authenticating(world: &World, client: u32) -> Requests<'_> {
    let line = "POST /v1/b2b/sessions/authenticate";
    let requests: Vec<Vec<u8>> = (0..fill::SESSIONS)
        .map(|number| json!({ "session_token": fill::session_token(number) }).to_string())
        .map(|body| request(line, &world.project_authorization, &body))
        .collect();
    let mut random = Random(client.into());
    Box::new(move || {
        let place = random.below(requests.len());
        requests.get(place).cloned().unwrap_or_default()
    })
}

/// Knuth's 64-bit linear congruential generator, of which the upper half is good enough here.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 32
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next()).unwrap_or_default() % limit
    }
}

/// Sends one request, for `scripts/bench` to see what the product makes of it.
pub(crate) fn once(row: Row, world: &World) -> Outcome<()> {
    let mut requests = row.requests(world, 0)?;
    let answer = Client::connect(&world.at)?.send(&requests())?;
    if answer.status == row.status() {
        Ok(())
    } else {
        Err(world::refused(&row.name(1), &answer))
    }
}
