//! Why a sign-in does not go on. The browser gets a page, the organization's journal an event.

use crate::domain::event::Actor;
use crate::domain::id::ConnectionId;
use crate::domain::id::ConnectionKind;
use crate::domain::id::OrganizationId;
use crate::domain::policy::Refusal;
use crate::domain::project::ProjectId;
use crate::domain::secret::CryptoFailure;
use crate::domain::secret::SecretHash;
use crate::protocol::oidc;
use crate::protocol::saml;
use crate::storage::Transaction;
use crate::storage::connections;
use crate::storage::error::Failure;
use crate::storage::error::StorageError;
use crate::storage::sign_in_flows;
use crate::use_cases::oauth::error::OauthRefusal;
use crate::use_cases::refusals;
use crate::use_cases::refusals::Place;
use crate::use_cases::sign_in::flow::Flow;

/// What the browser may be told instead of being sent on.
#[derive(Clone, Debug, PartialEq)]
pub enum SignInError {
    /// The query cannot be read, and why.
    InvalidQuery(String),
    /// Neither connection nor organization is named.
    MissingLocator,
    /// Both are named.
    TooManyLocators,
    /// No public token was given.
    PublicTokenRequired,
    /// The public token is not one of this installation.
    PublicTokenNotFound,
    /// No such organization in the project of the public token.
    OrganizationNotFound,
    /// No such connection that is active, in the project of the public token.
    ConnectionNotFound,
    /// The organization has no active connection.
    NoActiveConnection,
    /// The organization has several and none is its default.
    IndeterminateConnection,
    /// The URL asked for is not registered, or none was asked for and there is no default.
    UnregisteredRedirectUrl,
    /// The project has registered nowhere to return to.
    NoRedirectUrl,
    /// No link has this token, or it does not work any more.
    LinkNotFound,
    /// The PKCE challenge is not 43 characters of base64url.
    InvalidCodeChallenge,
    /// The connection's settings allow no request to be made, and why.
    Unstartable(String),
    /// The form is larger than any answer of an IdP.
    ResponseTooLarge,
    /// The form has no `SAMLResponse`.
    MissingSamlResponse,
    /// The IdP began the sign-in, which this connection does not allow.
    IdpInitiatedDisabled,
    /// The answer belongs to no sign-in that is still open.
    UnknownFlow(ConnectionKind),
    /// The browser has no cookie of this sign-in.
    MissingCookie(ConnectionKind),
    /// The browser's cookie is not that of this sign-in.
    CookieMismatch(ConnectionKind),
    /// The answer was used before.
    AlreadyUsed(ConnectionKind),
    /// The attribute that holds the address holds none: its name, its value.
    InvalidSamlEmail(String, String),
    /// The attribute that holds the address did not come: its name, those that came.
    MissingSamlEmail(String, String),
    /// The attribute that identifies the person did not come: its name, those that came.
    MissingSamlUserId(String, String),
    /// The NameID changes with every sign-in.
    TransientNameId,
    /// A check of the SAML response failed.
    Saml(saml::Rejection),
    /// A check of a logout message failed.
    Logout(saml::Rejection),
    /// A check of the OIDC answer failed.
    Oidc(oidc::Rejection),
    /// The OIDC provider cannot be reached, and why.
    ProviderUnreachable(String),
    /// A sign-in with an OAuth provider does not go on.
    Oauth(OauthRefusal),
    /// The organization's rules refuse the person.
    Policy(Refusal),
    /// Something failed that nobody outside can mend.
    Internal(String),
    /// Storage failed.
    Storage(StorageError),
}

impl From<StorageError> for SignInError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl From<CryptoFailure> for SignInError {
    fn from(failure: CryptoFailure) -> Self {
        Self::Internal(failure.to_string())
    }
}

impl From<saml::Rejection> for SignInError {
    fn from(rejection: saml::Rejection) -> Self {
        Self::Saml(rejection)
    }
}

impl From<oidc::Rejection> for SignInError {
    fn from(rejection: oidc::Rejection) -> Self {
        Self::Oidc(rejection)
    }
}

impl Failure for SignInError {
    fn storage(&self) -> Option<&StorageError> {
        match self {
            Self::Storage(error) => Some(error),
            _ => None,
        }
    }
}

/// The code of each of two kinds.
fn by_kind(kind: ConnectionKind, saml: &'static str, oidc: &'static str) -> &'static str {
    match kind {
        ConnectionKind::Saml => saml,
        ConnectionKind::Oidc | ConnectionKind::External | ConnectionKind::Scim => oidc,
    }
}

