//! The load generator of `scripts/bench`, which starts the server and the database that this
//! program only talks to. Every command prints what `scripts/bench` needs next.
#![expect(clippy::print_stdout, reason = "its answers go to the script")]

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use clap::Subcommand;

mod figures;
mod fill;
mod flood;
mod growth;
mod hostile;
mod http;
mod letters;
mod limit;
mod password_logins;
mod portal;
mod postgres_log;
mod process;
mod rows;
mod run;
mod saml;
mod searches;
mod sessions;
mod sign_ins;
mod sync;
mod traffic;
mod world;

use crate::rows::Row;
use crate::world::World;

/// What goes wrong is told in one sentence.
type Outcome<T> = Result<T, String>;

/// The load generator of scripts/bench
#[derive(Parser)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Send every request that was made to hurt, and tell what refusing it costs
    Hostile {
        #[command(flatten)]
        place: figures::Place,
        #[arg(long)]
        world: PathBuf,
        #[arg(long)]
        pid: u32,
    },
    /// Wait for a server that was just started, and tell how long it took and what it occupies
    Start {
        #[command(flatten)]
        server: world::Server,
        #[command(flatten)]
        place: figures::Place,
        #[arg(long)]
        pid: u32,
        /// Seconds since 1970, with fractions
        #[arg(long)]
        started: f64,
    },
    /// Make an organization with a SCIM connection, and keep what is needed to use it
    Prepare {
        #[command(flatten)]
        server: world::Server,
        #[arg(long)]
        world: PathBuf,
        #[arg(long, default_value = "engines")]
        slug: String,
    },
    /// Create Users that can be read
    Seed {
        #[arg(long)]
        world: PathBuf,
        #[arg(long)]
        users: usize,
        /// Make groups of so many of them
        #[arg(long)]
        group: Vec<usize>,
    },
    /// Fill the database with many organizations, members and sessions
    Fill {
        #[command(flatten)]
        server: world::Server,
        /// Of a role that no row-level security holds
        #[arg(long)]
        database_url: String,
    },
    /// Send every search as fast as it is answered, one after the other
    Searches(run::Reading),
    /// Make one organization large, and open its portal
    OpenPortal(portal::Opening),
    /// Read each page of that portal as fast as it is answered, one after the other
    Portal(run::Reading),
    /// Push a whole directory
    Sync(sync::Pushing),
    /// Create the User and the Group after which a directory grows
    Template(growth::Template),
    /// Let that directory grow, while no server runs
    Grow(growth::Growing),
    /// Send what a directory of that size is asked
    Grown(growth::Grown),
    /// Send for one organization alone, and while another one floods
    Flood(flood::Flood),
    /// Send far more than the server can do, and what is usual before and after
    Overload(flood::Overload),
    /// Ask about sessions alone, and while people log in by passwords
    Storm(password_logins::Storm),
    /// Try wrong passwords of members and of strangers
    Enumeration(password_logins::Enumeration),
    /// Sign people in, through identity providers inside this program
    SignIns(sign_ins::Measurement),
    /// Send each search once
    Explain {
        #[arg(long)]
        world: PathBuf,
        /// What the server logs
        #[arg(long)]
        log: PathBuf,
    },
    /// Send requests of a row as fast as they are answered
    Run {
        row: Row,
        #[command(flatten)]
        place: figures::Place,
        #[command(flatten)]
        load: run::Load,
        #[arg(long)]
        world: PathBuf,
        #[arg(long)]
        pid: u32,
    },
    /// Send requests of a row and write, as scripts for pgbench, what PostgreSQL was asked
    Capture {
        row: Row,
        #[arg(long)]
        world: PathBuf,
        /// PostgreSQL's, with every statement
        #[arg(long)]
        log: PathBuf,
        #[arg(long)]
        folder: PathBuf,
    },
    /// Send so many requests of a row, one after the other
    Send {
        row: Row,
        #[arg(long)]
        world: PathBuf,
        #[arg(long)]
        requests: usize,
    },
    /// Verify SAML responses on one core, without a server
    SamlVerify {
        /// For each rate
        #[arg(long)]
        seconds: u64,
    },
    /// Sum up the lines that the runs printed
    Report {
        lines: PathBuf,
        /// One JSON object a line, and the table beside it
        #[arg(long)]
        json: bool,
    },
}

fn main() -> ExitCode {
    match execute(CommandLine::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("bench: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn execute(command: Command) -> Outcome<()> {
    match command {
        Command::Start {
            server,
            place,
            pid,
            started,
        } => start((&server, started), &place, pid),
        Command::Prepare {
            server,
            world,
            slug,
        } => World::make(&server, &slug)?.save(&world),
        Command::Seed {
            world,
            users,
            group,
        } => seed(&world, users, &group),
        Command::Hostile { place, world, pid } => hostile::print(&place, &world, pid),
        Command::Fill {
            server,
            database_url,
        } => fill::fill(&server, &database_url),
        Command::Searches(asked) => asked.measure((0..searches::count()).map(Row::Search)),
        Command::OpenPortal(asked) => asked.open(),
        Command::Portal(asked) => asked.measure(portal::rows()),
        Command::Sync(asked) => asked.measure(),
        Command::Template(asked) => asked.make(),
        Command::Grow(asked) => asked.grow(),
        Command::Grown(asked) => asked.measure(),
        Command::Flood(asked) => asked.measure(),
        Command::Overload(asked) => asked.measure(),
        Command::SignIns(asked) => asked.measure(),
        Command::Storm(asked) => asked.measure(),
        Command::Enumeration(asked) => asked.measure(),
        Command::Explain { world, log } => explain(&world, &log),
        Command::Run {
            row,
            place,
            load,
            world,
            pid,
        } => run::measure([row], &place, &load, (&World::load(&world)?, pid)),
        Command::Capture {
            row,
            world,
            log,
            folder,
        } => limit::capture(row, &World::load(&world)?, (&log, &folder)),
        Command::Send {
            row,
            world,
            requests,
        } => limit::send(row, &World::load(&world)?, requests),
        Command::SamlVerify { seconds } => saml::measure(seconds),
        Command::Report { lines, json } => report(&lines, json),
    }
}

fn start(
    (server, started): (&world::Server, f64),
    place: &figures::Place,
    pid: u32,
) -> Outcome<()> {
    let start_ms = server.wait(started)?;
    // What the start needed and gave back is not what an idle server occupies.
    std::thread::sleep(Duration::from_secs(1));
    let rss_idle_mb = process::memory_mb(pid, "VmRSS")?;
    figures::print(&figures::start(place, start_ms, rss_idle_mb))
}

fn seed(world: &Path, users: usize, groups: &[usize]) -> Outcome<()> {
    let mut known = World::load(world)?;
    known.seed(users)?;
    for size in groups {
        known.group(&format!("Group of {size}"), *size)?;
    }
    known.save(world)
}

fn explain(world: &Path, log: &Path) -> Outcome<()> {
    print!("{}", searches::explain(&World::load(world)?, log)?);
    Ok(())
}

fn report(lines: &PathBuf, json: bool) -> Outcome<()> {
    let told = |error| format!("{}: {error}", lines.display());
    let summary = figures::sum_up(&fs::read_to_string(lines).map_err(told)?)?;
    let table = figures::table(&summary);
    if json {
        eprint!("{table}");
        summary.iter().try_for_each(figures::print)
    } else {
        print!("{table}");
        Ok(())
    }
}
