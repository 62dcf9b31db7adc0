//! Users whom a directory adds at once: they wait for one another, and none is mistaken for another.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::task::Poll;
use std::time::Duration;

use actix_web::rt::spawn;
use actix_web::rt::task::JoinHandle;
use actix_web::rt::time::sleep;
use serde_json::Value;
use serde_json::json;
use vestibule::domain::email::EmailAddress;
use vestibule::domain::id::ConnectionId;
use vestibule::domain::id::OrganizationId;
use vestibule::domain::id::RequestId;
use vestibule::domain::member::Member;
use vestibule::domain::scope::OrgScope;
use vestibule::storage::Transaction;
use vestibule::storage::error::StorageError;
use vestibule::storage::foreseen;
use vestibule::storage::foreseen::Newcomer;
use vestibule::storage::job::Begin;
use vestibule::storage::members;
use vestibule::storage::open::Database;
use vestibule::storage::retired_emails;

use crate::scim::directory::Directory;
use crate::support::Answer;
use crate::support::TestGateway;
use crate::support::statements;

const LONG: Duration = Duration::from_millis(800);

/// A transaction of a directory for which all that it sends has to wait.
struct Held {
    is_over: Arc<AtomicBool>,
    transaction: JoinHandle<Result<(), StorageError>>,
}

impl Held {
    async fn start(directory: &Directory<'_>) -> Self {
        let (is_over, storage) = (Arc::new(AtomicBool::new(false)), &directory.gateway.storage);
        let (storage, seen) = (storage.clone(), is_over.clone());
        let begin = of_directory(directory);
        let transaction = spawn(async move {
            let held = storage.transaction(begin, move |_| {
                while !seen.load(Ordering::SeqCst) {
                    std::thread::sleep(LONG / 40);
                }
                Ok::<(), StorageError>(())
            });
            held.await
        });
        sleep(LONG / 8).await;
        Self {
            is_over,
            transaction,
        }
    }

    async fn end_after<T>(self, waiting: impl Future<Output = T>) -> T {
        let end = async {
            sleep(LONG).await;
            self.is_over.store(true, Ordering::SeqCst);
            self.transaction.await.unwrap().unwrap();
        };
        tokio::join!(waiting, end).0
    }
}

/// Waits for all of them at once.
async fn join_all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let futures = futures.into_iter().map(|future| (Box::pin(future), None));
    let mut futures: Vec<_> = futures.collect();
    poll_fn(|context| {
        let mut is_done = true;
        for (future, output) in &mut futures {
            if output.is_none()
                && let Poll::Ready(ready) = future.as_mut().poll(context)
            {
                *output = Some(ready);
            }
            is_done &= output.is_some();
        }
        if is_done {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    futures
        .into_iter()
        .filter_map(|(_, output)| output)
        .collect()
}

fn organization(directory: &Directory<'_>) -> OrganizationId {
    directory.organization_id.parse().unwrap()
}

fn of_directory(directory: &Directory<'_>) -> Begin {
    Begin {
        within: Some(organization(directory)),
        ..Begin::from(RequestId::fresh())
    }
}

fn user(user_name: &str, address: &str) -> Value {
    json!({ "userName": user_name, "displayName": user_name, "emails": [{ "value": address }] })
}

async fn push_together(directory: &Directory<'_>, bodies: Vec<Value>) -> Vec<Answer> {
    // The node knows by now whose connection it is.
    directory.get("/Users").await;
    let held = Held::start(directory).await;
    let pushes = bodies
        .into_iter()
        .map(|body| directory.post("/Users", body));
    held.end_after(join_all(pushes)).await
}

#[actix_web::test]
async fn users_who_wait_together_are_written_together_and_each_is_whole() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let names: Vec<String> = (0..20).map(|number| format!("user-{number}")).collect();
    let bodies = names.iter().enumerate().map(|(number, name)| {
        let mut body = user(name, &format!("{name}@acme.test"));
        if number % 3 == 0 {
            body["active"] = json!(false);
        }
        if number % 4 == 0 {
            let more = json!({ "value": format!("{name}@home.test"), "type": "home" });
            body["emails"].as_array_mut().unwrap().push(more);
        }
        body
    });
    statements::heard(gateway.storage.database());
    let answers = push_together(&directory, bodies.collect()).await;
    let heard = statements::heard(gateway.storage.database());
    for (number, (name, answer)) in names.iter().zip(&answers).enumerate() {
        assert_eq!(answer.status, 201, "{}", answer.text);
        let path = format!("/Users/{}", answer.body["id"].as_str().unwrap());
        assert_eq!(directory.get(&path).await.body, answer.body);
        let member = directory.member(&format!("{name}@acme.test")).await;
        assert_eq!(member.is_null(), number % 3 == 0, "{member}");
        let at_home = format!("/Users?filter=emails.value eq \"{name}@home.test\"");
        let found = directory.get(&at_home).await;
        assert_eq!(found.body["totalResults"], i32::from(number % 4 == 0));
    }
    assert_eq!(directory.get("/Users").await.body["totalResults"], 20);
    let journal = directory.journal().await;
    let of_kind = |kind: &str| journal.iter().filter(|event| event.kind == kind).count();
    let of_kinds = (of_kind("scim_user.created"), of_kind("member.created"));
    assert_eq!(of_kinds, (20, 13));
    let is_adding = |text: &&String| text.replace('`', "\"").contains("INTO \"scim_users\"");
    let adding = heard.iter().filter(is_adding);
    match gateway.storage.database() {
        Database::Sqlite(_) => assert_eq!(adding.count(), 20),
        Database::Postgres(_) => assert!(adding.count() < 10),
    }
}

#[actix_web::test]
async fn of_newcomers_with_one_name_or_address_who_wait_together_one_comes_in() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let named = |it: &str| user(it, &format!("{it}@acme.test"));
    let bodies = [
        named("zoe"),
        named("ana"),
        user("ANA", "other@acme.test"),
        user("ben", "Shared@acme.test"),
        user("cleo", "shared@acme.test"),
        named("dan"),
    ];
    let answers = push_together(&directory, bodies.to_vec()).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!((statuses[0], statuses[5]), (201, 201));
    for pair in [[statuses[1], statuses[2]], [statuses[3], statuses[4]]] {
        assert!(pair == [201, 409] || pair == [409, 201], "{statuses:?}");
    }
    assert_eq!(directory.get("/Users").await.body["totalResults"], 4);
    let journal = directory.journal().await;
    let of_kind = |kind: &str| journal.iter().filter(|event| event.kind == kind).count();
    assert_eq!(of_kind("scim_user.created"), 4);
    assert_eq!(of_kind("member.created"), 4);
}

