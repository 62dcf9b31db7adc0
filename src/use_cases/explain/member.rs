//! A member's roles, each with every source, what has to be true for it, and since when it is.

use chrono::DateTime;
use chrono::Utc;

use crate::domain::connection::Connection;
use crate::domain::email::EmailAddress;
use crate::domain::event::Event;
use crate::domain::explanation::Fact;
use crate::domain::member::Member;
use crate::domain::member::rights::MemberRight;
use crate::domain::organization::Organization;
use crate::domain::project::ProjectId;
use crate::domain::rbac::Permission;
use crate::domain::roles::RoleSource;
use crate::storage::Transaction;
use crate::use_cases::caller::Caller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::member::MemberError;
use crate::use_cases::explain::evidence::Around;
use crate::use_cases::explain::evidence::subjects;
use crate::use_cases::explain::lacking;
use crate::use_cases::explain::lacking::LackedRole;
use crate::use_cases::members;
use crate::use_cases::members::MemberLocator;
use crate::use_cases::operator_error::OperatorError;
use crate::use_cases::organizations;
use crate::use_cases::rbac;
use crate::use_cases::standing::MemberStanding;

/// A member, the roles that it has, and those that it has not.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberExplanation {
    /// Its organization.
    pub organization: Organization,
    /// The member and where it stands.
    pub standing: MemberStanding,
    /// The connections of the organization.
    pub connections: Vec<Connection>,
    /// Its roles.
    pub roles: Vec<RoleExplanation>,
    /// The roles that it has not.
    pub lacked: Vec<LackedRole>,
    /// What ended its membership, if it is deleted and the journal tells.
    pub ended_by: Option<Event>,
}

/// A role that a member has.
#[derive(Clone, Debug, PartialEq)]
pub struct RoleExplanation {
    /// The role.
    pub role_id: String,
    /// What it is for.
    pub description: String,
    /// Whether a policy declares it; one that none declares allows nothing.
    pub is_declared: bool,
    /// What it allows.
    pub permissions: Vec<Permission>,
    /// Every source, in a stable order.
    pub sources: Vec<SourceExplanation>,
}

/// One reason for a role.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceExplanation {
    /// The source.
    pub source: RoleSource,
    /// What people call its connection.
    pub connection_name: Option<String>,
    /// What people call its group.
    pub group_name: Option<String>,
    /// What has to be true for it.
    pub facts: Vec<FactExplanation>,
    /// When the last of these became true; none if that was before the journal.
    pub since: Option<DateTime<Utc>>,
    /// Whether it is the source that gave the role first, of those that give it now.
    pub decides: bool,
    /// All of it, for people.
    pub sentence: String,
}

/// Something that has to be true, and what made it so.
#[derive(Clone, Debug, PartialEq)]
pub struct FactExplanation {
    /// What is true.
    pub fact: Fact,
    /// The same, for people.
    pub sentence: String,
    /// What made it true; none if that was before the journal.
    pub event: Option<Event>,
}

/// Explains the roles of a member that the caller may see: of one that is gone, why there are none.
pub fn explain(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    (organization, locator): (&str, &MemberLocator),
) -> Result<MemberExplanation, ManagementError> {
    let organization = caller.enter(tx, organization, &[])?;
    let found = find(tx, &organization, locator)?;
    let sight = [MemberRight::Sight];
    members::demand(caller, found.as_ref().map(|member| member.id), &sight)?;
    of(tx, organization, found.ok_or(MemberError::NotFound)?)
}

/// The same for an operator, who may see every member.
pub fn for_operator(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    (organization, locator): (&str, &MemberLocator),
) -> Result<MemberExplanation, OperatorError> {
    let named = locator
        .member_id
        .as_ref()
        .or(locator.email_address.as_ref());
    let unknown = || OperatorError::UnknownMember(named.cloned().unwrap_or_default());
    let found = organizations::resolve_for_operator(tx, project, organization)?;
    let explained = find(tx, &found, locator).and_then(|member| {
        let member = member.ok_or(MemberError::NotFound)?;
        of(tx, found, member)
    });
    explained.map_err(|error| match error {
        ManagementError::Storage(error) => OperatorError::Storage(error),
        _ => unknown(),
    })
}

/// The member that is named, deleted or not.
fn find(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    locator: &MemberLocator,
) -> Result<Option<Member>, ManagementError> {
    let scope = organization.scope();
    Ok(match (&locator.member_id, &locator.email_address) {
        (Some(named), _) => members::find_named(tx, &scope, named)?,
        (None, Some(address)) => match EmailAddress::parse(address) {
            Some(email) => members::live_by_email(tx, &scope, &email)?,
            None => None,
        },
        (None, None) => return Err(MemberError::InvalidGetFields.into()),
    })
}

/// Explains the roles of a member of an organization that has been entered.
pub fn of(
    tx: &mut Transaction<'_>,
    organization: Organization,
    member: Member,
) -> Result<MemberExplanation, ManagementError> {
    let view = members::view(tx, organization, member)?;
    let organization = view.organization.organization;
    let policies = rbac::policies(tx, &organization)?;
    let around = Around {
        connections: &view.organization.connections,
        policies: &policies,
        standing: &view.standing,
        subjects: subjects(&organization, &view.standing),
    };
    let history = around.history(tx, &organization)?;
    let roles = view.standing.roles.iter();
    let roles = roles.map(|role| around.role(&history, role)).collect();
    let is_live = view.standing.member.is_live();
    let ended_by = history.ending().filter(|_| !is_live).cloned();
    let lacked = lacking::of(tx, &organization, &around)?;
    Ok(MemberExplanation {
        organization,
        connections: view.organization.connections,
        standing: view.standing,
        roles,
        lacked,
        ended_by,
    })
}

/// What people call a connection: its name, or the product behind it.
pub fn connection_name(connection: &Connection) -> String {
    match connection.display_name.as_str() {
        "" => connection.identity_provider.clone(),
        name => name.to_owned(),
    }
}
