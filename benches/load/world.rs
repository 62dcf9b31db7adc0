//! What the requests need: a running server, an organization with a SCIM connection, and Users.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use std::time::Instant;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use crate::Outcome;
use crate::http::Answer;
use crate::http::Client;
use crate::http::request;
use crate::rows;
use crate::sign_ins::SignIns;

/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server, and the credentials of its project.
#[derive(Args)]
pub(crate) struct Server {
    /// Where it listens, as host:port
    #[arg(long)]
    at: String,
    #[arg(long, env = "VESTIBULE_PROJECT_ID")]
    project_id: String,
    #[arg(long, env = "VESTIBULE_SECRET", hide_env_values = true)]
    secret: String,
}

impl Server {
    fn authorization(&self) -> String {
        let pair = format!("{}:{}", self.project_id, self.secret);
        format!("Basic {}", STANDARD.encode(pair))
    }

    fn request(&self, line: &str, body: &str) -> Vec<u8> {
        request(line, &self.authorization(), body)
    }

    /// Waits for the first good answer: milliseconds since the start.
    pub(crate) fn wait(&self, started: f64) -> Outcome<f64> {
        let whoami = self.request("GET /v1/debug/whoami", "");
        let until = Instant::now() + PATIENCE;
        loop {
            let answer = Client::connect(&self.at).and_then(|mut client| client.send(&whoami));
            match answer {
                Ok(answer) if answer.status == 200 => return Ok((now()? - started) * 1000.0),
                Ok(answer) => return Err(refused("whoami", &answer)),
                Err(reason) if Instant::now() > until => return Err(reason),
                Err(_) => thread::sleep(Duration::from_micros(500)),
            }
        }
    }

    pub(crate) fn ask(&self, line: &str, body: &Value) -> Outcome<Value> {
        let request = self.request(line, &body.to_string());
        let answer = Client::connect(&self.at)?.send(&request)?;
        if answer.status != 200 {
            return Err(refused(line, &answer));
        }
        serde_json::from_slice(&answer.body).map_err(|error| format!("{line}: {error}"))
    }
}

/// Seconds since 1970.
pub(crate) fn now() -> Outcome<f64> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    Ok(since.map_err(|error| error.to_string())?.as_secs_f64())
}

pub(crate) fn refused(what: &str, answer: &Answer) -> String {
    let body = String::from_utf8_lossy(&answer.body);
    format!("{what} was answered with {}: {body}", answer.status)
}

/// A SCIM connection as its client knows it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct World {
    pub(crate) at: String,
    /// The path of the connection's base URL.
    pub(crate) path: String,
    pub(crate) authorization: String,
    /// Of the project's backend.
    pub(crate) project_authorization: String,
    /// Users that can be read: their ids and their names.
    pub(crate) users: Vec<(String, String)>,
    /// Groups with many members and with few.
    pub(crate) groups: Vec<String>,
    /// The cookie of a session of the admin portal.
    #[serde(default)]
    pub(crate) portal: Option<String>,
    /// Connections through which people sign in.
    #[serde(skip)]
    pub(crate) sign_ins: Option<Arc<SignIns>>,
}

impl World {
    /// Asks the management API for an organization and its SCIM connection.
    pub(crate) fn make(server: &Server, slug: &str) -> Outcome<Self> {
        let named = json!({ "organization_name": "Analytical Engines", "organization_slug": slug });
        let made = server.ask("POST /v1/b2b/organizations", &named)?;
        let organization = text(&made, "/organization/organization_id")?;
        let line = format!("POST /v1/b2b/scim/{organization}/connection");
        let made = server.ask(&line, &json!({ "display_name": "Bench" }))?;
        let connection = text(&made, "/connection/connection_id")?;
        let token = text(&made, "/connection/bearer_token")?;
        Ok(Self {
            at: server.at.clone(),
            path: format!("/v1/b2b/scim/{connection}"),
            authorization: format!("Bearer {token}"),
            project_authorization: server.authorization(),
            users: Vec::new(),
            groups: Vec::new(),
            portal: None,
            sign_ins: None,
        })
    }

    /// Creates Users through a few connections and remembers them.
    pub(crate) fn seed(&mut self, users: usize) -> Outcome<()> {
        const CLIENTS: u32 = 8;
        let world = &*self;
        let share = users.div_ceil(8);
        let some = |number: u32| {
            let mut client = Client::connect(&world.at)?;
            let mut create = rows::creating(world, number)?;
            let seeded = (0..share).map(|_| {
                let user = made("a User", &client.send(&create(None))?)?;
                Ok((text(&user, "/id")?, text(&user, "/userName")?))
            });
            seeded.collect::<Outcome<Vec<_>>>()
        };
        let some = &some;
        let seeded: Outcome<Vec<_>> = thread::scope(|scope| {
            let threads: Vec<_> = (0..CLIENTS)
                .map(|number| scope.spawn(move || some(number)))
                .collect();
            let panicked = |_| Err("a client panicked".to_owned());
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap_or_else(panicked))
                .collect()
        });
        self.users.extend(seeded?.into_iter().flatten());
        Ok(())
    }

    /// Makes a group with the first of the Users that were seeded.
    pub(crate) fn group(&mut self, name: &str, size: usize) -> Outcome<()> {
        let members = self.users.iter().take(size);
        let members: Vec<Value> = members.map(|user| json!({ "value": user.0 })).collect();
        let mut client = Client::connect(&self.at)?;
        let group = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": name });
        let line = format!("POST {}/Groups", self.path);
        let answer = client.send(&request(&line, &self.authorization, &group.to_string()))?;
        let id = text(&made("a Group", &answer)?, "/id")?;
        let line = format!("PATCH {}/Groups/{id}?excludedAttributes=members", self.path);
        for some in members.chunks(1000) {
            let patch = rows::patch(&json!({ "op": "add", "path": "members", "value": some }));
            let answer = client.send(&request(&line, &self.authorization, &patch))?;
            if answer.status != 200 && answer.status != 204 {
                return Err(refused("adding members", &answer));
            }
        }
        self.groups.push(id);
        Ok(())
    }

    /// Reads what was kept.
    pub(crate) fn load(file: &Path) -> Outcome<Self> {
        let kept = fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
        serde_json::from_slice(&kept).map_err(|error| format!("{}: {error}", file.display()))
    }

    /// Keeps it for the next command.
    pub(crate) fn save(&self, file: &Path) -> Outcome<()> {
        let kept = serde_json::to_vec(self).map_err(|error| error.to_string())?;
        fs::write(file, kept).map_err(|error| format!("{}: {error}", file.display()))
    }
}

/// The resource that was made.
pub(crate) fn made(what: &str, answer: &Answer) -> Outcome<Value> {
    if answer.status != 201 {
        return Err(refused(what, answer));
    }
    serde_json::from_slice(&answer.body).map_err(|error| error.to_string())
}

pub(crate) fn text(value: &Value, pointer: &str) -> Outcome<String> {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found
        .map(str::to_owned)
        .ok_or_else(|| format!("the answer has no {pointer}: {value}"))
}
