//! Tables that no query reads together with others.

diesel::table! {
    journal (organization_id, id) {
        organization_id -> Text,
        id -> Text,
        occurred_at -> Timestamp,
        kind -> Text,
        object_id -> Text,
        actor -> Text,
        actor_id -> Nullable<Text>,
        request_id -> Text,
        before_change -> Nullable<Text>,
        after_change -> Nullable<Text>,
    }
}

diesel::table! {
    m2m_clients (project_id, id) {
        project_id -> Text,
        id -> Text,
        name -> Text,
        description -> Text,
        active -> Bool,
        scopes -> Text,
        trusted_metadata -> Text,
        secret -> Text,
        next_secret -> Nullable<Text>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    project_settings (project_id) {
        project_id -> Text,
        policy -> Text,
        redirect_urls -> Nullable<Text>,
        public_tokens -> Text,
        mail_templates -> Text,
        session -> Text,
        updated_at -> Timestamp,
        trusted_tokens -> Text,
        session_migration -> Text,
        passwords -> Text,
        sign_in_pages -> Text,
    }
}

diesel::table! {
    scim_requests (organization_id, connection_id, id) {
        organization_id -> Text,
        connection_id -> Text,
        id -> Text,
        occurred_at -> Timestamp,
        request_id -> Text,
        method -> Text,
        path -> Text,
        query -> Text,
        user_agent -> Text,
        if_match -> Nullable<Text>,
        resource_id -> Nullable<Text>,
        status -> Integer,
        scim_type -> Nullable<Text>,
        detail -> Nullable<Text>,
        millis -> Integer,
        departures -> Text,
        request_body -> Nullable<Text>,
        request_cut -> Bool,
        response_body -> Nullable<Text>,
        response_cut -> Bool,
    }
}

diesel::table! {
    seen_assertions (organization_id, connection_id, assertion_id) {
        organization_id -> Text,
        connection_id -> Text,
        assertion_id -> Text,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    operator_secrets (hash) {
        hash -> Text,
        project_id -> Text,
        kind -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
    }
}
