//! Why a role cannot be given, or a policy not be taken.

/// Why a role cannot be given, or a policy not be taken.
#[derive(Clone, Debug, PartialEq)]
pub enum RbacError {
    /// A role id of the wrong form, or of a role that no policy declares.
    InvalidRoleId(String),
}

impl RbacError {
    /// One of each kind.
    pub fn examples() -> Vec<Self> {
        vec![Self::InvalidRoleId("no good".to_owned())]
    }
}
