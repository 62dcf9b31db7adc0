//! The ways into an organization that its sign-in page shows.

use crate::domain::authentication_settings::AuthMethod;
use crate::domain::id::ConnectionId;
use crate::domain::oauth_provider::OauthProvider;
use crate::domain::organization::Organization;
use crate::domain::policy;
use crate::storage::Transaction;
use crate::storage::connections;
use crate::storage::error::StorageError;
use crate::storage::organizations;
use crate::use_cases::Deployment;
use crate::use_cases::error::ManagementError;

/// The ways into an organization.
#[derive(Clone, Debug, PartialEq)]
pub struct Doors {
    /// The organization.
    pub organization: Organization,
    /// Its connections in use, its default first: id and name.
    pub connections: Vec<(ConnectionId, String)>,
    /// The OAuth providers that it allows and that are known here.
    pub providers: Vec<OauthProvider>,
    /// Whether a link by e-mail opens it.
    pub by_link: bool,
    /// Whether a code by e-mail opens it.
    pub by_code: bool,
    /// Whether a password opens it.
    pub by_password: bool,
}

/// The ways into the organization with this slug. One that has none is as unknown as one that does
/// not exist.
pub fn open(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    slug: &str,
) -> Result<Option<Doors>, ManagementError> {
    let found = organizations::find_by_slug(tx, &deployment.project_id, slug)?;
    let Some(organization) = found else {
        return Ok(None);
    };
    let settings = &organization.settings;
    let allows = |method| policy::allows(settings, method);
    let connections = connections(tx, &organization)?;
    let known = deployment.oauth_clients.keys().copied();
    let providers = known.filter(|provider| allows(provider.method()));
    let doors = Doors {
        connections,
        providers: providers.collect(),
        by_link: allows(AuthMethod::MagicLink),
        by_code: allows(AuthMethod::EmailOtp),
        by_password: allows(AuthMethod::Password),
        organization,
    };
    Ok(Some(doors).filter(Doors::is_any))
}

impl Doors {
    fn is_any(&self) -> bool {
        let by_mail = self.by_link || self.by_code || self.by_password;
        by_mail || !self.connections.is_empty() || !self.providers.is_empty()
    }
}

/// The connections that lead into an organization by single sign-on, its default first.
pub(crate) fn connections(
    tx: &mut Transaction<'_>,
    organization: &Organization,
) -> Result<Vec<(ConnectionId, String)>, StorageError> {
    if !policy::allows(&organization.settings, AuthMethod::Sso) {
        return Ok(Vec::new());
    }
    let default = organization.settings.sso_default_connection_id;
    let mut usable = connections::list(tx, &[organization.id])?;
    usable.retain(|connection| connection.is_active() && connection.sso_roles().is_some());
    usable.sort_by_key(|connection| (Some(connection.id) != default, connection.id));
    let named = usable.into_iter();
    Ok(named
        .map(|connection| (connection.id, connection.display_name))
        .collect())
}
