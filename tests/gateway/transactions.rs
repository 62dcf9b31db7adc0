//! What storage promises: nothing lost, nothing half-written, one door.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;

use diesel::Connection;
use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use serde_json::json;
use vestibule::domain::id::RequestId;
use vestibule::domain::organization::Organization;
use vestibule::domain::project::ProjectId;
use vestibule::storage::error::StorageError;
use vestibule::storage::journal;
use vestibule::storage::open::Database;
use vestibule::storage::organizations;

use crate::support::TestGateway;

pub async fn acme(gateway: &TestGateway) -> String {
    let acme = gateway
        .organization(json!({ "organization_name": "Acme" }))
        .await;
    acme["organization_slug"].as_str().unwrap().to_owned()
}

pub async fn read(gateway: &TestGateway, slug: &str) -> Organization {
    let (project, slug) = (ProjectId::new(gateway.project_id.as_str()), slug.to_owned());
    let found = gateway.storage.read(RequestId::fresh(), move |tx| {
        organizations::find_by_slug(tx, &project, &slug)
    });
    found.await.unwrap().unwrap()
}

#[actix_web::test]
async fn increments_made_at_the_same_time_are_all_kept() {
    let gateway = TestGateway::start().await;
    let slug = acme(&gateway).await;
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (storage, slug) = (gateway.storage.clone(), slug.clone());
            let project = ProjectId::new(gateway.project_id.as_str());
            actix_web::rt::spawn(async move {
                for _ in 0..10 {
                    let (slug, project) = (slug.clone(), project.clone());
                    let done = storage.transaction(RequestId::fresh(), move |tx| {
                        let found = organizations::find_by_slug(tx, &project, &slug)?;
                        let mut organization =
                            found.ok_or_else(|| StorageError::corrupt("gone"))?;
                        let count = organization.logo_url.parse::<u32>().unwrap_or(0);
                        organization.logo_url = (count + 1).to_string();
                        organizations::save(tx, &organization)
                    });
                    done.await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(read(&gateway, &slug).await.logo_url, "80");
}

#[actix_web::test]
async fn a_closure_that_fails_or_panics_leaves_nothing_behind_and_the_next_one_runs() {
    let gateway = TestGateway::start().await;
    let slug = acme(&gateway).await;
    let attempt = |fail: fn() -> Result<(), StorageError>| {
        let (project, slug) = (ProjectId::new(gateway.project_id.as_str()), slug.clone());
        gateway.storage.transaction(RequestId::fresh(), move |tx| {
            let found = organizations::find_by_slug(tx, &project, &slug)?;
            let mut organization = found.ok_or_else(|| StorageError::corrupt("gone"))?;
            organization.name = "changed".to_owned();
            organizations::save(tx, &organization)?;
            fail()
        })
    };
    let refused = attempt(|| Err(StorageError::Database("no".to_owned()))).await;
    assert_eq!(refused, Err(StorageError::Database("no".to_owned())));
    assert_eq!(read(&gateway, &slug).await.name, "Acme");
    let panicked = attempt(|| panic!("on purpose")).await;
    assert!(panicked.is_err());
    assert_eq!(read(&gateway, &slug).await.name, "Acme");
    attempt(|| Ok(())).await.unwrap();
    assert_eq!(read(&gateway, &slug).await.name, "changed");
}

#[actix_web::test]
async fn one_failing_closure_in_a_group_does_not_undo_its_neighbours() {
    let gateway = TestGateway::start().await;
    let names = 0..40;
    let tasks: Vec<_> = names
        .map(|n| {
            let body = if n % 4 == 0 {
                json!({ "organization_name": "Acme", "organization_slug": "the-same" })
            } else {
                json!({ "organization_name": format!("Acme {n}") })
            };
            gateway.post("/v1/b2b/organizations", body)
        })
        .collect();
    let mut created = 0;
    let mut refused = 0;
    for answer in futures_join(tasks).await {
        match answer.status {
            200 => created += 1,
            400 => refused += 1,
            other => panic!("{other}: {}", answer.text),
        }
    }
    assert_eq!((created, refused), (31, 9));
    let all = gateway
        .post("/v1/b2b/organizations/search", json!({}))
        .await;
    assert_eq!(all.body["results_metadata"]["total"], 31);
}

async fn futures_join<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut pending: Vec<_> = futures
        .into_iter()
        .map(|future| Some(Box::pin(future)))
        .collect();
    let mut done: Vec<Option<F::Output>> = pending.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, done) in pending.iter_mut().zip(&mut done) {
            if let Some(running) = future
                && let std::task::Poll::Ready(output) = running.as_mut().poll(context)
            {
                *done = Some(output);
                *future = None;
            }
        }
        if pending.iter().all(Option::is_none) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    done.into_iter().flatten().collect()
}

#[actix_web::test]
async fn a_closure_that_loses_its_race_is_run_again() {
    let gateway = TestGateway::start().await;
    let runs = Arc::new(AtomicU32::new(0));
    let seen = runs.clone();
    let outcome = gateway.storage.transaction(RequestId::fresh(), move |_| {
        match seen.fetch_add(1, Ordering::SeqCst) {
            0 => Err(StorageError::LostRace),
            _ => Ok(()),
        }
    });
    let outcome = outcome.await;
    // SQLite's one writer cannot lose a race, so there it is reported instead of retried.
    match outcome {
        Ok(()) => assert_eq!(runs.load(Ordering::SeqCst), 2),
        Err(error) => assert_eq!(error, StorageError::LostRace),
    }
}

/// Ends every connection that the gateway has, and nothing that PostgreSQL does itself; SQLite has none that could be lost.
fn drop_connections(database: &Database) {
    let Database::Postgres(url) = database else {
        return;
    };
    let mut connection = PgConnection::establish(url).unwrap();
    connection
        .batch_execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid() \
             AND backend_type = 'client backend'",
        )
        .unwrap();
}

