//! A bulk request, done in one transaction (RFC 7644 §3.7). An operation that is refused leaves
//! nothing behind, and the others stay.

use crate::protocol::scim::bulk::Entry;
use crate::protocol::scim::bulk::Plan;
use crate::protocol::scim::bulk::Step;
use crate::protocol::scim::bulk_references::Made;
use crate::protocol::scim::bulk_response::BulkResult;
use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::operation::Method;
use crate::protocol::scim::operation::Operation;
use crate::storage::Transaction;
use crate::use_cases::credentials::ScimCaller;
use crate::use_cases::provisioning::error::ProvisioningError;
use crate::use_cases::provisioning::groups::Reading;
use crate::use_cases::provisioning::linking;
use crate::use_cases::provisioning::operation;
use crate::use_cases::provisioning::operation::Outcome;
use crate::use_cases::provisioning::operation::Showing;

/// Does the steps of a plan, until too many operations have failed.
pub fn run(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    plan: &Plan,
    base_url: &str,
) -> Result<Vec<BulkResult>, ProvisioningError> {
    let showing = Showing {
        base_url,
        reading: Reading::Nobody,
    };
    let mut work = Work {
        showing,
        made: Made::default(),
        results: Vec::new(),
        failed: 0,
    };
    for step in &plan.steps {
        if plan
            .fail_on_errors
            .is_some_and(|limit| work.failed >= limit)
        {
            break;
        }
        match step {
            Step::Single(entry) => work.single(tx, caller, entry)?,
            Step::Circle(entries) => work.circle(tx, caller, entries)?,
        }
    }
    Ok(work.results)
}

/// How far a bulk request has come.
struct Work<'a> {
    showing: Showing<'a>,
    made: Made,
    results: Vec<BulkResult>,
    failed: u64,
}

impl Work<'_> {
    fn single(
        &mut self,
        tx: &mut Transaction<'_>,
        caller: &ScimCaller,
        entry: &Entry,
    ) -> Result<(), ProvisioningError> {
        let resolved = match &entry.operation {
            Ok(operation) => self.made.resolve(operation),
            Err(refusal) => Err(refusal.clone()),
        };
        let done = match &resolved {
            Ok(resolved) => self.attempt(tx, caller, resolved)?,
            Err(refusal) => Err(refusal.clone()),
        };
        match done {
            Ok(outcome) => self.succeed(entry, outcome),
            Err(refusal) => {
                let location = resolved
                    .ok()
                    .and_then(|operation| self.location(&operation));
                self.fail(entry, location, refusal);
            }
        }
        Ok(())
    }

    /// What the client is refused is the inner error.
    fn attempt(
        &self,
        tx: &mut Transaction<'_>,
        caller: &ScimCaller,
        operation: &Operation,
    ) -> Result<Result<Outcome, ScimError>, ProvisioningError> {
        let done = tx.savepoint(|tx| operation::perform(tx, caller, operation, self.showing))?;
        match done {
            Ok(outcome) => Ok(Ok(outcome)),
            Err(error) => told(tx, caller, error).map(Err),
        }
    }

    /// Resources that refer to each other are made without that, and then completed, all or none.
    fn circle(
        &mut self,
        tx: &mut Transaction<'_>,
        caller: &ScimCaller,
        entries: &[Entry],
    ) -> Result<(), ProvisioningError> {
        let mut failed_at = 0;
        let before = self.made.clone();
        let done = tx.savepoint(|tx| self.make_circle(tx, caller, (entries, &mut failed_at)))?;
        let refusal = match done {
            Ok(outcomes) => {
                for (entry, outcome) in entries.iter().zip(outcomes) {
                    self.succeed(entry, outcome);
                }
                return Ok(());
            }
            Err(error) => told(tx, caller, error)?,
        };
        self.made = before;
        for (number, entry) in entries.iter().enumerate() {
            let told = if number == failed_at {
                refusal.clone()
            } else {
                ScimError::Conflict(format!(
                    "it and others refer to each other, and one of those was refused: {refusal}"
                ))
            };
            self.fail(entry, None, told);
        }
        Ok(())
    }

    fn make_circle(
        &mut self,
        tx: &mut Transaction<'_>,
        caller: &ScimCaller,
        (entries, at): (&[Entry], &mut usize),
    ) -> Result<Vec<Outcome>, ProvisioningError> {
        let mut outcomes = Vec::with_capacity(entries.len());
        for (number, entry) in entries.iter().enumerate() {
            *at = number;
            let wanted = entry.operation.as_ref().map_err(Clone::clone)?;
            let known = self.made.resolve_in_part(wanted);
            let outcome = operation::perform(tx, caller, &known, self.showing)?;
            self.note(entry, Some(outcome.id.clone()));
            outcomes.push(outcome);
        }
        for (number, (entry, outcome)) in entries.iter().zip(&mut outcomes).enumerate() {
            *at = number;
            let wanted = entry.operation.as_ref().map_err(Clone::clone)?;
            let whole = Operation {
                method: Method::Put,
                id: Some(outcome.id.clone()),
                ..self.made.resolve(wanted)?
            };
            let completed = operation::perform(tx, caller, &whole, self.showing)?;
            outcome.version = completed.version;
        }
        Ok(outcomes)
    }

    fn succeed(&mut self, entry: &Entry, outcome: Outcome) {
        self.note(entry, Some(outcome.id));
        self.results.push(BulkResult {
            position: entry.position,
            method: entry.method.clone(),
            bulk_id: entry.bulk_id.clone(),
            location: Some(outcome.location),
            version: outcome.version,
            status: Ok(outcome.status),
        });
    }

    fn fail(&mut self, entry: &Entry, location: Option<String>, refusal: ScimError) {
        self.failed += 1;
        self.note(entry, None);
        let result = BulkResult::refused(entry, location, refusal);
        self.results.push(result);
    }

    fn note(&mut self, entry: &Entry, id: Option<String>) {
        if let Some(name) = &entry.bulk_id {
            self.made.note(name, id);
        }
    }

    fn location(&self, operation: &Operation) -> Option<String> {
        let id = operation.id.as_ref()?;
        let base_url = self.showing.base_url;
        Some(format!("{base_url}/{}/{id}", operation.endpoint))
    }
}
/// What the client is told of an operation that is undone; what the journal is to tell stays.
fn told(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    error: ProvisioningError,
) -> Result<ScimError, ProvisioningError> {
    linking::note_refusal(tx, caller, &error)?;
    error.told().cloned().ok_or(error)
}
