//! Why another issuer's token, or another system's session, opens none here.

/// Why another issuer's token, or another system's session, opens none here.
#[derive(Clone, Debug, PartialEq)]
pub enum ForeignTokenError {
    /// The project declares no such profile.
    ProfileNotFound,
    /// The project declares no system to migrate sessions from.
    NoMigration,
    /// The token or session is not believed, and why.
    Refused(String),
    /// It names no address that can be believed, and where one was looked for.
    NoAddress(String),
    /// Neither the call nor the token names the organization.
    NoOrganization,
    /// The issuer's keys, or the other system, cannot be reached, and why.
    Unreachable(String),
}

impl ForeignTokenError {
    /// One of each kind.
    pub fn examples() -> Vec<Self> {
        vec![
            Self::ProfileNotFound,
            Self::NoMigration,
            Self::Refused("it has expired".to_owned()),
            Self::NoAddress("email".to_owned()),
            Self::NoOrganization,
            Self::Unreachable("it answered 500".to_owned()),
        ]
    }
}
