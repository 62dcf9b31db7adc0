//! `/livez`: the process answers. `/readyz`: it can do its work, or which part fails.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde_json::json;

use crate::domain::id::RequestId;
use crate::domain::project::ProjectId;
use crate::storage::Storage;
use crate::storage::Transaction;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::project;

const PATIENCE: Duration = Duration::from_secs(2);

/// What readiness is measured by.
#[derive(Clone)]
pub struct Health {
    /// The database that must answer.
    pub storage: Storage,
    /// The project that must be in it.
    pub project_id: ProjectId,
}

pub(crate) async fn livez() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "alive" }))
}

pub(crate) async fn readyz(health: Data<Health>) -> HttpResponse {
    match health.database().await {
        Ok(()) => HttpResponse::Ok().json(json!({ "status": "ready" })),
        Err(reason) => {
            tracing::warn!(part = "database", reason, "not ready");
            let failing = json!({ "database": reason });
            HttpResponse::ServiceUnavailable()
                .json(json!({ "status": "not ready", "failing": failing }))
        }
    }
}

impl Health {
    async fn database(&self) -> Result<(), &'static str> {
        let caller = ProjectCaller {
            project_id: self.project_id.clone(),
        };
        let read = move |tx: &mut Transaction<'_>| project::whoami(tx, &caller);
        let read = self.storage.read(RequestId::fresh(), read);
        match tokio::time::timeout(PATIENCE, read).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => {
                tracing::error!(?error, "the database does not answer");
                Err("the project cannot be read; the log says why")
            }
            Err(_) => Err("no answer within 2 s"),
        }
    }
}
