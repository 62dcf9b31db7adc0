//! One refusal of each kind, so that documentation and tests can show the whole table.

use crate::domain::id::ConnectionKind;
use crate::domain::member::MemberRefusal;
use crate::domain::metadata::MetadataRefusal;
use crate::domain::organization::OrganizationRefusal;
use crate::domain::policy::Refusal;
use crate::domain::session::SessionRefusal;
use crate::storage::error::StorageError;
use crate::use_cases::error::ManagementError;

/// Every refusal that a caller of the management API can meet.
pub fn all() -> Vec<ManagementError> {
    [
        requests(),
        fields(),
        organizations(),
        searches(),
        members(),
        connections(),
        sessions(),
    ]
    .concat()
}

fn requests() -> Vec<ManagementError> {
    use ManagementError as E;
    vec![
        E::UnauthorizedCredentials,
        E::RouteNotFound,
        E::InvalidBody(String::new(), "the body must be a JSON object".into()),
        E::BodyTooLarge(1024 * 1024),
        E::UnsupportedContentType("text/plain".into()),
        E::TooManyRequests(1),
        E::ActingAsMember,
        E::Internal("…".into()),
        E::Storage(StorageError::Busy),
    ]
}

fn fields() -> Vec<ManagementError> {
    let known = [
        "organization_name",
        "organization_slug",
        "organization_external_id",
        "auth_methods",
        "allowed_auth_methods",
        "allowed_mfa_methods",
        "mfa_policy",
        "mfa_methods",
        "sso_jit_provisioning",
        "email_jit_provisioning",
        "oauth_tenant_jit_provisioning",
        "trusted_metadata",
        "email_address",
        "mfa_phone_number",
        "session_duration_minutes",
        "sso_default_connection_id",
    ];
    let wrong = |field: &str| {
        let reason = "the value does not have the shape that the API expects";
        ManagementError::InvalidBody(field.to_owned(), reason.to_owned())
    };
    known.into_iter().map(wrong).collect()
}

