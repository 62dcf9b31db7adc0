//! The tables as the code sees them are the tables that the migrations make, on either database.

use diesel::Connection;
use diesel::PgConnection;
use diesel::QueryDsl;
use diesel::RunQueryDsl;
use diesel::SqliteConnection;
use diesel::connection::SimpleConnection;
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
            domain_proofs,
            members,
            member_roles,
            member_failures,
            totps,
            sms_messages,
            retired_emails,
            member_passwords,
            address_passwords,
            connections,
            scim_tokens,
            scim_clients,
            sso_registrations,
            oauth_registrations,
            allowed_oauth_tenants,
            scim_users,
            scim_user_counts,
            scim_user_emails,
            scim_groups,
            scim_group_members,
            scim_schemas,
            scim_resources,
            scim_unique_values,
            scim_group_nesting,
            scim_requests,
            sign_in_flows,
            one_time_tokens,
            seen_assertions,
            mails,
            mail_recipients,
            email_codes,
            sessions,
            portal_links,
            connection_tests,
            portal_sessions,
            journal,
            m2m_clients,
            operator_secrets,
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

/// Fills one row of each table that refers to connections, before the step that rebuilds them.
const ROWS: &str = "
    INSERT INTO projects (id, name, created_at) VALUES ('p', 'P', '2026-01-01 00:00:00');
    INSERT INTO organizations (id, project_id, slug, name, name_folded, logo_url, trusted_metadata,
        settings, created_at, updated_at)
    VALUES ('o', 'p', 's', 'n', 'n', '', '{}', '{}', '2026-01-01 00:00:00', '2026-01-01 00:00:00');
    INSERT INTO connections (organization_id, id, kind, display_name, identity_provider, status,
        settings, created_at, updated_at)
    VALUES ('o', 'c', 'saml', 'd', 'okta', 'active', '{\"a\":1}', '2026-01-01 00:00:00',
        '2026-01-01 00:00:00');
    INSERT INTO sign_in_flows (state_hash, organization_id, connection_id, flow, expires_at)
    VALUES ('h', 'o', 'c', '{}', '2026-01-01 00:00:00');
    INSERT INTO seen_assertions (organization_id, connection_id, assertion_id, expires_at)
    VALUES ('o', 'c', 'a', '2026-01-01 00:00:00');
";
const SQLITE_BACK: &str =
    include_str!("../../migrations/sqlite/00000000000012_external_connections/down.sql");
const POSTGRES_BACK: &str =
    include_str!("../../migrations/postgres/00000000000012_external_connections/down.sql");
const STEP: &str = "DELETE FROM __diesel_schema_migrations WHERE version = '00000000000012'";

macro_rules! survives {
    ($connection:ty, $url:expr, ($enter:expr, $back:expr), $location:expr) => {{
        let mut connection = <$connection>::establish($url).unwrap();
        connection.batch_execute($enter).unwrap();
        connection.batch_execute($back).unwrap();
        connection.batch_execute(ROWS).unwrap();
        let external = "UPDATE connections SET kind = 'external'";
        assert!(connection.batch_execute(external).is_err());
        connection.batch_execute(STEP).unwrap();
        drop(connection);
        migrations::run($location).unwrap();
        let mut connection = <$connection>::establish($url).unwrap();
        connection.batch_execute($enter).unwrap();
        let kept: (String, String, Option<String>) = schema::connections::table
            .select((
                schema::connections::settings,
                schema::connections::identity_provider,
                schema::connections::external_connection_id,
            ))
            .first(&mut connection)
            .unwrap();
        assert_eq!(kept, ("{\"a\":1}".to_owned(), "okta".to_owned(), None));
        let flows: i64 = schema::sign_in_flows::table
            .count()
            .get_result(&mut connection)
            .unwrap();
        assert_eq!(flows, 1);
        connection.batch_execute(external).unwrap();
        connection
    }};
}

#[test]
fn connections_and_what_refers_to_them_survive_the_step_that_rebuilds_them() {
    let database = TestDatabase::fresh();
    let location = database.location();
    migrations::run(&location).unwrap();
    let orphan = "INSERT INTO seen_assertions VALUES ('o', 'nobody', 'a', '2026-01-01 00:00:00')";
    match &location {
        Database::Sqlite(path) => {
            let mut connection = survives!(
                SqliteConnection,
                &path.to_string_lossy(),
                ("SELECT 1", SQLITE_BACK),
                &location
            );
            connection
                .batch_execute("PRAGMA foreign_keys = ON")
                .unwrap();
            assert!(connection.batch_execute(orphan).is_err());
        }
        Database::Postgres(url) => {
            let enter = "SET vestibule.organization = 'o'";
            let mut connection = survives!(PgConnection, url, (enter, POSTGRES_BACK), &location);
            assert!(connection.batch_execute(orphan).is_err());
        }
    }
}
