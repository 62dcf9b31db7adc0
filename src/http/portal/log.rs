//! What happened in the organization: what its directory sent, what changed, and what was refused,
//! with what helps.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::Data;
use actix_web::web::Query;
use askama::Template;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use crate::domain::event::Event;
use crate::domain::scim_request::ScimRequest;
use crate::domain::session_token::timestamp;
use crate::http::management::refusal_json::RefusalJson;
use crate::http::management::scim_request_json::ScimRequestJson;
use crate::http::pages::page;
use crate::http::portal::error::PortalRefusal;
use crate::http::portal::frame::Frame;
use crate::http::portal::frame::Place;
use crate::http::portal::session::PortalSession;
use crate::http::state::Gateway;
use crate::storage::Transaction;
use crate::use_cases::error::ManagementError;
use crate::use_cases::explain::refusals::RefusalQuery;
use crate::use_cases::explain::refusals::Refused;
use crate::use_cases::explain::sentences::by_whom;
use crate::use_cases::explain::sentences::plain;
use crate::use_cases::explain::timeline;
use crate::use_cases::explain::timeline::Entry;
use crate::use_cases::explain::timeline::Shown;
use crate::use_cases::portal_sessions::PortalCaller;
use crate::use_cases::scim_requests::name_in;

const ON_A_PAGE: i64 = 50;
const IN_AN_EXPORT: i64 = 1000;

/// The filters: their word in the address, and what people read.
const FILTERS: [(Shown, &str, &str); 4] = [
    (Shown::All, "all", "Everything"),
    (Shown::Refused, "refused", "What was refused"),
    (Shown::Changed, "changed", "What changed"),
    (Shown::Sent, "sent", "What the directory sent"),
];

/// Which part of the log is asked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    show: String,
    q: String,
    before: String,
}

struct Line {
    at: String,
    sign: &'static str,
    badge: &'static str,
    title: String,
    detail: String,
    fix: Option<Help>,
    request_id: String,
}

struct Help {
    meaning: &'static str,
    fix: &'static str,
    who: &'static str,
    place: &'static str,
    received: Option<String>,
    expected: Option<String>,
    others_not_kept: bool,
}

#[derive(Template)]
#[template(path = "portal/log.html")]
struct LogPage {
    frame: Frame,
    filters: [(Shown, &'static str, &'static str); 4],
    shown: Shown,
    q: String,
    lines: Vec<Line>,
    /// This page anew; only the newest page changes.
    this: Option<String>,
    next: Option<String>,
    export: String,
}

impl Asked {
    /// Only refusals are searched: a search shows those.
    fn shown(&self) -> Shown {
        let found = FILTERS.iter().find(|filter| filter.1 == self.show);
        match found.map_or(Shown::All, |filter| filter.0) {
            Shown::All if !self.q.trim().is_empty() => Shown::Refused,
            shown => shown,
        }
    }

    fn query(&self) -> RefusalQuery {
        let q = Some(self.q.trim().to_owned()).filter(|q| !q.is_empty());
        let is_request = |q: &String| q.starts_with("request-id-");
        RefusalQuery {
            request_id: q.clone().filter(is_request),
            email_address: q.filter(|q| !is_request(q)),
            before: Some(self.before.clone()).filter(|key| uuid::Uuid::parse_str(key).is_ok()),
            ..RefusalQuery::default()
        }
    }

    fn address(&self, path: &str, before: Option<&str>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("show", &self.show)
            .append_pair("q", self.q.trim());
        if let Some(before) = before {
            query.append_pair("before", before);
        }
        format!("{path}?{}", query.finish())
    }

    fn entries(
        &self,
        tx: &mut Transaction<'_>,
        caller: &PortalCaller,
        limit: i64,
    ) -> Result<(Vec<Entry>, bool), ManagementError> {
        let wanted = (self.shown(), &self.query(), limit);
        timeline::page(tx, caller, &caller.organization_id(), wanted)
    }
}

