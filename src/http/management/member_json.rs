//! A member as the contract shows it (contract 3.2, 3.3, appendix A).

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::authentication_settings::MfaMethod;
use crate::domain::id::ConnectionId;
use crate::domain::id::MemberId;
use crate::domain::id::OauthRegistrationId;
use crate::domain::id::OrganizationId;
use crate::domain::id::RegistrationId;
use crate::domain::id::RetiredEmailId;
use crate::domain::id::ScimUserId;
use crate::domain::member::kept_admin::KeptAdmin;
use crate::domain::metadata::Metadata;
use crate::domain::oauth_identity::OauthRegistration;
use crate::domain::rbac::ADMIN_ROLE;
use crate::domain::roles::RoleAssignment;
use crate::domain::session_token::timestamp;
use crate::http::management::organization_json::OrganizationJson;
use crate::http::management::scim_attributes::ScimAttributesJson;
use crate::use_cases::members::MemberView;
use crate::use_cases::standing::MemberStanding;
use crate::use_cases::standing::ScimRegistration;
use crate::use_cases::standing::SsoRegistration;

/// A member of one organization.
#[derive(Serialize, ToSchema)]
#[schema(as = Member)]
pub(crate) struct MemberJson {
    organization_id: OrganizationId,
    member_id: MemberId,
    email_address: String,
    /// Whether a sign-in or a directory has proven the address.
    email_address_verified: bool,
    /// `pending`, `invited`, `active` or `deleted`.
    status: &'static str,
    name: String,
    external_id: Option<String>,
    #[schema(value_type = Object)]
    trusted_metadata: Metadata,
    #[schema(value_type = Object)]
    untrusted_metadata: Metadata,
    is_breakglass: bool,
    is_admin: bool,
    roles: Vec<MemberRoleJson>,
    sso_registrations: Vec<SsoRegistrationJson>,
    scim_registration: Option<ScimRegistrationJson>,
    retired_email_addresses: Vec<RetiredEmailJson>,
    /// Set while the member stays an administrator only because a directory would leave the
    /// organization with none.
    kept_as_last_admin: Option<KeptAdminJson>,
    #[serde(flatten)]
    factors: FactorsJson,
    /// RFC 3339, UTC.
    created_at: String,
    /// RFC 3339, UTC.
    updated_at: String,
}

/// How a member may prove itself other than by single sign-on. Required fields are always there,
/// since typed SDKs refuse without them.
#[derive(Serialize, ToSchema)]
struct FactorsJson {
    oauth_registrations: Vec<OAuthRegistrationJson>,
    member_password_id: String,
    mfa_enrolled: bool,
    mfa_phone_number: String,
    mfa_phone_number_verified: bool,
    totp_registration_id: String,
    default_mfa_method: String,
    /// Whether no secret is asked of the member for a while, because somebody guessed too often.
    is_locked: bool,
    /// RFC 3339, UTC.
    lock_created_at: Option<String>,
    /// RFC 3339, UTC.
    lock_expires_at: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = OAuthRegistration)]
struct OAuthRegistrationJson {
    /// `Google`, `Microsoft`, `GitHub`, `Slack` or `HubSpot`.
    provider_type: &'static str,
    /// The subject at the provider.
    provider_subject: String,
    member_oauth_registration_id: OauthRegistrationId,
    profile_picture_url: Option<String>,
    locale: Option<String>,
}

/// One role and every reason for it.
#[derive(Serialize, ToSchema)]
#[schema(as = MemberRole)]
struct MemberRoleJson {
    role_id: String,
    sources: Vec<MemberRoleSourceJson>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = MemberRoleSource)]
struct MemberRoleSourceJson {
    r#type: &'static str,
    #[schema(value_type = Object)]
    details: Value,
}

#[derive(Serialize, ToSchema)]
#[schema(as = SSORegistration)]
struct SsoRegistrationJson {
    connection_id: ConnectionId,
    /// The subject at the IdP.
    external_id: String,
    registration_id: RegistrationId,
    #[schema(value_type = Object)]
    sso_attributes: Metadata,
}

#[derive(Serialize, ToSchema)]
#[schema(as = SCIMRegistration)]
struct ScimRegistrationJson {
    connection_id: ConnectionId,
    registration_id: ScimUserId,
    external_id: Option<String>,
    scim_attributes: ScimAttributesJson,
}

/// An address that the member gave up, and that stays theirs until it is unlinked.
#[derive(Serialize, ToSchema)]
#[schema(as = RetiredEmail)]
struct RetiredEmailJson {
    email_id: RetiredEmailId,
    email_address: String,
}

