//! Who has to do with an address in an organization, each time in one statement.

use std::cmp::Reverse;

use diesel::QueryableByName;
use diesel::sql_types::Bool;
use diesel::sql_types::Nullable;
use diesel::sql_types::Text;

use crate::domain::email::EmailAddress;
use crate::domain::id::ConnectionId;
use crate::domain::id::MemberId;
use crate::domain::member::Member;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::members::MemberRow;
use crate::storage::plain_sql::PlainSql;
use crate::storage::registrations;
use crate::storage::registrations::Registration;

/// A registration beside the member that it is of.
pub type Registered = (Registration, Member);

/// What else than members and registrations speaks about an address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Elsewhere {
    /// Whether the organization's directory holds somebody with this address as inactive.
    pub is_inactive: bool,
    /// Whether another organization of the project has claimed its domain.
    pub is_claimed_by_other: bool,
}

#[derive(QueryableByName)]
struct ElsewhereRow {
    #[diesel(sql_type = Bool)]
    is_inactive: bool,
    #[diesel(sql_type = Bool)]
    is_claimed_by_other: bool,
    #[diesel(embed)]
    member: Option<MemberRow>,
    #[diesel(sql_type = Nullable<Bool>)]
    gave_it_up: Option<bool>,
}

impl ElsewhereRow {
    fn elsewhere(&self) -> Elsewhere {
        Elsewhere {
            is_inactive: self.is_inactive,
            is_claimed_by_other: self.is_claimed_by_other,
        }
    }
}

#[derive(QueryableByName)]
struct RegisteredRow {
    #[diesel(sql_type = Text)]
    registration_id: String,
    #[diesel(sql_type = Text)]
    attributes: String,
    #[diesel(sql_type = Text)]
    groups: String,
}

impl RegisteredRow {
    fn of(
        self,
        member: &Member,
        (connection, subject): (ConnectionId, &str),
    ) -> Result<Registration, StorageError> {
        registrations::read((
            self.registration_id,
            member.id.key(),
            connection.key(),
            subject.to_owned(),
            self.attributes,
            self.groups,
        ))
    }
}

#[derive(QueryableByName)]
struct SubjectRow {
    #[diesel(embed)]
    known: ElsewhereRow,
    #[diesel(embed)]
    registered: Option<RegisteredRow>,
}

/// Who has to do with an address.
pub struct Known {
    /// Every member that has or had it, live ones first, then the latest.
    pub members: Vec<Member>,
    /// The live member who gave it up, if there is one.
    pub former: Option<MemberId>,
    /// Whether anybody gave it up, who may be deleted meanwhile.
    pub is_retired: bool,
}

#[derive(QueryableByName)]
struct KnownRow {
    #[diesel(embed)]
    member: MemberRow,
    #[diesel(sql_type = Bool)]
    gave_it_up: bool,
}

/// Who has to do with this address.
pub fn known(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    email: &EmailAddress,
) -> Result<Known, StorageError> {
    let mut sql = PlainSql::prepared(tx, "");
    who(&mut sql, scope, bound(email));
    let rows = sql.load::<KnownRow>(tx)?.into_iter();
    Known::of(rows.map(|row| (row.member, row.gave_it_up)))
}

/// The same, and what is known of it elsewhere: what decides whether somebody may come in by it.
pub fn known_everywhere(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    email: &EmailAddress,
) -> Result<(Known, Elsewhere), StorageError> {
    let mut sql = PlainSql::prepared(tx, "SELECT elsewhere.*, known.* FROM ");
    elsewhere_of(&mut sql, scope, email);
    sql.sql(" LEFT JOIN (");
    who(&mut sql, scope, bound(email));
    sql.sql(") AS known ON TRUE");
    let (mut rows, mut elsewhere) = (Vec::new(), Elsewhere::default());
    for row in sql.load::<ElsewhereRow>(tx)? {
        elsewhere = row.elsewhere();
        rows.extend(row.member.zip(row.gave_it_up));
    }
    Ok((Known::of(rows)?, elsewhere))
}

