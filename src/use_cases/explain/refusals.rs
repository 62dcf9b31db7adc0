//! Refusals with what they mean, what was seen and wanted, and who can do something about it.

use chrono::DateTime;
use chrono::Utc;
use serde_json::Value;

use crate::domain::event::Event;
use crate::domain::id::ConnectionId;
use crate::domain::id::MemberId;
use crate::domain::id::OrganizationId;
use crate::domain::organization::Organization;
use crate::domain::project::ProjectId;
use crate::domain::scim_request::ScimRequest;
use crate::storage::Transaction;
use crate::storage::fence::Crossing;
use crate::storage::organizations as organization_rows;
use crate::storage::refusals;
use crate::storage::refusals::RefusalFilter;
use crate::use_cases::caller::Caller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::request::RequestError;
use crate::use_cases::explain::catalogue;
use crate::use_cases::explain::catalogue::joining;
use crate::use_cases::explain::catalogue::scim;
use crate::use_cases::explain::catalogue::sso;
use crate::use_cases::explain::remedy::Remedy;
use crate::use_cases::members;
use crate::use_cases::operator_error::OperatorError;

/// Something that was refused.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    /// Its place among all, newest last.
    pub key: String,
    /// What was refused: a kind of the journal, or `scim_request.refused`.
    pub kind: String,
    /// When.
    pub occurred_at: DateTime<Utc>,
    /// The request, as the error page names it.
    pub request_id: String,
    /// The connection that it came through, or the provider.
    pub connection: Option<String>,
    /// The member.
    pub member_id: Option<String>,
    /// The address.
    pub email_address: Option<String>,
    /// The stable code.
    pub code: String,
    /// The rule that was broken, in words.
    pub rule: String,
    /// The value that came.
    pub received: Option<String>,
    /// The value that would have been right.
    pub expected: Option<String>,
    /// Whether others like it that came soon after were not kept.
    pub is_last_kept: bool,
    /// What helps.
    pub remedy: Remedy,
}

/// One page of refusals, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct RefusalPage {
    /// The refusals.
    pub refusals: Vec<Refused>,
    /// Whether another page follows.
    pub has_more: bool,
}

/// How refusals are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefusalQuery {
    /// Of this member: an id or an external id.
    pub member: Option<String>,
    /// Of this address.
    pub email_address: Option<String>,
    /// Of this connection.
    pub connection: Option<ConnectionId>,
    /// Of this request.
    pub request_id: Option<String>,
    /// Those before this key.
    pub before: Option<String>,
}

/// Finds refusals of an organization.
pub fn search(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    organization: &str,
    (query, limit): (&RefusalQuery, i64),
) -> Result<RefusalPage, ManagementError> {
    let rights = [
        ("stytch.sso", "get"),
        ("stytch.scim", "get"),
        ("stytch.member", "search"),
    ];
    let organization = caller.enter(tx, organization, &rights)?;
    page(tx, &organization, (query, limit))
}

/// The refusal of a request.
pub fn get(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    organization: &str,
    request_id: &str,
) -> Result<Refused, ManagementError> {
    let query = RefusalQuery {
        request_id: Some(request_id.to_owned()),
        ..RefusalQuery::default()
    };
    let found = search(tx, caller, organization, (&query, 1))?
        .refusals
        .pop();
    Ok(found.ok_or(RequestError::RefusalNotFound)?)
}

/// One page of the refusals of an organization that has been entered.
pub fn page(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    (query, limit): (&RefusalQuery, i64),
) -> Result<RefusalPage, ManagementError> {
    let scope = organization.scope();
    let mut about = Vec::new();
    if let Some(named) = &query.member {
        let member = members::find_named(tx, &scope, named)?;
        about.push(member.map_or_else(|| named.clone(), |member| member.id.to_string()));
    }
    about.extend(query.email_address.clone());
    let filter = RefusalFilter {
        about,
        connection: query.connection,
        request_id: query.request_id.clone(),
        before: query.before.clone(),
    };
    let events = refusals::in_journal(tx, &scope, (&filter, limit + 1))?;
    let requests = refusals::in_request_logs(tx, &scope, (&filter, limit + 1))?;
    let mut found: Vec<Refused> = events.iter().map(of_event).collect();
    found.extend(requests.iter().map(of_request));
    found.sort_by(|left, right| right.key.cmp(&left.key));
    let limit = usize::try_from(limit).unwrap_or_default();
    let has_more = found.len() > limit;
    found.truncate(limit);
    Ok(RefusalPage {
        refusals: found,
        has_more,
    })
}

