//! The first page: three things to try, and beside them what happens.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web;
use actix_web::web::Data;
use actix_web::web::Path;
use actix_web::web::Query;
use askama::Template;
use askama::filters::HtmlSafe;
use serde::Deserialize;
use serde_json::json;

use crate::demo::DemoError;
use crate::demo::api_client::text;
use crate::demo::company::Company;
use crate::demo::page::is_own;
use crate::demo::page::missing;
use crate::demo::page::nothing_new;
use crate::demo::page::one_moment;
use crate::demo::page::page;
use crate::demo::page::see;
use crate::demo::page::trouble;
use crate::demo::page::unusable;
use crate::demo::record::Entry;
use crate::demo::stage::Ready;
use crate::demo::stage::Stage;

/// The page to begin with.
pub const START_PATH: &str = "/demo";

/// How many lines are shown at once.
const SHOWN: usize = 60;

#[derive(Template)]
#[template(path = "demo/start.html")]
struct StartPage<'p> {
    ready: &'p Ready,
    lines: Lines,
}

#[derive(Template)]
#[template(path = "demo/log_page.html")]
struct LogPage {
    lines: Lines,
}

/// The newest lines of the log, headed by what asks for those that follow.
#[derive(Template)]
#[template(path = "demo/log_lines.html")]
pub(crate) struct Lines {
    entries: Vec<Arc<Entry>>,
    latest: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Seen {
    after: Option<u64>,
}

/// Mounts the page and the log.
pub(crate) fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route("", web::get().to(start))
        .route("/portal/{company}", web::post().to(portal))
        .route("/log", web::get().to(log))
        .route("/log/lines", web::get().to(lines));
}

/// It escapes what it is made of itself.
impl HtmlSafe for Lines {}

impl Lines {
    /// The lines after this number.
    pub(crate) fn after(stage: &Stage, number: u64) -> Self {
        let entries = stage.record.after(number, SHOWN);
        let latest = entries.first().map_or(number, |entry| entry.number);
        Self { entries, latest }
    }
}

impl StartPage<'_> {
    fn saml(&self, company: &Company) -> String {
        self.ready.sign_in_url(&company.saml_connection_id)
    }

    fn whoami(&self) -> String {
        self.ready.api.curl("GET", "/v1/debug/whoami", None)
    }

    fn oidc(&self, company: &Company) -> String {
        self.ready.sign_in_url(&company.oidc_connection_id)
    }
}

async fn start(stage: Data<Stage>) -> HttpResponse {
    let Some(ready) = stage.ready() else {
        return one_moment();
    };
    let lines = Lines::after(&stage, 0);
    page(StatusCode::OK, &StartPage { ready, lines })
}

/// Opens a company's admin portal, by a link made for this visit.
async fn portal(stage: Data<Stage>, slug: Path<String>, request: HttpRequest) -> HttpResponse {
    if !is_own(&request, &stage.origin) {
        return unusable("This form was not sent by a page of the demo.");
    }
    let Some((ready, company)) = stage.ready().and_then(|it| Some((it, it.company(&slug)?))) else {
        return missing("There is no such company.");
    };
    match portal_link(ready, company).await {
        Ok(url) => see(&url),
        Err(error) => trouble(&error.to_string()),
    }
}

async fn portal_link(ready: &Ready, company: &Company) -> Result<String, DemoError> {
    let body = json!({ "organization_id": company.organization_id });
    let made = ready.api.post("/v1/b2b/portal_links", &body).await?;
    Ok(text(&made, "/url")?.to_owned())
}

async fn log(stage: Data<Stage>) -> HttpResponse {
    let lines = Lines::after(&stage, 0);
    page(StatusCode::OK, &LogPage { lines })
}

async fn lines(stage: Data<Stage>, seen: Query<Seen>) -> HttpResponse {
    let lines = Lines::after(&stage, seen.after.unwrap_or_default());
    if lines.entries.is_empty() {
        return nothing_new();
    }
    page(StatusCode::OK, &lines)
}
