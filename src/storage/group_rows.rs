//! What is in SCIM Groups: the same statements over the rows of Users in Groups and over those of
//! Groups in Groups.

use diesel::QueryableByName;
use diesel::sql_types::Text;

/// The key of one.
#[derive(QueryableByName)]
pub(crate) struct KeyRow {
    #[diesel(sql_type = Text)]
    pub(crate) key: String,
}

/// Reads and writes the rows of one table, whose other column has ids of one kind.
macro_rules! rows_in_groups {
    ($table:ident, $column:ident, $id:ident) => {
        fn read(keys: &[String]) -> Result<Vec<$id>, StorageError> {
            let ids = keys.iter().map(|key| $id::from_key(key));
            ids.collect::<Result<_, _>>().map_err(StorageError::corrupt)
        }

        /// The first of those in a Group, in the order they were made.
        pub fn list(
            tx: &mut Transaction<'_>,
            scope: &OrgScope,
            group: ScimGroupId,
            most: i64,
        ) -> Result<Vec<$id>, StorageError> {
            let keys = $table::table
                .filter($table::organization_id.eq(scope.key()))
                .filter($table::group_id.eq(group.key()))
                .order($table::$column.asc())
                .limit(most)
                .select($table::$column)
                .load::<String>(tx.connection()?)?;
            read(&keys)
        }

        /// The first of those in these Groups, Group by Group, in the order they were made.
        pub fn list_all(
            tx: &mut Transaction<'_>,
            scope: &OrgScope,
            groups: &[ScimGroupId],
            most: i64,
        ) -> Result<Vec<(ScimGroupId, $id)>, StorageError> {
            let rows = $table::table
                .filter($table::organization_id.eq(scope.key()))
                .filter($table::group_id.eq_any(groups.iter().map(ScimGroupId::key)))
                .order(($table::group_id.asc(), $table::$column.asc()))
                .limit(most)
                .select(($table::group_id, $table::$column))
                .load::<(String, String)>(tx.connection()?)?;
            rows.iter()
                .map(|(group, held)| {
                    let group = ScimGroupId::from_key(group).map_err(StorageError::corrupt)?;
                    let held = $id::from_key(held).map_err(StorageError::corrupt)?;
                    Ok((group, held))
                })
                .collect()
        }

        /// Which of these are in the Group.
        pub fn among(
            tx: &mut Transaction<'_>,
            scope: &OrgScope,
            group: ScimGroupId,
            asked: &[$id],
        ) -> Result<Vec<$id>, StorageError> {
            let mut found = Vec::new();
            // SQLite takes a limited number of values in one statement.
            for some in asked.chunks(500) {
                let (table, column) = (stringify!($table), stringify!($column));
                let mut sql = PlainSql::prepared(tx, "SELECT value AS key FROM ");
                sql.each(some.iter().map($id::key), "asked");
                sql.sql(&format!(
                    " WHERE EXISTS (SELECT 1 FROM {table} WHERE organization_id = "
                ));
                sql.text(scope.key())
                    .sql(" AND group_id = ")
                    .text(group.key());
                sql.sql(&format!(" AND {column} = asked.value"));
                sql.sql(ONE_BY_ONE);
                let keys = sql.load::<KeyRow>(tx)?.into_iter().map(|row| row.key);
                found.extend(read(&keys.collect::<Vec<_>>())?);
            }
            Ok(found)
        }

        /// Puts these into a Group, in one statement; they must not be in it yet.
        pub fn insert(
            tx: &mut Transaction<'_>,
            scope: &OrgScope,
            group: ScimGroupId,
            joining: &[$id],
        ) -> Result<(), StorageError> {
            if joining.is_empty() {
                return Ok(());
            }
            let (table, column) = (stringify!($table), stringify!($column));
            let columns = format!("(organization_id, group_id, added_at, {column})");
            let mut rows =
                PlainSql::prepared(tx, &format!("INSERT INTO {table} {columns} SELECT "));
            rows.text(scope.key()).sql(", ").text(group.key());
            rows.sql(", ")
                .instant(instant(tx.now))
                .sql(", joining.value FROM ");
            rows.each(joining.iter().map($id::key), "joining");
            tx.add(table, rows)
        }

        /// Takes these out of a Group.
        pub fn delete(
            tx: &mut Transaction<'_>,
            scope: &OrgScope,
            group: ScimGroupId,
            leaving: &[$id],
        ) -> Result<(), StorageError> {
            for some in leaving.chunks(500) {
                let gone = $table::table
                    .filter($table::organization_id.eq(scope.key()))
                    .filter($table::group_id.eq(group.key()))
                    .filter($table::$column.eq_any(some.iter().map($id::key)));
                diesel::delete(gone).execute(tx.connection()?)?;
            }
            Ok(())
        }

        /// The Groups that one is in are one version further.
        fn note_change(
            tx: &mut Transaction<'_>,
            scope: &OrgScope,
            leaving: $id,
        ) -> Result<(), StorageError> {
            let holding = $table::table
                .filter($table::organization_id.eq(scope.key()))
                .filter($table::$column.eq(leaving.key()))
                .select($table::group_id);
            let changed = scim_groups::table
                .filter(scim_groups::organization_id.eq(scope.key()))
                .filter(scim_groups::id.eq_any(holding));
            diesel::update(changed)
                .set((
                    scim_groups::version.eq(scim_groups::version + 1),
                    scim_groups::updated_at.eq(instant(tx.now)),
                ))
                .execute(tx.connection()?)?;
            Ok(())
        }
    };
}

pub(crate) use rows_in_groups;
