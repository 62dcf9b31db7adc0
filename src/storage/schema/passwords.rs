//! The tables of passwords.

diesel::table! {
    member_passwords (organization_id, member_id) {
        organization_id -> Text,
        member_id -> Text,
        id -> Text,
        hash -> Text,
        requires_reset -> Bool,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    address_passwords (project_id, email) {
        project_id -> Text,
        email -> Text,
        id -> Text,
        hash -> Text,
        requires_reset -> Bool,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}
