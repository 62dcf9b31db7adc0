//! A company's directory as a page: push everybody, and somebody leaves.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::rt;
use actix_web::web;
use actix_web::web::Data;
use actix_web::web::Form;
use actix_web::web::Path;
use actix_web::web::Query;
use askama::Template;
use askama::filters::HtmlSafe;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use crate::demo::DemoError;
use crate::demo::company::Company;
use crate::demo::company::GROUPS;
use crate::demo::directory::Directory;
use crate::demo::directory::State;
use crate::demo::directory::give_roles;
use crate::demo::explain::roles;
use crate::demo::page::is_own;
use crate::demo::page::missing;
use crate::demo::page::nothing_new;
use crate::demo::page::one_moment;
use crate::demo::page::page;
use crate::demo::page::see;
use crate::demo::page::trouble;
use crate::demo::page::unusable;
use crate::demo::people::DemoPerson;
use crate::demo::stage::Ready;
use crate::demo::stage::Stage;
use crate::demo::start::Lines;

const SEARCH: &str = "/v1/b2b/organizations/members/search";
const NO_COMPANY: &str = "There is no such company.";

#[derive(Template)]
#[template(path = "demo/directory.html")]
struct DirectoryPage<'p> {
    company: &'p Company,
    ready: &'p Ready,
    people: People,
    lines: Lines,
}

/// The part of the page that keeps itself up to date.
#[derive(Template)]
#[template(path = "demo/people.html")]
struct People {
    slug: &'static str,
    state: State,
    rows: Vec<Row>,
}

struct Row {
    person: DemoPerson,
    /// Whether the directory calls them active; nothing before they were pushed.
    active: Option<bool>,
    /// What the product calls them, and the roles it gives them.
    status: String,
    roles: Vec<String>,
    curl: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Seen {
    seen: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct Move {
    email: String,
    active: bool,
}

/// Mounts the pages.
pub(crate) fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route("/directory/{company}", web::get().to(show))
        .route("/directory/{company}/people", web::get().to(people))
        .route("/directory/{company}/push", web::post().to(push))
        .route("/directory/{company}/active", web::post().to(set_active));
}

async fn show(stage: Data<Stage>, slug: Path<String>) -> HttpResponse {
    let Some(ready) = stage.ready() else {
        return one_moment();
    };
    let Some(company) = ready.company(&slug) else {
        return missing(NO_COMPANY);
    };
    match People::of(&stage, ready, company).await {
        Ok(people) => {
            let shown = DirectoryPage {
                company,
                ready,
                people,
                lines: Lines::after(&stage, 0),
            };
            page(StatusCode::OK, &shown)
        }
        Err(error) => trouble(&error.to_string()),
    }
}

async fn people(stage: Data<Stage>, slug: Path<String>, seen: Query<Seen>) -> HttpResponse {
    let Some((ready, company)) = stage.ready().and_then(|it| Some((it, it.company(&slug)?))) else {
        return missing(NO_COMPANY);
    };
    let is_new = ready
        .directory(company)
        .is_ok_and(|directory| Some(directory.state().version) != seen.seen);
    if !is_new {
        return nothing_new();
    }
    match People::of(&stage, ready, company).await {
        Ok(people) => page(StatusCode::OK, &people),
        Err(_) => nothing_new(),
    }
}

/// It escapes what it is made of itself.
impl HtmlSafe for People {}

impl People {
    async fn of(stage: &Stage, ready: &Ready, company: &Company) -> Result<Self, DemoError> {
        let directory = ready.directory(company)?;
        let pushed = directory.state();
        // While people stream in, the product is asked once they are all there.
        let members = if pushed.is_busy || pushed.people.is_empty() {
            Vec::new()
        } else {
            members(ready, company).await?
        };
        let names = stage.names();
        let row = |person: DemoPerson| {
            let own = |member: &&Value| member.get("email_address") == Some(&json!(person.email));
            let member = members.iter().find(own).unwrap_or(&Value::Null);
            let roles = roles(member, &names).into_iter();
            let status = member.get("status").and_then(Value::as_str);
            Row {
                active: pushed.people.get(&person.email).map(|(_, active)| *active),
                status: status.unwrap_or_default().to_owned(),
                roles: roles
                    .map(|(role, _)| role)
                    .filter(|role| role != "stytch_member")
                    .collect(),
                curl: directory.leave_by_curl(&person.email).unwrap_or_default(),
                person,
            }
        };
        let rows = company.profile.people().into_iter().map(row).collect();
        let slug = company.profile.slug;
        Ok(Self {
            slug,
            state: pushed,
            rows,
        })
    }

    fn active(&self) -> usize {
        let people = self.state.people.values();
        people.filter(|(_, active)| *active).count()
    }
}

async fn members(ready: &Ready, company: &Company) -> Result<Vec<Value>, DemoError> {
    let body = json!({ "organization_ids": [company.organization_id], "limit": 100 });
    let found = ready.api.unrecorded().post(SEARCH, &body).await?;
    let members = found.get("members").and_then(Value::as_array);
    Ok(members.cloned().unwrap_or_default())
}

async fn push(stage: Data<Stage>, slug: Path<String>, request: HttpRequest) -> HttpResponse {
    if !is_own(&request, &stage.origin) {
        return unusable("This form was not sent by a page of the demo.");
    }
    let Some((ready, company)) = stage.ready().and_then(|it| Some((it, it.company(&slug)?))) else {
        return missing(NO_COMPANY);
    };
    let slug = company.profile.slug;
    if ready.directory(company).is_ok_and(Directory::begin) {
        let stage = stage.clone().into_inner();
        rt::spawn(async move {
            let outcome = push_all(&stage, slug).await;
            let ready = stage.ready().and_then(|it| Some((it, it.company(slug)?)));
            if let Some(directory) = ready.and_then(|(ready, it)| ready.directory(it).ok()) {
                directory.end(outcome);
            }
        });
    }
    see(&format!("/demo/directory/{slug}"))
}

async fn push_all(stage: &Arc<Stage>, slug: &str) -> Result<(), DemoError> {
    let found = stage.ready().and_then(|it| Some((it, it.company(slug)?)));
    let (ready, company) = found.ok_or_else(|| DemoError(NO_COMPANY.to_owned()))?;
    let directory = ready.directory(company)?;
    let people = company.profile.people();
    directory.push_people(&people).await?;
    for name in GROUPS {
        let id = directory.push_group(name, &people).await?;
        stage.name(id, name);
    }
    give_roles(&ready.api, company, &directory.state()).await?;
    Ok(())
}

async fn set_active(
    stage: Data<Stage>,
    slug: Path<String>,
    form: Form<Move>,
    request: HttpRequest,
) -> HttpResponse {
    if !is_own(&request, &stage.origin) {
        return unusable("This form was not sent by a page of the demo.");
    }
    let Some((ready, company)) = stage.ready().and_then(|it| Some((it, it.company(&slug)?))) else {
        return missing(NO_COMPANY);
    };
    let moved = match ready.directory(company) {
        Ok(directory) => directory.set_active(&form.email, form.active).await,
        Err(error) => Err(error),
    };
    match moved {
        Ok(()) => see(&format!("/demo/directory/{}", company.profile.slug)),
        Err(error) => trouble(&error.to_string()),
    }
}