/// The same, and the registration of a subject with a connection, with the member that it is of.
pub fn known_beside_subject(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    ((connection, subject), email): ((ConnectionId, &str), &EmailAddress),
) -> Result<(Option<Registered>, (Known, Elsewhere)), StorageError> {
    let mut sql = PlainSql::prepared(tx, "SELECT elsewhere.*, known.* FROM ");
    elsewhere_of(&mut sql, scope, email);
    sql.sql(" LEFT JOIN (SELECT who.*, NULL AS registration_id, NULL AS attributes, NULL AS \"groups\" FROM (");
    who(&mut sql, scope, bound(email));
    sql.sql(
        ") AS who UNION ALL SELECT members.*, NULL, row.id, row.attributes, row.\"groups\" \
         FROM sso_registrations AS row JOIN members ON members.organization_id = row.organization_id \
         AND members.id = row.member_id WHERE row.organization_id = ",
    );
    sql.text(scope.key()).sql(" AND row.connection_id = ");
    sql.text(connection.key()).sql(" AND row.subject = ");
    sql.text(subject).sql(") AS known ON TRUE");
    let (mut rows, mut elsewhere, mut registered) = (Vec::new(), Elsewhere::default(), None);
    for SubjectRow {
        known,
        registered: found,
    } in sql.load::<SubjectRow>(tx)?
    {
        elsewhere = known.elsewhere();
        match (known.member, found) {
            (Some(member), Some(found)) => {
                let member = Member::try_from(member)?;
                let registration = found.of(&member, (connection, subject))?;
                registered = Some((registration, member));
            }
            (member, _) => rows.extend(member.zip(known.gave_it_up)),
        }
    }
    Ok((registered, (Known::of(rows)?, elsewhere)))
}

/// What else speaks about an address, as a table of one row.
fn elsewhere_of(sql: &mut PlainSql, scope: &OrgScope, email: &EmailAddress) {
    sql.sql(
        "(SELECT EXISTS (SELECT 1 FROM scim_users JOIN connections \
         ON connections.organization_id = scim_users.organization_id \
         AND connections.id = scim_users.connection_id \
         AND connections.kind = 'scim' AND connections.status = 'active' \
         WHERE scim_users.organization_id = ",
    );
    sql.text(scope.key()).sql(" AND scim_users.email = ");
    sql.text(email.folded()).sql(
        " AND scim_users.active = FALSE) AS is_inactive, EXISTS (SELECT 1 FROM claimed_domains \
         WHERE project_id = ",
    );
    sql.text(scope.project_id.as_str()).sql(" AND domain = ");
    sql.text(email.domain()).sql(" AND organization_id <> ");
    sql.text(scope.key());
    sql.sql(") AS is_claimed_by_other) AS elsewhere");
}

fn bound(email: &EmailAddress) -> impl Fn(&mut PlainSql) {
    let folded = email.folded();
    move |sql| {
        sql.text(folded.as_str());
    }
}

/// Who has or gave up a folded address.
pub(super) fn who(sql: &mut PlainSql, scope: &OrgScope, email: impl Fn(&mut PlainSql)) {
    sql.sql("SELECT members.*, FALSE AS gave_it_up FROM members WHERE members.organization_id = ");
    sql.text(scope.key()).sql(" AND members.email = ");
    email(sql);
    sql.sql(
        " UNION ALL SELECT members.*, TRUE FROM retired_emails JOIN members \
         ON members.organization_id = retired_emails.organization_id \
         AND members.id = retired_emails.member_id \
         WHERE retired_emails.organization_id = ",
    );
    sql.text(scope.key()).sql(" AND retired_emails.email = ");
    email(sql);
}

impl Known {
    pub(super) fn of(
        rows: impl IntoIterator<Item = (MemberRow, bool)>,
    ) -> Result<Self, StorageError> {
        let (mut members, mut former, mut is_retired) = (Vec::new(), None, false);
        for (row, gave_it_up) in rows {
            let member = Member::try_from(row)?;
            if gave_it_up {
                former = member.is_live().then_some(member.id);
                is_retired = true;
            } else {
                members.push(member);
            }
        }
        members.sort_by_key(|member| (!member.is_live(), Reverse(member.id.key())));
        Ok(Self {
            members,
            former,
            is_retired,
        })
    }
}
