//! The command line: what can be run, and what people are told.
#![expect(
    clippy::print_stdout,
    reason = "here the product speaks to people at a terminal"
)]

use std::io;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use clap::Parser;
use clap::Subcommand;

use crate::cli::admin::AdminCommand;
use crate::cli::domains::DomainCommand;
use crate::cli::explain::ExplainCommand;
use crate::cli::impersonate::ImpersonateCommand;
use crate::cli::portal_links::PortalLinkCommand;
use crate::cli::signing_keys::SigningKeyCommand;
use crate::config::Config;
use crate::http::openapi;
use crate::storage::credentials::ProjectKeyKind;

mod admin;
mod config;
mod demo;
mod domains;
mod explain;
mod health;
mod impersonate;
mod keys;
mod migrate;
mod open_project;
mod portal_links;
mod project_file;
mod scim;
mod serve;
mod signing_keys;

/// Self-hosted SCIM and SSO provisioning gateway that speaks Stytch's B2B API.
#[derive(Parser)]
#[command(name = "vestibule", version, propagate_version = true)]
struct CommandLine {
    /// The configuration file; VESTIBULE_CONFIG names it too
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the product until SIGTERM
    Serve,
    /// Try the product: a world of its own on this machine, gone when stopped
    Demo {
        /// The port on loopback; 0 takes any that is free
        #[arg(long, default_value_t = 8080)]
        port: u16,
        /// Also do the main job once, in a company of its own, and tell each step here
        #[arg(long)]
        tour: bool,
    },
    /// Bring the database's schema up to date, or show what is missing
    #[command(subcommand)]
    Migrate(Migrate),
    /// Check the server's configuration, and plan or apply the project file
    #[command(subcommand)]
    Config(ConfigCommand),
    /// The secrets of the management API: several are live at a time, so that one can be replaced
    #[command(subcommand)]
    Secret(KeyCommand),
    /// The public tokens of browser redirects
    #[command(subcommand)]
    PublicToken(KeyCommand),
    /// The keys that sign JWTs: one signs, the next is published before it does
    #[command(subcommand)]
    SigningKey(SigningKeyCommand),
    /// Open the operator's console, or close it for everybody
    #[command(subcommand)]
    Admin(AdminCommand),
    /// Let somebody act as a member, for support: a token that works once
    Impersonate(ImpersonateCommand),
    /// Say why something is as it is
    #[command(subcommand)]
    Explain(ExplainCommand),
    /// Links with which a customer's IT admin sets up their organization
    #[command(subcommand)]
    PortalLink(PortalLinkCommand),
    /// The mail domains that organizations prove to be their own
    #[command(subcommand)]
    Domain(DomainCommand),
    /// What identity providers have sent by SCIM, and what would come of it now
    #[command(subcommand)]
    Scim(ScimCommand),
    /// Ask a running server whether it is ready (for containers)
    Health,
    /// Print the management API's description
    Openapi,
}

#[derive(Subcommand)]
enum Migrate {
    /// Apply what is missing
    Up,
    /// Show what is missing
    Status,
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Check file and environment, and show what they amount to; nothing is connected to
    Check {
        /// A project file to be checked too
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Show what applying a project file would change; nothing is written
    Plan(ProjectFile),
    /// Make the project what a project file declares; what it does not name goes
    Apply(ProjectFile),
}

#[derive(Args)]
struct ProjectFile {
    /// The project file
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Subcommand)]
enum KeyCommand {
    /// Make one and show it; it is never shown again
    Create {
        /// What to call it
        #[arg(long, default_value = "")]
        name: String,
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
    /// Show which there are: id, last four characters, origin, when they were made, name
    List {
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
    /// Take one away: it opens nothing any more
    Revoke {
        /// The id that `list` shows, or enough of its beginning
        id: String,
        /// Even if it is the last secret
        #[arg(long)]
        force: bool,
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Subcommand)]
enum ScimCommand {
    /// Show the latest requests of a connection, newest first
    Requests {
        /// The id of the SCIM connection
        #[arg(long, value_name = "ID")]
        connection: String,
        /// Only those that were refused or failed
        #[arg(long)]
        errors: bool,
        /// At most so many
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=1000))]
        limit: i64,
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one request: what was sent, what was answered, what it changed
    Request {
        /// The id that `requests` shows
        id: String,
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
    /// Run a request again against the present state, show what would come of it, and undo it
    Replay {
        /// The id that `requests` shows
        id: String,
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
}

/// What goes wrong is told in one sentence.
type Outcome = Result<(), String>;

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    match execute(CommandLine::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("vestibule: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn execute(line: CommandLine) -> Outcome {
    let config = || Config::from_environment(line.config.as_deref());
    let config = config().map_err(|error| format!("the configuration cannot be used:\n{error}"))?;
    match line.command {
        Command::Serve => serve::run(config),
        Command::Demo { port, tour } => demo::run(&config.log, port, tour),
        Command::Migrate(Migrate::Up) => migrate::up(&config),
        Command::Migrate(Migrate::Status) => migrate::status(&config),
        Command::Config(ConfigCommand::Check { file }) => config::check(&config, file.as_deref()),
        Command::Config(ConfigCommand::Plan(it)) => project_file::plan(&config, &it.file, it.json),
        Command::Config(ConfigCommand::Apply(it)) => {
            project_file::apply(&config, &it.file, it.json)
        }
        Command::Secret(command) => keys::run(&config, ProjectKeyKind::Secret, command),
        Command::PublicToken(command) => keys::run(&config, ProjectKeyKind::PublicToken, command),
        Command::SigningKey(command) => signing_keys::run(&config, command),
        Command::Admin(command) => admin::run(&config, command),
        Command::Impersonate(command) => impersonate::run(&config, command),
        Command::Explain(command) => explain::run(&config, command),
        Command::Domain(command) => domains::run(&config, command),
        Command::PortalLink(command) => portal_links::run(&config, command),
        Command::Scim(command) => scim::run(&config, command),
        Command::Health => health::run(&config),
        Command::Openapi => {
            let written = writeln!(io::stdout(), "{:#}", openapi::document());
            written.map_err(|error| format!("the description cannot be written: {error}"))
        }
    }
}
