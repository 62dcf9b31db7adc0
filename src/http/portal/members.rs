//! The members of the organization, and why each of them has its roles.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::web::Path;
use actix_web::web::Query;
use askama::Template;
use serde::Deserialize;

use crate::domain::session_token::timestamp;
use crate::http::pages::page;
use crate::http::pages::shortened;
use crate::http::portal::error::PortalRefusal;
use crate::http::portal::frame::Frame;
use crate::http::portal::frame::Place;
use crate::http::portal::picture;
use crate::http::portal::picture::Picture;
use crate::http::portal::session::PortalSession;
use crate::http::state::Gateway;
use crate::use_cases::explain;
use crate::use_cases::explain::graph;
use crate::use_cases::explain::member::MemberExplanation;
use crate::use_cases::explain::member::RoleExplanation;
use crate::use_cases::explain::member::SourceExplanation;
use crate::use_cases::explain::sentences::by_whom;
use crate::use_cases::explain::sentences::name_of;
use crate::use_cases::members::MemberLocator;
use crate::use_cases::members::search;
use crate::use_cases::members::search::MemberFilter;
use crate::use_cases::organization_search::Conditions;
use crate::use_cases::organization_search::Operator;
use crate::use_cases::organization_search::PageStart;
use crate::use_cases::standing::MemberStanding;

const ON_A_PAGE: i64 = 50;

/// What is looked for, and where the page before ended.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
    after: String,
}

struct Row {
    id: String,
    name: String,
    address: String,
    status: &'static str,
    roles: String,
}

#[derive(Template)]
#[template(path = "portal/members.html")]
struct MembersPage {
    frame: Frame,
    q: String,
    rows: Vec<Row>,
    total: i64,
    next: Option<String>,
}

struct RoleShown {
    role_id: String,
    permissions: Vec<String>,
    is_declared: bool,
    sources: Vec<SourceShown>,
}

struct SourceShown {
    sentence: String,
    decides: bool,
    facts: Vec<FactShown>,
}

struct FactShown {
    sentence: String,
    at: String,
    what: String,
}

#[derive(Template)]
#[template(path = "portal/member.html")]
struct MemberPage {
    frame: Frame,
    name: String,
    address: String,
    status: &'static str,
    roles: Vec<RoleShown>,
    lacked: Vec<(String, Vec<String>, usize)>,
    picture: Option<Picture>,
}

/// Shows the members, a page at a time.
pub(super) async fn list(
    gateway: Data<Gateway>,
    session: PortalSession,
    asked: Query<Asked>,
) -> Result<HttpResponse, PortalRefusal> {
    let q = asked.q.trim().to_owned();
    let shown = gateway.portal_read(&session, move |tx, caller| {
        let wanted = asked.q.trim();
        let filters = match wanted {
            "" => Vec::new(),
            part => vec![MemberFilter::EmailContains(part.to_owned())],
        };
        let conditions = Conditions {
            operator: Operator::And,
            filters,
        };
        let start = asked.after.split_once(':').and_then(|(total, last)| {
            Some(PageStart {
                last: (caller.organization().id, last.parse().ok()?),
                total: total.parse().ok()?,
            })
        });
        let organization = [caller.organization_id()];
        let found = search::search(tx, caller, (&organization, &conditions), (start, ON_A_PAGE))?;
        Ok((Frame::new(caller, Place::Members), found))
    });
    let (frame, found) = shown.await?;
    let last = found.members.last().filter(|_| found.has_more);
    let next = last.map(|last| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let after = format!("{}:{}", found.total, last.member.id);
        query.append_pair("q", &q).append_pair("after", &after);
        format!("/portal/members?{}", query.finish())
    });
    let shown = MembersPage {
        frame,
        q,
        rows: found.members.iter().map(row).collect(),
        total: found.total,
        next,
    };
    Ok(page(StatusCode::OK, &shown))
}

fn row(standing: &MemberStanding) -> Row {
    let member = &standing.member;
    let roles = standing.roles.iter().map(|role| shortened(&role.role_id));
    Row {
        id: member.id.to_string(),
        name: name_of(member),
        address: shortened(member.email_address.as_str()),
        status: member.status.name(),
        roles: roles.collect::<Vec<_>>().join(", "),
    }
}

/// Shows a member and why it has its roles.
pub(super) async fn show(
    gateway: Data<Gateway>,
    session: PortalSession,
    named: Path<String>,
) -> Result<HttpResponse, PortalRefusal> {
    let shown = gateway.portal_read(&session, move |tx, caller| {
        let locator = MemberLocator {
            member_id: Some(named.clone()),
            email_address: None,
        };
        let organization = caller.organization_id();
        let explained = explain::member::explain(tx, caller, (&organization, &locator))?;
        Ok((Frame::new(caller, Place::Members), explained))
    });
    let (frame, explained) = shown.await?;
    Ok(page(StatusCode::OK, &member_page(frame, &explained)))
}

fn member_page(frame: Frame, explained: &MemberExplanation) -> MemberPage {
    let member = &explained.standing.member;
    let lacked = explained.lacked.iter().map(|role| {
        let ways = role.ways.iter().map(|way| way.sentence.clone());
        (shortened(&role.role_id), ways.collect(), role.more_ways)
    });
    MemberPage {
        frame,
        name: name_of(member),
        address: shortened(member.email_address.as_str()),
        status: member.status.name(),
        roles: explained.roles.iter().map(role).collect(),
        lacked: lacked.collect(),
        picture: picture::of(&graph::of(explained)),
    }
}

fn role(role: &RoleExplanation) -> RoleShown {
    let permissions = role.permissions.iter();
    let permissions =
        permissions.map(|it| format!("{} on {}", it.actions.join(", "), it.resource_id));
    RoleShown {
        role_id: shortened(&role.role_id),
        permissions: permissions.map(|text| shortened(&text)).collect(),
        is_declared: role.is_declared,
        sources: role.sources.iter().map(source).collect(),
    }
}

fn source(source: &SourceExplanation) -> SourceShown {
    let facts = source.facts.iter().map(|fact| {
        let event = fact.event.as_ref();
        FactShown {
            sentence: fact.sentence.clone(),
            at: event
                .map(|event| timestamp(event.occurred_at))
                .unwrap_or_default(),
            what: event.map_or_else(
                || "before the journal".to_owned(),
                |it| {
                    format!(
                        "{} by {}, request {}",
                        it.kind,
                        by_whom(Some(it)),
                        it.request_id
                    )
                },
            ),
        }
    });
    SourceShown {
        sentence: source.sentence.clone(),
        decides: source.decides,
        facts: facts.collect(),
    }
}
