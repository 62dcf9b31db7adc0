//! What the management API may answer instead of success: one enum, a part for each noun.

use crate::domain::member::MemberRefusal;
use crate::domain::organization::OrganizationRefusal;
use crate::domain::secret::CryptoFailure;
use crate::domain::session::SessionRefusal;
use crate::storage::error::Failure;
use crate::storage::error::StorageError;
use crate::use_cases::error::admission::AdmissionError;
use crate::use_cases::error::connection::ConnectionError;
use crate::use_cases::error::foreign_token::ForeignTokenError;
use crate::use_cases::error::m2m_client::M2mClientError;
use crate::use_cases::error::magic_link::MagicLinkError;
use crate::use_cases::error::member::MemberError;
use crate::use_cases::error::oidc_connection::OidcConnectionError;
use crate::use_cases::error::organization::OrganizationError;
use crate::use_cases::error::password::PasswordError;
use crate::use_cases::error::portal_link::PortalLinkError;
use crate::use_cases::error::rbac::RbacError;
use crate::use_cases::error::request::RequestError;
use crate::use_cases::error::scim_client::ScimClientError;
use crate::use_cases::error::search::SearchError;
use crate::use_cases::error::second_factor::SecondFactorError;
use crate::use_cases::error::session::SessionError;
use crate::use_cases::refusals::kept::Noted;

pub mod admission;
pub mod connection;
pub mod foreign_token;
pub mod m2m_client;
pub mod magic_link;
pub mod member;
pub mod oidc_connection;
pub mod organization;
pub mod password;
pub mod portal_link;
pub mod rbac;
pub mod request;
pub mod scim_client;
pub mod search;
pub mod second_factor;
pub mod session;

/// A refusal of the management API, by what it is about; `http/management/error_text/` gives each
/// its status, type and text.
#[derive(Clone, Debug, PartialEq)]
pub enum ManagementError {
    /// The request itself.
    Request(RequestError),
    /// An organization.
    Organization(OrganizationError),
    /// A search.
    Search(SearchError),
    /// A member.
    Member(MemberError),
    /// A connection.
    Connection(ConnectionError),
    /// An OIDC connection.
    OidcConnection(OidcConnectionError),
    /// An OAuth client of a SCIM connection.
    ScimClient(ScimClientError),
    /// A token of another issuer, or a session of another system.
    ForeignToken(ForeignTokenError),
    /// A machine of the project.
    M2mClient(M2mClientError),
    /// A link to the admin portal.
    PortalLink(PortalLinkError),
    /// A role or a policy.
    Rbac(RbacError),
    /// A sign-in.
    Admission(AdmissionError),
    /// A link.
    MagicLink(MagicLinkError),
    /// A session.
    Session(SessionError),
    /// One of the others, and what the journal keeps of it.
    Noted(Box<Noted>),
    /// A password.
    Password(PasswordError),
    /// A second factor.
    SecondFactor(SecondFactorError),
    /// Something failed that no caller can mend.
    Internal(String),
    /// Storage failed.
    Storage(StorageError),
}

impl From<RequestError> for ManagementError {
    fn from(error: RequestError) -> Self {
        Self::Request(error)
    }
}

impl From<OrganizationError> for ManagementError {
    fn from(error: OrganizationError) -> Self {
        Self::Organization(error)
    }
}

impl From<SearchError> for ManagementError {
    fn from(error: SearchError) -> Self {
        Self::Search(error)
    }
}

impl From<MemberError> for ManagementError {
    fn from(error: MemberError) -> Self {
        Self::Member(error)
    }
}

impl From<ConnectionError> for ManagementError {
    fn from(error: ConnectionError) -> Self {
        Self::Connection(error)
    }
}

impl From<OidcConnectionError> for ManagementError {
    fn from(error: OidcConnectionError) -> Self {
        Self::OidcConnection(error)
    }
}

impl From<ScimClientError> for ManagementError {
    fn from(error: ScimClientError) -> Self {
        Self::ScimClient(error)
    }
}

impl From<ForeignTokenError> for ManagementError {
    fn from(error: ForeignTokenError) -> Self {
        Self::ForeignToken(error)
    }
}

impl From<M2mClientError> for ManagementError {
    fn from(error: M2mClientError) -> Self {
        Self::M2mClient(error)
    }
}

impl From<PortalLinkError> for ManagementError {
    fn from(error: PortalLinkError) -> Self {
        Self::PortalLink(error)
    }
}

impl From<RbacError> for ManagementError {
    fn from(error: RbacError) -> Self {
        Self::Rbac(error)
    }
}

impl From<AdmissionError> for ManagementError {
    fn from(error: AdmissionError) -> Self {
        Self::Admission(error)
    }
}

impl From<MagicLinkError> for ManagementError {
    fn from(error: MagicLinkError) -> Self {
        Self::MagicLink(error)
    }
}

impl From<SessionError> for ManagementError {
    fn from(error: SessionError) -> Self {
        Self::Session(error)
    }
}

impl From<PasswordError> for ManagementError {
    fn from(error: PasswordError) -> Self {
        Self::Password(error)
    }
}

