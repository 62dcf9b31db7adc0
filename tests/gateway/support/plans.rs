//! Every statement that the gateway sends to PostgreSQL is planned once more without sequential
//! scans: one that still needs them has no index that serves it, and fails the test that ends next.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::PoisonError;

use diesel::Connection;
use diesel::PgConnection;
use diesel::QueryResult;
use diesel::QueryableByName;
use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;

/// Tables that are read whole, because all of them is wanted and there is little of it.
const READ_WHOLE: [&str; 0] = [];

#[derive(Default)]
struct Statements {
    waiting: BTreeSet<String>,
    planned: BTreeSet<String>,
}

static STATEMENTS: Mutex<Option<Statements>> = Mutex::new(None);

/// Remembers a statement, to be planned by the next [`check`].
pub fn note(statement: &str) {
    let verbs = ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH "];
    if !verbs.iter().any(|verb| statement.starts_with(verb)) {
        return;
    }
    with(|known| {
        if !known.planned.contains(statement) {
            known.waiting.insert(statement.to_owned());
        }
    });
}

fn with<T>(work: impl FnOnce(&mut Statements) -> T) -> T {
    let mut known = STATEMENTS.lock().unwrap_or_else(PoisonError::into_inner);
    work(known.get_or_insert_default())
}

/// Plans what was noted, on a database of a test that has ended; gives what no index serves.
pub fn unserved(url: &str) -> Vec<String> {
    let waiting = with(|known| std::mem::take(&mut known.waiting));
    if waiting.is_empty() {
        return Vec::new();
    }
    let Ok(mut connection) = PgConnection::establish(url) else {
        with(|known| known.waiting.extend(waiting));
        return Vec::new();
    };
    let unserved = waiting.into_iter().filter_map(|statement| {
        let scanned = scanned(&mut connection, &statement);
        with(|known| match &scanned {
            // The test may have left a database without the tables.
            Err(_) => known.waiting.insert(statement.clone()),
            Ok(_) => known.planned.insert(statement.clone()),
        });
        scanned.ok()?.map(|line| format!("{line}: {statement}"))
    });
    unserved.collect()
}

/// The step of its plan that reads a table from end to end, if there is one.
fn scanned(connection: &mut PgConnection, statement: &str) -> QueryResult<Option<String>> {
    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
        line: String,
    }
    let values = (1..).take_while(|number| statement.contains(&format!("${number}")));
    let values = vec!["NULL"; values.count()].join(", ");
    let values = if values.is_empty() {
        values
    } else {
        format!("({values})")
    };
    let settings = "SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan";
    connection.batch_execute(settings)?;
    let prepare = format!("PREPARE asked AS {statement}");
    connection.batch_execute(&prepare)?;
    let explain = format!("EXPLAIN (COSTS OFF) EXECUTE asked{values}");
    let steps = diesel::sql_query(explain).load::<Step>(connection);
    connection.batch_execute("DEALLOCATE asked")?;
    let is_read_whole = |line: &str| {
        let (_, table) = line.split_once("Seq Scan on ").unwrap_or_default();
        let table = table.split(' ').next().unwrap_or_default();
        !table.is_empty() && !READ_WHOLE.contains(&table)
    };
    let mut steps = steps?.into_iter();
    // What can never be true is not read at all.
    if steps
        .as_slice()
        .iter()
        .any(|step| step.line.contains("One-Time Filter: false"))
    {
        return Ok(None);
    }
    Ok(steps
        .find(|step| is_read_whole(&step.line))
        .map(|step| step.line))
}
