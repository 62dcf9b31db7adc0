//! One entry of the journal: what happened, to what, by whom, from which request.

use chrono::DateTime;
use chrono::Utc;
use serde::Serialize;
use serde_json::Value;

use crate::domain::id::EventId;
use crate::domain::id::OrganizationId;
use crate::domain::id::RequestId;

/// Who caused a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The project's own credentials, through the management API.
    Project,
    /// A member, by whose session the backend makes the call.
    Member(String),
    /// A SCIM client, by its connection.
    Directory(String),
    /// A machine of the project, by its client id.
    M2mClient(String),
    /// A person who signs in, by the connection that proved them.
    SignIn(String),
    /// Somebody whom an operator lets act as a member, by the operator's name for them.
    Impersonator(String),
    /// Who runs commands on the server's own machine.
    Operator,
    /// Vestibule itself: start-up, background work.
    System,
}

impl Actor {
    /// The word in the actor column.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Member(_) => "member",
            Self::Directory(_) => "directory",
            Self::M2mClient(_) => "m2m_client",
            Self::SignIn(_) => "sign_in",
            Self::Impersonator(_) => "impersonator",
            Self::Operator => "operator",
            Self::System => "system",
        }
    }

    /// Which of its kind, if there are several.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Member(id)
            | Self::Directory(id)
            | Self::M2mClient(id)
            | Self::SignIn(id)
            | Self::Impersonator(id) => Some(id),
            Self::Project | Self::Operator | Self::System => None,
        }
    }
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each name is the event's own description")]
pub enum EventKind {
    OrganizationCreated,
    OrganizationUpdated,
    OrganizationDeleted,
    MemberCreated,
    MemberUpdated,
    MemberDeleted,
    MemberInvited,
    MagicLinkSent,
    MemberLocked,
    MemberUnlocked,
    TotpCreated,
    RecoveryCodesRotated,
    RecoveryCodeUsed,
    SecondFactorRefused,
    LastAdminKept,
    LastAdminReleased,
    ConnectionCreated,
    ConnectionUpdated,
    ConnectionDeleted,
    DirectoryRemoved,
    ScimClientCreated,
    ScimClientUpdated,
    ScimClientDeleted,
    ScimTokenIssued,
    M2mClientCreated,
    M2mClientUpdated,
    M2mClientDeleted,
    M2mTokenIssued,
    ScimUserCreated,
    ScimUserUpdated,
    ScimUserDeleted,
    ScimUserRefused,
    ScimGroupCreated,
    ScimGroupUpdated,
    ScimGroupDeleted,
    ScimResourceCreated,
    ScimResourceUpdated,
    ScimResourceDeleted,
    ScimSchemasUpdated,
    SsoRegistrationCreated,
    SsoRegistrationUpdated,
    PasswordSet,
    PasswordRehashed,
    PasswordResetRequired,
    PasswordResetSent,
    PasswordDeleted,
    OauthRegistrationCreated,
    SessionStarted,
    SessionUpdated,
    SessionRevoked,
    SessionsRevoked,
    SignInRefused,
    ImpersonationAllowed,
    ImpersonationStarted,
    BreakGlassUsed,
    SingleLogoutAnswered,
    SingleLogoutRefused,
    SamlCertificateExpiring,
    SamlMetadataFailed,
    SamlMetadataWaits,
    MailSent,
    MailFailed,
    SigningKeyCreated,
    SigningKeyUpdated,
    SigningKeyRevoked,
    ProjectCreated,
    ProjectKeyAdded,
    ProjectKeyRevoked,
    ProjectSettingsUpdated,
}

