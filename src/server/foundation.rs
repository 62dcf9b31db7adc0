//! What the product stands on: the database, the master key, the project and its signing keys.

use std::fmt;
use std::num::NonZeroUsize;
use std::thread::available_parallelism;

use crate::config::Config;
use crate::config::data_folder;
use crate::config::data_folder::KeyInUse;
use crate::domain::clock::Clock;
use crate::domain::id::RequestId;
use crate::domain::id::opaque_uuid;
use crate::domain::key_pair::KeyPair;
use crate::domain::project::ProjectId;
use crate::domain::project::fresh_public_token;
use crate::domain::project::fresh_secret;
use crate::domain::secret::CryptoFailure;
use crate::domain::secret::MasterKey;
use crate::domain::session_token::SessionSigner;
use crate::domain::signing_key::CERTIFICATE_LIFE;
use crate::domain::signing_key::CERTIFICATE_NAME;
use crate::server::StartError;
use crate::storage::Settings;
use crate::storage::Storage;
use crate::storage::Transaction;
use crate::storage::open::Database;
use crate::use_cases::error::ManagementError;
use crate::use_cases::project;
use crate::use_cases::project::Adopted;
use crate::use_cases::project::GivenCredentials;
use crate::use_cases::signing_keys;
use crate::use_cases::signing_keys::SealedKey;

pub(crate) struct Foundation {
    pub(crate) clock: Clock,
    pub(crate) storage: Storage,
    pub(crate) master_key: MasterKey,
    pub(crate) adopted: Adopted,
    pub(crate) signer: SessionSigner,
}

impl Foundation {
    /// Opens what is there and makes what is not.
    pub(crate) async fn lay(config: &Config) -> Result<Self, StartError> {
        let clock = Clock::system();
        // A new database needs a key, which takes as long to find as everything else together.
        let early = may_be_new(&config.database()).then(|| tokio::spawn(generate(clock.clone())));
        let key_in_use = master_key(config)?;
        let storage = open(config, clock.clone()).await?;
        let adopted = adopt(&storage, config).await?;
        let project = adopted.project.id.clone();
        let pair = async {
            match early {
                Some(early) => early.await.map_err(internal)?,
                None => generate(clock.clone()).await,
            }
        };
        let signer = signer(&storage, &project, &key_in_use.key, pair).await;
        let signer = signer.map_err(|error| {
            forget(key_in_use.made.as_deref());
            StartError::because("the signing key cannot be used", reason(&error))
        })?;
        Ok(Self {
            clock,
            storage,
            master_key: key_in_use.key,
            adopted,
            signer,
        })
    }
}

fn master_key(config: &Config) -> Result<KeyInUse, StartError> {
    match &config.master_key {
        Some(key) => Ok(KeyInUse {
            key: key.clone(),
            made: None,
        }),
        None => data_folder::master_key(&config.data_dir).map_err(StartError),
    }
}

/// A key file made for a database that another key sealed would only mislead.
fn forget(file: Option<&std::path::Path>) {
    if let Some(file) = file {
        let _ = std::fs::remove_file(file);
    }
}

/// How many threads read, and how many write. On few cores more of those that write would only take
/// turns, at what they wait for.
fn threads(database: &Database) -> (usize, usize) {
    match database {
        Database::Sqlite(_) => (2, 1),
        Database::Postgres(_) => {
            let cores = available_parallelism().map_or(1, NonZeroUsize::get);
            (8, (2 * cores).clamp(4, 8))
        }
    }
}

async fn open(config: &Config, clock: Clock) -> Result<Storage, StartError> {
    let database = config.database();
    if config.database.is_none() {
        data_folder::ensure(&config.data_dir).map_err(StartError)?;
    }
    let (readers, writers) = threads(&database);
    let what = format!("the {} database cannot be opened", database.name());
    let settings = Settings {
        database,
        readers,
        writers,
    };
    tokio::task::spawn_blocking(move || Storage::start(&settings, clock))
        .await
        .map_err(|error| StartError::because(&what, error))?
        .map_err(|error| StartError::because(&what, error))
}

async fn adopt(storage: &Storage, config: &Config) -> Result<Adopted, StartError> {
    let failed = |error| StartError::because("no credentials can be made", error);
    let fresh = fresh_credentials().map_err(failed)?;
    let given = config.credentials.clone();
    storage
        .transaction(RequestId::fresh(), move |tx| {
            project::adopt(tx, &given, &fresh)
        })
        .await
        .map_err(|error| StartError::because("the project cannot be set up", error))
}

fn fresh_credentials() -> Result<GivenCredentials, CryptoFailure> {
    Ok(GivenCredentials {
        project_id: Some(format!("project-test-{}", opaque_uuid())),
        secret: Some(fresh_secret()?),
        public_token: Some(fresh_public_token()),
    })
}

async fn signer(
    storage: &Storage,
    project: &ProjectId,
    master_key: &MasterKey,
    fresh: impl Future<Output = Result<KeyPair, ManagementError>>,
) -> Result<SessionSigner, ManagementError> {
    let find = {
        let (project, master_key) = (project.clone(), master_key.clone());
        move |tx: &mut Transaction<'_>| signing_keys::signer(tx, &project, &master_key)
    };
    if let Some(signer) = storage.read(RequestId::fresh(), find.clone()).await? {
        return Ok(signer);
    }
    let pair = fresh.await?;
    let (project, key) = (project.clone(), SealedKey::new(project, master_key, &pair)?);
    let add = move |tx: &mut Transaction<'_>| signing_keys::add_first(tx, &project, &key);
    storage.transaction(RequestId::fresh(), add).await?;
    let found = storage.read(RequestId::fresh(), find).await?;
    found.ok_or_else(|| ManagementError::Internal("no signing key was kept".to_owned()))
}

/// Takes a tenth of a second of one core, so it stays outside every transaction.
async fn generate(clock: Clock) -> Result<KeyPair, ManagementError> {
    let now = clock.now();
    let until = now + CERTIFICATE_LIFE;
    tokio::task::spawn_blocking(move || KeyPair::generate(CERTIFICATE_NAME, now, until))
        .await
        .map_err(internal)?
        .map_err(ManagementError::from)
}

/// A PostgreSQL database has to be asked, so there a key is made in vain at a later start.
fn may_be_new(database: &Database) -> bool {
    match database {
        Database::Sqlite(path) => !path.exists(),
        Database::Postgres(_) => true,
    }
}

fn internal(error: impl fmt::Display) -> ManagementError {
    ManagementError::Internal(error.to_string())
}

fn reason(error: &ManagementError) -> String {
    match error {
        ManagementError::Internal(reason) => {
            format!("{reason}; is this the master key that the database was made with?")
        }
        ManagementError::Storage(error) => error.to_string(),
        other => format!("{other:?}"),
    }
}
