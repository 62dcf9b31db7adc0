//! `vestibule migrate`: the database's schema.

use crate::cli::Outcome;
use crate::config::Config;
use crate::config::data_folder;
use crate::storage::migrations;
use crate::storage::open::Database;

pub(crate) fn up(config: &Config) -> Outcome {
    if config.database.is_none() {
        data_folder::ensure(&config.data_dir)?;
    }
    let database = config.database();
    migrations::run(&database).map_err(|error| error.to_string())?;
    println!("The {} database is up to date.", database.name());
    Ok(())
}

pub(crate) fn status(config: &Config) -> Outcome {
    let database = config.database();
    if let Database::Sqlite(path) = &database
        && !path.exists()
    {
        println!("There is no database yet at {}.", path.display());
        return Ok(());
    }
    let pending = migrations::pending(&database).map_err(|error| error.to_string())?;
    if pending.is_empty() {
        println!("The {} database is up to date.", database.name());
    } else {
        println!("The {} database lacks:", database.name());
        for migration in pending {
            println!("  {migration}");
        }
    }
    Ok(())
}
