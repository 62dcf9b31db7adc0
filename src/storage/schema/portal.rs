//! Tables of the admin portal.

use crate::storage::schema::organizations;

diesel::table! {
    portal_links (organization_id, id) {
        organization_id -> Text,
        id -> Text,
        token_hash -> Text,
        is_lasting -> Bool,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        opened_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
        completed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    portal_sessions (token_hash) {
        token_hash -> Text,
        organization_id -> Text,
        link_id -> Text,
        started_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    connection_tests (organization_id, connection_id) {
        organization_id -> Text,
        connection_id -> Text,
        tested_at -> Timestamp,
        report -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(portal_links, portal_sessions, organizations);
