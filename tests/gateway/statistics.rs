//! PostgreSQL is told to look at tables that have grown, so that it does not plan as if nobody was there.

use vestibule::storage::open::Database;

use crate::support::TestGateway;
use crate::support::raw_sql::RawSql;

fn fill(database: &Database, first: usize, last: usize) {
    RawSql::open(database).execute(&format!(
        "INSERT INTO journal (organization_id, id, occurred_at, kind, object_id, actor, actor_id, request_id) \
         WITH RECURSIVE numbers(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM numbers WHERE n < {last}) \
         SELECT '', 'event-' || n, '2026-01-01 00:00:00', 'member.created', 'one', 'project', NULL, 'one' \
         FROM numbers"
    ));
}

/// Waits until PostgreSQL has counted so many changes: a connection tells of its own when it ends.
fn await_count(database: &Database, changes: usize) {
    if let Database::Sqlite(_) = database {
        return;
    }
    let counted = "SELECT CAST(n_mod_since_analyze AS TEXT) AS value FROM pg_stat_user_tables \
         WHERE relname = 'journal'";
    for _ in 0..500 {
        let rows = RawSql::open(database).texts(counted);
        if rows[0].parse::<usize>().unwrap_or_default() >= changes {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("PostgreSQL has not counted {changes} changes");
}

/// How many rows PostgreSQL believes that the journal has.
fn believed(database: &Database) -> usize {
    let believed =
        "SELECT CAST(reltuples AS TEXT) AS value FROM pg_class WHERE relname = 'journal'";
    let rows = RawSql::open(database).texts(believed);
    rows[0].parse().unwrap_or_default()
}

#[actix_web::test]
async fn what_has_doubled_is_looked_at_and_nothing_else() {
    let gateway = TestGateway::start().await;
    let database = gateway.storage.database().clone();
    fill(&database, 1, 1000);
    await_count(&database, 1000);
    let looked_at = gateway.storage.look_at_what_has_grown().await.unwrap();
    if let Database::Sqlite(_) = database {
        assert_eq!(looked_at, 0);
        return;
    }
    assert!(looked_at >= 1);
    assert!(believed(&database) >= 1000);
    assert_eq!(gateway.storage.look_at_what_has_grown().await, Ok(0));
    fill(&database, 1001, 1500);
    await_count(&database, 500);
    assert_eq!(gateway.storage.look_at_what_has_grown().await, Ok(0));
    fill(&database, 1501, 2500);
    await_count(&database, 1500);
    assert_eq!(gateway.storage.look_at_what_has_grown().await, Ok(1));
    assert!(believed(&database) >= 2500);
}
