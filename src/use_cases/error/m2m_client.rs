//! Why a machine of the project cannot be found or become what was asked.

use crate::domain::m2m_client::M2mRefusal;
use crate::domain::metadata::MetadataRefusal;

/// Why a machine of the project cannot be found or become what was asked.
#[derive(Clone, Debug, PartialEq)]
pub enum M2mClientError {
    /// No such client.
    NotFound,
    /// Another client has this id.
    DuplicateId(String),
    /// A secret's rotation is completed or cancelled that was not started.
    NotRotating,
    /// A status that there is not.
    InvalidStatus(String),
    /// Something of it cannot be taken.
    Refused(M2mRefusal),
    /// Its metadata cannot be taken.
    Metadata(MetadataRefusal),
}

impl M2mClientError {
    /// One of each kind.
    pub fn examples() -> Vec<Self> {
        let refusals = [
            M2mRefusal::Id,
            M2mRefusal::Secret,
            M2mRefusal::Name,
            M2mRefusal::Description,
            M2mRefusal::TooManyScopes,
            M2mRefusal::Scope("read users".to_owned()),
        ];
        let mut all: Vec<Self> = refusals.into_iter().map(Self::Refused).collect();
        all.extend([
            Self::NotFound,
            Self::DuplicateId("reports".to_owned()),
            Self::NotRotating,
            Self::InvalidStatus("asleep".to_owned()),
            Self::Metadata(MetadataRefusal::TooLarge),
        ]);
        all
    }
}
