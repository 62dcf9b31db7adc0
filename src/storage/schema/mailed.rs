//! Tables of mails: what is to be sent, who was lately sent something, and codes that were.

diesel::table! {
    mails (id) {
        id -> Text,
        project_id -> Text,
        organization_id -> Text,
        kind -> Text,
        letter -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        attempts -> Integer,
        next_attempt_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    mail_recipients (address_hash) {
        address_hash -> Text,
        recent -> Text,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    email_codes (place_hash) {
        place_hash -> Text,
        code_mac -> Text,
        tries_left -> Integer,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    domain_proofs (id) {
        id -> Text,
        project_id -> Text,
        organization_id -> Text,
        domain -> Text,
        token -> Text,
        status -> Text,
        misses -> Integer,
        missed_at -> Nullable<Timestamp>,
        last_look -> Nullable<Text>,
        created_at -> Timestamp,
        verified_at -> Nullable<Timestamp>,
        next_look_at -> Timestamp,
        seen_at -> Nullable<Timestamp>,
    }
}