/// Shows the log, a page at a time.
pub(super) async fn show(
    gateway: Data<Gateway>,
    session: PortalSession,
    asked: Query<Asked>,
) -> Result<HttpResponse, PortalRefusal> {
    let asked = asked.into_inner();
    let wanted = asked.clone();
    let read = gateway.portal_read(&session, move |tx, caller| {
        let entries = wanted.entries(tx, caller, ON_A_PAGE)?;
        Ok((Frame::new(caller, Place::Log), entries))
    });
    let (frame, (entries, has_more)) = read.await?;
    let last = entries.last().filter(|_| has_more).map(Entry::key);
    let is_newest = asked.before.is_empty();
    let shown = LogPage {
        frame,
        filters: FILTERS,
        shown: asked.shown(),
        lines: entries.iter().map(line).collect(),
        this: is_newest.then(|| asked.address("/portal/log", None)),
        next: last.map(|last| asked.address("/portal/log", Some(&last))),
        export: asked.address("/portal/log.jsonl", None),
        q: asked.q,
    };
    Ok(page(StatusCode::OK, &shown))
}

/// The newest entries as JSON, one a line.
pub(super) async fn export(
    gateway: Data<Gateway>,
    session: PortalSession,
    asked: Query<Asked>,
) -> Result<HttpResponse, PortalRefusal> {
    let asked = asked.into_inner();
    let read = gateway.portal_read(&session, move |tx, caller| {
        asked.entries(tx, caller, IN_AN_EXPORT)
    });
    let (entries, _) = read.await?;
    let lines = entries.iter().map(|entry| format!("{}\n", exported(entry)));
    Ok(HttpResponse::Ok()
        .content_type("application/x-ndjson")
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"log.jsonl\""))
        .body(lines.collect::<String>()))
}

fn exported(entry: &Entry) -> Value {
    match entry {
        Entry::Changed(event) => json!({ "changed": event }),
        Entry::Sent(request) => json!({ "sent": ScimRequestJson::new(request) }),
        Entry::Refused(refused) => json!({ "refused": RefusalJson::new(refused) }),
    }
}

fn line(entry: &Entry) -> Line {
    match entry {
        Entry::Changed(event) => changed(event),
        Entry::Sent(request) => sent(request),
        Entry::Refused(refused) => refusal(refused),
    }
}

fn changed(event: &Event) -> Line {
    let name = name_in(event).map_or_else(|| plain(&event.object_id), plain);
    Line {
        at: timestamp(event.occurred_at),
        sign: "note",
        badge: "changed",
        title: words(&event.kind),
        detail: format!("{name}, by {}", by_whom(Some(event))),
        fix: None,
        request_id: event.request_id.clone(),
    }
}

fn sent(request: &ScimRequest) -> Line {
    let path = plain(&request.path);
    Line {
        at: timestamp(request.occurred_at),
        sign: "good",
        badge: "sent",
        title: format!("{} {path}", plain(&request.method)),
        detail: format!("answered {} in {} ms", request.status, request.millis),
        fix: None,
        request_id: request.request_id.clone(),
    }
}

fn refusal(refused: &Refused) -> Line {
    let about = refused
        .email_address
        .as_deref()
        .or(refused.member_id.as_deref());
    let about = about.or(refused.connection.as_deref()).map(plain);
    Line {
        at: timestamp(refused.occurred_at),
        sign: "bad",
        badge: "refused",
        title: format!("{}: {}", words(&refused.kind), plain(&refused.code)),
        detail: about.unwrap_or_default(),
        fix: Some(Help {
            meaning: refused.remedy.meaning,
            fix: refused.remedy.fix,
            who: refused.remedy.who.title(),
            place: refused.remedy.place,
            received: refused.received.as_deref().map(plain),
            expected: refused.expected.as_deref().map(plain),
            others_not_kept: refused.is_last_kept,
        }),
        request_id: refused.request_id.clone(),
    }
}

/// A kind of the journal as people say it.
fn words(kind: &str) -> String {
    let mut said =
        kind.split(['.', '_'])
            .map(|word| match word {
                "scim" | "saml" | "oidc" | "sso" | "idp" | "totp" | "sms" | "mfa" | "m2m"
                | "rbac" => word.to_uppercase(),
                "oauth" => "OAuth".to_owned(),
                other => other.to_owned(),
            })
            .collect::<Vec<_>>()
            .join(" ");
    if let Some(first) = said.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    said
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn kinds_are_said_as_people_say_them() {
        for (kind, said) in [
            ("scim_request.refused", "SCIM request refused"),
            ("member.created", "Member created"),
            ("oauth_registration.created", "OAuth registration created"),
            ("organization.sso_changed", "Organization SSO changed"),
            ("", ""),
        ] {
            assert_eq!(words(kind), said);
        }
    }
}
