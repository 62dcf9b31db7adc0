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
    /// Whoever holds a link to the admin portal, by the link.
    PortalLink(String),
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
            Self::PortalLink(_) => "portal_link",
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
            | Self::Impersonator(id)
            | Self::PortalLink(id) => Some(id),
            Self::Project | Self::Operator | Self::System => None,
        }
    }
}

macro_rules! event_kinds {
    ($($name:ident = $text:literal;)*) => {
        /// What happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each name is the event's own description")]
        pub enum EventKind {
            $($name,)*
        }

        impl EventKind {
            /// The dotted name in the journal.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

event_kinds! {
    OrganizationCreated = "organization.created";
    OrganizationUpdated = "organization.updated";
    OrganizationDeleted = "organization.deleted";
    MemberCreated = "member.created";
    MemberUpdated = "member.updated";
    MemberDeleted = "member.deleted";
    MemberInvited = "member.invited";
    MagicLinkSent = "magic_link.sent";
    MemberLocked = "member.locked";
    MemberUnlocked = "member.unlocked";
    TotpCreated = "totp.created";
    RecoveryCodesRotated = "recovery_codes.rotated";
    RecoveryCodeUsed = "recovery_code.used";
    SecondFactorRefused = "second_factor.refused";
    LastAdminKept = "last_admin.kept";
    LastAdminReleased = "last_admin.released";
    DomainClaimed = "domain.claimed";
    DomainVerified = "domain.verified";
    DomainSuspended = "domain.suspended";
    DomainReleased = "domain.released";
    ConnectionCreated = "connection.created";
    ConnectionUpdated = "connection.updated";
    ConnectionDeleted = "connection.deleted";
    ConnectionTested = "connection.tested";
    DirectoryRemoved = "directory.removed";
    ScimClientCreated = "scim_client.created";
    ScimClientUpdated = "scim_client.updated";
    ScimClientDeleted = "scim_client.deleted";
    ScimTokenIssued = "scim_token.issued";
    M2mClientCreated = "m2m_client.created";
    M2mClientUpdated = "m2m_client.updated";
    M2mClientDeleted = "m2m_client.deleted";
    M2mTokenIssued = "m2m_token.issued";
    OperatorLinkMade = "operator.link_made";
    OperatorSignedIn = "operator.signed_in";
    OperatorSignedOut = "operator.signed_out";
    ScimUserCreated = "scim_user.created";
    ScimUserUpdated = "scim_user.updated";
    ScimUserDeleted = "scim_user.deleted";
    ScimUserRefused = "scim_user.refused";
    ScimGroupCreated = "scim_group.created";
    ScimGroupUpdated = "scim_group.updated";
    ScimGroupDeleted = "scim_group.deleted";
    ScimResourceCreated = "scim_resource.created";
    ScimResourceUpdated = "scim_resource.updated";
    ScimResourceDeleted = "scim_resource.deleted";
    ScimSchemasUpdated = "scim_schemas.updated";
    SsoRegistrationCreated = "sso_registration.created";
    SsoRegistrationUpdated = "sso_registration.updated";
    PasswordSet = "password.set";
    PasswordRehashed = "password.rehashed";
    PasswordResetRequired = "password.reset_required";
    PasswordResetSent = "password.reset_sent";
    PasswordDeleted = "password.deleted";
    OauthRegistrationCreated = "oauth_registration.created";
    SessionStarted = "session.started";
    SessionUpdated = "session.updated";
    SessionRevoked = "session.revoked";
    SessionsRevoked = "sessions.revoked";
    ImpersonationAllowed = "impersonation.allowed";
    ImpersonationStarted = "impersonation.started";
    SignInRefused = "sign_in.refused";
    BreakGlassUsed = "break_glass.used";
    SingleLogoutAnswered = "single_logout.answered";
    SingleLogoutRefused = "single_logout.refused";
    SamlCertificateExpiring = "saml_certificate.expiring";
    SamlMetadataFailed = "saml_metadata.failed";
    SamlMetadataWaits = "saml_metadata.waits";
    MailSent = "mail.sent";
    MailFailed = "mail.failed";
    SigningKeyCreated = "signing_key.created";
    SigningKeyUpdated = "signing_key.updated";
    SigningKeyRevoked = "signing_key.revoked";
    PortalLinkCreated = "portal_link.created";
    PortalLinkOpened = "portal_link.opened";
    PortalLinkRevoked = "portal_link.revoked";
    PortalLinkCompleted = "portal_link.completed";
    ProjectCreated = "project.created";
    ProjectKeyAdded = "project_key.added";
    ProjectKeyRevoked = "project_key.revoked";
    ProjectSettingsUpdated = "project_settings.updated";
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
    /// `impersonator`, `portal_link`, `operator` or `system`.
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
