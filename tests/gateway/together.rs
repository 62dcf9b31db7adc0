//! What waits for one organization is read, or written, in one transaction, and nobody notices.

use std::time::Duration;

use actix_web::rt::spawn;
use actix_web::rt::task::JoinHandle;
use actix_web::rt::time::sleep;
use serde_json::json;
use vestibule::domain::connection::ConnectionStatus;
use vestibule::domain::id::OrganizationId;
use vestibule::domain::id::RequestId;
use vestibule::domain::organization::Organization;
use vestibule::domain::project::ProjectId;
use vestibule::storage::Transaction;
use vestibule::storage::connections;
use vestibule::storage::error::StorageError;
use vestibule::storage::job::Begin;
use vestibule::storage::journal;
use vestibule::storage::organizations;
use vestibule::storage::project_settings;
use vestibule::storage::sign_in_places;

use crate::support::TestGateway;
use crate::transactions::acme;
use crate::transactions::read;

type Told = Result<String, StorageError>;
type Closure = fn(&mut Transaction<'_>, &(Organization, OrganizationId)) -> Told;

const LONG: Duration = Duration::from_millis(400);

/// Two organizations, one of which everything waits for.
struct Two {
    gateway: TestGateway,
    acme: Organization,
    globex: OrganizationId,
}

impl Two {
    async fn start() -> Self {
        let gateway = TestGateway::start().await;
        let acme = read(&gateway, &acme(&gateway).await).await;
        let globex = json!({ "organization_name": "Globex", "organization_slug": "globex" });
        gateway.organization(globex).await;
        let globex = read(&gateway, "globex").await.id;
        Self {
            gateway,
            acme,
            globex,
        }
    }

    fn run(&self, writes: bool, closure: Closure) -> JoinHandle<Told> {
        let storage = self.gateway.storage.clone();
        let two = (self.acme.clone(), self.globex);
        spawn(async move {
            let begin = Begin::sign_in(RequestId::fresh(), Some(two.0.id));
            let closure = move |tx: &mut Transaction<'_>| closure(tx, &two);
            if writes {
                storage.transaction(begin, closure).await
            } else {
                storage.read(begin, closure).await
            }
        })
    }
}

fn name(tx: &mut Transaction<'_>, (acme, _): &(Organization, OrganizationId)) -> Told {
    let found = organizations::find(tx, &acme.project_id, acme.id)?;
    Ok(found.ok_or_else(|| StorageError::corrupt("gone"))?.name)
}

fn name_after_long(tx: &mut Transaction<'_>, two: &(Organization, OrganizationId)) -> Told {
    let name = name(tx, two)?;
    std::thread::sleep(LONG);
    Ok(name)
}

fn events(tx: &mut Transaction<'_>, (acme, _): &(Organization, OrganizationId)) -> Told {
    Ok(journal::list(tx, &acme.scope(), 10)?.len().to_string())
}

fn rename(tx: &mut Transaction<'_>, (acme, _): &(Organization, OrganizationId)) -> Told {
    let mut renamed = acme.clone();
    "Acme AG".clone_into(&mut renamed.name);
    organizations::save(tx, &renamed)?;
    Ok(renamed.name)
}

#[actix_web::test]
async fn whoever_leaves_an_organization_takes_nobody_along_who_waited_with_it() {
    let two = Two::start().await;
    for writes in [false, true] {
        let first = two.run(writes, name_after_long);
        sleep(LONG / 4).await;
        let mut waiting = Vec::new();
        for _ in 0..3 {
            waiting.push(two.run(writes, |tx, (_, globex)| {
                tx.enter(*globex)?;
                Ok("1".to_owned())
            }));
            waiting.push(two.run(writes, events));
            waiting.push(two.run(writes, |tx, (acme, globex)| {
                organizations::find(tx, &acme.project_id, *globex)?;
                Ok("1".to_owned())
            }));
            waiting.push(two.run(writes, events));
        }
        assert_eq!(first.await.unwrap(), Ok("Acme".to_owned()));
        for done in waiting {
            assert_eq!(done.await.unwrap(), Ok("1".to_owned()));
        }
    }
}

#[actix_web::test]
async fn a_read_that_fails_spoils_none_that_waited_with_it() {
    let two = Two::start().await;
    let first = two.run(false, name_after_long);
    sleep(LONG / 4).await;
    let before = two.run(false, events);
    let failing = two.run(false, rename);
    let panicking = two.run(false, |_, _| panic!("on purpose"));
    let after = [two.run(false, events), two.run(false, name)];
    assert_eq!(first.await.unwrap(), Ok("Acme".to_owned()));
    assert_eq!(before.await.unwrap(), Ok("1".to_owned()));
    let refused = failing.await.unwrap();
    assert!(
        matches!(refused, Err(StorageError::ReadOnly(_))),
        "{refused:?}"
    );
    assert!(panicking.await.unwrap().is_err());
    let mut told = Vec::new();
    for done in after {
        told.push(done.await.unwrap().unwrap());
    }
    assert_eq!(told, ["1", "Acme"]);
}

#[actix_web::test]
async fn what_was_answered_is_seen_by_all_who_ask_afterwards() {
    let two = Two::start().await;
    let first = two.run(false, name_after_long);
    sleep(LONG / 4).await;
    let early = two.run(false, name);
    let renamed = two.run(true, rename).await.unwrap();
    assert_eq!(renamed, Ok("Acme AG".to_owned()));
    let late = two.run(false, name);
    assert_eq!(first.await.unwrap(), Ok("Acme".to_owned()));
    early.await.unwrap().unwrap();
    assert_eq!(late.await.unwrap(), Ok("Acme AG".to_owned()));
}

#[actix_web::test]
async fn what_is_remembered_in_a_transaction_is_forgotten_as_soon_as_it_changes() {
    let two = Two::start().await;
    let path = format!("/v1/b2b/sso/saml/{}", two.acme.id);
    let made = two.gateway.post(&path, json!({})).await;
    let id = made.body["connection"]["connection_id"].as_str().unwrap();
    let id = id.parse().unwrap();
    let (acme, globex) = (two.acme.clone(), two.globex);
    let begin = Begin::sign_in(RequestId::fresh(), Some(acme.id));
    let done = two.gateway.storage.transaction(begin, move |tx| {
        let project = &acme.project_id;
        let find = |tx: &mut Transaction<'_>, project: &ProjectId, organization| {
            sign_in_places::find_for_token(tx, (project, organization), id)
        };
        let (_, mut connection) = find(tx, project, acme.id)?.unwrap();
        assert!(find(tx, &ProjectId::new("another"), acme.id)?.is_none());
        assert!(find(tx, project, globex)?.is_none());
        assert_eq!(connection.status, ConnectionStatus::Pending);
        connection.status = ConnectionStatus::Active;
        tx.enter(acme.id)?;
        connections::save(tx, &connection)?;
        let (organization, connection) = find(tx, project, acme.id)?.unwrap();
        assert_eq!(connection.status, ConnectionStatus::Active);
        let mut renamed = organization;
        "Acme AG".clone_into(&mut renamed.name);
        organizations::save(tx, &renamed)?;
        assert_eq!(find(tx, project, acme.id)?.unwrap().0.name, "Acme AG");
        let mut declared = project_settings::find(tx, project)?.unwrap_or_default();
        let known = project_settings::find_for_sessions(tx, project)?;
        assert_eq!(known.1.duration_minutes, None);
        declared.session.duration_minutes = Some(7);
        project_settings::save(tx, project, &declared)?;
        let known = project_settings::find_for_sessions(tx, project)?;
        assert_eq!(known.1.duration_minutes, Some(7));
        Ok::<(), StorageError>(())
    });
    done.await.unwrap();
}
