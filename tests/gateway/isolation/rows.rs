//! Every row of some organizations, straight from the database.

use std::collections::BTreeMap;

use diesel::Connection;
use diesel::PgConnection;
use diesel::QueryableByName;
use diesel::RunQueryDsl;
use diesel::SqliteConnection;
use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use vestibule::domain::id::OrganizationId;
use vestibule::storage::open::Database;

use super::tenant::Tenant;

/// Mere use is no change.
const NOT_COMPARED: [&str; 1] = ["last_accessed_at"];

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    text: String,
}

/// The database as a test sees it: past the gateway, and past the fence.
pub enum Rows {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Rows {
    pub fn of(database: &Database) -> Self {
        match database {
            Database::Sqlite(path) => {
                let mut connection = SqliteConnection::establish(&path.to_string_lossy()).unwrap();
                connection
                    .batch_execute("PRAGMA busy_timeout = 5000")
                    .unwrap();
                Self::Sqlite(connection)
            }
            Database::Postgres(url) => {
                let mut connection = PgConnection::establish(url).unwrap();
                connection
                    .batch_execute("SET vestibule.organization = '*'")
                    .unwrap();
                Self::Postgres(connection)
            }
        }
    }

    pub fn execute(&mut self, statement: &str) {
        match self {
            Self::Sqlite(connection) => connection.batch_execute(statement).unwrap(),
            Self::Postgres(connection) => connection.batch_execute(statement).unwrap(),
        }
    }

    fn lines(&mut self, query: &str) -> Vec<String> {
        let query = diesel::sql_query(query);
        let lines: Vec<Line> = match self {
            Self::Sqlite(connection) => query.load(connection).unwrap(),
            Self::Postgres(connection) => query.load(connection).unwrap(),
        };
        lines.into_iter().map(|line| line.text).collect()
    }

    /// The columns of each table that holds rows of organizations.
    pub fn tables(&mut self) -> BTreeMap<String, Vec<String>> {
        let query = match self {
            Self::Sqlite(_) => {
                "SELECT m.name || ' ' || p.name AS text FROM sqlite_master m, \
                 pragma_table_info(m.name) p WHERE m.type = 'table'"
            }
            Self::Postgres(_) => {
                "SELECT table_name || ' ' || column_name AS text FROM information_schema.columns \
                 WHERE table_schema = current_schema()"
            }
        };
        let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for line in self.lines(query) {
            let (table, column) = line.split_once(' ').unwrap();
            tables
                .entry(table.to_owned())
                .or_default()
                .push(column.to_owned());
        }
        tables.retain(|name, columns| {
            name == "organizations" || columns.iter().any(|column| column == "organization_id")
        });
        for columns in tables.values_mut() {
            columns.retain(|column| !NOT_COMPARED.contains(&column.as_str()));
        }
        tables
    }

    /// Every row of every table.
    pub fn everything(&mut self) -> Vec<String> {
        let query = match self {
            Self::Sqlite(_) => "SELECT name AS text FROM sqlite_master WHERE type = 'table'",
            Self::Postgres(_) => {
                "SELECT table_name AS text FROM information_schema.tables \
                 WHERE table_schema = current_schema()"
            }
        };
        let mut all = Vec::new();
        for table in self.lines(query) {
            let columns = match self {
                Self::Sqlite(_) => format!("SELECT name AS text FROM pragma_table_info('{table}')"),
                Self::Postgres(_) => format!(
                    "SELECT column_name AS text FROM information_schema.columns \
                     WHERE table_schema = current_schema() AND table_name = '{table}'"
                ),
            };
            let shown = self.lines(&columns).into_iter().map(|column| match self {
                Self::Sqlite(_) => format!("quote(\"{column}\")"),
                Self::Postgres(_) => format!("coalesce(\"{column}\"::text, 'NULL')"),
            });
            let shown = shown.collect::<Vec<_>>().join(" || '|' || ");
            let rows = format!("SELECT '{table}: ' || {shown} AS text FROM \"{table}\" ORDER BY 1");
            all.extend(self.lines(&rows));
        }
        all
    }

    /// All that an organization has.
    pub fn of_tenant(&mut self, tenant: &Tenant) -> Vec<String> {
        self.of_organization(tenant.get("organization_id"))
    }

    /// All that the organization with this id has.
    pub fn of_organization(&mut self, id: &str) -> Vec<String> {
        let id: OrganizationId = id.parse().unwrap();
        let mut all = Vec::new();
        for (table, columns) in self.tables() {
            let key = if table == "organizations" {
                "id"
            } else {
                "organization_id"
            };
            let shown = columns.iter().map(|column| match self {
                Self::Sqlite(_) => format!("quote({column})"),
                Self::Postgres(_) => format!("coalesce({column}::text, 'NULL')"),
            });
            let shown = shown.collect::<Vec<_>>().join(" || '|' || ");
            let query = format!(
                "SELECT '{table}: ' || {shown} AS text FROM {table} WHERE {key} = '{}' ORDER BY 1",
                id.key()
            );
            all.extend(self.lines(&query));
        }
        all
    }
}
