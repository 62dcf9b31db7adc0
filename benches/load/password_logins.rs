//! Logins by password: what they do to those who ask about sessions, and whether their time tells
//! who is a member.

use std::fmt::Write;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use aws_lc_rs::digest;
use clap::Args;
use serde_json::json;

use crate::Outcome;
use crate::figures;
use crate::figures::Place;
use crate::http::Client;
use crate::http::request;
use crate::rows::Row;
use crate::run;
use crate::run::Load;
use crate::run::Measured;
use crate::run::Reading;
use crate::world;
use crate::world::Server;
use crate::world::World;
use crate::world::text;

const PEOPLE: usize = 40;
const PASSWORD: &str = "correct horse battery staple of the benchmarks";
/// So few that nobody is locked for guessing.
const GUESSES: usize = 6;

/// How long an address has to wait for its next mail.
const BETWEEN_MAILS: Duration = Duration::from_millis(1100);

/// Calls that send a mail to whoever it is.
const MAILS: [(&str, &str); 3] = [
    (
        "magic_link",
        "POST /v1/b2b/magic_links/email/discovery/send",
    ),
    ("email_code", "POST /v1/b2b/otps/email/discovery/send"),
    (
        "password_reset",
        "POST /v1/b2b/passwords/discovery/email/reset/start",
    ),
];

/// People of one organization who have a password, hashed as the product hashes.
struct People<'w> {
    world: &'w World,
    organization: String,
}

/// Asks about sessions alone, and again while people log in as fast as they are let in.
#[derive(Args)]
pub(crate) struct Storm {
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    reading: Reading,
}

impl Storm {
    pub(crate) fn measure(&self) -> Outcome<()> {
        let Reading {
            place, load, pid, ..
        } = &self.reading;
        let world = World::load(&self.reading.world)?;
        let people = People::make(&self.server, &world)?;
        let alone = [
            ("sessions_alone", Row::SessionAuthenticate),
            ("sessions_anew_alone", Row::SessionAuthenticateAnew),
        ];
        for (name, row) in alone {
            let measured = run::run(row, load, &world, *pid)?;
            figures::print(&figures::named(name, place, &measured))?;
        }
        let beside = [
            ("sessions_beside_logins", Row::SessionAuthenticate),
            ("sessions_anew_beside_logins", Row::SessionAuthenticateAnew),
        ];
        for (name, row) in beside {
            let (measured, logins) = people.beside_logins(row, load, *pid)?;
            figures::print(&figures::named(name, place, &measured))?;
            let seconds = load.seconds + load.warm_up;
            figures::print(&figures::logins(place, f64::from(logins), seconds))?;
        }
        Ok(())
    }
}

/// Tries wrong passwords of members and of strangers in turns.
#[derive(Args)]
pub(crate) struct Enumeration {
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    place: Place,
    #[arg(long)]
    world: PathBuf,
}

impl Enumeration {
    pub(crate) fn measure(&self) -> Outcome<()> {
        let world = World::load(&self.world)?;
        let people = People::make(&self.server, &world)?;
        let mut client = Client::connect(&world.at)?;
        let (mut members, mut strangers) = (Vec::new(), Vec::new());
        for guess in 0..GUESSES {
            for number in 0..PEOPLE {
                members.push(people.guess(&mut client, &address(number))?);
                let stranger = format!("stranger{guess}.{number}@notes.example");
                strangers.push(people.guess(&mut client, &stranger)?);
            }
        }
        let mut rows = vec![
            ("wrong_password_of_member".to_owned(), members),
            ("wrong_password_of_stranger".to_owned(), strangers),
        ];
        for (name, line) in MAILS {
            thread::sleep(BETWEEN_MAILS);
            let [members, strangers] = people.mails(&mut client, line)?;
            rows.push((format!("{name}_to_member"), members));
            rows.push((format!("{name}_to_stranger"), strangers));
        }
        rows.into_iter().try_for_each(|(name, waited)| {
            figures::print(&figures::waited(&name, &self.place, waited))
        })
    }
}

