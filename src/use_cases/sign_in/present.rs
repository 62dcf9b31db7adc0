//! What a caller brings along to a sign-in: a session to be joined, an intermediate session to be
//! completed (contract 4.1, 4.6).

use crate::domain::factor;
use crate::domain::factor::Factor;
use crate::domain::member::Member;
use crate::domain::session::Session;
use crate::storage::Transaction;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::intermediate_sessions;
use crate::use_cases::intermediate_sessions::IntermediateSession;
use crate::use_cases::sessions;
use crate::use_cases::sessions::SessionLocator;

/// How a caller names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Presented {
    /// A session of the same member; one of somebody else is left alone.
    pub session: Option<SessionLocator>,
    /// The token of an intermediate session.
    pub intermediate_token: Option<String>,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Present {
    /// The live session.
    pub session: Option<Session>,
    /// The token of the intermediate session, and what it stands for.
    pub intermediate: Option<(String, IntermediateSession)>,
}

/// Finds what was brought along; what is over or unknown is refused.
pub fn look(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    presented: &Presented,
) -> Result<Present, ManagementError> {
    let session = match &presented.session {
        None => None,
        Some(locator) => Some(sessions::locate(tx, caller, locator)?.session),
    };
    let intermediate = match &presented.intermediate_token {
        None => None,
        Some(token) => {
            let found = intermediate_sessions::find(tx, &caller.project_id, token)?;
            Some((token.clone(), found))
        }
    };
    Ok(Present {
        session,
        intermediate,
    })
}

impl Present {
    /// What of it counts for this member.
    #[must_use]
    pub fn of(mut self, member: &Member) -> Self {
        self.session = self
            .session
            .filter(|session| session.member_id == member.id);
        if let Some((_, content)) = &mut self.intermediate {
            content.factors = content.counting_for(member);
        }
        self
    }

    /// The factors of the intermediate session.
    pub fn carried(&self) -> &[Factor] {
        let content = self.intermediate.as_ref().map(|(_, content)| content);
        content.map_or(&[], |content| &content.factors)
    }

    /// All that would be held with these added.
    pub fn held_with(&self, newer: &[Factor]) -> Vec<Factor> {
        let session = self.session.as_ref();
        let known = session.map_or(&[][..], |session| &session.factors);
        let carried = factor::merged(known, self.carried().to_vec());
        factor::merged(&carried, newer.to_vec())
    }
}
