//! The command line: what can be run, and what people are told.
#![expect(
    clippy::print_stdout,
    reason = "here the product speaks to people at a terminal"
)]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use clap::Subcommand;

use crate::config::Config;

mod config;
mod demo;
mod health;
mod migrate;
mod serve;

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
    },
    /// Bring the database's schema up to date, or show what is missing
    #[command(subcommand)]
    Migrate(Migrate),
    /// Look at the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Ask a running server whether it is ready (for containers)
    Health,
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
    /// Check file and environment, and show what they amount to
    Check,
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
        Command::Demo { port } => demo::run(&config.log, port),
        Command::Migrate(Migrate::Up) => migrate::up(&config),
        Command::Migrate(Migrate::Status) => migrate::status(&config),
        Command::Config(ConfigCommand::Check) => {
            config::check(&config);
            Ok(())
        }
        Command::Health => health::run(&config),
    }
}
