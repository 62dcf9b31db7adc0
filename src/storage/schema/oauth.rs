//! Tables of sign-ins with OAuth providers.

diesel::table! {
    oauth_registrations (organization_id, provider, subject) {
        organization_id -> Text,
        provider -> Text,
        subject -> Text,
        id -> Text,
        member_id -> Text,
        email_address -> Text,
        picture_url -> Text,
        locale -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    allowed_oauth_tenants (project_id, provider, tenant, organization_id) {
        project_id -> Text,
        provider -> Text,
        tenant -> Text,
        organization_id -> Text,
    }
}
