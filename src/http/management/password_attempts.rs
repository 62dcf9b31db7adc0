//! The three moves of every call with a password: read what it has to fit, check it on the threads
//! that do nothing else, and go on under what still holds then.

use crate::domain::id::RequestId;
use crate::domain::password::kept::PasswordHash;
use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::state::Gateway;
use crate::storage::Transaction;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::password::PasswordError;
use crate::use_cases::passwords::expectation::Expectation;
use crate::use_cases::passwords::expectation::Outcome;
use crate::use_cases::passwords::expectation::Tried;

/// A hash may be replaced while a password is checked against it, by another sign-in of the same
/// member; more than a few times in a row it is not.
const ATTEMPTS: usize = 3;

/// A password, and the one that is to be set if it is right.
#[derive(Clone)]
pub(crate) struct Attempt {
    pub(crate) password: String,
    pub(crate) wanted: Option<String>,
}

/// Checks a password and goes on if it is right.
pub(crate) async fn attempt<T: Send + 'static>(
    gateway: &Gateway,
    caller: ProjectCredentials,
    attempt: Result<Attempt, ManagementError>,
    expect: impl Fn(&mut Transaction<'_>, &ProjectCaller) -> Result<Expectation, ManagementError>
    + Clone
    + Send
    + 'static,
    admit: impl Fn(
        &mut Transaction<'_>,
        &ProjectCaller,
        &Tried,
        Option<&PasswordHash>,
    ) -> Result<Outcome<T>, ManagementError>
    + Clone
    + Send
    + 'static,
) -> Result<T, ApiError> {
    let request_id = caller.request_id;
    for _ in 0..ATTEMPTS {
        let expected = gateway.read(caller.clone(), expect.clone()).await?;
        let given = attempt.clone().map_err(ApiError::of(request_id))?;
        let (tried, hash) = check(gateway, request_id, (expected, given)).await?;
        let admit = admit.clone();
        let ended = gateway.write(caller.clone(), move |tx, caller| {
            admit(tx, caller, &tried, hash.as_ref())
        });
        match ended.await? {
            Outcome::Right(admitted) => return Ok(*admitted),
            Outcome::Refused(refusal) => return Err(ApiError::of(request_id)(refusal.into())),
            Outcome::Stale => {}
        }
    }
    Err(ApiError::of(request_id)(PasswordError::Busy.into()))
}

/// Checks a password, and hashes the one that is wanted instead.
pub(crate) async fn check(
    gateway: &Gateway,
    request_id: RequestId,
    (expected, given): (Expectation, Attempt),
) -> Result<(Tried, Option<PasswordHash>), ApiError> {
    let work = move || {
        let Attempt { password, wanted } = given;
        let hash = wanted.map(|wanted| expected.accept(&wanted)).transpose()?;
        let checked = expected.check(&password);
        Ok::<_, ManagementError>((Tried { expected, checked }, hash))
    };
    let worked = gateway.password_threads.run(work).await;
    let worked = worked.and_then(|worked| worked);
    worked.map_err(ApiError::of(request_id))
}

/// Hashes a password that is to be set, if it is strong enough.
pub(crate) async fn hash(
    gateway: &Gateway,
    request_id: RequestId,
    (expected, password): (Expectation, String),
) -> Result<PasswordHash, ApiError> {
    let accept = move || expected.accept(&password);
    let hashed = gateway.password_threads.run(accept).await;
    let hashed = hashed.and_then(|hashed| hashed);
    hashed.map_err(ApiError::of(request_id))
}
