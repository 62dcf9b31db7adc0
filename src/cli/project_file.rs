//! `vestibule config plan` and `apply`: the project file against what the project declares now.

use std::path::Path;

use serde_json::json;

use crate::cli::Outcome;
use crate::cli::open_project::OpenProject;
use crate::config::Config;
use crate::config::project_file;
use crate::domain::project_settings::Effect;
use crate::domain::project_settings::ProjectSettings;
use crate::domain::project_settings::SettingChange;
use crate::use_cases::project_settings;

/// The file, or everything that is wrong with it.
pub(crate) fn read(path: &Path) -> Result<ProjectSettings, String> {
    let read = project_file::read(path);
    read.map_err(|error| format!("the project file cannot be used:\n{error}"))
}

pub(crate) fn plan(config: &Config, path: &Path, as_json: bool) -> Outcome {
    let wanted = read(path)?;
    let project = OpenProject::open(config)?;
    let planned = project.read(move |tx, id| project_settings::plan(tx, id, &wanted));
    let changes = planned.map_err(named(path))?;
    tell(&changes, as_json, false);
    Ok(())
}

pub(crate) fn apply(config: &Config, path: &Path, as_json: bool) -> Outcome {
    let wanted = read(path)?;
    let project = OpenProject::open(config)?;
    let applied = project.write(move |tx, id| project_settings::apply(tx, id, &wanted));
    let changes = applied.map_err(named(path))?;
    tell(&changes, as_json, true);
    Ok(())
}

fn named(path: &Path) -> impl Fn(String) -> String {
    move |reason| format!("{}: {reason}", path.display())
}

fn tell(changes: &[SettingChange], as_json: bool, applied: bool) {
    if as_json {
        println!("{}", json!({ "changes": changes, "applied": applied }));
        return;
    }
    for change in changes {
        println!("{} {}", sign(change.effect), change.setting);
    }
    match (changes.len(), applied) {
        (0, _) => println!("no changes"),
        (count, true) => println!("changes made: {count}"),
        (count, false) => println!("changes to make: {count}; nothing is written yet"),
    }
}

fn sign(effect: Effect) -> char {
    match effect {
        Effect::Added => '+',
        Effect::Changed => '~',
        Effect::Removed => '-',
    }
}