impl SignInError {
    /// The stable code: the contract's error type where it has one (contract 1.6).
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidQuery(_) => "bad_request",
            Self::MissingLocator => "missing_sso_connection_locator",
            Self::TooManyLocators => "too_many_sso_connection_locators",
            Self::PublicTokenRequired => "public_token_required",
            Self::PublicTokenNotFound => "public_token_not_found",
            Self::OrganizationNotFound => "organization_not_found",
            Self::ConnectionNotFound => "sso_connection_not_found",
            Self::NoActiveConnection => "no_sso_connection_exists_for_organization",
            Self::IndeterminateConnection => "indeterminate_sso_connection_for_organization",
            Self::UnregisteredRedirectUrl => "no_match_for_provided_sso_url",
            Self::NoRedirectUrl => "no_login_redirect_urls_set",
            Self::LinkNotFound => "magic_link_not_found",
            Self::InvalidCodeChallenge => "invalid_pkce_code_challenge",
            Self::Unstartable(_) => "invalid_sso_connection",
            Self::ResponseTooLarge => "request_too_large",
            Self::MissingSamlResponse => "missing_saml_response",
            Self::IdpInitiatedDisabled => "saml_idp_initiated_auth_disabled",
            Self::UnknownFlow(kind) => by_kind(
                *kind,
                "unsolicited_saml_response",
                "unsolicited_oidc_response",
            ),
            Self::MissingCookie(kind) => by_kind(
                *kind,
                "missing_saml_csrf_cookie",
                "missing_oidc_csrf_cookie",
            ),
            Self::CookieMismatch(kind) => by_kind(
                *kind,
                "saml_csrf_cookie_mismatch",
                "oidc_csrf_cookie_mismatch",
            ),
            Self::AlreadyUsed(kind) => by_kind(
                *kind,
                "duplicate_saml_response",
                "unsolicited_oidc_response",
            ),
            Self::InvalidSamlEmail(..) | Self::MissingSamlEmail(..) => {
                "invalid_saml_response_email"
            }
            Self::MissingSamlUserId(..) | Self::TransientNameId => "invalid_saml_response",
            Self::Logout(_) => "saml_logout_refused",
            Self::Saml(rejection) => rejection.error_type(),
            Self::Oidc(rejection) => rejection.error_type(),
            Self::ProviderUnreachable(_) => "oidc_auth_code_error",
            Self::Oauth(refusal) => refusal.code(),
            Self::Policy(refusal) => refusal.code(),
            Self::Internal(_) | Self::Storage(_) => "internal_server_error",
        }
    }

    /// The check that failed, where the code stands for several.
    pub fn check(&self) -> &'static str {
        match self {
            Self::Saml(rejection) | Self::Logout(rejection) => rejection.code(),
            Self::Oidc(rejection) => rejection.code(),
            Self::UnknownFlow(_) => "unknown_flow",
            Self::AlreadyUsed(_) => "already_used",
            Self::MissingSamlEmail(..) => "email_missing",
            Self::MissingSamlUserId(..) => "idp_user_id_missing",
            Self::TransientNameId => "transient_name_id",
            Self::ProviderUnreachable(_) => "provider_unreachable",
            other => other.code(),
        }
    }

    /// Whether somebody was refused, as opposed to something of ours having failed.
    pub fn is_refusal(&self) -> bool {
        !matches!(self, Self::Internal(_) | Self::Storage(_))
    }

    /// Whether the database is too busy or away, so that trying again soon may help.
    pub fn is_overload(&self) -> bool {
        self.storage().is_some_and(StorageError::is_overload)
    }

    /// What an administrator needs to find the cause.
    pub(crate) fn details(&self) -> (Option<String>, Option<String>) {
        match self {
            Self::Saml(rejection) | Self::Logout(rejection) => (
                Some(rejection.expected.clone()),
                Some(rejection.received.clone()),
            ),
            Self::Oidc(rejection) => (None, Some(rejection.to_string())),
            Self::ProviderUnreachable(reason) | Self::Unstartable(reason) => {
                (None, Some(reason.clone()))
            }
            Self::InvalidSamlEmail(attribute, received) => (
                Some(format!("an address in the attribute {attribute}")),
                Some(received.clone()),
            ),
            Self::MissingSamlEmail(attribute, came) | Self::MissingSamlUserId(attribute, came) => (
                Some(format!("a value in the attribute {attribute}")),
                Some(came.clone()),
            ),
            _ => (None, None),
        }
    }
}

/// Puts a refused sign-in into the journal of the organization that somebody wanted to enter: the
/// one of the connection, or of the external connection at which its open flow began.
pub fn record(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    (connection, state): (ConnectionId, Option<&SecretHash>),
    error: &SignInError,
) -> Result<(), StorageError> {
    let Some(scope) = connections::scope_of(tx, project, connection)? else {
        return Ok(());
    };
    let flow = match state {
        Some(state) => sign_in_flows::find::<Flow>(tx, (&scope, connection), state)?,
        None => None,
    };
    if let Some(entered) = flow.and_then(|flow| flow.entered_through) {
        return record(tx, project, (entered, None), error);
    }
    tx.acts_as(Actor::SignIn(connection.to_string()));
    record_in(tx, (scope.organization_id, connection), error)
}

/// The same where the organization is known, as part of what else happens.
pub(crate) fn record_in(
    tx: &mut Transaction<'_>,
    (organization_id, connection): (OrganizationId, ConnectionId),
    error: &SignInError,
) -> Result<(), StorageError> {
    let place = Place::of_connection(organization_id, connection);
    refusals::note_of_stranger(tx, &place, error)
}
