//! SQL past the gateway, for what only a look at the tables can prove.

use diesel::Connection;
use diesel::PgConnection;
use diesel::QueryableByName;
use diesel::RunQueryDsl;
use diesel::SqliteConnection;
use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use vestibule::storage::open::Database;

/// A connection of the test's own, that no fence holds.
pub enum RawSql {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    value: String,
}

/// A line of a plan of SQLite's.
#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

impl RawSql {
    pub fn open(database: &Database) -> Self {
        match database {
            Database::Sqlite(path) => {
                let mut connection = SqliteConnection::establish(&path.to_string_lossy()).unwrap();
                let settings = "PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON;";
                connection.batch_execute(settings).unwrap();
                Self::Sqlite(connection)
            }
            Database::Postgres(url) => {
                let admin = std::env::var("VESTIBULE_TEST_POSTGRES_ADMIN_URL").unwrap();
                let (server, _) = admin.rsplit_once('/').unwrap();
                let (_, name) = url.rsplit_once('/').unwrap();
                let admin = format!("{server}/{name}");
                Self::Postgres(PgConnection::establish(&admin).unwrap())
            }
        }
    }

    pub fn execute(&mut self, sql: &str) {
        let done = match self {
            Self::Sqlite(connection) => connection.batch_execute(sql),
            Self::Postgres(connection) => connection.batch_execute(sql),
        };
        done.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// The texts of the column `value`.
    pub fn texts(&mut self, sql: &str) -> Vec<String> {
        let query = diesel::sql_query(sql);
        let rows = match self {
            Self::Sqlite(connection) => query.load::<Row>(connection),
            Self::Postgres(connection) => query.load::<Row>(connection),
        };
        let rows = rows.unwrap_or_else(|error| panic!("{sql}: {error}"));
        rows.into_iter().map(|row| row.value).collect()
    }

    /// How the database answers a statement, whatever the values in it are; on PostgreSQL as if every
    /// table were too large to be read whole.
    pub fn plan(&mut self, statement: &str) -> Vec<String> {
        match self {
            Self::Sqlite(connection) => {
                let plan = diesel::sql_query(format!("EXPLAIN QUERY PLAN {statement}"));
                let steps = plan.load::<Step>(connection);
                let steps = steps.unwrap_or_else(|error| panic!("{statement}: {error}"));
                steps.into_iter().map(|step| step.detail).collect()
            }
            Self::Postgres(_) => {
                let mut values = 0;
                while statement.contains(&format!("${}", values + 1)) {
                    values += 1;
                }
                let values = vec!["NULL"; values].join(", ");
                self.execute(&format!(
                    "SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan; \
                     CREATE OR REPLACE FUNCTION pg_temp.plan() RETURNS SETOF text AS \
                     $$ BEGIN RETURN QUERY EXECUTE 'EXPLAIN EXECUTE asked({values})'; END $$ \
                     LANGUAGE plpgsql; PREPARE asked AS {statement}"
                ));
                let plan = self.texts("SELECT pg_temp.plan() AS value");
                self.execute("DEALLOCATE asked");
                plan
            }
        }
    }

    /// Every table whose rows name their organization, as the database has them.
    pub fn tables_of_organizations(&mut self) -> Vec<String> {
        self.texts(match self {
            Self::Sqlite(_) => {
                "SELECT name AS value FROM sqlite_master WHERE type = 'table' AND EXISTS \
                 (SELECT 1 FROM pragma_table_info(sqlite_master.name) AS columns \
                  WHERE columns.name = 'organization_id') ORDER BY name"
            }
            Self::Postgres(_) => {
                "SELECT table_name::text AS value FROM information_schema.columns \
                 JOIN information_schema.tables USING (table_schema, table_name) \
                 WHERE column_name = 'organization_id' AND table_schema = 'public' \
                 AND table_type = 'BASE TABLE' ORDER BY table_name"
            }
        })
    }

    /// How many rows of a table name this organization, by its key.
    pub fn count(&mut self, table: &str, organization: &str) -> usize {
        let sql =
            format!("SELECT '' AS value FROM {table} WHERE organization_id = '{organization}'");
        self.texts(&sql).len()
    }
}
