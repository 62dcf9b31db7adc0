//! `vestibule scim`: what identity providers have sent, and what would come of it now.

use serde_json::Value;
use serde_json::json;

use crate::cli::Outcome;
use crate::cli::ScimCommand;
use crate::cli::open_project::OpenProject;
use crate::config::Config;
use crate::domain::event::Event;
use crate::domain::id::ConnectionId;
use crate::domain::id::ScimRequestId;
use crate::domain::scim_request::ScimRequest;
use crate::domain::session_token::timestamp;
use crate::http::management::scim_request_json::ScimRequestDetailJson;
use crate::http::management::scim_request_json::ScimRequestJson;
use crate::protocol::scim::departure::Departure;
use crate::protocol::scim::difference::Difference;
use crate::protocol::scim::difference::differences;
use crate::protocol::scim::error::ScimError;
use crate::storage::connections;
use crate::use_cases::operator_error::OperatorError;
use crate::use_cases::organization_search::Conditions;
use crate::use_cases::organization_search::Operator;
use crate::use_cases::provisioning::replay;
use crate::use_cases::provisioning::replay::MemberChange;
use crate::use_cases::provisioning::replay::MemberState;
use crate::use_cases::provisioning::replay::Replay;
use crate::use_cases::scim_requests;
use crate::use_cases::scim_requests::RequestFilter;
use crate::use_cases::scim_requests::RequestView;
use crate::use_cases::scim_requests::name_in;

pub(crate) fn run(config: &Config, command: ScimCommand) -> Outcome {
    let project = OpenProject::open(config)?;
    match command {
        ScimCommand::Requests {
            connection,
            errors,
            limit,
            json,
        } => {
            let requests = requests(&project, &connection, (errors, limit))?;
            if json {
                let shown: Vec<_> = requests.iter().map(ScimRequestJson::new).collect();
                println!("{}", json!({ "requests": shown }));
            } else {
                requests.iter().for_each(tell_line);
            }
        }
        ScimCommand::Request { id, json } => {
            let view = request(&project, &id)?;
            let shown = json!({ "request": ScimRequestDetailJson::new(&view) });
            if json {
                println!("{shown}");
            } else {
                tell(&view);
            }
        }
        ScimCommand::Replay { id, json } => {
            let base = config.public_url.clone().unwrap_or_default();
            let (request, replay) = replayed(&project, &id, base)?;
            if json {
                println!("{}", shown(&request, &replay));
            } else {
                tell_replay(&request, &replay);
            }
        }
    }
    Ok(())
}

fn requests(
    project: &OpenProject,
    connection: &str,
    (errors, limit): (bool, i64),
) -> Result<Vec<ScimRequest>, String> {
    let unknown = || format!("{connection} is not the id of a SCIM connection");
    let id: ConnectionId = connection.parse().map_err(|_| unknown())?;
    let conditions = Conditions {
        operator: Operator::And,
        filters: vec![RequestFilter::only_errors(errors)],
    };
    let found = project.read(move |tx, project| {
        let scope = connections::scope_of(tx, project, id)?;
        let Some(scope) = scope else {
            return Ok(None);
        };
        let page = scim_requests::page(tx, (&scope, id), &conditions, (None, limit))?;
        Ok(Some(page.requests))
    })?;
    found.ok_or_else(|| format!("there is no SCIM connection {connection}"))
}

fn request_id(id: &str) -> Result<ScimRequestId, String> {
    let form = "`vestibule scim requests` shows them";
    id.parse()
        .map_err(|_| format!("{id} is not the id of a logged request; {form}"))
}

fn request(project: &OpenProject, id: &str) -> Result<RequestView, String> {
    let wanted = request_id(id)?;
    project.read(move |tx, project| {
        let (scope, request) = scim_requests::find_anywhere(tx, project, wanted)?
            .ok_or(OperatorError::UnknownScimRequest(wanted))?;
        Ok(scim_requests::view(tx, &scope, request)?)
    })
}

fn replayed(
    project: &OpenProject,
    id: &str,
    base: String,
) -> Result<(ScimRequest, Replay), String> {
    let wanted = request_id(id)?;
    project.write(move |tx, project| {
        let (request, caller) = scim_requests::find_to_replay(tx, project, wanted)?;
        let base_url = format!("{base}/v1/b2b/scim/{}", caller.connection.id);
        let replay = replay::replay(tx, &caller, &request, &base_url)?;
        Ok((request, replay))
    })
}

fn tell_line(request: &ScimRequest) {
    let at = timestamp(request.occurred_at);
    let (id, status, method) = (request.id, request.status, &request.method);
    println!("{at}  {status}  {method:<6} {}  {id}", address(request));
    if let Some(detail) = &request.detail {
        println!("    {detail}");
    }
    if !request.departures.is_empty() {
        println!("    leniencies: {}", request.departures.join(", "));
    }
}