impl From<SecondFactorError> for ManagementError {
    fn from(error: SecondFactorError) -> Self {
        Self::SecondFactor(error)
    }
}

impl From<StorageError> for ManagementError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl From<OrganizationRefusal> for ManagementError {
    fn from(refusal: OrganizationRefusal) -> Self {
        Self::Organization(OrganizationError::Refused(refusal))
    }
}

impl From<MemberRefusal> for ManagementError {
    fn from(refusal: MemberRefusal) -> Self {
        Self::Member(MemberError::Refused(refusal))
    }
}

impl From<SessionRefusal> for ManagementError {
    fn from(refusal: SessionRefusal) -> Self {
        Self::Session(SessionError::Refused(refusal))
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

    /// One refusal of each kind, so that documentation and tests can show the whole table.
    pub fn examples() -> Vec<Self> {
        let storage = [
            Self::Internal("…".to_owned()),
            Self::Storage(StorageError::Busy),
        ];
        let mut all = Vec::from(storage);
        all.extend(RequestError::examples().into_iter().map(Self::Request));
        all.extend(
            OrganizationError::examples()
                .into_iter()
                .map(Self::Organization),
        );
        all.extend(SearchError::examples().into_iter().map(Self::Search));
        all.extend(MemberError::examples().into_iter().map(Self::Member));
        all.extend(
            ConnectionError::examples()
                .into_iter()
                .map(Self::Connection),
        );
        all.extend(
            OidcConnectionError::examples()
                .into_iter()
                .map(Self::OidcConnection),
        );
        all.extend(
            ScimClientError::examples()
                .into_iter()
                .map(Self::ScimClient),
        );
        all.extend(
            ForeignTokenError::examples()
                .into_iter()
                .map(Self::ForeignToken),
        );
        all.extend(M2mClientError::examples().into_iter().map(Self::M2mClient));
        all.extend(
            PortalLinkError::examples()
                .into_iter()
                .map(Self::PortalLink),
        );
        all.extend(RbacError::examples().into_iter().map(Self::Rbac));
        all.extend(AdmissionError::examples().into_iter().map(Self::Admission));
        all.extend(MagicLinkError::examples().into_iter().map(Self::MagicLink));
        all.extend(SessionError::examples().into_iter().map(Self::Session));
        all.extend(PasswordError::examples().into_iter().map(Self::Password));
        all.extend(
            SecondFactorError::examples()
                .into_iter()
                .map(Self::SecondFactor),
        );
        all
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Source of each part with the examples of it.
    fn parts() -> Vec<(&'static str, Vec<String>)> {
        fn shown<E: std::fmt::Debug>(examples: Vec<E>) -> Vec<String> {
            examples.iter().map(|e| format!("{e:?}")).collect()
        }
        vec![
            (
                include_str!("error/request.rs"),
                shown(RequestError::examples()),
            ),
            (
                include_str!("error/organization.rs"),
                shown(OrganizationError::examples()),
            ),
            (
                include_str!("error/search.rs"),
                shown(SearchError::examples()),
            ),
            (
                include_str!("error/member.rs"),
                shown(MemberError::examples()),
            ),
            (
                include_str!("error/connection.rs"),
                shown(ConnectionError::examples()),
            ),
            (
                include_str!("error/oidc_connection.rs"),
                shown(OidcConnectionError::examples()),
            ),
            (
                include_str!("error/scim_client.rs"),
                shown(ScimClientError::examples()),
            ),
            (
                include_str!("error/foreign_token.rs"),
                shown(ForeignTokenError::examples()),
            ),
            (
                include_str!("error/m2m_client.rs"),
                shown(M2mClientError::examples()),
            ),
            (
                include_str!("error/portal_link.rs"),
                shown(PortalLinkError::examples()),
            ),
            (include_str!("error/rbac.rs"), shown(RbacError::examples())),
            (
                include_str!("error/admission.rs"),
                shown(AdmissionError::examples()),
            ),
            (
                include_str!("error/magic_link.rs"),
                shown(MagicLinkError::examples()),
            ),
            (
                include_str!("error/session.rs"),
                shown(SessionError::examples()),
            ),
            (
                include_str!("error/password.rs"),
                shown(PasswordError::examples()),
            ),
            (
                include_str!("error/second_factor.rs"),
                shown(SecondFactorError::examples()),
            ),
        ]
    }

    #[test]
    fn every_refusal_has_an_example() {
        for (source, examples) in parts() {
            let (_, body) = source.split_once("pub enum ").unwrap();
            let (body, _) = body.split_once("\n}").unwrap();
            let variants = body.lines().skip(1).map(str::trim);
            for variant in variants.filter(|line| line.starts_with(char::is_uppercase)) {
                let name: String = variant
                    .chars()
                    .take_while(|c| c.is_alphanumeric())
                    .collect();
                let has = examples.iter().any(|shown| {
                    shown
                        .strip_prefix(&name)
                        .is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
                });
                assert!(has, "{name} has no example");
            }
        }
    }
}
