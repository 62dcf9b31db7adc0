//! All that belongs to one organization, so that it can go at once. The journal stays: it tells
//! what was there and who removed it.

use diesel::ExpressionMethods;
use diesel::QueryDsl;
use diesel::RunQueryDsl;

use crate::domain::id::OrganizationId;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::schema;

macro_rules! tenant_tables {
    ($($table:ident,)*) => {
        /// Every table that goes with an organization; one that names others comes before them.
        pub const TABLES: &[&str] = &[$(stringify!($table)),*];

        /// Removes what belongs to an organization, in one statement for each table.
        pub fn delete_all(
            tx: &mut Transaction<'_>,
            organization: OrganizationId,
        ) -> Result<(), StorageError> {
            let key = organization.key();
            $(
                let rows = schema::$table::table.filter(schema::$table::organization_id.eq(&key));
                diesel::delete(rows).execute(tx.connection()?)?;
            )*
            Ok(())
        }
    };
}

tenant_tables! {
    scim_requests,
    scim_group_members,
    scim_group_nesting,
    scim_groups,
    scim_user_emails,
    scim_users,
    scim_user_counts,
    scim_unique_values,
    scim_resources,
    scim_schemas,
    scim_tokens,
    scim_clients,
    sso_registrations,
    oauth_registrations,
    sign_in_flows,
    seen_assertions,
    one_time_tokens,
    mails,
    portal_sessions,
    portal_links,
    sessions,
    retired_emails,
    member_passwords,
    connection_tests,
    connections,
    member_failures,
    totps,
    members,
    claimed_domains,
    domain_proofs,
    allowed_oauth_tenants,
}
