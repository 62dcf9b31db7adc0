//! `vestibule signing-key`: let another key take over the signing of JWTs, without a gap.

use chrono::DateTime;
use chrono::SecondsFormat;
use chrono::TimeDelta;
use chrono::Utc;
use clap::Subcommand;
use serde_json::Value;
use serde_json::json;

use crate::cli::Outcome;
use crate::cli::open_project::OpenProject;
use crate::config::Config;
use crate::config::data_folder;
use crate::domain::clock::Clock;
use crate::domain::id::JwkId;
use crate::domain::id::NotAnId;
use crate::domain::key_pair::KeyPair;
use crate::domain::signing_key::CERTIFICATE_LIFE;
use crate::domain::signing_key::CERTIFICATE_NAME;
use crate::storage::signing_keys::StoredSigningKey;
use crate::use_cases::signing_keys;
use crate::use_cases::signing_keys::Rotation;
use crate::use_cases::signing_keys::SealedKey;

#[derive(Subcommand)]
pub(crate) enum SigningKeyCommand {
    /// Publish a new key now and let it sign later; what the old one signed stays good for long
    Rotate {
        /// In how many minutes it signs; 0 is as soon as every node knows it
        #[arg(long = "in", value_name = "MINUTES", default_value_t = 60, value_parser = clap::value_parser!(i64).range(0..=43_200))]
        lead: i64,
        /// For how many days after that the old key is still believed
        #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(i64).range(1..=400))]
        keep: i64,
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
    /// Show which there are: id, whether it signs, from when, until when it is believed
    List {
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
    /// Take one away at once: what it signed is believed no more
    Revoke {
        /// The id that `list` shows
        id: String,
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
}

pub(crate) fn run(config: &Config, command: SigningKeyCommand) -> Outcome {
    let project = OpenProject::open(config)?;
    match command {
        SigningKeyCommand::Rotate { lead, keep, json } => {
            let rotation = Rotation {
                lead: TimeDelta::minutes(lead),
                overlap: TimeDelta::days(keep),
            };
            rotate(config, &project, (rotation, json))
        }
        SigningKeyCommand::List { json } => list(&project, json),
        SigningKeyCommand::Revoke { id, json } => {
            let id: JwkId = id
                .parse()
                .map_err(|wrong: NotAnId| format!("{id}: {wrong}"))?;
            let gone = project.write(move |tx, project| signing_keys::revoke(tx, project, id))?;
            if json {
                println!("{}", json!({ "revoked": shown(&gone, "revoked") }));
            } else {
                println!("What {} signed is believed no more.", gone.id);
            }
            Ok(())
        }
    }
}

fn rotate(
    config: &Config,
    project: &OpenProject,
    (rotation, as_json): (Rotation, bool),
) -> Outcome {
    let master_key = match &config.master_key {
        Some(key) => key.clone(),
        None => data_folder::known_master_key(&config.data_dir)?,
    };
    let now = Clock::system().now();
    let failed = |error| format!("no key can be made: {error}");
    let pair = KeyPair::generate(CERTIFICATE_NAME, now, now + CERTIFICATE_LIFE).map_err(failed)?;
    let key = SealedKey::new(project.id(), &master_key, &pair).map_err(failed)?;
    let made = project.write(move |tx, project| {
        signing_keys::rotate(tx, (project, &master_key), (&key, rotation))
    })?;
    if as_json {
        println!("{}", shown(&made, "follows"));
    } else {
        let from = at(made.term.signs_from);
        println!("{} is published, and signs from {from}.", made.id);
    }
    Ok(())
}

fn list(project: &OpenProject, as_json: bool) -> Outcome {
    let now = Clock::system().now();
    let (keys, signing) = project.read(signing_keys::list)?;
    let state = |key: &StoredSigningKey| match key {
        key if Some(key.id) == signing => "signs",
        key if key.term.has_begun(now) => "believed",
        _ => "follows",
    };
    if as_json {
        let keys: Vec<Value> = keys.iter().map(|key| shown(key, state(key))).collect();
        println!("{}", json!({ "keys": keys }));
        return Ok(());
    }
    for key in &keys {
        let until = key.term.verifies_until.map_or("-".to_owned(), at);
        let from = at(key.term.signs_from);
        println!("{}  {:<8}  from {from}  until {until}", key.id, state(key));
    }
    Ok(())
}

fn shown(key: &StoredSigningKey, state: &str) -> Value {
    json!({
        "id": key.id,
        "state": state,
        "created_at": at(key.created_at),
        "signs_from": at(key.term.signs_from),
        "verifies_until": key.term.verifies_until.map(at),
    })
}

fn at(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}
