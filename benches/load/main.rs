//! The load generator of `scripts/bench`, which starts the server and the database that this
//! program only talks to. Every command prints what `scripts/bench` needs next.
#![expect(clippy::print_stdout, reason = "its answers go to the script")]

use std::fs;
use std::io;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use clap::Subcommand;

mod figures;
mod fill;
mod http;
mod postgres_log;
mod process;
mod rows;
mod run;
mod searches;
mod statements;
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
    },
    /// Create Users that can be read
    Seed {
        #[arg(long)]
        world: PathBuf,
        #[arg(long)]
        users: u32,
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
    Searches {
        #[command(flatten)]
        place: figures::Place,
        #[command(flatten)]
        load: run::Load,
        #[arg(long)]
        world: PathBuf,
        #[arg(long)]
        pid: u32,
    },
    /// Send one request of a row
    Once {
        row: Row,
        #[arg(long)]
        world: PathBuf,
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
    /// Check that a pgbench script is what the product sent, and give its variables as arguments
    Variables {
        #[arg(long)]
        script: PathBuf,
        /// The part of PostgreSQL's log that the one request wrote
        #[arg(long)]
        log: PathBuf,
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
        } => {
            let start_ms = server.wait(started)?;
            // What the start needed and gave back is not what an idle server occupies.
            std::thread::sleep(Duration::from_secs(1));
            let rss_idle_mb = process::memory_mb(pid, "VmRSS")?;
            figures::print(&figures::start(&place, start_ms, rss_idle_mb))
        }
        Command::Prepare { server, world } => World::make(&server)?.save(&world),
        Command::Seed { world, users } => {
            let mut known = World::load(&world)?;
            known.seed(users)?;
            known.save(&world)
        }
        Command::Fill {
            server,
            database_url,
        } => fill::fill(&server, &database_url),
        Command::Searches {
            place,
            load,
            world,
            pid,
        } => {
            let world = World::load(&world)?;
            (0..searches::count()).try_for_each(|number| {
                let row = Row::Search(number);
                let measured = run::run(row, &load, &world, pid)?;
                figures::print(&figures::row(row, &place, &measured))
            })
        }
        Command::Once { row, world } => rows::once(row, &World::load(&world)?),
        Command::Run {
            row,
            place,
            load,
            world,
            pid,
        } => {
            let measured = run::run(row, &load, &World::load(&world)?, pid)?;
            figures::print(&figures::row(row, &place, &measured))
        }
        Command::Variables { script, log } => variables(&script, &log),
        Command::Report { lines, json } => report(&lines, json),
    }
}

fn read(file: &PathBuf) -> Outcome<String> {
    fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))
}

/// The first line is the number of statements; what follows is separated by NUL characters.
fn variables(script: &PathBuf, log: &PathBuf) -> Outcome<()> {
    let sent = postgres_log::statements(&read(log)?)?;
    let script_text = read(script)?;
    let variables = statements::variables(&script_text, &sent)
        .map_err(|reason| format!("{}: {reason}", script.display()))?;
    let mut out = io::stdout().lock();
    let mut write = |text: String| {
        out.write_all(text.as_bytes())
            .map_err(|error| error.to_string())
    };
    write(format!("{}\0", sent.len()))?;
    for (name, value) in variables {
        write(format!("--define={name}={value}\0"))?;
    }
    Ok(())
}

fn report(lines: &PathBuf, json: bool) -> Outcome<()> {
    let summary = figures::sum_up(&read(lines)?)?;
    let table = figures::table(&summary);
    if json {
        eprint!("{table}");
        summary.iter().try_for_each(figures::print)
    } else {
        print!("{table}");
        Ok(())
    }
}
