//! What PostgreSQL knows of its tables. It looks at those that have grown once a minute, and until
//! then plans as if they were empty: a directory's first push would read all Users for each.

use diesel::QueryableByName;
use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;

use crate::domain::id::RequestId;
use crate::storage::Storage;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::open::Database;
use crate::storage::plain_sql::PlainSql;

/// The table that has grown most.
const GROWN: &str = "SELECT CAST(quote_ident(known.relname) AS TEXT) AS name \
     FROM pg_stat_user_tables AS seen JOIN pg_class AS known ON known.oid = seen.relid \
     WHERE seen.schemaname = current_schema() \
     AND seen.n_mod_since_analyze > 300 + greatest(known.reltuples, 0) \
     ORDER BY seen.n_mod_since_analyze DESC LIMIT 1";
/// Whether no other node looks at one just now.
const ALONE: &str = "SELECT CAST(pg_try_advisory_xact_lock(7643765) AS TEXT) AS name";
/// A look may take its time, but waits for nobody.
const PATIENCE: &str = "SET LOCAL statement_timeout = '1min'; SET LOCAL lock_timeout = '100ms'";
/// No more tables than this in one round.
const MOST: usize = 64;

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

impl Storage {
    /// Lets PostgreSQL look at the tables that have doubled since it last did, and gives how many there
    /// were; SQLite needs no such look.
    pub async fn look_at_what_has_grown(&self) -> Result<usize, StorageError> {
        if let Database::Sqlite(_) = self.database() {
            return Ok(0);
        }
        for count in 0..MOST {
            // Each in a transaction of its own: one that fails takes back what was seen of the others,
            // while PostgreSQL believes that it has seen them.
            if !self.transaction_by_keys(RequestId::fresh(), look).await? {
                return Ok(count);
            }
        }
        Ok(MOST)
    }
}

fn look(tx: &mut Transaction<'_>) -> Result<bool, StorageError> {
    let is_alone = PlainSql::prepared(tx, ALONE).load::<Named>(tx)?;
    if is_alone.first().is_none_or(|answer| answer.name != "true") {
        return Ok(false);
    }
    let grown = PlainSql::prepared(tx, GROWN).load::<Named>(tx)?;
    let Some(Named { name }) = grown.first() else {
        return Ok(false);
    };
    let analyze = format!("{PATIENCE}; ANALYZE {name}");
    tx.connection()?.batch_execute(&analyze)?;
    Ok(true)
}
