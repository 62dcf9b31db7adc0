//! The second fence: on PostgreSQL a statement that forgets its organization reaches nobody's rows.

use diesel::Connection;
use diesel::PgConnection;
use diesel::QueryableByName;
use diesel::RunQueryDsl;
use diesel::SqliteConnection;
use diesel::connection::SimpleConnection;
use diesel::sql_types::BigInt;
use diesel::sql_types::Text;
use serde_json::json;
use vestibule::domain::id::MemberId;
use vestibule::domain::id::OrganizationId;
use vestibule::domain::id::RequestId;
use vestibule::domain::project::ProjectId;
use vestibule::domain::scope::OrgScope;
use vestibule::storage::error::StorageError;
use vestibule::storage::fence::Crossing;
use vestibule::storage::fence::unfenced_role;
use vestibule::storage::members;
use vestibule::storage::open::Database;

use crate::support::TestGateway;
use crate::support::statements::unscoped;

/// An organization with one member.
struct Tenant {
    scope: OrgScope,
    member: MemberId,
}

impl Tenant {
    async fn new(gateway: &TestGateway, name: &str) -> Self {
        let body = json!({ "organization_name": name });
        let organization = gateway.organization(body).await;
        let id = organization["organization_id"].as_str().unwrap();
        let path = format!("/v1/b2b/organizations/{id}/members");
        let body = json!({ "email_address": format!("ana@{name}.test") });
        let added = gateway.post(&path, body).await;
        Self {
            scope: OrgScope {
                project_id: ProjectId::new(gateway.project_id.as_str()),
                organization_id: id.parse().unwrap(),
            },
            member: added.body["member_id"].as_str().unwrap().parse().unwrap(),
        }
    }

    fn key(&self) -> String {
        self.scope.key()
    }
}