/// The refusal of a request, in whichever organization: for the operator.
pub fn find_anywhere(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    request_id: &str,
) -> Result<(OrganizationId, Refused), OperatorError> {
    let unknown = || OperatorError::UnknownRefusal(request_id.to_owned());
    tx.across_organizations(Crossing::Search)?;
    let organization = refusals::organization_of(tx, request_id)?.ok_or_else(unknown)?;
    let found = organization_rows::find(tx, project, organization)?.ok_or_else(unknown)?;
    tx.enter(organization)?;
    let query = RefusalQuery {
        request_id: Some(request_id.to_owned()),
        ..RefusalQuery::default()
    };
    let page = page(tx, &found, (&query, 1)).map_err(|error| match error {
        ManagementError::Storage(error) => OperatorError::Storage(error),
        _ => unknown(),
    })?;
    let refused = page.refusals.into_iter().next().ok_or_else(unknown)?;
    Ok((organization, refused))
}

/// A refusal that the journal keeps.
pub fn of_event(event: &Event) -> Refused {
    let told = event.after.as_ref();
    let text = |name: &str| {
        let value = told.and_then(|told| told.get(name)).and_then(Value::as_str);
        value.map(str::to_owned)
    };
    let code = match event.kind.as_str() {
        "member.locked" => Some("locked".to_owned()),
        _ => text("check")
            .or_else(|| text("code"))
            .or_else(|| text("reason")),
    };
    let code = code.unwrap_or_else(|| event.kind.clone());
    let remedy = remedy(&event.kind, (text("remedy").as_deref(), &code));
    let member = text("member_id").or_else(|| {
        let is_member = event.object_id.parse::<MemberId>().is_ok();
        is_member.then(|| event.object_id.clone())
    });
    Refused {
        key: event.id.key(),
        kind: event.kind.clone(),
        occurred_at: event.occurred_at,
        request_id: event.request_id.clone(),
        connection: text("connection_id").or_else(|| text("provider")),
        member_id: member,
        email_address: text("email_address"),
        rule: text("rule").unwrap_or_else(|| remedy.meaning.to_owned()),
        code,
        received: text("received"),
        expected: text("expected"),
        is_last_kept: told.is_some_and(|it| {
            let of = |time: &str| it.get(format!("others_of_this_{time}_are_not_kept"));
            of("minute").or_else(|| of("hour")).is_some()
        }),
        remedy,
    }
}

/// By name; what older entries do not name is found by what they are.
fn remedy(kind: &str, (name, code): (Option<&str>, &str)) -> Remedy {
    let kept = name.and_then(catalogue::named).copied();
    kept.unwrap_or_else(|| match kind {
        "member.locked" => joining::LOCKED,
        "second_factor.refused" => joining::SECOND_FACTOR,
        "scim_user.refused" => scim::LINKED,
        "single_logout.refused" => sso::LOGOUT,
        _ => catalogue::of_check(code).unwrap_or(sso::DOCUMENT),
    })
}

/// A refusal that a directory's request log keeps.
pub fn of_request(request: &ScimRequest) -> Refused {
    let remedy = catalogue::of_logged(request.status, request.scim_type.as_deref());
    let code = request.scim_type.clone();
    Refused {
        key: request.id.key(),
        kind: "scim_request.refused".to_owned(),
        occurred_at: request.occurred_at,
        request_id: request.request_id.clone(),
        connection: Some(request.connection_id.to_string()),
        member_id: None,
        email_address: None,
        code: code.unwrap_or_else(|| request.status.to_string()),
        rule: request
            .detail
            .clone()
            .unwrap_or_else(|| remedy.meaning.to_owned()),
        received: Some(format!("{} {}", request.method, request.path)),
        expected: None,
        is_last_kept: false,
        remedy,
    }
}
