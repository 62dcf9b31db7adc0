//! Tables of second factors, and of guesses at secrets.

diesel::table! {
    totps (organization_id, member_id) {
        organization_id -> Text,
        member_id -> Text,
        id -> Text,
        secret -> Text,
        recovery_codes -> Text,
        is_active -> Bool,
        last_step -> BigInt,
        created_at -> Timestamp,
        expires_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    sms_messages (id) {
        id -> Text,
        project_id -> Text,
        message -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        attempts -> Integer,
        next_attempt_at -> Timestamp,
    }
}

diesel::table! {
    member_failures (organization_id, member_id) {
        organization_id -> Text,
        member_id -> Text,
        failures -> Integer,
        last_at -> Timestamp,
        second_factor_failures -> Integer,
        second_factor_last_at -> Nullable<Timestamp>,
    }
}