#[actix_web::test]
async fn connections_that_the_database_drops_are_opened_again() {
    let gateway = TestGateway::start().await;
    acme(&gateway).await;
    drop_connections(gateway.storage.database());
    let mut served = 0;
    for attempt in 0..60 {
        let body = json!({ "organization_name": format!("Globex {attempt}") });
        let answer = gateway.post("/v1/b2b/organizations", body).await;
        assert!([200, 503].contains(&answer.status), "{}", answer.text);
        served += i32::from(answer.status == 200);
    }
    assert!(served > 40, "{served} of 60 were served");
    drop_connections(gateway.storage.database());
    let mut found = 0;
    for _ in 0..60 {
        let answer = gateway
            .post("/v1/b2b/organizations/search", json!({}))
            .await;
        assert!([200, 503].contains(&answer.status), "{}", answer.text);
        found += i32::from(answer.status == 200);
    }
    assert!(found > 40, "{found} of 60 were found");
}

#[actix_web::test]
async fn each_change_is_in_the_journal_with_its_request_and_what_was_before() {
    let gateway = TestGateway::start().await;
    let slug = acme(&gateway).await;
    let path = format!("/v1/b2b/organizations/{slug}");
    let update = gateway
        .put(&path, json!({ "organization_name": "Acme 2" }))
        .await;
    gateway.put(&path, json!({ "organization_name": "" })).await;
    let member = json!({ "email_address": "ana@acme.test" });
    gateway.post(&format!("{path}/members"), member).await;
    let scope = read(&gateway, &slug).await.scope();
    let events = gateway.storage.read(RequestId::fresh(), move |tx| {
        tx.enter(scope.organization_id)?;
        journal::list(tx, &scope, 10)
    });
    let events = events.await.unwrap();
    let kinds: Vec<_> = events.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(
        kinds,
        [
            "member.created",
            "organization.updated",
            "organization.created"
        ]
    );
    let updated = &events[1];
    assert_eq!(
        updated.request_id,
        update.body["request_id"].as_str().unwrap()
    );
    assert_eq!(updated.actor, "project");
    assert_eq!(updated.before.as_ref().unwrap()["name"], "Acme");
    assert_eq!(updated.after.as_ref().unwrap()["name"], "Acme 2");
}
