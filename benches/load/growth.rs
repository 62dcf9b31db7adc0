//! A directory that grows: copies of one User, of whom everything was written by the product.

use std::path::PathBuf;

use clap::Args;
use serde_json::Value;

use crate::Outcome;
use crate::figures;
use crate::fill;
use crate::fill::key;
use crate::http::Client;
use crate::http::request;
use crate::rows;
use crate::rows::Row;
use crate::run;
use crate::run::Reading;
use crate::world;
use crate::world::World;

const COPIES: &str = include_str!("../sql/growth.sql");
/// Copies of one transaction.
const CHUNK: usize = 50_000;
/// Prime, so that steps of this size meet every copy once; growth.sql makes names with it, too.
const STRIDE: usize = 48_271;

/// Makes the User and the Group of which the others are copies.
#[derive(Args)]
pub(crate) struct Template {
    #[arg(long)]
    world: PathBuf,
}

impl Template {
    pub(crate) fn make(&self) -> Outcome<()> {
        let mut world = World::load(&self.world)?;
        let line = format!("POST {}/Users", world.path);
        let user = request(&line, &world.authorization, &rows::user("template"));
        let answer = Client::connect(&world.at)?.send(&user)?;
        let user = world::made("a User", &answer)?;
        let text = |pointer| world::text(&user, pointer);
        world.users.push((text("/id")?, text("/userName")?));
        world.group("Template", 1)?;
        world.save(&self.world)
    }
}

/// Copies the template until there are so many Users.
#[derive(Args)]
pub(crate) struct Growing {
    /// Of a role that no row-level security holds
    #[arg(long)]
    database_url: String,
    /// How many there are already
    #[arg(long)]
    from: usize,
    #[arg(long)]
    to: usize,
}

impl Growing {
    pub(crate) fn grow(&self) -> Outcome<()> {
        let mut first = self.from;
        while first < self.to {
            let end = self.to.min((first / CHUNK + 1) * CHUNK);
            let sql = COPIES
                .replace(":first", &first.to_string())
                .replace(":last", &(end - 1).to_string());
            fill::write(&self.database_url, &sql)?;
            first = end;
        }
        fill::settle(&self.database_url)
    }
}

/// What is asked about a directory of that size.
#[derive(Args)]
pub(crate) struct Grown {
    #[command(flatten)]
    reading: Reading,
    #[arg(long)]
    members: u32,
}

const ROWS: [Row; 5] = [
    Row::ScimGet,
    Row::ScimFilter,
    Row::ScimFirstPage,
    Row::ScimLastPage,
    // Last, since it writes.
    Row::ScimPatch,
];

impl Grown {
    pub(crate) fn measure(&self) -> Outcome<()> {
        let Reading {
            place, load, pid, ..
        } = &self.reading;
        let mut world = World::load(&self.reading.world)?;
        let members = usize::try_from(self.members).map_err(|error| error.to_string())?;
        // In an order that has nothing to do with that in which they were made.
        let numbers = (1..members).map(|number| 1 + number * STRIDE % (members - 1));
        world.users.extend(numbers.map(copy));
        check(&world)?;
        for row in ROWS {
            let measured = run::run(row, load, &world, *pid)?;
            let name = format!("growth_{}", row.name(load.clients));
            let mut figures = figures::named(&name, place, &measured);
            figures.insert("members".to_owned(), Value::from(self.members));
            figures::print(&figures)?;
        }
        Ok(())
    }
}

/// Whether the server knows all of them, by their number and by their names.
fn check(world: &World) -> Outcome<()> {
    let mut client = Client::connect(&world.at)?;
    let mut ask = |path: &str| -> Outcome<Value> {
        let answer = client.send(&rows::read(world, path))?;
        serde_json::from_slice(&answer.body).map_err(|error| error.to_string())
    };
    let page = ask("/Users?count=1")?;
    let counted = page.get("totalResults").and_then(Value::as_u64);
    if counted.and_then(|count| usize::try_from(count).ok()) != Some(world.users.len()) {
        return Err(format!(
            "{counted:?} Users are told of {}",
            world.users.len()
        ));
    }
    let (id, name) = world.users.last().ok_or("there are no Users")?;
    let user = ask(&format!("/Users?filter=userName+eq+%22{name}%22"))?;
    world::text(&user, "/Resources/0/groups/0/value")?;
    match world::text(&user, "/Resources/0/id")? {
        found if found == *id => Ok(()),
        other => Err(format!("{other} was found instead of {id}")),
    }
}

/// The id and the name of a copy.
fn copy(number: usize) -> (String, String) {
    let name = number * STRIDE % 2_147_483_647;
    (
        format!("scim-user-test-{}", key('9', number)),
        format!("ada.{name}@engines.example"),
    )
}
