//! Every statement that the gateway sends to SQLite, which has no second fence: one that reaches for
//! rows of a tenant without naming the organization fails the test that sent it.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::LazyLock;
use std::sync::Mutex;
use std::sync::Once;
use std::sync::PoisonError;

use diesel::connection::Instrumentation;
use diesel::connection::InstrumentationEvent;
use diesel::connection::set_default_instrumentation;
use vestibule::storage::open::Database;

use crate::support::plans;

/// Watches all connections that are opened from here on.
pub fn watch() {
    static WATCHED: Once = Once::new();
    WATCHED.call_once(|| {
        set_default_instrumentation(|| Some(Box::new(Watcher::default()))).unwrap();
    });
}

/// What is sent to the databases that a test listens to, by the URLs they were opened with. There
/// is one hook in a process, so whoever wants to listen does it here, beside the check.
static HEARD: Mutex<BTreeMap<String, Vec<String>>> = Mutex::new(BTreeMap::new());

/// What a gateway's database was asked since this was last called for it; listens from then on.
pub fn heard(database: &Database) -> Vec<String> {
    let url = match database {
        Database::Sqlite(path) => path.to_string_lossy().into_owned(),
        Database::Postgres(url) => url.clone(),
    };
    let mut heard = HEARD.lock().unwrap_or_else(PoisonError::into_inner);
    heard.insert(url, Vec::new()).unwrap_or_default()
}

/// The same without the frame of transactions, as a transaction that only read ends after its answer.
pub fn asked(database: &Database) -> Vec<String> {
    let frame = ["BEGIN", "COMMIT", "ROLLBACK"];
    let is_frame = |text: &String| frame.iter().any(|word| text.starts_with(word));
    let heard = heard(database).into_iter();
    heard.filter(|text| !is_frame(text)).collect()
}

/// Knows the URL of its connection.
#[derive(Default)]
struct Watcher(String);

impl Instrumentation for Watcher {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartEstablishConnection { url, .. } => {
                url.clone_into(&mut self.0);
            }
            InstrumentationEvent::StartQuery { query, .. } => {
                self.remember(&query);
                check(&query);
                self.plan(&query);
            }
            _ => {}
        }
    }
}

impl Watcher {
    fn plan(&self, query: &dyn Display) {
        let is_of_gateway = thread_name().is_some_and(|name| name.starts_with("db-"));
        if is_of_gateway && self.0.starts_with("postgres://") {
            plans::note(query.to_string().split(" -- binds").next().unwrap());
        }
    }

    fn remember(&self, query: &dyn Display) {
        let mut heard = HEARD.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(statements) = heard.get_mut(&self.0) {
            let text = query.to_string();
            statements.push(text.split(" -- binds").next().unwrap().to_owned());
        }
    }
}

/// What looks across organizations by design (see `storage::fence::Crossing`), or at none.
const CROSSINGS: [&str; 4] = [
    "`connections`.`external_connection_id` = ?)",
    ".`expires_at` <= ?)",
    "`members` WHERE (`members`.`id` = ?)",
    "(1=0)",
];

/// Tables whose rows are found by the hash of a secret, are unique in the project, or next in turn.
const OPEN: [&str; 6] = [
    "scim_tokens",
    "one_time_tokens",
    "claimed_domains",
    "domain_proofs",
    "allowed_oauth_tenants",
    "mails",
];

fn thread_name() -> Option<String> {
    std::thread::current().name().map(str::to_owned)
}

fn check(query: &dyn Display) {
    // The tests look at the database themselves as well, from threads of their own.
    if thread_name().is_none_or(|name| !name.starts_with("db-")) {
        return;
    }
    let text = query.to_string();
    if let Some(table) = unscoped(&text) {
        panic!("a statement does not name the organization of {table}: {text}");
    }
}

/// The tenant's table that a statement reaches into without naming the organization.
pub fn unscoped(text: &str) -> Option<&'static str> {
    let statement = text.split(" -- binds").next().unwrap();
    let reach = match statement.split_once(' ')? {
        ("SELECT", rest) => rest.split_once(" FROM ")?.1,
        ("UPDATE" | "DELETE", rest) => rest,
        _ => return None,
    };
    if CROSSINGS.iter().any(|crossing| reach.contains(crossing)) {
        return None;
    }
    let condition = match statement.split_once(" WHERE ") {
        Some((_, condition)) if !statement.starts_with("SELECT") => condition,
        _ if statement.starts_with("SELECT") => reach,
        _ => "",
    };
    let is_unscoped = |table: &&&str| {
        reach.contains(&format!("`{table}`"))
            && !condition.contains(&format!("`{table}`.`organization_id`"))
    };
    TENANT_TABLES.iter().find(is_unscoped).copied()
}

static TENANT_TABLES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let schemas = [
        include_str!("../../../src/storage/schema.rs"),
        include_str!("../../../src/storage/schema/declared.rs"),
        include_str!("../../../src/storage/schema/apart.rs"),
        include_str!("../../../src/storage/schema/factors.rs"),
        include_str!("../../../src/storage/schema/mailed.rs"),
        include_str!("../../../src/storage/schema/passwords.rs"),
        include_str!("../../../src/storage/schema/oauth.rs"),
        include_str!("../../../src/storage/schema/portal.rs"),
        include_str!("../../../src/storage/schema/searched.rs"),
    ];
    let tables = schemas
        .iter()
        .flat_map(|schema| schema.split("diesel::table! {").skip(1));
    let tenants = tables.filter(|table| table.contains(" organization_id -> Text"));
    let names = tenants.map(|table| table.trim_start().split(' ').next().unwrap());
    names.filter(|name| !OPEN.contains(name)).collect()
});

#[test]
fn a_statement_that_forgets_the_organization_is_seen() {
    let forgotten = [
        "SELECT `members`.`organization_id` FROM `members` WHERE (`members`.`email` = ?)",
        "SELECT COUNT(*) FROM `connections` -- binds: [\"`connections`.`organization_id`\"]",
        "DELETE FROM `sessions` WHERE (`sessions`.`member_id` = ?)",
        "UPDATE `members` SET `organization_id` = ? WHERE (`members`.`id` = ?)",
        "UPDATE `members` SET `name` = ?",
        "SELECT 1 FROM (`scim_group_members` INNER JOIN `scim_groups` ON 1) \
         WHERE (`scim_groups`.`organization_id` = ?)",
    ];
    for statement in forgotten {
        assert!(unscoped(statement).is_some(), "{statement}");
    }
    let scoped = [
        "SELECT `members`.`id` FROM `members` WHERE (`members`.`organization_id` = ?)",
        "DELETE FROM `sessions` WHERE (`sessions`.`expires_at` <= ?)",
        "INSERT INTO `members` (`organization_id`) VALUES (?)",
        "SELECT `organizations`.`id` FROM `organizations` WHERE (`organizations`.`slug` = ?)",
        "SELECT `scim_tokens`.`hash` FROM `scim_tokens` WHERE (`scim_tokens`.`hash` = ?)",
    ];
    for statement in scoped {
        assert_eq!(unscoped(statement), None, "{statement}");
    }
    assert!(TENANT_TABLES.len() >= 11, "{TENANT_TABLES:?}");
}
