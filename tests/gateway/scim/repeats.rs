//! Directories that send again what they sent before: nothing is written, and nothing is missed.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_web::rt::spawn;
use actix_web::rt::task::JoinHandle;
use actix_web::rt::time::sleep;
use serde_json::json;
use vestibule::domain::event::Change;
use vestibule::domain::event::EventKind;
use vestibule::domain::id::OrganizationId;
use vestibule::domain::id::RequestId;
use vestibule::domain::id::ScimUserId;
use vestibule::domain::organization::Organization;
use vestibule::domain::project::ProjectId;
use vestibule::storage::Transaction;
use vestibule::storage::error::StorageError;
use vestibule::storage::job::Begin;
use vestibule::storage::journal;
use vestibule::storage::organizations;

use crate::scim::directory::Directory;
use crate::scim::directory::text;
use crate::support::TestGateway;

async fn acme(gateway: &TestGateway) -> String {
    let acme = json!({ "organization_name": "Acme" });
    text(&gateway.organization(acme).await["organization_slug"])
}

async fn organization(gateway: &TestGateway, slug: &str) -> Organization {
    let (project, slug) = (ProjectId::new(gateway.project_id.as_str()), slug.to_owned());
    let found = gateway.storage.read(RequestId::fresh(), move |tx| {
        organizations::find_by_slug(tx, &project, &slug)
    });
    found.await.unwrap().unwrap()
}

/// What a run of a closure that may have nothing to write finds to write.
#[derive(Clone, Copy)]
enum Finds {
    Nothing,
    /// The row, which the database refuses to write for whoever only reads.
    Row,
    /// The event, which is not even sent to it.
    Event,
}

/// How often a directory repeats itself until it is expected to go on so.
const ENOUGH: usize = 8;
const LONG: Duration = Duration::from_millis(400);

fn of_directory(organization: OrganizationId) -> Begin {
    Begin {
        within: Some(organization),
        ..Begin::from(RequestId::fresh())
    }
}

fn update_of(organization: &Organization) -> Change {
    Change {
        organization_id: Some(organization.id),
        kind: EventKind::OrganizationUpdated,
        object_id: organization.id.to_string(),
        before: None,
        after: None,
    }
}

/// How often the closure is run, and the name that the organization has afterwards.
async fn run_if_needed(gateway: &TestGateway, slug: &str, finds: Finds) -> (u32, String) {
    let runs = Arc::new(AtomicU32::new(0));
    let seen = runs.clone();
    let id = organization(gateway, slug).await.id;
    let begin = of_directory(id);
    let (project, named) = (ProjectId::new(gateway.project_id.as_str()), slug.to_owned());
    let done = gateway.storage.transaction_if_needed(begin, move |tx| {
        let run = seen.fetch_add(1, Ordering::SeqCst);
        let found = organizations::find_by_slug(tx, &project, &named)?;
        let mut organization = found.ok_or_else(|| StorageError::corrupt("gone"))?;
        organization.name = format!("{} {run}", organization.name);
        let change = update_of(&organization);
        match finds {
            Finds::Nothing => Ok(()),
            Finds::Row => {
                organizations::save(tx, &organization)?;
                journal::append(tx, &change)
            }
            Finds::Event => {
                journal::append(tx, &change)?;
                organizations::save(tx, &organization)
            }
        }
    });
    let done: Result<(), StorageError> = done.await;
    done.unwrap();
    let name = organization(gateway, slug).await.name;
    (runs.load(Ordering::SeqCst), name)
}

#[actix_web::test]
async fn what_repeats_itself_is_read_first_and_written_as_soon_as_it_has_to_be() {
    for finds in [Finds::Row, Finds::Event] {
        let gateway = TestGateway::start().await;
        let slug = acme(&gateway).await;
        let steps = [
            (ENOUGH - 1, Finds::Nothing, 1, "Acme"),
            (1, finds, 1, "Acme 0"),
            (ENOUGH + 1, Finds::Nothing, 1, "Acme 0"),
            (1, finds, 2, "Acme 0 1"),
            (1, finds, 1, "Acme 0 1 0"),
        ];
        for (times, finds, runs, name) in steps {
            for _ in 0..times {
                let run = run_if_needed(&gateway, &slug, finds).await;
                assert_eq!(run, (runs, name.to_owned()));
            }
        }
        let scope = organization(&gateway, &slug).await.scope();
        let events = gateway.storage.read(RequestId::fresh(), move |tx| {
            tx.enter(scope.organization_id)?;
            journal::list(tx, &scope, 10)
        });
        assert_eq!(events.await.unwrap().len(), 4);
    }
}

#[actix_web::test]
async fn what_is_refused_says_nothing_of_what_a_directory_does() {
    let gateway = TestGateway::start().await;
    let slug = acme(&gateway).await;
    for _ in 0..ENOUGH {
        run_if_needed(&gateway, &slug, Finds::Nothing).await;
    }
    let begin = of_directory(organization(&gateway, &slug).await.id);
    let refused = gateway.storage.transaction(begin, |_| {
        Err::<(), StorageError>(StorageError::corrupt("on purpose"))
    });
    assert!(refused.await.is_err());
    let run = run_if_needed(&gateway, &slug, Finds::Event).await;
    assert_eq!(run, (2, "Acme 1".to_owned()));
}

