//! The rows of the benchmark: what one request of each is.

use clap::ValueEnum;
use serde_json::Value;
use serde_json::json;

use crate::Outcome;
use crate::http::Answer;
use crate::http::request;
use crate::portal;
use crate::searches;
use crate::sessions;
use crate::sign_ins;
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
    /// `GET /Users?filter=userName eq "…"`, any of them
    #[value(name = "scim_filter")]
    ScimFilter,
    /// `GET /Users?count=100`, a page anywhere
    #[value(name = "scim_list")]
    ScimList,
    /// The first page of a hundred Users
    #[value(name = "scim_first_page")]
    ScimFirstPage,
    /// The last one
    #[value(name = "scim_last_page")]
    ScimLastPage,
    /// `PATCH /Users/{id}` with `active`, in turns false and true
    #[value(name = "scim_patch")]
    ScimPatch,
    /// `PATCH /Groups/{id}`, in turns adding and removing a member, in a group of many
    #[value(name = "scim_member_add")]
    ScimMemberAdd,
    /// The same in a group of few
    #[value(name = "scim_member_add_small")]
    ScimMemberAddSmall,
    /// `POST /v1/b2b/sessions/authenticate`, any of a few sessions, as people use pages
    #[value(name = "session_authenticate")]
    SessionAuthenticate,
    /// The same, one after the other of so many that the server remembers none
    #[value(name = "session_authenticate_anew")]
    SessionAuthenticateAnew,
    /// The same by a JWT of the session
    #[value(name = "session_authenticate_jwt")]
    SessionAuthenticateJwt,
    /// A whole sign-in by SAML, in three requests: `sso/start`, the ACS, `sso/authenticate`
    #[value(name = "saml_sign_in")]
    SamlSignIn,
    /// The same by OIDC
    #[value(name = "oidc_sign_in")]
    OidcSignIn,
    /// A search, by its number
    #[value(skip)]
    Search(usize),
    /// A page of the admin portal, by its number
    #[value(skip)]
    Portal(usize),
}

impl Row {
    /// Its name in the report, where each search is measured with several numbers of clients.
    pub(crate) fn name(self, clients: u32) -> String {
        match self {
            Self::Search(number) => format!("{} x{clients}", searches::name(number)),
            Self::Portal(number) => format!("{} x{clients}", portal::name(number)),
            row => {
                let value = row.to_possible_value();
                value.map_or_else(String::new, |value| value.get_name().to_owned())
            }
        }
    }

    /// What its requests are answered with, one after the other.
    pub(crate) fn statuses(self) -> &'static [u16] {
        match self {
            Self::ScimCreate => &[201],
            Self::SamlSignIn | Self::OidcSignIn => &sign_ins::STATUSES,
            _ => &[200],
        }
    }

    /// How many scripts pgbench gets, of which it takes any.
    pub(crate) fn captures(self) -> usize {
        match self {
            Self::ScimCreate => 1,
            // One for each client, whose Users nobody else changes.
            Self::ScimPatch | Self::ScimMemberAdd | Self::ScimMemberAddSmall => 64,
            _ => 24,
        }
    }

    /// How many requests one script sends in turns.
    pub(crate) fn requests_a_script(self) -> usize {
        match self {
            Self::ScimPatch | Self::ScimMemberAdd | Self::ScimMemberAddSmall => 2,
            _ => 1,
        }
    }

    /// Makes its requests, one after the other, for one client of so many.
    pub(crate) fn requests(self, world: &World, client: u32) -> Outcome<Requests<'_>> {
        match self {
            Self::ScimCreate => creating(world, client),
            Self::ScimGet => of_users(world, client, |user| format!("/Users/{}", user.0)),
            Self::ScimFilter => of_users(world, client, |user| {
                format!("/Users?filter=userName+eq+%22{}%22", user.1)
            }),
            Self::ScimList => listing(world, client),
            Self::ScimFirstPage => Ok(page(world, 1)),
            Self::ScimLastPage => Ok(page(world, world.users.len().saturating_sub(99))),
            Self::ScimPatch => patching(world, client),
            Self::ScimMemberAdd => adding(world, client, 0),
            Self::ScimMemberAddSmall => adding(world, client, 1),
            Self::SessionAuthenticate => Ok(sessions::by_token(world, client)),
            Self::SessionAuthenticateAnew => Ok(sessions::anew(world, client)),
            Self::SessionAuthenticateJwt => Ok(sessions::by_jwt(world, client)),
            Self::SamlSignIn => sign_ins::saml(world, client),
            Self::OidcSignIn => sign_ins::oidc(world, client),
            Self::Search(number) => Ok(searches::walking(world, number)),
            Self::Portal(number) => portal::reading(world, number),
        }
    }
}

