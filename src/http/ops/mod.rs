//! The second listener: health and metrics, for the operator's own network.

use actix_web::HttpResponse;
use actix_web::web;

pub mod health;
pub mod metrics;

/// Every URL of the ops listener; their state is a `Data<Health>` and a `Data<Metrics>`.
pub fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route("/livez", web::get().to(health::livez))
        .route("/readyz", web::get().to(health::readyz))
        .route("/metrics", web::get().to(metrics::metrics))
        .default_service(web::to(nothing_here));
}

async fn nothing_here() -> HttpResponse {
    HttpResponse::NotFound().body("Here are /livez, /readyz and /metrics.\n")
}
