//! `vestibule admin`: into the operator's console, from the server's own machine.

use chrono::SecondsFormat;
use clap::Subcommand;
use serde_json::json;

use crate::cli::Outcome;
use crate::cli::open_project::OpenProject;
use crate::config::Config;
use crate::domain::secret::SecretHash;
use crate::domain::secret::fresh_token;
use crate::use_cases::console_link_url;
use crate::use_cases::operators;

#[derive(Subcommand)]
pub(crate) enum AdminCommand {
    /// Print a link into the console that works once, within 15 minutes; it ends those before it
    Recover {
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
    /// End every session of the console, and every link into it
    SignOut {
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
}

pub(crate) fn run(config: &Config, command: AdminCommand) -> Outcome {
    let project = OpenProject::open(config)?;
    match command {
        AdminCommand::Recover { json } => recover(config, &project, json),
        AdminCommand::SignOut { json } => sign_out(&project, json),
    }
}

fn recover(config: &Config, project: &OpenProject, as_json: bool) -> Outcome {
    let token = fresh_token().map_err(|error| error.to_string())?;
    let hash = SecretHash::of(&token);
    let until = project.write(move |tx, id| Ok(operators::make_link(tx, id, &hash)?))?;
    let until = until.to_rfc3339_opts(SecondsFormat::Secs, true);
    let url = console_link_url(&config.origin(), &token);
    if as_json {
        println!("{}", json!({ "url": url, "expires_at": until }));
    } else {
        println!("{url}");
        println!("It opens the console once, until {until}.");
    }
    Ok(())
}

fn sign_out(project: &OpenProject, as_json: bool) -> Outcome {
    let ended = project.write(|tx, id| Ok(operators::end_all(tx, id)?))?;
    if as_json {
        println!("{}", json!({ "ended": ended }));
    } else {
        println!("{ended} sessions and links were ended.");
    }
    Ok(())
}