/// What a directory asked for and has not got: there would be no active `stytch_admin` left. It
/// happens once somebody else is one, or the connection has `allow_last_admin_removal`.
#[derive(Serialize, ToSchema)]
#[schema(as = KeptAdmin)]
struct KeptAdminJson {
    connection_id: ConnectionId,
    /// `removal` or `role_loss`.
    withheld: &'static str,
    /// RFC 3339, UTC.
    since: String,
}

/// An answer about a member.
#[derive(Serialize, ToSchema)]
pub(crate) struct MemberAnswer {
    member_id: MemberId,
    member: MemberJson,
    organization: OrganizationJson,
}

impl MemberAnswer {
    pub(crate) fn new(view: &MemberView) -> Self {
        Self {
            member_id: view.standing.member.id,
            member: MemberJson::new(&view.standing),
            organization: OrganizationJson::new(&view.organization),
        }
    }
}

impl MemberJson {
    pub(crate) fn new(standing: &MemberStanding) -> Self {
        let member = &standing.member;
        Self {
            organization_id: member.organization_id,
            member_id: member.id,
            email_address: member.email_address.to_string(),
            email_address_verified: member.email_address_verified,
            status: member.status.name(),
            name: member.name.clone(),
            external_id: member.external_id.clone(),
            trusted_metadata: member.trusted_metadata.clone(),
            untrusted_metadata: member.untrusted_metadata.clone(),
            is_breakglass: member.is_breakglass,
            is_admin: standing.roles.iter().any(|role| role.role_id == ADMIN_ROLE),
            roles: standing.roles.iter().map(role).collect(),
            sso_registrations: standing.sso.iter().map(sso_registration).collect(),
            scim_registration: standing.scim.as_ref().map(scim_registration),
            retired_email_addresses: retired_emails(standing),
            kept_as_last_admin: member.kept_as_admin.as_ref().map(kept_admin),
            factors: factors(standing),
            created_at: timestamp(member.created_at),
            updated_at: timestamp(member.updated_at),
        }
    }
}

fn factors(standing: &MemberStanding) -> FactorsJson {
    let member = &standing.member;
    let default_mfa_method = member.default_mfa_method.map(MfaMethod::name);
    let totp = member.totp_registration_id;
    FactorsJson {
        oauth_registrations: standing.oauth.iter().map(oauth_registration).collect(),
        member_password_id: standing
            .password
            .map_or_else(String::new, |id| id.to_string()),
        mfa_enrolled: member.mfa_enrolled,
        mfa_phone_number: member.mfa_phone_number.clone(),
        mfa_phone_number_verified: member.mfa_phone_number_verified,
        totp_registration_id: totp.map(|id| id.to_string()).unwrap_or_default(),
        default_mfa_method: default_mfa_method.unwrap_or_default().to_owned(),
        is_locked: member.lock.is_some(),
        lock_created_at: member.lock.map(|lock| timestamp(lock.created_at)),
        lock_expires_at: member.lock.map(|lock| timestamp(lock.expires_at)),
    }
}

fn oauth_registration(registered: &OauthRegistration) -> OAuthRegistrationJson {
    let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    OAuthRegistrationJson {
        provider_type: registered.provider.title(),
        provider_subject: registered.subject.clone(),
        member_oauth_registration_id: registered.id,
        profile_picture_url: given(&registered.picture_url),
        locale: given(&registered.locale),
    }
}

fn role(assignment: &RoleAssignment) -> MemberRoleJson {
    let sources = assignment.sources.iter();
    let sources = sources.map(|source| MemberRoleSourceJson {
        r#type: source.type_name(),
        details: source.details(),
    });
    MemberRoleJson {
        role_id: assignment.role_id.clone(),
        sources: sources.collect(),
    }
}

fn sso_registration(registered: &SsoRegistration) -> SsoRegistrationJson {
    SsoRegistrationJson {
        connection_id: registered.connection.id,
        external_id: registered.registration.subject.clone(),
        registration_id: registered.registration.id,
        sso_attributes: registered.registration.attributes.clone(),
    }
}

fn scim_registration(registration: &ScimRegistration) -> ScimRegistrationJson {
    ScimRegistrationJson {
        connection_id: registration.user.connection_id,
        registration_id: registration.user.id,
        external_id: registration.user.external_id.clone(),
        scim_attributes: ScimAttributesJson::new(registration),
    }
}

fn kept_admin(kept: &KeptAdmin) -> KeptAdminJson {
    KeptAdminJson {
        connection_id: kept.connection_id,
        withheld: kept.withheld.name(),
        since: timestamp(kept.since),
    }
}

fn retired_emails(standing: &MemberStanding) -> Vec<RetiredEmailJson> {
    let retired = standing.retired_emails.iter();
    retired
        .map(|(id, address)| RetiredEmailJson {
            email_id: *id,
            email_address: address.clone(),
        })
        .collect()
}
