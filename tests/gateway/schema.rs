//! The tables as the code sees them are the tables that the migrations make, on either database.

use diesel::Connection;
use diesel::PgConnection;
use diesel::QueryDsl;
use diesel::RunQueryDsl;
use diesel::SqliteConnection;
use vestibule::storage::migrations;
use vestibule::storage::open::Database;
use vestibule::storage::schema;

use crate::support::TestDatabase;

macro_rules! select_every_column {
    ($connection:expr, $($table:ident),*) => {$(
        let count = schema::$table::table
            .select(schema::$table::all_columns)
            .execute($connection)
            .unwrap_or_else(|error| panic!("{}: {error}", stringify!($table)));
        assert_eq!(count, 0, stringify!($table));
    )*};
}

macro_rules! select_every_table {
    ($connection:expr) => {
        select_every_column!(
            $connection,
            projects,
            project_keys,
            signing_keys,
            organizations,
            claimed_domains,
            members,
            retired_emails,
            connections,
            scim_tokens,
            sso_registrations,
            scim_users,
            scim_groups,
            scim_group_members,
            sign_in_flows,
            one_time_tokens,
            seen_assertions,
            sessions,
            journal,
            project_settings
        )
    };
}

fn select_all(database: &Database) {
    match database {
        Database::Sqlite(path) => {
            let mut connection = SqliteConnection::establish(&path.to_string_lossy()).unwrap();
            select_every_table!(&mut connection);
        }
        Database::Postgres(url) => {
            let mut connection = PgConnection::establish(url).unwrap();
            select_every_table!(&mut connection);
        }
    }
}

fn has_tables(database: &Database) -> bool {
    let query = "SELECT id FROM organizations";
    match database {
        Database::Sqlite(path) => {
            let mut connection = SqliteConnection::establish(&path.to_string_lossy()).unwrap();
            diesel::sql_query(query).execute(&mut connection).is_ok()
        }
        Database::Postgres(url) => {
            let mut connection = PgConnection::establish(url).unwrap();
            diesel::sql_query(query).execute(&mut connection).is_ok()
        }
    }
}

#[test]
fn migrations_go_up_down_and_up_again() {
    let database = TestDatabase::fresh();
    let location = database.location();
    migrations::run(&location).unwrap();
    migrations::run(&location).unwrap();
    select_all(&location);
    migrations::revert_all(&location).unwrap();
    assert!(!has_tables(&location));
    migrations::run(&location).unwrap();
    select_all(&location);
}

#[test]
fn nodes_that_start_together_migrate_once() {
    let database = TestDatabase::fresh();
    let starts: Vec<_> = (0..4)
        .map(|_| {
            let location = database.location();
            std::thread::spawn(move || migrations::run(&location))
        })
        .collect();
    for start in starts {
        start.join().unwrap().unwrap();
    }
    select_all(&database.location());
}
