//! What only sign-ins with OAuth providers refuse, and how the journal hears of it.

use crate::domain::event::Actor;
use crate::domain::oauth_provider::OauthProvider;
use crate::domain::project::ProjectId;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::one_time_tokens;
use crate::storage::one_time_tokens::TokenKind;
use crate::use_cases::oauth::flow::OauthFlow;
use crate::use_cases::refusals;
use crate::use_cases::refusals::Place;
use crate::use_cases::sign_in::error::SignInError;

/// Why the browser is not sent to an OAuth provider, or not believed when it comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OauthRefusal {
    /// There is no such provider, or nobody has registered us there.
    NotOffered,
    /// Neither `organization_id` nor `slug` is given.
    OrganizationRequired,
    /// The URL asked for is not registered, or none was asked for and there is no default.
    UnregisteredRedirectUrl,
    /// The link sets a parameter of the request that is ours to set.
    ReservedParameter(String),
    /// The provider's API says something that cannot be read: which part.
    Unreadable(&'static str),
}

impl OauthRefusal {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotOffered => "oauth_config_not_found",
            Self::OrganizationRequired => "organization_id_or_slug_required",
            Self::UnregisteredRedirectUrl => "no_match_for_provided_oauth_url",
            Self::ReservedParameter(_) => "invalid_oauth_provider_parameter",
            Self::Unreadable(_) => "oauth_provider_error",
        }
    }

    /// What the person may read, and pass on to whoever can change it.
    pub fn sentence(&self) -> String {
        match self {
            Self::NotOffered => "The application does not let people sign in this way.".to_owned(),
            Self::OrganizationRequired => {
                "The link that led here names no organization; give organization_id or slug."
                    .to_owned()
            }
            Self::UnregisteredRedirectUrl => {
                "The link that led here wants to return to a URL that the application has not \
                 registered."
                    .to_owned()
            }
            Self::ReservedParameter(name) => {
                format!("The link that led here sets provider_{name}, which only this server sets.")
            }
            Self::Unreadable(part) => {
                format!("The provider does not say who you are: it gave no usable {part}.")
            }
        }
    }
}

impl From<OauthRefusal> for SignInError {
    fn from(refusal: OauthRefusal) -> Self {
        Self::Oauth(refusal)
    }
}

/// Puts a refused sign-in into the journal of the organization that its open flow leads to.
pub fn record(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    (provider, state): (OauthProvider, &SecretHash),
    error: &SignInError,
) -> Result<(), StorageError> {
    let place = (project, TokenKind::OauthFlow);
    let flow = one_time_tokens::find_in_project::<OauthFlow>(tx, place, state)?;
    let Some(organization) = flow.and_then(|flow| flow.organization_id) else {
        return Ok(());
    };
    tx.enter(organization)?;
    tx.acts_as(actor(provider));
    refusals::note_of_stranger(tx, &Place::of_provider(organization, provider), error)
}

/// Who acts when somebody comes from a provider.
pub(crate) fn actor(provider: OauthProvider) -> Actor {
    Actor::SignIn(provider.name().to_owned())
}
