//! Tables of what SCIM connections declare, and of the resources of their own types.

diesel::table! {
    scim_schemas (organization_id, connection_id) {
        organization_id -> Text,
        connection_id -> Text,
        documents -> Text,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    scim_resources (organization_id, id) {
        organization_id -> Text,
        id -> Text,
        connection_id -> Text,
        resource_type -> Text,
        external_id -> Nullable<Text>,
        resource -> Text,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    scim_unique_values (organization_id, connection_id, value_hash) {
        organization_id -> Text,
        connection_id -> Text,
        value_hash -> Text,
        resource_id -> Text,
    }
}