/// Adds a member, and no User, if nobody has or gave up the address.
fn come(
    tx: &mut Transaction<'_>,
    (scope, connection): (&OrgScope, ConnectionId),
    name: &str,
) -> Result<&'static str, StorageError> {
    let address = EmailAddress::parse(&format!("{name}@acme.test")).unwrap();
    let newcomer = Newcomer::new(connection, (Some(&address), name));
    let (known, _) = foreseen::look(tx, scope, &newcomer)?;
    if known.former.is_some() {
        return Ok("was given up");
    }
    if !known.members.is_empty() {
        return Ok("is held");
    }
    let blank = Member::new(scope.organization_id, address, tx.now);
    let name = tx.cause().request_id.to_string();
    members::insert(tx, &Member { name, ..blank })?;
    Ok("came")
}

/// What a request of a directory does, after or before others of its transaction.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// It looks for this name and comes in under it.
    Comes(&'static str),
    /// It gives whoever has this address another one.
    Moves(&'static str),
    /// It counts who is there.
    Counts,
}

fn run(
    tx: &mut Transaction<'_>,
    place: (&OrgScope, ConnectionId),
    step: Step,
) -> Result<String, StorageError> {
    match step {
        Step::Comes(name) => Ok(come(tx, place, name)?.to_owned()),
        Step::Moves(name) => {
            let address = EmailAddress::parse(&format!("{name}@acme.test")).unwrap();
            let found = members::list_by_email(tx, place.0, &address)?;
            let member = found.into_iter().next();
            let member = member.ok_or_else(|| StorageError::corrupt("nobody is there"))?;
            let address = EmailAddress::parse("moved@acme.test").unwrap();
            let moved = Member {
                email_address: address,
                ..member.clone()
            };
            members::save(tx, &moved)?;
            retired_emails::insert(tx, &moved, &member.email_address)?;
            Ok("moved".to_owned())
        }
        Step::Counts => Ok(members::count_live(tx, place.0)?.to_string()),
    }
}

#[actix_web::test]
async fn whoever_looks_sees_what_others_of_the_transaction_have_written() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let connection: ConnectionId = directory.connection_id.parse().unwrap();
    let scope = directory.scope();
    let run_all = async |steps: &[(Step, &str)]| {
        let runs = steps.iter().map(|(step, _)| {
            let (begin, scope, step) = (of_directory(&directory), scope.clone(), *step);
            let newcomer = match step {
                Step::Comes(name) => EmailAddress::parse(&format!("{name}@acme.test"))
                    .map(|address| Newcomer::new(connection, (Some(&address), name))),
                Step::Moves(_) | Step::Counts => None,
            };
            let storage = &gateway.storage;
            storage.transaction_of_newcomer(begin, newcomer, move |tx| {
                run(tx, (&scope, connection), step)
            })
        });
        for ((step, expected), told) in steps.iter().zip(join_all(runs).await) {
            assert_eq!(told.as_deref(), Ok(*expected), "{step:?}");
        }
    };
    run_all(&[(Step::Comes("eve"), "came")]).await;
    let steps = [
        (Step::Comes("ana"), "came"),
        (Step::Comes("ben"), "came"),
        (Step::Comes("ana"), "is held"),
        (Step::Counts, "3"),
        (Step::Comes("cleo"), "came"),
        (Step::Comes("dan"), "came"),
        (Step::Moves("eve"), "moved"),
        (Step::Comes("eve"), "was given up"),
        (Step::Comes("ben"), "is held"),
        (Step::Counts, "5"),
    ];
    let held = Held::start(&directory).await;
    held.end_after(run_all(&steps)).await;
}
