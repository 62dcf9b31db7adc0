//! Tables that only searches read: what they say is in the resources as well.

diesel::table! {
    member_roles (role, organization_id, member_id) {
        role -> Text,
        organization_id -> Text,
        member_id -> Text,
    }
}

diesel::table! {
    scim_user_counts (organization_id, connection_id, shard) {
        organization_id -> Text,
        connection_id -> Text,
        shard -> Integer,
        users -> BigInt,
    }
}

diesel::table! {
    scim_user_emails (organization_id, user_id, position) {
        organization_id -> Text,
        user_id -> Text,
        position -> Integer,
        connection_id -> Text,
        value -> Nullable<Text>,
        kind -> Nullable<Text>,
        is_primary -> Nullable<Bool>,
    }
}
