//! What the worker does for claimed domains, and what the journal has of them.

use vestibule::domain::event::Event;
use vestibule::domain::id::OrganizationId;
use vestibule::domain::id::RequestId;
use vestibule::domain::scope::OrgScope;
use vestibule::http::state::Gateway;
use vestibule::storage::journal;
use vestibule::use_cases::domains;
use vestibule::worker::domains::DomainUpkeep;
use vestibule::worker::domains::run;

use super::Node;
use super::TestGateway;

fn upkeep(gateway: &Gateway) -> DomainUpkeep {
    DomainUpkeep {
        storage: gateway.storage.clone(),
        project_id: gateway.project_id.clone(),
        resolvers: gateway.txt_resolvers.clone(),
        clock: gateway.clock.clone(),
    }
}

impl TestGateway {
    /// Looks for the records that are due, as the worker does.
    pub async fn look_after_domains(&self) {
        run(&upkeep(&self.served)).await;
    }

    /// Takes what is due and looks for nothing of it.
    pub async fn claim_due_domains(&self) {
        let project = self.served.project_id.clone();
        let claimed = self.storage.transaction(RequestId::fresh(), move |tx| {
            domains::claim_due(tx, &project)
        });
        claimed.await.unwrap();
    }

    /// The journal of an organization, the oldest entry first.
    pub async fn events(&self, organization: &str) -> Vec<Event> {
        let id: OrganizationId = organization.parse().unwrap();
        let scope = OrgScope {
            project_id: self.served.project_id.clone(),
            organization_id: id,
        };
        let read = self.storage.read(RequestId::fresh(), move |tx| {
            tx.enter(id)?;
            journal::list(tx, &scope, 100)
        });
        let mut events = read.await.unwrap();
        events.sort_by_key(|event| event.id);
        events
    }
}

impl Node {
    /// Looks for the records that are due, as the worker does.
    pub async fn look_after_domains(&self) {
        run(&upkeep(&self.served)).await;
    }
}