/// The next request, whenever it is called with the answer to the one before.
pub(crate) type Requests<'w> = Box<dyn FnMut(Option<&Answer>) -> Vec<u8> + Send + 'w>;

/// What a request holds that no other does, where its rows must be unique.
pub(crate) fn unique_part(request: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(request);
    let (_, after) = text.split_once("\"userName\":\"ada.")?;
    let (name, _) = after.split_once('@')?;
    Some(name.to_owned())
}

/// Users whose names nobody else takes, in no order, as directories send them.
pub(crate) fn creating(world: &World, client: u32) -> Outcome<Requests<'_>> {
    let line = format!("POST {}/Users", world.path);
    let micros = format!("{:.0}", world::now()? * 1_000_000.0);
    let seed = format!("{micros}{client}").parse();
    let mut random = Random(seed.unwrap_or_default());
    Ok(Box::new(move |_| {
        let user = user(&format!("{:08x}{:08x}", random.next(), random.next()));
        request(&line, &world.authorization, &user)
    }))
}

/// A User with what identity providers commonly send, 1 KB.
pub(crate) fn user(name: &str) -> String {
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

/// Reads about any of the Users.
fn of_users<'w>(
    world: &'w World,
    client: u32,
    path: impl Fn(&(String, String)) -> String + Send + 'w,
) -> Outcome<Requests<'w>> {
    some_users(world)?;
    let mut random = Random(client.into());
    Ok(Box::new(move |_| {
        let user = world.users.get(random.below(world.users.len()));
        let path = user.map(&path).unwrap_or_default();
        read(world, &path)
    }))
}

fn some_users(world: &World) -> Outcome<()> {
    if world.users.is_empty() {
        return Err("there are no Users; seed some".to_owned());
    }
    Ok(())
}

pub(crate) fn read(world: &World, path: &str) -> Vec<u8> {
    request(
        &format!("GET {}{path}", world.path),
        &world.authorization,
        "",
    )
}

fn listing(world: &World, client: u32) -> Outcome<Requests<'_>> {
    some_users(world)?;
    let pages = world.users.len() / 100;
    let mut random = Random(client.into());
    Ok(Box::new(move |_| {
        let first = 1 + 100 * random.below(pages.max(1));
        read(world, &page_from(first))
    }))
}

/// The same page over and over.
fn page(world: &World, first: usize) -> Requests<'_> {
    Box::new(move |_| read(world, &page_from(first)))
}

fn page_from(first: usize) -> String {
    format!("/Users?count=100&startIndex={first}")
}

/// A PATCH body with one operation.
pub(crate) fn patch(operation: &Value) -> String {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation] })
        .to_string()
}

/// Each client has Users of its own, or they would wait for each other.
fn own_users(world: &World, client: u32) -> impl Iterator<Item = &(String, String)> + Clone {
    let client = usize::try_from(client).unwrap_or_default();
    world.users.iter().rev().skip(client * 20).take(20).cycle()
}

fn patching(world: &World, client: u32) -> Outcome<Requests<'_>> {
    some_users(world)?;
    let mut turns = own_users(world, client).flat_map(|user| [(user, false), (user, true)]);
    Ok(Box::new(move |_| {
        let Some((user, active)) = turns.next() else {
            return Vec::new();
        };
        let line = format!("PATCH {}/Users/{}", world.path, user.0);
        let operation = json!({ "op": "replace", "value": { "active": active } });
        request(&line, &world.authorization, &patch(&operation))
    }))
}

/// Adds to the group of this number, in the order in which they were made, and takes away again.
fn adding(world: &World, client: u32, group: usize) -> Outcome<Requests<'_>> {
    some_users(world)?;
    let group = world.groups.get(group).ok_or("there is no such group")?;
    let line = format!(
        "PATCH {}/Groups/{group}?excludedAttributes=members",
        world.path
    );
    let mut turns = own_users(world, client).flat_map(|user| [(user, true), (user, false)]);
    Ok(Box::new(move |_| {
        let Some((user, add)) = turns.next() else {
            return Vec::new();
        };
        let operation = if add {
            json!({ "op": "add", "path": "members", "value": [{ "value": user.0 }] })
        } else {
            json!({ "op": "remove", "path": format!("members[value eq \"{}\"]", user.0) })
        };
        request(&line, &world.authorization, &patch(&operation))
    }))
}

/// Knuth's 64-bit linear congruential generator, of which the upper half is good enough here.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 32
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next()).unwrap_or_default() % limit
    }
}
