//! `/openapi.json`: the management API as OpenAPI 3.1, made from the handlers and the types they use.

use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::web;
use serde_json::Value;
use utoipa::OpenApi;

use crate::http::management;
use crate::http::management::error::Refusal;
use crate::http::management::json::Envelope;

mod completion;
mod directions;
mod examples;
pub(crate) mod reading;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Vestibule",
        description = "Organizations, their members, how these sign in and are provisioned, and \
                       where each role comes from. Every call but the open ones takes the project \
                       id and its secret by HTTP Basic. Unknown fields of a body are ignored, and a \
                       null at its top level means that nothing is given."
    ),
    components(schemas(Envelope, Refusal))
)]
struct Root;

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let mut document = Root::openapi();
    for calls in management::calls() {
        document.merge(calls);
    }
    // What it is made of always has a form in JSON; a test looks at what is in it.
    let mut document = serde_json::to_value(document).unwrap_or_default();
    directions::part(&mut document);
    completion::complete(&mut document);
    document
});

/// The whole description.
pub fn document() -> &'static Value {
    &DOCUMENT
}

/// The URL of the description.
pub(crate) fn routes(configuration: &mut web::ServiceConfig) {
    configuration.route("/openapi.json", web::get().to(openapi));
}

async fn openapi() -> HttpResponse {
    HttpResponse::Ok().json(document())
}

#[cfg(test)]
mod tests;
