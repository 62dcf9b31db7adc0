//! The customers: found by name or slug, page by page, and made.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::web::Query;
use askama::Template;
use serde::Deserialize;

use crate::domain::id::OrganizationId;
use crate::domain::organization_draft::OrganizationDraft;
use crate::http::console::error::ConsoleRefusal;
use crate::http::console::frame::Frame;
use crate::http::console::frame::Place;
use crate::http::console::session::OperatorSession;
use crate::http::pages::form::PageForm;
use crate::http::pages::page;
use crate::http::pages::same_origin::SameOrigin;
use crate::http::pages::see_other;
use crate::http::pages::shortened;
use crate::http::state::Gateway;
use crate::use_cases::organization_search;
use crate::use_cases::organization_search::Conditions;
use crate::use_cases::organization_search::Operator;
use crate::use_cases::organization_search::OrganizationFilter;
use crate::use_cases::organization_search::OrganizationPage;
use crate::use_cases::organization_search::PageStart;
use crate::use_cases::organizations;

const PAGE: i64 = 25;

/// What is looked for, and behind which organization the page begins.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sought {
    query: String,
    after: Option<OrganizationId>,
    total: Option<i64>,
}

/// What a new organization is called.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Named {
    name: String,
}

struct Line {
    id: OrganizationId,
    name: String,
    slug: String,
    active: usize,
    pending: usize,
    made: String,
}

#[derive(Template)]
#[template(path = "console/organizations.html")]
struct OrganizationsPage {
    frame: Frame,
    query: String,
    lines: Vec<Line>,
    total: i64,
    next: Option<OrganizationId>,
    refused: Option<String>,
    name: String,
}

impl OrganizationsPage {
    fn new(sought: Sought, found: OrganizationPage) -> Self {
        let last = found.organizations.last().map(|it| it.organization.id);
        let lines = found.organizations.into_iter().map(|found| {
            let active = found.connections.iter().filter(|it| it.is_active()).count();
            Line {
                id: found.organization.id,
                name: shortened(&found.organization.name),
                slug: found.organization.slug.clone(),
                active,
                pending: found.connections.len() - active,
                made: found.organization.created_at.format("%Y-%m-%d").to_string(),
            }
        });
        Self {
            frame: Frame(Place::Organizations),
            query: sought.query,
            lines: lines.collect(),
            total: found.total,
            next: last.filter(|_| found.has_more),
            refused: None,
            name: String::new(),
        }
    }
}

/// Shows a page of them.
pub(super) async fn show(
    gateway: Data<Gateway>,
    session: OperatorSession,
    sought: Query<Sought>,
) -> Result<HttpResponse, ConsoleRefusal> {
    let shown = look(&gateway, &session, sought.into_inner()).await?;
    Ok(page(StatusCode::OK, &shown))
}

async fn look(
    gateway: &Gateway,
    session: &OperatorSession,
    sought: Sought,
) -> Result<OrganizationsPage, ConsoleRefusal> {
    let query = sought.query.trim().to_owned();
    let filters = if query.is_empty() {
        Vec::new()
    } else {
        vec![
            OrganizationFilter::NameContains(query.clone()),
            OrganizationFilter::SlugContains(query),
        ]
    };
    let operator = if filters.is_empty() {
        Operator::And
    } else {
        Operator::Or
    };
    let conditions = Conditions { operator, filters };
    let start = sought.after.zip(sought.total);
    let start = start.map(|(last, total)| PageStart { last, total });
    let found = gateway.console_read(session, move |tx, caller| {
        Ok(organization_search::search(
            tx,
            caller,
            &conditions,
            (start, PAGE),
        )?)
    });
    Ok(OrganizationsPage::new(sought, found.await?))
}

/// Makes an organization and goes to its page.
pub(super) async fn create(
    gateway: Data<Gateway>,
    session: OperatorSession,
    _proof: SameOrigin,
    form: PageForm<Named>,
) -> Result<HttpResponse, ConsoleRefusal> {
    let name = form.0.name;
    let draft = OrganizationDraft {
        organization_name: Some(name.clone()),
        ..OrganizationDraft::default()
    };
    let made = gateway.console_write(&session, move |tx, caller| {
        Ok(organizations::create(tx, caller, &draft)?)
    });
    let refusal = match made.await {
        Ok(made) => {
            let path = format!("/console/organizations/{}", made.organization.id);
            return Ok(see_other(&path));
        }
        Err(refusal) => refusal,
    };
    let Some(reason) = refusal.about_input() else {
        return Err(refusal);
    };
    let shown = OrganizationsPage {
        refused: Some(reason),
        name,
        ..look(&gateway, &session, Sought::default()).await?
    };
    Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &shown))
}
