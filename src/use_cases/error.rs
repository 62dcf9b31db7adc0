//! What the management API may answer instead of success.

use crate::domain::id::ConnectionKind;
use crate::domain::member::MemberRefusal;
use crate::domain::organization::OrganizationRefusal;
use crate::domain::secret::CryptoFailure;
use crate::domain::session::SessionRefusal;
use crate::storage::error::Failure;
use crate::storage::error::StorageError;

/// A refusal of the management API; `http/management/error.rs` gives each its status and type.
#[derive(Clone, Debug, PartialEq)]
pub enum ManagementError {
    /// The project id and secret do not belong together, or one is missing.
    UnauthorizedCredentials,
    /// No such URL, or not with this method.
    RouteNotFound,
    /// The body is no JSON object, or a field has the wrong shape: field (may be empty), reason.
    InvalidBody(String, String),
    /// The body is larger than the limit, in bytes.
    BodyTooLarge(usize),
    /// The body's content type is not JSON.
    UnsupportedContentType(String),
    /// Too many requests for this credential; seconds to wait.
    TooManyRequests(u64),
    /// A call on behalf of a member session, where that is not offered yet.
    ActingAsMember,
    /// No such organization for this project.
    OrganizationNotFound,
    /// The organization cannot become what was asked.
    Organization(OrganizationRefusal),
    /// The slug is in use in this project.
    SlugAlreadyUsed(String),
    /// The external id is in use in this project.
    OrganizationExternalIdAlreadyUsed(String),
    /// Another organization claims this domain.
    DuplicateClaimedDomain(String),
    /// The default connection is not an active connection of the organization.
    InvalidDefaultConnection,
    /// A filter that no search knows: `organization` or `member`, the filter.
    UnknownFilter(&'static str, String),
    /// A filter value of the wrong shape: `organization` or `member`, the filter, what it expects.
    InvalidFilterValue(&'static str, String, &'static str),
    /// A fuzzy filter of under three characters: `organization` or `member`, the filter.
    FuzzyTooShort(&'static str, String),
    /// A cursor that no search of ours gave out.
    InvalidCursor,
    /// A limit that is not 1 to 1000.
    InvalidLimit,
    /// A member search without organizations.
    MemberSearchWithoutOrganizations,
    /// No such member in this organization.
    MemberNotFound,
    /// Neither member id nor address was given.
    InvalidMemberGetFields,
    /// The member cannot be what was asked.
    Member(MemberRefusal),
    /// A live member of the organization uses this address.
    DuplicateMemberEmail(String),
    /// A member of the organization gave this address up.
    RetiredMemberEmail(String),
    /// A live member of the organization uses this external id.
    DuplicateMemberExternalId(String),
    /// No such connection in this organization; `None` when the kind is not known.
    ConnectionNotFound(Option<ConnectionKind>),
    /// Not one of the identity providers that this kind of connection knows.
    InvalidIdentityProvider(ConnectionKind, String),
    /// The organization already has an active SCIM connection.
    ActiveScimConnectionExists,
    /// The organization has no SCIM connection.
    NoActiveScimConnection,
    /// A role names a SCIM group that this connection does not have.
    ScimGroupDoesNotExist(String),
    /// The certificate cannot be used, and why.
    InvalidCertificate(String),
    /// Over five certificates.
    TooManyCertificates,
    /// Neither an RSA key in PEM, nor one of at least 2048 bits.
    InvalidSigningKey(String),
    /// A URL field that is no absolute https URL: the error type, the value.
    InvalidUrl(&'static str, String),
    /// An IdP entity id that is empty or over 1024 characters.
    InvalidEntityId,
    /// An attribute mapping without what is needed: what is missing.
    InvalidAttributeMapping(&'static str),
    /// A role id of the wrong form.
    InvalidRoleId(String),
    /// The SSO token is unknown, used or expired.
    SsoTokenNotFound,
    /// A sign-in that the organization's rules refuse, as the token was redeemed.
    SignInRefused(crate::domain::policy::Refusal),
    /// A PKCE challenge was given and the verifier is missing.
    MissingCodeVerifier,
    /// A verifier was given without a challenge.
    UnexpectedCodeVerifier,
    /// The verifier does not fit the challenge.
    PkceMismatch,
    /// No token and no JWT were given.
    NoSessionArguments,
    /// Both a token and a JWT were given.
    TooManySessionArguments,
    /// The session is unknown, over or revoked.
    SessionNotFound,
    /// The JWT is none of ours: why.
    UnparsableSessionJwt(String),
    /// The session cannot be opened or extended as asked.
    Session(SessionRefusal),
    /// The session's roles do not allow the action.
    SessionAuthorization,
    /// The session belongs to another organization.
    SessionTenancy,
    /// Something failed that no caller can mend.
    Internal(String),
    /// Storage failed.
    Storage(StorageError),
}

impl From<StorageError> for ManagementError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl From<OrganizationRefusal> for ManagementError {
    fn from(refusal: OrganizationRefusal) -> Self {
        Self::Organization(refusal)
    }
}

impl From<MemberRefusal> for ManagementError {
    fn from(refusal: MemberRefusal) -> Self {
        Self::Member(refusal)
    }
}

impl From<SessionRefusal> for ManagementError {
    fn from(refusal: SessionRefusal) -> Self {
        Self::Session(refusal)
    }
}

impl From<CryptoFailure> for ManagementError {
    fn from(failure: CryptoFailure) -> Self {
        Self::Internal(failure.to_string())
    }
}

impl ManagementError {
    /// Whether the database is too busy or away, so that the caller may try again soon.
    pub fn is_overload(&self) -> bool {
        self.storage().is_some_and(StorageError::is_overload)
    }
}

impl Failure for ManagementError {
    fn storage(&self) -> Option<&StorageError> {
        match self {
            Self::Storage(error) => Some(error),
            _ => None,
        }
    }
}
