//! Tables, as the migrations make them; `tests` select every column on both databases.

mod apart;
mod declared;
mod factors;
mod mailed;
mod oauth;
mod passwords;
mod portal;
mod searched;

pub use crate::storage::schema::apart::journal;
pub use crate::storage::schema::apart::m2m_clients;
pub use crate::storage::schema::apart::operator_secrets;
pub use crate::storage::schema::apart::project_settings;
pub use crate::storage::schema::apart::scim_requests;
pub use crate::storage::schema::apart::seen_assertions;
pub use crate::storage::schema::declared::scim_resources;
pub use crate::storage::schema::declared::scim_schemas;
pub use crate::storage::schema::declared::scim_unique_values;
pub use crate::storage::schema::factors::member_failures;
pub use crate::storage::schema::factors::sms_messages;
pub use crate::storage::schema::factors::totps;
pub use crate::storage::schema::mailed::domain_proofs;
pub use crate::storage::schema::mailed::email_codes;
pub use crate::storage::schema::mailed::mail_recipients;
pub use crate::storage::schema::mailed::mails;
pub use crate::storage::schema::oauth::allowed_oauth_tenants;
pub use crate::storage::schema::oauth::oauth_registrations;
pub use crate::storage::schema::passwords::address_passwords;
pub use crate::storage::schema::passwords::member_passwords;
pub use crate::storage::schema::portal::connection_tests;
pub use crate::storage::schema::portal::portal_links;
pub use crate::storage::schema::portal::portal_sessions;
pub use crate::storage::schema::searched::member_roles;
pub use crate::storage::schema::searched::scim_user_counts;
pub use crate::storage::schema::searched::scim_user_emails;

diesel::table! {
    projects (id) {
        id -> Text,
        name -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    project_keys (hash) {
        hash -> Text,
        project_id -> Text,
        kind -> Text,
        last_four -> Text,
        created_at -> Timestamp,
        name -> Text,
        origin -> Text,
    }
}

diesel::table! {
    signing_keys (project_id, id) {
        project_id -> Text,
        id -> Text,
        sealed_private_key -> Text,
        certificate -> Text,
        created_at -> Timestamp,
        signs_from -> Nullable<Timestamp>,
        verifies_until -> Nullable<Timestamp>,
    }
}

diesel::table! {
    organizations (id) {
        id -> Text,
        project_id -> Text,
        slug -> Text,
        name -> Text,
        name_folded -> Text,
        external_id -> Nullable<Text>,
        logo_url -> Text,
        trusted_metadata -> Text,
        settings -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        custom_roles -> Text,
    }
}

diesel::table! {
    claimed_domains (project_id, domain) {
        project_id -> Text,
        domain -> Text,
        organization_id -> Text,
    }
}

diesel::table! {
    members (organization_id, id) {
        organization_id -> Text,
        id -> Text,
        email -> Text,
        email_address -> Text,
        email_address_verified -> Bool,
        status -> Text,
        name -> Text,
        external_id -> Nullable<Text>,
        trusted_metadata -> Text,
        untrusted_metadata -> Text,
        is_breakglass -> Bool,
        mfa_enrolled -> Bool,
        mfa_phone_number -> Text,
        explicit_roles -> Text,
        removed_by_directory -> Bool,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        mfa_phone_number_verified -> Bool,
        default_mfa_method -> Nullable<Text>,
        kept_as_admin -> Nullable<Text>,
        totp_registration_id -> Nullable<Text>,
        locked_at -> Nullable<Timestamp>,
        lock_expires_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    retired_emails (organization_id, email) {
        organization_id -> Text,
        email -> Text,
        id -> Text,
        member_id -> Text,
        email_address -> Text,
        retired_at -> Timestamp,
    }
}

diesel::table! {
    connections (organization_id, id) {
        organization_id -> Text,
        id -> Text,
        kind -> Text,
        display_name -> Text,
        identity_provider -> Text,
        status -> Text,
        settings -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        external_connection_id -> Nullable<Text>,
        upkeep_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    scim_tokens (hash) {
        hash -> Text,
        organization_id -> Text,
        connection_id -> Text,
        expires_at -> Timestamp,
        created_at -> Timestamp,
        is_next -> Bool,
        client_id -> Nullable<Text>,
        secret_id -> Nullable<Text>,
    }
}

diesel::table! {
    scim_clients (organization_id, id) {
        organization_id -> Text,
        id -> Text,
        connection_id -> Text,
        display_name -> Text,
        secrets -> Text,
        assertion_trust -> Nullable<Text>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    sso_registrations (organization_id, connection_id, subject) {
        organization_id -> Text,
        connection_id -> Text,
        subject -> Text,
        id -> Text,
        member_id -> Text,
        attributes -> Text,
        groups -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    scim_users (organization_id, id) {
        organization_id -> Text,
        id -> Text,
        connection_id -> Text,
        user_name -> Text,
        external_id -> Nullable<Text>,
        email -> Nullable<Text>,
        display_name -> Nullable<Text>,
        active -> Bool,
        member_id -> Nullable<Text>,
        resource -> Text,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        display_name_folded -> Nullable<Text>,
    }
}

diesel::table! {
    scim_groups (organization_id, id) {
        organization_id -> Text,
        id -> Text,
        connection_id -> Text,
        display_name -> Text,
        display_name_folded -> Text,
        external_id -> Nullable<Text>,
        resource -> Text,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    scim_group_members (organization_id, group_id, user_id) {
        organization_id -> Text,
        group_id -> Text,
        user_id -> Text,
        added_at -> Timestamp,
    }
}

diesel::table! {
    scim_group_nesting (organization_id, group_id, nested_id) {
        organization_id -> Text,
        group_id -> Text,
        nested_id -> Text,
        added_at -> Timestamp,
    }
}

diesel::table! {
    sign_in_flows (state_hash) {
        state_hash -> Text,
        organization_id -> Text,
        connection_id -> Text,
        flow -> Text,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    one_time_tokens (hash) {
        hash -> Text,
        project_id -> Text,
        organization_id -> Nullable<Text>,
        kind -> Text,
        content -> Text,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    sessions (organization_id, id) {
        organization_id -> Text,
        id -> Text,
        member_id -> Text,
        token_hash -> Text,
        factors -> Text,
        custom_claims -> Text,
        started_at -> Timestamp,
        last_accessed_at -> Timestamp,
        expires_at -> Timestamp,
        ends_no_later_than -> Nullable<Timestamp>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    projects,
    project_keys,
    signing_keys,
    organizations,
    claimed_domains,
    members,
    retired_emails,
    connections,
    scim_tokens,
    scim_clients,
    sso_registrations,
    oauth_registrations,
    scim_users,
    scim_groups,
    scim_group_members,
    scim_group_nesting,
    sign_in_flows,
    one_time_tokens,
    sessions,
    project_settings,
);
