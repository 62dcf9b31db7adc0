//! Everything around members that answers and roles need, of any number of them, in one statement.

use chrono::NaiveDateTime;
use diesel::QueryableByName;
use diesel::sql_types::Nullable;
use diesel::sql_types::Text;

use crate::domain::connection::Connection;
use crate::domain::id::MemberId;
use crate::domain::id::MemberPasswordId;
use crate::domain::id::OrganizationId;
use crate::domain::id::RetiredEmailId;
use crate::domain::id::ScimGroupId;
use crate::domain::id::ScimUserId;
use crate::domain::oauth_identity::OauthRegistration;
use crate::storage::Transaction;
use crate::storage::connections::ConnectionRow;
use crate::storage::error::StorageError;
use crate::storage::group_members::Place;
use crate::storage::oauth_registrations;
use crate::storage::plain_sql::PlainSql;
use crate::storage::registrations;
use crate::storage::registrations::Registration;
use crate::storage::scim_users::ScimUser;
use crate::storage::scim_users::ScimUserRow;

/// What surrounds some members of some organizations.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Surroundings {
    /// The organizations' connections that are not gone, oldest first.
    pub connections: Vec<Connection>,
    /// The members' registrations with SSO connections, oldest first.
    pub registrations: Vec<Registration>,
    /// The members' registrations with OAuth providers, oldest first.
    pub oauth: Vec<OauthRegistration>,
    /// The SCIM Users that the members are projected from.
    pub users: Vec<ScimUser>,
    /// The Groups that those Users are in.
    pub places: Vec<Place>,
    /// The addresses that the members gave up.
    pub retired_emails: Vec<(MemberId, RetiredEmailId, String)>,
    /// The passwords that the members have, or that their addresses have in the project.
    pub passwords: Vec<(MemberId, MemberPasswordId)>,
}

/// A row of any of the tables: which, and its columns as text.
#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    source: String,
    #[diesel(sql_type = Nullable<Text>)]
    a: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    b: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    c: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    d: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    e: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    f: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    g: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    h: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    i: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    j: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    k: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    l: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    m: Option<String>,
}

const CONNECTIONS: &str = "SELECT 'connection' AS source, organization_id AS a, id AS b, \
     kind AS c, display_name AS d, identity_provider AS e, status AS f, settings AS g, \
     CAST(created_at AS TEXT) AS h, CAST(updated_at AS TEXT) AS i, \
     CAST(NULL AS TEXT) AS j, CAST(NULL AS TEXT) AS k, CAST(NULL AS TEXT) AS l, \
     CAST(NULL AS TEXT) AS m \
     FROM connections WHERE status <> 'deleted' AND organization_id";

/// Something that members have: its columns, its table, and what has to be joined to it.
struct Belonging {
    columns: &'static str,
    table: &'static str,
    /// The column that names the member.
    member: &'static str,
    joins: &'static str,
}

const BELONGINGS: [Belonging; 7] = [
    Belonging {
        columns: "'registration', row.id, row.member_id, row.connection_id, row.subject, \
             row.attributes, row.\"groups\", CAST(row.created_at AS TEXT), \
             NULL, NULL, NULL, NULL, NULL, NULL",
        table: "sso_registrations",
        member: "member_id",
        joins: "",
    },
    Belonging {
        columns: "'oauth', row.id, row.member_id, row.provider, row.subject, row.picture_url, \
             row.locale, CAST(row.created_at AS TEXT), NULL, NULL, NULL, NULL, NULL, NULL",
        table: "oauth_registrations",
        member: "member_id",
        joins: "",
    },
    Belonging {
        columns: "'user', row.organization_id, row.id, row.connection_id, row.user_name, \
             row.external_id, row.email, row.display_name, CAST(row.active AS TEXT), \
             row.member_id, row.resource, CAST(row.version AS TEXT), \
             CAST(row.created_at AS TEXT), CAST(row.updated_at AS TEXT)",
        table: "scim_users",
        member: "member_id",
        joins: "",
    },
    Belonging {
        columns: "'place', place.user_id, place.group_id, scim_groups.display_name, \
             NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL",
        table: "scim_users",
        member: "member_id",
        joins: " JOIN scim_group_members AS place \
             ON place.organization_id = row.organization_id AND place.user_id = row.id \
             JOIN scim_groups ON scim_groups.organization_id = place.organization_id \
             AND scim_groups.id = place.group_id",
    },
    Belonging {
        columns: "'retired', row.member_id, row.id, row.email_address, \
             NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL",
        table: "retired_emails",
        member: "member_id",
        joins: "",
    },
    Belonging {
        columns: "'password', row.member_id, row.id, NULL, \
             NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL",
        table: "member_passwords",
        member: "member_id",
        joins: "",
    },
    Belonging {
        columns: "'password', row.id, shared.id, NULL, \
             NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL",
        table: "members",
        member: "id",
        joins: " JOIN organizations ON organizations.id = row.organization_id \
             JOIN address_passwords AS shared \
             ON shared.project_id = organizations.project_id AND shared.email = row.email",
    },
];