fn postgres(gateway: &TestGateway) -> Option<PgConnection> {
    match gateway.storage.database() {
        Database::Sqlite(_) => None,
        Database::Postgres(url) => Some(PgConnection::establish(url).unwrap()),
    }
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

fn count(connection: &mut PgConnection, table: &str) -> i64 {
    let query = diesel::sql_query(format!("SELECT count(*) AS count FROM {table}"));
    query.get_result::<Count>(connection).unwrap().count
}

fn enter(connection: &mut PgConnection, value: &str) {
    let setting = format!("SELECT set_config('vestibule.organization', '{value}', true)");
    connection.batch_execute(&setting).unwrap();
}

/// Runs statements in a transaction and gives the error of the last.
fn refusal(connection: &mut PgConnection, entered: &str, statement: &str) -> String {
    connection.batch_execute("BEGIN").unwrap();
    enter(connection, entered);
    let refused = connection.batch_execute(statement).unwrap_err().to_string();
    connection.batch_execute("ROLLBACK").unwrap();
    refused
}

#[actix_web::test]
async fn a_query_without_a_predicate_sees_the_entered_organization_alone() {
    let gateway = TestGateway::start().await;
    let (acme, globex) = (
        Tenant::new(&gateway, "acme").await,
        Tenant::new(&gateway, "globex").await,
    );
    let Some(mut database) = postgres(&gateway) else {
        // On SQLite it is the predicate that holds, and the statements are watched for it.
        let lost = Tenant {
            scope: acme.scope.clone(),
            member: globex.member,
        };
        assert!(finds(&gateway, None, &globex).await && !finds(&gateway, None, &lost).await);
        assert!(unscoped("SELECT 1 FROM `members`").is_some());
        return;
    };
    assert_eq!(count(&mut database, "members"), 0);
    database.batch_execute("BEGIN").unwrap();
    enter(&mut database, &acme.key());
    assert_eq!(count(&mut database, "members"), 1);
    enter(&mut database, &globex.key());
    let foreign = format!("members WHERE organization_id = '{}'", acme.key());
    assert_eq!(count(&mut database, "members"), 1);
    assert_eq!(count(&mut database, &foreign), 0);
    enter(&mut database, "*");
    assert_eq!(count(&mut database, "members"), 2);
    database.batch_execute("COMMIT").unwrap();
    // The setting is now known to the session, and empty.
    assert_eq!(count(&mut database, "members"), 0);
}

#[actix_web::test]
async fn a_row_of_another_organization_is_neither_made_nor_changed() {
    let gateway = TestGateway::start().await;
    let (acme, globex) = (
        Tenant::new(&gateway, "acme").await,
        Tenant::new(&gateway, "globex").await,
    );
    let Some(mut database) = postgres(&gateway) else {
        let (scope, own, member) = (globex.scope, acme.scope.organization_id, globex.member);
        let left = gateway
            .storage
            .transaction::<_, StorageError>(RequestId::fresh(), move |tx| {
                let mut taken = members::find(tx, &scope, member)?.unwrap();
                (taken.organization_id, taken.name) = (own, "taken".to_owned());
                members::save(tx, &taken)?;
                members::find(tx, &scope, member)
            });
        assert_eq!(left.await.unwrap().unwrap().name, "");
        return;
    };
    let (own, other) = (acme.key(), globex.key());
    let steal = format!("UPDATE members SET organization_id = '{own}'");
    let give = format!("UPDATE members SET organization_id = '{other}'");
    let insert = format!(
        "INSERT INTO retired_emails VALUES ('{other}', 'a@b.test', '1', '{}', 'a@b.test', now())",
        globex.member.key()
    );
    for (entered, statement) in [(&own, &give), (&own, &insert), (&"*".to_owned(), &steal)] {
        let refused = refusal(&mut database, entered, statement);
        assert!(
            refused.contains("row-level security"),
            "{statement}: {refused}"
        );
    }
    let everything = "UPDATE members SET name = 'taken'; DELETE FROM members WHERE name <> 'taken'";
    database.batch_execute("BEGIN").unwrap();
    enter(&mut database, &own);
    database.batch_execute(everything).unwrap();
    enter(&mut database, &other);
    assert_eq!(count(&mut database, "members WHERE name = ''"), 1);
}

/// Whether a transaction finds the member, after it has entered this organization.
async fn finds(gateway: &TestGateway, entered: Option<OrganizationId>, tenant: &Tenant) -> bool {
    let (scope, member) = (tenant.scope.clone(), tenant.member);
    let found = gateway.storage.read(RequestId::fresh(), move |tx| {
        if let Some(entered) = entered {
            tx.enter(entered)?;
        }
        members::find(tx, &scope, member)
    });
    found.await.unwrap().is_some()
}

#[actix_web::test]
async fn what_a_transaction_enters_ends_with_it() {
    let gateway = TestGateway::start().await;
    let (acme, globex) = (
        Tenant::new(&gateway, "acme").await,
        Tenant::new(&gateway, "globex").await,
    );
    let is_fenced = postgres(&gateway).is_some();
    let own = acme.scope.organization_id;
    for _ in 0..20 {
        // Waiting together, they share few connections.
        let (entered, foreign, forgotten, again) = tokio::join!(
            finds(&gateway, Some(own), &acme),
            finds(&gateway, Some(own), &globex),
            finds(&gateway, None, &acme),
            finds(&gateway, Some(own), &acme),
        );
        assert!(entered && again);
        assert_eq!((foreign, forgotten), (!is_fenced, !is_fenced));
    }
    for reason in [Crossing::Expiry, Crossing::Search] {
        let member = globex.member;
        let owner = gateway
            .storage
            .transaction::<_, StorageError>(RequestId::fresh(), move |tx| {
                tx.across_organizations(reason)?;
                members::organization_of(tx, member)
            });
        assert_eq!(owner.await.unwrap(), Some(globex.scope.organization_id));
        let forgotten = gateway.storage.transaction(RequestId::fresh(), {
            let (scope, member) = (globex.scope.clone(), globex.member);
            move |tx| members::find(tx, &scope, member)
        });
        assert_eq!(forgotten.await.unwrap().is_some(), !is_fenced);
    }
}

#[derive(QueryableByName)]
struct Table {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Found by the hash of a secret, unique in the project, or next in turn: what says whose rows are
/// meant.
const OUTSIDE: [&str; 6] = [
    "allowed_oauth_tenants",
    "claimed_domains",
    "domain_proofs",
    "mails",
    "one_time_tokens",
    "scim_tokens",
];

/// A migration that adds a tenant's table says `SELECT vestibule_fence('its_name')` on PostgreSQL.
#[actix_web::test]
async fn every_table_of_tenants_is_fenced() {
    let gateway = TestGateway::start().await;
    let Some(mut database) = postgres(&gateway) else {
        let Database::Sqlite(path) = gateway.storage.database() else {
            unreachable!("a database is SQLite or PostgreSQL");
        };
        let mut database = SqliteConnection::establish(&path.to_string_lossy()).unwrap();
        let tenants = diesel::sql_query(
            "SELECT t.name AS name FROM sqlite_master t JOIN pragma_table_info(t.name) c \
             WHERE t.type = 'table' AND c.name = 'organization_id' ORDER BY 1",
        );
        let tenants = tenants.load::<Table>(&mut database).unwrap();
        let names = tenants.iter().map(|table| table.name.as_str());
        let unwatched: Vec<_> = names
            .filter(|name| unscoped(&format!("SELECT 1 FROM `{name}`")).is_none())
            .collect();
        // Here the organizations' names are indexed apart, for a search of the whole project.
        let mut outside = OUTSIDE.to_vec();
        outside.insert(5, "organization_texts");
        assert_eq!(unwatched, outside);
        return;
    };
    let unfenced = diesel::sql_query(
        "SELECT c.relname::text AS name FROM pg_class c \
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization_id' \
         WHERE c.relkind = 'r' AND NOT (c.relrowsecurity AND c.relforcerowsecurity \
             AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)) ORDER BY 1",
    );
    let unfenced = unfenced.load::<Table>(&mut database).unwrap();
    let names: Vec<_> = unfenced.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(names, OUTSIDE);
}

#[actix_web::test]
async fn the_server_knows_a_role_that_the_fence_does_not_hold() {
    let gateway = TestGateway::start().await;
    assert_eq!(unfenced_role(gateway.storage.database()), Ok(None));
    if postgres(&gateway).is_some() {
        let admin = std::env::var("VESTIBULE_TEST_POSTGRES_ADMIN_URL").unwrap();
        let reason = unfenced_role(&Database::Postgres(admin)).unwrap();
        assert_eq!(reason, Some("it is a superuser"));
    }
}
