//! `vestibule secret` and `vestibule public-token`: make, list and revoke the project's keys.

use chrono::SecondsFormat;
use serde_json::Value;
use serde_json::json;

use crate::cli::KeyCommand;
use crate::cli::Outcome;
use crate::cli::open_project::OpenProject;
use crate::config::Config;
use crate::domain::project::fresh_public_token;
use crate::domain::project::fresh_secret;
use crate::domain::secret::SecretHash;
use crate::storage::credentials::ProjectKeyKind;
use crate::storage::project_keys::KeyOrigin;
use crate::storage::project_keys::NewKey;
use crate::storage::project_keys::ProjectKey;
use crate::use_cases::project_keys;
use crate::use_cases::project_keys::Revocation;

pub(crate) fn run(config: &Config, kind: ProjectKeyKind, command: KeyCommand) -> Outcome {
    let project = OpenProject::open(config)?;
    match command {
        KeyCommand::Create { name, json } => create(&project, kind, &name, json),
        KeyCommand::List { json } => list(&project, kind, json),
        KeyCommand::Revoke { id, force, json } => {
            let configured = configured(config, kind).map(SecretHash::of);
            let asked = Revocation {
                id,
                force,
                configured,
            };
            revoke(&project, kind, asked, json)
        }
    }
}

fn configured(config: &Config, kind: ProjectKeyKind) -> Option<&str> {
    match kind {
        ProjectKeyKind::Secret => config.credentials.secret.as_deref(),
        ProjectKeyKind::PublicToken => config.credentials.public_token.as_deref(),
    }
}

fn create(project: &OpenProject, kind: ProjectKeyKind, name: &str, as_json: bool) -> Outcome {
    let (word, secret) = match kind {
        ProjectKeyKind::Secret => ("secret", fresh_secret().map_err(|error| error.to_string())?),
        ProjectKeyKind::PublicToken => ("public_token", fresh_public_token()),
    };
    let (given, name) = (secret.clone(), name.to_owned());
    let made = project.write(move |tx, id| {
        let key = NewKey {
            kind,
            origin: KeyOrigin::Command,
            name: &name,
            secret: &given,
        };
        project_keys::create(tx, id, &key)
    })?;
    if as_json {
        let mut shown = shown(&made);
        if let Some(fields) = shown.as_object_mut() {
            fields.insert(word.to_owned(), json!(secret));
        }
        println!("{shown}");
    } else {
        println!("{secret}");
        println!("Its id is {}; it is shown only this once.", made.id());
    }
    Ok(())
}

fn list(project: &OpenProject, kind: ProjectKeyKind, as_json: bool) -> Outcome {
    let keys = project.read(move |tx, id| project_keys::list(tx, id, kind))?;
    if as_json {
        println!(
            "{}",
            json!({ "keys": keys.iter().map(shown).collect::<Vec<_>>() })
        );
        return Ok(());
    }
    for key in &keys {
        let (id, last_four, origin) = (key.id(), &key.last_four, key.origin.name());
        println!("{id}  …{last_four}  {origin:<7}  {}  {}", at(key), key.name);
    }
    Ok(())
}

fn revoke(
    project: &OpenProject,
    kind: ProjectKeyKind,
    asked: Revocation,
    as_json: bool,
) -> Outcome {
    let gone = project.write(move |tx, id| project_keys::revoke(tx, (id, kind), &asked))?;
    if as_json {
        println!("{}", json!({ "revoked": shown(&gone) }));
    } else {
        println!(
            "…{} ({}) opens nothing any more.",
            gone.last_four,
            gone.id()
        );
    }
    Ok(())
}

fn shown(key: &ProjectKey) -> Value {
    json!({
        "id": key.id(),
        "name": key.name,
        "last_four": key.last_four,
        "origin": key.origin.name(),
        "created_at": at(key),
    })
}

fn at(key: &ProjectKey) -> String {
    key.created_at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
