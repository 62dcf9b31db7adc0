//! `/openapi.json`: the management API as OpenAPI, made from the handlers and the types they use.

use actix_web::HttpResponse;
use actix_web::web;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;

use crate::http::management;

#[derive(OpenApi)]
#[openapi(info(
    title = "Vestibule",
    description = "Members of organizations, their roles and where those come from."
))]
struct Root;

/// The whole description.
pub fn document() -> Document {
    let mut document = Root::openapi();
    for calls in management::calls() {
        document.merge(calls);
    }
    document
}

/// The URL of the description.
pub(crate) fn routes(configuration: &mut web::ServiceConfig) {
    configuration.route("/openapi.json", web::get().to(openapi));
}

async fn openapi() -> HttpResponse {
    HttpResponse::Ok().json(document())
}