fn address(request: &ScimRequest) -> String {
    match request.query.as_str() {
        "" => request.path.clone(),
        query => format!("{}?{query}", request.path),
    }
}

fn tell(view: &RequestView) {
    tell_line(&view.request);
    let departures = view.request.departures.iter();
    for departure in departures.filter_map(|name| Departure::from_name(name)) {
        println!("      {}", departure.sentence());
    }
    for (name, body) in [
        ("sent", &view.request.sent),
        ("answered", &view.request.answered),
    ] {
        let cut = if body.cut { " (cut)" } else { "" };
        match &body.text {
            Some(text) => println!("{name}{cut}:\n{}", pretty(text)),
            None => println!("{name}: nothing{cut}"),
        }
    }
    tell_events("changed", &view.changes);
}

fn pretty(text: &str) -> String {
    let parsed: Option<Value> = serde_json::from_str(text).ok();
    parsed.map_or_else(|| text.to_owned(), |value| format!("{value:#}"))
}

fn tell_events(what: &str, events: &[Event]) {
    if events.is_empty() {
        println!("{what}: nothing");
        return;
    }
    println!("{what}:");
    for event in events {
        let name = name_in(event).unwrap_or_default();
        println!("  {}  {name}  {}", event.kind, event.object_id);
    }
}

fn tell_replay(request: &ScimRequest, replay: &Replay) {
    println!("{} {}", request.method, address(request));
    let told = |status: u16, refusal: Option<&str>| match refusal {
        Some(detail) => format!("{status}  {detail}"),
        None => status.to_string(),
    };
    println!("then  {}", told(request.status, request.detail.as_deref()));
    let refusal = replay.refusal.as_ref().map(ScimError::detail);
    println!("now   {}", told(replay.status, refusal));
    if replay.redacted {
        println!("Secrets in its body were not kept; their places took part instead.");
    }
    let changed = of_resource(replay);
    if changed.is_empty() {
        println!("resource: stays as it is");
    } else {
        println!("resource:");
    }
    for difference in &changed {
        for (sign, value) in [("-", &difference.before), ("+", &difference.after)] {
            if let Some(value) = value {
                println!("  {sign} {}: {value}", difference.path);
            }
        }
    }
    let (same, others): (Vec<_>, Vec<_>) = replay
        .members
        .iter()
        .partition(|member| member.before == member.after);
    if !replay.members.is_empty() {
        println!(
            "members: {} concerned, {} stay as they are",
            replay.members.len(),
            same.len()
        );
    }
    for member in others {
        tell_member(member);
    }
    tell_events("events", &replay.events);
    println!("Nothing was written.");
}

fn tell_member(member: &MemberChange) {
    let state = |state: &Option<MemberState>| match state {
        None => "none".to_owned(),
        Some(state) => {
            let roles: Vec<&str> = state.roles.iter().map(String::as_str).collect();
            format!(
                "{} {} [{}]",
                state.email_address,
                state.status,
                roles.join(", ")
            )
        }
    };
    let (before, after) = (state(&member.before), state(&member.after));
    println!("  {}\n    - {before}\n    + {after}", member.member_id);
}

fn of_resource(replay: &Replay) -> Vec<Difference> {
    differences(replay.resource.0.as_ref(), replay.resource.1.as_ref())
}

fn shown(request: &ScimRequest, replay: &Replay) -> Value {
    let state = |state: &Option<MemberState>| {
        state.as_ref().map(|state| {
            json!({ "email_address": state.email_address, "status": state.status,
                "roles": state.roles })
        })
    };
    let members = replay.members.iter().map(|member| {
        json!({ "member_id": member.member_id, "before": state(&member.before),
            "after": state(&member.after) })
    });
    let differences = of_resource(replay);
    let changes = differences.iter().map(|difference| {
        json!({ "path": difference.path, "before": difference.before,
            "after": difference.after })
    });
    let events = replay.events.iter().map(
        |event| json!({ "kind": event.kind, "object_id": event.object_id, "name": name_in(event) }),
    );
    let refusal = replay.refusal.as_ref();
    json!({
        "request": ScimRequestJson::new(request),
        "then": { "status": request.status, "scim_type": request.scim_type,
            "detail": request.detail },
        "now": { "status": replay.status,
            "scim_type": refusal.and_then(ScimError::scim_type),
            "detail": refusal.map(ScimError::detail) },
        "redacted": replay.redacted,
        "resource": { "before": replay.resource.0, "after": replay.resource.1,
            "changes": changes.collect::<Vec<_>>() },
        "members": members.collect::<Vec<_>>(),
        "events": events.collect::<Vec<_>>(),
        "leniencies": replay.departures.iter().map(|it| it.name()).collect::<Vec<_>>(),
    })
}