fn address(number: usize) -> String {
    format!("ada.{number}@notes.example")
}

impl<'w> People<'w> {
    fn make(server: &Server, world: &'w World) -> Outcome<Self> {
        let named = json!({ "organization_name": "Logins", "organization_slug": "logins" });
        let made = server.ask("POST /v1/b2b/organizations", &named)?;
        let organization = text(&made, "/organization/organization_id")?;
        let people = Self {
            world,
            organization,
        };
        let hash =
            hex(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, PASSWORD.as_bytes()).as_ref());
        let mut client = Client::connect(&world.at)?;
        for number in 0..PEOPLE {
            let migration = json!({ "organization_id": people.organization,
                "email_address": address(number), "hash": hash, "hash_type": "sha_1" });
            server.ask("POST /v1/b2b/passwords/migrate", &migration)?;
            // The first right one is hashed anew.
            people.login(&mut client, number)?;
        }
        Ok(people)
    }

    fn send(
        &self,
        client: &mut Client,
        (address, password): (&str, &str),
        status: u16,
    ) -> Outcome<()> {
        let login = json!({ "organization_id": self.organization, "email_address": address,
            "password": password });
        let line = "POST /v1/b2b/passwords/authenticate";
        let answer = client.send(&request(
            line,
            &self.world.project_authorization,
            &login.to_string(),
        ))?;
        if answer.status == status || answer.status == 503 {
            Ok(())
        } else {
            Err(world::refused("a login", &answer))
        }
    }

    /// How long a mail takes to be promised to each member, and to as many strangers.
    fn mails(&self, client: &mut Client, line: &str) -> Outcome<[Vec<f64>; 2]> {
        let mut waited = [Vec::new(), Vec::new()];
        for number in 0..PEOPLE {
            let stranger = format!("stranger.{number}@notes.example");
            for (waited, address) in waited.iter_mut().zip([address(number), stranger]) {
                let body = json!({ "email_address": address }).to_string();
                let sent = Instant::now();
                let answer =
                    client.send(&request(line, &self.world.project_authorization, &body))?;
                waited.push(sent.elapsed().as_secs_f64() * 1000.0);
                if answer.status != 200 {
                    return Err(world::refused(line, &answer));
                }
            }
        }
        Ok(waited)
    }

    fn login(&self, client: &mut Client, number: usize) -> Outcome<()> {
        self.send(client, (&address(number), PASSWORD), 200)
    }

    /// How long a wrong password takes, in milliseconds.
    fn guess(&self, client: &mut Client, address: &str) -> Outcome<f64> {
        let sent = Instant::now();
        self.send(client, (address, "a wrong password"), 401)?;
        Ok(sent.elapsed().as_secs_f64() * 1000.0)
    }

    fn beside_logins(&self, row: Row, load: &Load, pid: u32) -> Outcome<(Measured, u32)> {
        let (is_over, logins) = (AtomicBool::new(false), AtomicU32::new(0));
        let storm = |number: usize| -> Outcome<()> {
            let mut client = Client::connect(&self.world.at)?;
            while !is_over.load(Ordering::Relaxed) {
                self.login(&mut client, number)?;
                logins.fetch_add(1, Ordering::Relaxed);
            }
            Ok(())
        };
        let storm = &storm;
        let measured = thread::scope(|scope| {
            let threads: Vec<_> = (0..PEOPLE)
                .map(|number| scope.spawn(move || storm(number)))
                .collect();
            let measured = run::run(row, load, self.world, pid);
            is_over.store(true, Ordering::Relaxed);
            for thread in threads {
                thread
                    .join()
                    .unwrap_or_else(|_| Err("a login panicked".to_owned()))?;
            }
            measured
        })?;
        Ok((measured, logins.into_inner()))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