impl EventKind {
    /// The dotted name in the journal.
    pub fn name(self) -> &'static str {
        match self {
            Self::OrganizationCreated => "organization.created",
            Self::OrganizationUpdated => "organization.updated",
            Self::OrganizationDeleted => "organization.deleted",
            Self::MemberCreated => "member.created",
            Self::MemberUpdated => "member.updated",
            Self::MemberDeleted => "member.deleted",
            Self::MemberInvited => "member.invited",
            Self::MagicLinkSent => "magic_link.sent",
            Self::MemberLocked => "member.locked",
            Self::MemberUnlocked => "member.unlocked",
            Self::TotpCreated => "totp.created",
            Self::RecoveryCodesRotated => "recovery_codes.rotated",
            Self::RecoveryCodeUsed => "recovery_code.used",
            Self::SecondFactorRefused => "second_factor.refused",
            Self::LastAdminKept => "last_admin.kept",
            Self::LastAdminReleased => "last_admin.released",
            Self::ConnectionCreated => "connection.created",
            Self::ConnectionUpdated => "connection.updated",
            Self::ConnectionDeleted => "connection.deleted",
            Self::DirectoryRemoved => "directory.removed",
            Self::ScimClientCreated => "scim_client.created",
            Self::ScimClientUpdated => "scim_client.updated",
            Self::ScimClientDeleted => "scim_client.deleted",
            Self::ScimTokenIssued => "scim_token.issued",
            Self::M2mClientCreated => "m2m_client.created",
            Self::M2mClientUpdated => "m2m_client.updated",
            Self::M2mClientDeleted => "m2m_client.deleted",
            Self::M2mTokenIssued => "m2m_token.issued",
            Self::ScimUserCreated => "scim_user.created",
            Self::ScimUserUpdated => "scim_user.updated",
            Self::ScimUserDeleted => "scim_user.deleted",
            Self::ScimUserRefused => "scim_user.refused",
            Self::ScimGroupCreated => "scim_group.created",
            Self::ScimGroupUpdated => "scim_group.updated",
            Self::ScimGroupDeleted => "scim_group.deleted",
            Self::ScimResourceCreated => "scim_resource.created",
            Self::ScimResourceUpdated => "scim_resource.updated",
            Self::ScimResourceDeleted => "scim_resource.deleted",
            Self::ScimSchemasUpdated => "scim_schemas.updated",
            Self::SsoRegistrationCreated => "sso_registration.created",
            Self::SsoRegistrationUpdated => "sso_registration.updated",
            Self::PasswordSet => "password.set",
            Self::PasswordRehashed => "password.rehashed",
            Self::PasswordResetRequired => "password.reset_required",
            Self::PasswordResetSent => "password.reset_sent",
            Self::PasswordDeleted => "password.deleted",
            Self::OauthRegistrationCreated => "oauth_registration.created",
            Self::SessionStarted => "session.started",
            Self::SessionUpdated => "session.updated",
            Self::SessionRevoked => "session.revoked",
            Self::SessionsRevoked => "sessions.revoked",
            Self::ImpersonationAllowed => "impersonation.allowed",
            Self::ImpersonationStarted => "impersonation.started",
            Self::SignInRefused => "sign_in.refused",
            Self::BreakGlassUsed => "break_glass.used",
            Self::SingleLogoutAnswered => "single_logout.answered",
            Self::SingleLogoutRefused => "single_logout.refused",
            Self::SamlCertificateExpiring => "saml_certificate.expiring",
            Self::SamlMetadataFailed => "saml_metadata.failed",
            Self::SamlMetadataWaits => "saml_metadata.waits",
            Self::MailSent => "mail.sent",
            Self::MailFailed => "mail.failed",
            Self::SigningKeyCreated => "signing_key.created",
            Self::SigningKeyUpdated => "signing_key.updated",
            Self::SigningKeyRevoked => "signing_key.revoked",
            Self::ProjectCreated => "project.created",
            Self::ProjectKeyAdded => "project_key.added",
            Self::ProjectKeyRevoked => "project_key.revoked",
            Self::ProjectSettingsUpdated => "project_settings.updated",
        }
    }
}

/// Who asks and through which request; every change carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The request, as its answer and the logs name it.
    pub request_id: RequestId,
    /// Who.
    pub actor: Actor,
}

/// What changed, before the journal adds when and by whom.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The organization whose journal it enters; `None` for the project's own.
    pub organization_id: Option<OrganizationId>,
    /// What happened.
    pub kind: EventKind,
    /// The id of the thing it happened to.
    pub object_id: String,
    /// The thing before.
    pub before: Option<Value>,
    /// The thing after, or what was refused and why.
    pub after: Option<Value>,
}

/// One entry of the journal.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Event {
    /// Its id, ordered by time.
    pub id: EventId,
    /// The organization whose journal it is in.
    pub organization_id: Option<OrganizationId>,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// What happened.
    pub kind: String,
    /// The id of the thing it happened to.
    pub object_id: String,
    /// Who: `project`, `member`, `directory`, `m2m_client`, `sign_in`,
    /// `impersonator`, `operator` or `system`.
    pub actor: String,
    /// Which of its kind, if there are several.
    pub actor_id: Option<String>,
    /// The request that caused it.
    pub request_id: String,
    /// The thing before.
    pub before: Option<Value>,
    /// The thing after, or what was refused and why.
    pub after: Option<Value>,
}