/// What is still to be written when something else comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Early {
    /// Something that is written in any case.
    Certain,
    /// A change that was read first.
    ReadFirst,
    /// A change that waits for a writer behind the last one that it takes to read the next one first.
    BehindTheLast,
}

/// Something that takes its time, on its way.
struct Slow {
    done: JoinHandle<Result<(), StorageError>>,
    runs: Arc<AtomicU32>,
}

impl Slow {
    /// It changes the organization's name, or nothing.
    fn start(gateway: &TestGateway, acme: &Organization, early: Early, renames: bool) -> Self {
        let (storage, mut late) = (gateway.storage.clone(), acme.clone());
        "late".clone_into(&mut late.name);
        let runs = Arc::new(AtomicU32::new(0));
        let seen = runs.clone();
        let done = spawn(async move {
            let begin = of_directory(late.id);
            let change = move |tx: &mut Transaction<'_>| {
                seen.fetch_add(1, Ordering::SeqCst);
                std::thread::sleep(LONG);
                if renames {
                    organizations::save(tx, &late)?;
                    journal::append(tx, &update_of(&late))?;
                }
                Ok(())
            };
            match early {
                Early::Certain => storage.transaction(begin, change).await,
                Early::ReadFirst | Early::BehindTheLast => {
                    storage.transaction_if_needed(begin, change).await
                }
            }
        });
        Self { done, runs }
    }

    /// Waits until it is run for this time.
    async fn has_begun(&self, run: u32) {
        while self.runs.load(Ordering::SeqCst) < run {
            sleep(Duration::from_millis(2)).await;
        }
    }
}

#[actix_web::test]
async fn nothing_overtakes_what_is_still_to_be_written() {
    for early in [Early::Certain, Early::ReadFirst, Early::BehindTheLast] {
        let gateway = TestGateway::start().await;
        let slug = acme(&gateway).await;
        let acme = organization(&gateway, &slug).await;
        let last = usize::from(early == Early::BehindTheLast);
        for _ in last..ENOUGH {
            run_if_needed(&gateway, &slug, Finds::Nothing).await;
        }
        let mut under_way = Vec::new();
        if early == Early::BehindTheLast {
            let last = Slow::start(&gateway, &acme, early, false);
            last.has_begun(1).await;
            under_way.push(last.done);
        }
        let slow = Slow::start(&gateway, &acme, early, true);
        let written_by = if early == Early::ReadFirst { 2 } else { 1 };
        slow.has_begun(written_by).await;
        under_way.push(slow.done);
        let project = ProjectId::new(gateway.project_id.as_str());
        let begin = of_directory(acme.id);
        let seen = gateway.storage.transaction_if_needed(begin, move |tx| {
            let found = organizations::find(tx, &project, acme.id)?;
            Ok::<_, StorageError>(found.map(|found| found.name))
        });
        assert_eq!(seen.await.unwrap().as_deref(), Some("late"), "{early:?}");
        for done in under_way {
            done.await.unwrap().unwrap();
        }
    }
}

#[actix_web::test]
async fn a_directory_that_repeats_itself_is_told_the_same_and_heard_as_soon_as_it_does_not() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let ana = directory.user("ana@acme.test").await;
    let path = format!("/Users/{ana}");
    let known = directory.journal().await.len();
    let sent = |title: &str| json!({ "userName": "ana@acme.test", "title": title });
    let retitle = |title: &str| json!([{ "op": "replace", "path": "title", "value": title }]);
    for (round, title) in ["Dr", "Prof"].into_iter().enumerate() {
        let version = format!("W/\"{}\"", round + 2);
        for _ in 0..ENOUGH {
            let told = [
                directory.put(&path, sent(title)).await,
                directory.patch(&path, retitle(title)).await,
                directory.get(&path).await,
            ];
            for answer in told {
                assert_eq!(answer.status, 200, "{}", answer.text);
                assert_eq!(answer.body["title"], title);
                assert_eq!(answer.body["meta"]["version"], version);
            }
        }
        assert_eq!(directory.journal().await.len(), known + 1 + round);
        let stale = ("If-Match", "W/\"1\"");
        let refused = directory
            .call_with(("PUT", &path), stale, Some(sent(title)))
            .await;
        assert_eq!(refused.status, 412, "{}", refused.text);
        let nobody = format!("/Users/{}", ScimUserId::fresh());
        assert_eq!(directory.put(&nobody, sent(title)).await.status, 404);
        assert_eq!(directory.put(&path, json!({})).await.status, 400);
    }
    let stranger = Directory {
        token: "not-a-token".to_owned(),
        ..directory
    };
    assert_eq!(stranger.put(&path, sent("Prof")).await.status, 401);
}