fn searches() -> Vec<ManagementError> {
    use ManagementError as E;
    let fuzzy = [
        ("organization", "organization_name_fuzzy"),
        ("organization", "organization_slug_fuzzy"),
        ("member", "member_email_fuzzy"),
    ];
    let short = |(what, name): (&'static str, &str)| E::FuzzyTooShort(what, name.to_owned());
    let mut all: Vec<_> = fuzzy.into_iter().map(short).collect();
    for what in ["organization", "member"] {
        all.push(E::UnknownFilter(what, "shoe_size".to_owned()));
        for expected in [
            "expected array of strings",
            "expected boolean",
            "expected string",
            "missing filter name",
            "missing filter value",
        ] {
            all.push(E::InvalidFilterValue(what, "filter".to_owned(), expected));
        }
    }
    let status = "invalid status filter";
    all.push(E::InvalidFilterValue(
        "member",
        "statuses".to_owned(),
        status,
    ));
    all
}

fn organizations() -> Vec<ManagementError> {
    use ManagementError as E;
    use OrganizationRefusal as R;
    let refusals = [
        R::NameMissing,
        R::InvalidName,
        R::InvalidSlug("a b".into()),
        R::InvalidExternalId("a b".into()),
        R::LogoUrlTooLong,
        R::Metadata(MetadataRefusal::TooManyKeys),
        R::Metadata(MetadataRefusal::TooLarge),
        R::InvalidDoor("email_jit_provisioning"),
        R::EmptyList("allowed_auth_methods"),
        R::EmptyList("allowed_mfa_methods"),
        R::EmptyList("sso_jit_provisioning_allowed_connections"),
        R::EmptyList("email_allowed_domains"),
        R::EmptyList("allowed_oauth_tenants"),
        R::InvalidDomain("nonsense".into()),
        R::InvalidRoleId("no good".into()),
        R::AllDoorsClosed,
    ];
    let mut all: Vec<_> = refusals.into_iter().map(E::Organization).collect();
    all.extend([
        E::OrganizationNotFound,
        E::SlugAlreadyUsed("acme".into()),
        E::OrganizationExternalIdAlreadyUsed("7".into()),
        E::DuplicateClaimedDomain("acme.test".into()),
        E::InvalidDefaultConnection,
        E::InvalidCursor,
        E::InvalidLimit,
        E::MemberSearchWithoutOrganizations,
    ]);
    all
}

fn members() -> Vec<ManagementError> {
    use ManagementError as E;
    let refusals = [
        MemberRefusal::EmailMissing,
        MemberRefusal::NameTooLong,
        MemberRefusal::InvalidExternalId("a b".into()),
        MemberRefusal::InvalidPhoneNumber("12".into()),
        MemberRefusal::DefaultRole,
    ];
    let mut all: Vec<_> = refusals.into_iter().map(E::Member).collect();
    all.extend([
        E::MemberNotFound,
        E::InvalidMemberGetFields,
        E::DuplicateMemberEmail("ana@acme.test".into()),
        E::RetiredMemberEmail("ana@acme.test".into()),
        E::DuplicateMemberExternalId("7".into()),
    ]);
    all
}

fn connections() -> Vec<ManagementError> {
    use ManagementError as E;
    vec![
        E::ConnectionNotFound(None),
        E::ConnectionNotFound(Some(ConnectionKind::Saml)),
        E::ConnectionNotFound(Some(ConnectionKind::Oidc)),
        E::ConnectionNotFound(Some(ConnectionKind::Scim)),
        E::InvalidIdentityProvider(ConnectionKind::Saml, "myspace".into()),
        E::InvalidIdentityProvider(ConnectionKind::Scim, "myspace".into()),
        E::ActiveScimConnectionExists,
        E::NoActiveScimConnection,
        E::ScimGroupDoesNotExist("scim-group-test-…".into()),
        E::InvalidCertificate("this is not an X.509 certificate".into()),
        E::TooManyCertificates,
        E::InvalidSigningKey("must be an RSA key of 2048 to 8192 bits".into()),
        E::InvalidUrl("invalid_idp_sso_url", "/sso".into()),
        E::InvalidUrl("oidc_connection_issuer_url_invalid_format", "idp".into()),
        E::InvalidUrl(
            "oidc_connection_authorization_url_invalid_format",
            "/a".into(),
        ),
        E::InvalidUrl("oidc_connection_token_url_invalid_format", "/t".into()),
        E::InvalidUrl("oidc_connection_userinfo_url_invalid_format", "/u".into()),
        E::InvalidUrl("oidc_connection_jwks_url_invalid_format", "/k".into()),
        E::InvalidEntityId,
        E::InvalidAttributeMapping("email"),
        E::InvalidAttributeMapping("groups"),
        E::InvalidAttributeMapping("only texts as values"),
        E::InvalidAttributeMapping("full_name, or first_name and last_name"),
        E::InvalidRoleId("no good".into()),
    ]
}

fn sessions() -> Vec<ManagementError> {
    use ManagementError as E;
    let refusals = [
        Refusal::JitNotAllowed,
        Refusal::ConnectionNotAllowedForJit,
        Refusal::RemovedByDirectory,
        Refusal::MemberDeleted,
        Refusal::MethodNotAllowed,
        Refusal::EmailTaken,
        Refusal::EmailRetired,
        Refusal::DomainClaimed,
    ];
    let mut all: Vec<_> = refusals.into_iter().map(E::SignInRefused).collect();
    all.extend([
        E::SsoTokenNotFound,
        E::MissingCodeVerifier,
        E::UnexpectedCodeVerifier,
        E::PkceMismatch,
        E::NoSessionArguments,
        E::TooManySessionArguments,
        E::SessionNotFound,
        E::UnparsableSessionJwt("the session JWT names no session".into()),
        E::Session(SessionRefusal::InvalidDuration),
        E::Session(SessionRefusal::CustomClaimsTooLarge),
        E::Session(SessionRefusal::ReservedNamespace),
        E::SessionAuthorization,
        E::SessionTenancy,
    ]);
    all
}
