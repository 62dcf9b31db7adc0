//! What a caller may ask an organization to become, field by field (contract 3.1, appendix A.1).

use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::authentication_settings::AuthMethod;
use crate::domain::authentication_settings::Door;
use crate::domain::authentication_settings::EmailImplicitRoleAssignment;
use crate::domain::authentication_settings::Methods;
use crate::domain::authentication_settings::MfaMethod;
use crate::domain::authentication_settings::MfaPolicy;
use crate::domain::authentication_settings::OauthTenants;
use crate::domain::id::ConnectionId;
use crate::domain::metadata::Metadata;

/// What a caller asks an organization to become. What is absent or null stays as it is; lists are
/// replaced whole.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(default)]
pub struct OrganizationDraft {
    /// 1 to 128 characters that show, without the white space around them. Needed to create one.
    pub organization_name: Option<String>,
    /// 2 to 128 of ASCII letters, digits and `- . _ ~`, at least one of them a letter or digit;
    /// unique in the project. Made from the name when a new organization comes without one.
    pub organization_slug: Option<String>,
    /// 1 to 128 of ASCII letters, digits and `. _ - |`; unique in the project. Names the
    /// organization wherever an id does.
    pub organization_external_id: Option<String>,
    /// At most 2048 characters; an empty text is none.
    pub organization_logo_url: Option<String>,
    /// Merged at the top level, where null deletes a key; at most 20 keys and 4096 bytes of JSON.
    #[schema(value_type = Option<Object>)]
    pub trusted_metadata: Option<Metadata>,
    /// An active SSO connection of the organization; an empty text unsets it.
    pub sso_default_connection_id: Option<String>,
    /// May single sign-on create members? `RESTRICTED` to the allowed connections.
    pub sso_jit_provisioning: Option<Door>,
    /// SSO connections of the organization.
    pub sso_jit_provisioning_allowed_connections: Option<Vec<ConnectionId>>,
    /// At most 100 different domains that are the organization's own: no mail provider, no domain
    /// under which anybody may register others. Kept in lower case, other scripts as A-labels.
    pub email_allowed_domains: Option<Vec<String>>,
    /// At most 100 domains, of the same kind, whose people may sign up nowhere else; no two
    /// organizations of a project claim the same one. Whoever creates an organization of their own by
    /// `discovery/organizations/create` may not give any.
    pub claimed_email_domains: Option<Vec<String>>,
    /// May a proven address create members? Only `RESTRICTED`, to the allowed domains, or
    /// `NOT_ALLOWED`.
    pub email_jit_provisioning: Option<Door>,
    /// Who may be invited? `RESTRICTED` to the allowed domains.
    pub email_invites: Option<Door>,
    /// Which ways to sign in are allowed? `RESTRICTED` to those listed.
    pub auth_methods: Option<Methods>,
    /// The ways allowed when restricted.
    pub allowed_auth_methods: Option<Vec<AuthMethod>>,
    /// Of whom a second factor is asked; sessions that are open stay valid.
    pub mfa_policy: Option<MfaPolicy>,
    /// Which second factors are allowed? `RESTRICTED` to those listed.
    pub mfa_methods: Option<Methods>,
    /// The second factors allowed when restricted.
    pub allowed_mfa_methods: Option<Vec<MfaMethod>>,
    /// Roles that come with a mail domain, at most 100; the domains are of the same kind as
    /// those allowed, the roles are declared.
    pub rbac_email_implicit_role_assignments: Option<Vec<EmailImplicitRoleAssignment>>,
    /// May an OAuth tenant create members? Only `RESTRICTED`, to the allowed tenants, or
    /// `NOT_ALLOWED`.
    pub oauth_tenant_jit_provisioning: Option<Door>,
    /// At most 100 tenants of each provider, 1 to 128 characters each.
    pub allowed_oauth_tenants: Option<OauthTenants>,
    /// Kept and echoed.
    pub first_party_connected_apps_allowed_type: Option<Door>,
    /// Kept and echoed; at most 100, of at most 128 characters each.
    pub allowed_first_party_connected_apps: Option<Vec<String>>,
    /// Kept and echoed.
    pub third_party_connected_apps_allowed_type: Option<Door>,
    /// Kept and echoed; at most 100, of at most 128 characters each.
    pub allowed_third_party_connected_apps: Option<Vec<String>>,
}

impl OrganizationDraft {
    /// Whether a new organization comes with settings of its own; invites are then closed unless
    /// it opens them.
    pub(crate) fn carries_authentication_settings(&self) -> bool {
        self.sso_jit_provisioning.is_some()
            || self.email_jit_provisioning.is_some()
            || self.email_allowed_domains.is_some()
            || self.auth_methods.is_some()
            || self.allowed_auth_methods.is_some()
            || self.mfa_policy.is_some()
            || self.mfa_methods.is_some()
            || self.allowed_mfa_methods.is_some()
            || self.oauth_tenant_jit_provisioning.is_some()
            || self.allowed_oauth_tenants.is_some()
    }
}