impl Belonging {
    /// Members of one organization are found without a look at their table.
    fn write(&self, sql: &mut PlainSql, organizations: &[OrganizationId], members: &[MemberId]) {
        let Self {
            columns,
            table,
            member,
            joins,
        } = self;
        let select = format!(" UNION ALL SELECT {columns} FROM ");
        if let [organization] = organizations {
            sql.sql(&format!(
                "{select}{table} AS row{joins} WHERE row.organization_id = "
            ));
            sql.text(organization.key())
                .sql(&format!(" AND row.{member}"));
        } else {
            sql.sql(&format!(
                "{select}members JOIN {table} AS row ON row.organization_id = \
                 members.organization_id AND row.{member} = members.id{joins} WHERE members.id"
            ));
        }
        sql.one_of(members.iter().map(MemberId::key));
    }
}

/// What surrounds these members, and the connections of these organizations.
pub fn around(
    tx: &mut Transaction<'_>,
    organizations: &[OrganizationId],
    members: &[MemberId],
) -> Result<Surroundings, StorageError> {
    let mut sql = PlainSql::prepared(tx, CONNECTIONS);
    sql.one_of(organizations.iter().map(OrganizationId::key));
    for belonging in &BELONGINGS {
        belonging.write(&mut sql, organizations, members);
    }
    let mut found = Surroundings::default();
    let mut registered = Vec::new();
    let mut known = Vec::new();
    for row in sql.load::<Row>(tx)? {
        match row.source.as_str() {
            "connection" => found.connections.push(row.connection()?),
            "registration" => registered.push((row.g.clone(), row.registration()?)),
            "oauth" => known.push((row.g.clone(), row.oauth()?)),
            "user" => found.users.push(row.user()?),
            "place" => found.places.push(row.place()?),
            "password" => found.passwords.push(row.password()?),
            _ => found.retired_emails.push(row.retired_email()?),
        }
    }
    registered.sort_by(|left, right| (&left.0, left.1.id).cmp(&(&right.0, right.1.id)));
    found.registrations = registered.into_iter().map(|(_, found)| found).collect();
    known.sort_by(|left, right| (&left.0, left.1.id).cmp(&(&right.0, right.1.id)));
    found.oauth = known.into_iter().map(|(_, found)| found).collect();
    found
        .connections
        .sort_by_key(|connection| connection.id.key());
    found.places.sort_by_key(|place| place.1);
    Ok(found)
}

fn there(column: Option<String>) -> Result<String, StorageError> {
    column.ok_or_else(|| StorageError::corrupt("a column without a value"))
}

/// Both databases write an instant alike when they are asked for text.
fn instant(column: Option<String>) -> Result<NaiveDateTime, StorageError> {
    NaiveDateTime::parse_from_str(&there(column)?, "%Y-%m-%d %H:%M:%S%.f")
        .map_err(StorageError::corrupt)
}

impl Row {
    fn connection(self) -> Result<Connection, StorageError> {
        let row = ConnectionRow {
            organization_id: there(self.a)?,
            id: there(self.b)?,
            kind: there(self.c)?,
            display_name: there(self.d)?,
            identity_provider: there(self.e)?,
            status: there(self.f)?,
            settings: there(self.g)?,
            created_at: instant(self.h)?,
            updated_at: instant(self.i)?,
            // The settings say it as well.
            external_connection_id: None,
            upkeep_at: None,
        };
        row.try_into()
    }

    fn registration(self) -> Result<Registration, StorageError> {
        let (id, member) = (there(self.a)?, there(self.b)?);
        let (connection, subject) = (there(self.c)?, there(self.d)?);
        let (attributes, groups) = (there(self.e)?, there(self.f)?);
        registrations::read((id, member, connection, subject, attributes, groups))
    }

    fn oauth(self) -> Result<OauthRegistration, StorageError> {
        let (id, member) = (there(self.a)?, there(self.b)?);
        let (provider, subject) = (there(self.c)?, there(self.d)?);
        let (picture, locale) = (there(self.e)?, there(self.f)?);
        oauth_registrations::read((id, member, provider, subject, picture, locale))
    }

    fn user(self) -> Result<ScimUser, StorageError> {
        let row = ScimUserRow {
            organization_id: there(self.a)?,
            id: there(self.b)?,
            connection_id: there(self.c)?,
            user_name: there(self.d)?,
            external_id: self.e,
            email: self.f,
            display_name: self.g,
            active: matches!(self.h.as_deref(), Some("1" | "true")),
            member_id: self.i,
            resource: there(self.j)?,
            version: there(self.k)?.parse().map_err(StorageError::corrupt)?,
            created_at: instant(self.l)?,
            updated_at: instant(self.m)?,
            display_name_folded: None,
        };
        row.try_into()
    }

    fn place(self) -> Result<Place, StorageError> {
        let user = ScimUserId::from_key(&there(self.a)?).map_err(StorageError::corrupt)?;
        let group = ScimGroupId::from_key(&there(self.b)?).map_err(StorageError::corrupt)?;
        Ok((user, group, there(self.c)?))
    }

    fn password(self) -> Result<(MemberId, MemberPasswordId), StorageError> {
        let member = MemberId::from_key(&there(self.a)?).map_err(StorageError::corrupt)?;
        let id = MemberPasswordId::from_key(&there(self.b)?).map_err(StorageError::corrupt)?;
        Ok((member, id))
    }

    fn retired_email(self) -> Result<(MemberId, RetiredEmailId, String), StorageError> {
        let member = MemberId::from_key(&there(self.a)?).map_err(StorageError::corrupt)?;
        let id = RetiredEmailId::from_key(&there(self.b)?).map_err(StorageError::corrupt)?;
        Ok((member, id, there(self.c)?))
    }
}
