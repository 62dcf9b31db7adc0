//! What PostgreSQL knows of its tables. It looks at those that have grown once a minute, and until
//! then plans as if they were empty: a directory's first push would read all Users for each.

use diesel::QueryableByName;
use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;

use crate::domain::id::RequestId;
use crate::storage::Storage;
use crate::storage::Transaction;
use crate::storage::db_connection::DbConnection;
use crate::storage::error::StorageError;
use crate::storage::plain_sql::PlainSql;

const GROWN: &str = "SELECT CAST(quote_ident(known.relname) AS TEXT) AS name \
     FROM pg_stat_user_tables AS seen JOIN pg_class AS known ON known.oid = seen.relid \
     WHERE seen.schemaname = current_schema() \
     AND seen.n_mod_since_analyze > 300 + greatest(known.reltuples, 0)";

#[derive(QueryableByName)]
struct Grown {
    #[diesel(sql_type = Text)]
    name: String,
}

impl Storage {
    /// Lets PostgreSQL look at the tables that have doubled since it last did, and gives how many there
    /// were; SQLite needs no such look.
    pub async fn look_at_what_has_grown(&self) -> Result<usize, StorageError> {
        self.transaction_by_keys(RequestId::fresh(), refresh).await
    }
}

fn refresh(tx: &mut Transaction<'_>) -> Result<usize, StorageError> {
    if let DbConnection::Sqlite(_) = tx.opened {
        return Ok(0);
    }
    let grown = PlainSql::prepared(tx, GROWN).load::<Grown>(tx)?;
    for Grown { name } in &grown {
        tx.connection()?.batch_execute(&format!("ANALYZE {name}"))?;
    }
    Ok(grown.len())
}
