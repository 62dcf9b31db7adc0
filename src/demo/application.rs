//! The sample application: where sign-ins return, and a page to begin them.

use std::sync::OnceLock;

use actix_web::HttpResponse;
use actix_web::web;
use actix_web::web::Data;
use actix_web::web::Query;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use crate::demo::DemoError;
use crate::demo::api_client::ApiClient;
use crate::demo::api_client::text;
use crate::demo::explain::Names;
use crate::demo::explain::roles;
use crate::demo::page::escape;
use crate::demo::page::page;

/// The page that begins sign-ins.
pub const START_PATH: &str = "/demo";
/// Where sign-ins return.
pub const RETURN_PATH: &str = "/demo/application";

const TITLE: &str = "Acme's application";

/// What the application knows once the tour has set everything up.
#[derive(Clone, Debug)]
pub struct Guide {
    pub(crate) api: ApiClient,
    pub(crate) names: Names,
    /// Each way to sign in, with the URL that begins it.
    pub(crate) sign_ins: Vec<(&'static str, String)>,
}

/// The application; closed until it has a guide.
#[derive(Debug, Default)]
pub struct Application(OnceLock<Guide>);

impl Application {
    /// Opens the application; a second guide changes nothing.
    pub fn open(&self, guide: Guide) {
        let _ = self.0.set(guide);
    }
}

impl Guide {
    /// Redeems the token of a return and gives what the API says of the person.
    pub(crate) async fn authenticate(&self, token: &str) -> Result<Value, DemoError> {
        let body = json!({ "sso_token": token, "session_duration_minutes": 60 });
        self.api.post("/v1/b2b/sso/authenticate", &body).await
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Return {
    token: String,
}

/// Mounts the application; its state is a `web::Data<Application>`.
pub fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route(START_PATH, web::get().to(start))
        .route(RETURN_PATH, web::get().to(arrive));
}

async fn start(application: Data<Application>) -> HttpResponse {
    let Some(guide) = application.0.get() else {
        return page(
            HttpResponse::ServiceUnavailable(),
            TITLE,
            "<p>One moment, please.</p>",
        );
    };
    page(HttpResponse::Ok(), TITLE, &ways_in(guide))
}

fn ways_in(guide: &Guide) -> String {
    let way = |(name, url): &(&str, String)| {
        format!(
            "<li><a href=\"{}\">Sign in through {}</a></li>",
            escape(url),
            escape(name)
        )
    };
    let ways: String = guide.sign_ins.iter().map(way).collect();
    format!("<ul>{ways}</ul>")
}

async fn arrive(application: Data<Application>, back: Query<Return>) -> HttpResponse {
    let Some(guide) = application.0.get() else {
        return page(
            HttpResponse::ServiceUnavailable(),
            TITLE,
            "<p>One moment, please.</p>",
        );
    };
    match guide.authenticate(&back.token).await {
        Ok(answer) => page(HttpResponse::Ok(), TITLE, &greeting(guide, &answer)),
        Err(error) => {
            let reason = escape(&error.to_string());
            let content = format!("<p>Nobody was signed in: {reason}</p>{}", ways_in(guide));
            page(HttpResponse::BadRequest(), TITLE, &content)
        }
    }
}

fn greeting(guide: &Guide, answer: &Value) -> String {
    let member = answer.get("member").unwrap_or(&Value::Null);
    let row = |(role, why): (String, String)| {
        format!(
            "<tr><td>{}</td><td>{}</td></tr>",
            escape(&role),
            escape(&why)
        )
    };
    let rows: String = roles(member, &guide.names).into_iter().map(row).collect();
    format!(
        "<p>Welcome, {} ({}).</p><table><tr><th>Role</th><th>Why</th></tr>{rows}</table>{}",
        escape(text(member, "/name").unwrap_or_default()),
        escape(text(member, "/email_address").unwrap_or_default()),
        ways_in(guide),
    )
}
