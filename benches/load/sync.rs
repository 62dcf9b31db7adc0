//! A directory pushes everything it has: each user is looked up, then created or sent again; each
//! group likewise, with its members in one PATCH.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Instant;

use clap::Args;
use serde_json::Value;
use serde_json::json;

use crate::Outcome;
use crate::figures;
use crate::figures::Place;
use crate::http::Answer;
use crate::http::Client;
use crate::http::request;
use crate::process;
use crate::rows;
use crate::world;
use crate::world::World;

/// A push that is measured.
#[derive(Args)]
pub(crate) struct Pushing {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    directory: Directory,
    #[arg(long)]
    name: String,
    #[arg(long)]
    world: PathBuf,
    #[arg(long)]
    pid: u32,
}

/// How large the directory is, and how many connections it pushes through.
#[derive(Args)]
struct Directory {
    #[arg(long)]
    users: usize,
    #[arg(long)]
    groups: usize,
    #[arg(long)]
    clients: usize,
}

impl Pushing {
    pub(crate) fn measure(&self) -> Outcome<()> {
        let world = World::load(&self.world)?;
        process::forget_peak(self.pid)?;
        let pushed = push(&world, &self.directory)?;
        let peak = process::memory_mb(self.pid, "VmHWM")?;
        figures::print(&figures::sync(&self.name, &self.place, (&pushed, peak)))
    }
}

/// What a push took.
pub(crate) struct Pushed {
    pub(crate) clients: usize,
    pub(crate) requests: usize,
    pub(crate) seconds: f64,
    pub(crate) p99_ms: f64,
}

/// One connection of the directory, and how long its requests took.
struct Pusher<'w> {
    world: &'w World,
    client: Client,
    latencies: Vec<f64>,
}

/// Pushes the whole directory.
fn push(world: &World, directory: &Directory) -> Outcome<Pushed> {
    let begun = Instant::now();
    let ids: Vec<Mutex<String>> = (0..directory.users).map(|_| Mutex::default()).collect();
    let mut latencies = all(
        world,
        directory.clients,
        directory.users,
        |pusher, number| {
            let id = pusher.user(number)?;
            if let Some(place) = ids.get(number) {
                *place.lock().unwrap_or_else(PoisonError::into_inner) = id;
            }
            Ok(())
        },
    )?;
    let ids: Vec<String> = ids
        .into_iter()
        .map(|id| id.into_inner().unwrap_or_else(PoisonError::into_inner))
        .collect();
    let groups = all(
        world,
        directory.clients,
        directory.groups,
        |pusher, number| {
            let members = ids.iter().cycle().skip(number * 20).take(100);
            pusher.group(number, members.map(|id| json!({ "value": id })).collect())
        },
    )?;
    latencies.extend(groups);
    latencies.sort_by(f64::total_cmp);
    let p99 = latencies.get(latencies.len() * 99 / 100).copied();
    Ok(Pushed {
        clients: directory.clients,
        requests: latencies.len(),
        seconds: begun.elapsed().as_secs_f64(),
        p99_ms: p99.unwrap_or_default(),
    })
}

/// Does something for each number, through so many connections at once.
fn all(
    world: &World,
    clients: usize,
    count: usize,
    one: impl Fn(&mut Pusher<'_>, usize) -> Outcome<()> + Sync,
) -> Outcome<Vec<f64>> {
    let next = AtomicUsize::new(0);
    let (next, one) = (&next, &one);
    thread::scope(|scope| {
        let work = || {
            let mut pusher = Pusher {
                world,
                client: Client::connect(&world.at)?,
                latencies: Vec::new(),
            };
            loop {
                let number = next.fetch_add(1, Ordering::SeqCst);
                if number >= count {
                    return Ok(pusher.latencies);
                }
                one(&mut pusher, number)?;
            }
        };
        let threads: Vec<_> = (0..clients).map(|_| scope.spawn(work)).collect();
        let mut latencies = Vec::new();
        for thread in threads {
            let panicked = |_| Err("a client panicked".to_owned());
            latencies.extend(thread.join().unwrap_or_else(panicked)?);
        }
        Ok(latencies)
    })
}

impl Pusher<'_> {
    fn send(&mut self, method: &str, path: &str, body: &str) -> Outcome<Answer> {
        let line = format!("{method} {}{path}", self.world.path);
        let request = request(&line, &self.world.authorization, body);
        let begun = Instant::now();
        let answer = self.client.send(&request)?;
        self.latencies.push(begun.elapsed().as_secs_f64() * 1000.0);
        match answer.status {
            200 | 201 | 204 => Ok(answer),
            _ => Err(world::refused(&line, &answer)),
        }
    }

    /// The id of what the filter finds, if it finds anything.
    fn find(&mut self, path: &str) -> Outcome<Option<String>> {
        let answer = self.send("GET", path, "")?;
        let found: Value =
            serde_json::from_slice(&answer.body).map_err(|error| error.to_string())?;
        Ok(world::text(&found, "/Resources/0/id").ok())
    }

    fn user(&mut self, number: usize) -> Outcome<String> {
        let name = format!("sync{number:012}");
        let body = rows::user(&name);
        let path = format!("/Users?filter=userName+eq+%22ada.{name}@engines.example%22");
        if let Some(id) = self.find(&path)? {
            self.send("PUT", &format!("/Users/{id}"), &body)?;
            return Ok(id);
        }
        let answer = self.send("POST", "/Users", &body)?;
        world::text(&world::made("a User", &answer)?, "/id")
    }

    fn group(&mut self, number: usize, members: Vec<Value>) -> Outcome<()> {
        let name = format!("Sync {number}");
        let path = "/Groups?excludedAttributes=members&filter=displayName+eq+%22";
        let found = self.find(&format!("{path}Sync%20{number}%22"))?;
        let id = if let Some(id) = found {
            id
        } else {
            let group = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
                "displayName": name });
            let answer = self.send("POST", "/Groups", &group.to_string())?;
            world::text(&world::made("a Group", &answer)?, "/id")?
        };
        let operation = json!({ "op": "add", "path": "members", "value": members });
        let path = format!("/Groups/{id}?excludedAttributes=members");
        self.send("PATCH", &path, &rows::patch(&operation))?;
        Ok(())
    }
}
