//! A database of one test: a SQLite file, or a database on the private PostgreSQL server.

use std::path::PathBuf;

use diesel::Connection;
use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use vestibule::storage::open::Database;

use crate::support::plans;

/// Made empty, gone when dropped.
pub struct TestDatabase {
    location: Database,
    folder: Option<PathBuf>,
    server: Option<(String, String)>,
}

impl TestDatabase {
    /// The kind that `VESTIBULE_TEST_DATABASE` asks for; SQLite if it does not say.
    pub fn fresh() -> Self {
        match std::env::var("VESTIBULE_TEST_DATABASE").as_deref() {
            Ok("postgres") => Self::postgres(),
            Ok("sqlite") | Err(_) => Self::sqlite(),
            Ok(other) => panic!("VESTIBULE_TEST_DATABASE is sqlite or postgres, not {other}"),
        }
    }

    fn sqlite() -> Self {
        let folder = std::env::temp_dir().join(format!("vestibule-test-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir_all(&folder).unwrap();
        let location = Database::Sqlite(folder.join("vestibule.db"));
        Self {
            location,
            folder: Some(folder),
            server: None,
        }
    }

    fn postgres() -> Self {
        let server = std::env::var("VESTIBULE_TEST_POSTGRES_URL")
            .expect("run the tests through scripts/with-postgres");
        let name = format!("test_{}", uuid::Uuid::new_v4().simple());
        PgConnection::establish(&server)
            .unwrap()
            .batch_execute(&format!("CREATE DATABASE {name}"))
            .unwrap();
        let (origin, _) = server.rsplit_once('/').unwrap();
        let location = Database::Postgres(format!("{origin}/{name}"));
        Self {
            location,
            folder: None,
            server: Some((server, name)),
        }
    }

    pub fn location(&self) -> Database {
        self.location.clone()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            let _ = std::fs::remove_dir_all(folder);
        }
        let Some((server, name)) = &self.server else {
            return;
        };
        let unserved = match &self.location {
            Database::Postgres(url) => plans::unserved(url),
            Database::Sqlite(_) => Vec::new(),
        };
        if let Ok(mut connection) = PgConnection::establish(server) {
            let _ = connection.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)"));
        }
        if !std::thread::panicking() {
            assert!(unserved.is_empty(), "no index serves: {unserved:#?}");
        }
    }
}
