//! The database and the project in it, for commands that work on both without a server.

use crate::cli::Outcome;
use crate::config::Config;
use crate::domain::clock::Clock;
use crate::domain::event::Actor;
use crate::domain::id::RequestId;
use crate::domain::project::ProjectId;
use crate::storage::Settings;
use crate::storage::Storage;
use crate::storage::Transaction;
use crate::storage::migrations;
use crate::storage::open::Database;
use crate::storage::projects;
use crate::use_cases::operator_error::OperatorError;

/// A database whose schema is up to date, and its project.
pub(crate) struct OpenProject {
    storage: Storage,
    id: ProjectId,
}

impl OpenProject {
    /// Opens what a server has made; nothing is made or migrated here.
    pub(crate) fn open(config: &Config) -> Result<Self, String> {
        let database = config.database();
        check(&database)?;
        let settings = Settings {
            database,
            readers: 1,
            writers: 1,
        };
        let storage = Storage::start(&settings, Clock::system());
        let storage = storage.map_err(|error| error.to_string())?;
        let given = config.credentials.project_id.clone();
        let find = move |tx: &mut Transaction<'_>| match &given {
            Some(id) => projects::find(tx, &ProjectId::new(id.as_str())),
            None => projects::first(tx),
        };
        let found = wait(storage.read(RequestId::fresh(), find));
        let project = found.map_err(|error| error.to_string())?;
        let project = project.ok_or_else(|| OperatorError::NoProject.to_string())?;
        Ok(Self {
            storage,
            id: project.id,
        })
    }

    /// The project.
    pub(crate) fn id(&self) -> &ProjectId {
        &self.id
    }

    /// Runs a closure that only reads.
    pub(crate) fn read<T: Send + 'static>(
        &self,
        closure: impl Fn(&mut Transaction<'_>, &ProjectId) -> Result<T, OperatorError> + Send + 'static,
    ) -> Result<T, String> {
        let id = self.id.clone();
        let read = move |tx: &mut Transaction<'_>| closure(tx, &id);
        wait(self.storage.read(RequestId::fresh(), read)).map_err(|error| error.to_string())
    }

    /// Runs a closure in one transaction, in the name of the operator.
    pub(crate) fn write<T: Send + 'static>(
        &self,
        closure: impl Fn(&mut Transaction<'_>, &ProjectId) -> Result<T, OperatorError> + Send + 'static,
    ) -> Result<T, String> {
        let id = self.id.clone();
        let write = move |tx: &mut Transaction<'_>| {
            tx.acts_as(Actor::Operator);
            closure(tx, &id)
        };
        wait(self.storage.transaction(RequestId::fresh(), write)).map_err(|error| error.to_string())
    }
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    actix_web::rt::System::new().block_on(future)
}

fn check(database: &Database) -> Outcome {
    if let Database::Sqlite(path) = database
        && !path.exists()
    {
        return Err(format!(
            "there is no database at {}; the first `vestibule serve` makes it",
            path.display()
        ));
    }
    let pending = migrations::pending(database).map_err(|error| error.to_string())?;
    if pending.is_empty() {
        Ok(())
    } else {
        Err("the database's schema is not up to date; run `vestibule migrate up`".to_owned())
    }
}
