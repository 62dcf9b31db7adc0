//! Looks for the DNS records of claimed domains, and again for those of proven ones.

use tokio::task::JoinSet;

use crate::domain::clock::Clock;
use crate::domain::domain_proof::DomainProof;
use crate::domain::id::RequestId;
use crate::domain::project::ProjectId;
use crate::outbound::dns::TxtResolvers;
use crate::storage::Storage;
use crate::use_cases::domains;
use crate::use_cases::error::ManagementError;

/// What it takes to look after domains.
#[derive(Clone)]
pub struct DomainUpkeep {
    /// The database.
    pub storage: Storage,
    /// The project whose domains they are.
    pub project_id: ProjectId,
    /// Who is asked.
    pub resolvers: TxtResolvers,
    /// The time.
    pub clock: Clock,
}

/// Takes what is due, looks for all of it at once, and notes what was seen.
pub async fn run(upkeep: &DomainUpkeep) {
    let project = upkeep.project_id.clone();
    let claimed = upkeep.storage.transaction(RequestId::fresh(), move |tx| {
        domains::claim_due(tx, &project)
    });
    let due = claimed.await.unwrap_or_else(|error| {
        tell(&error);
        Vec::new()
    });
    let mut looking = JoinSet::new();
    for proof in due {
        looking.spawn(look(upkeep.clone(), proof));
    }
    for outcome in looking.join_all().await {
        if let Err(error) = outcome {
            tell(&error);
        }
    }
}

async fn look(upkeep: DomainUpkeep, proof: DomainProof) -> Result<(), ManagementError> {
    let seen = upkeep.resolvers.look(&proof, upkeep.clock.now()).await;
    let project = upkeep.project_id.clone();
    let noted = upkeep.storage.transaction(RequestId::fresh(), move |tx| {
        domains::take(tx, (&project, &proof), &seen)
    });
    noted.await.map(|_| ())
}

fn tell(error: &ManagementError) {
    tracing::error!(?error, "a domain could not be looked after");
}
