//! What is told before a change is saved, against what the change really does.

use std::collections::BTreeSet;

use serde_json::Value;
use serde_json::json;
use vestibule::domain::forecast::People;
use vestibule::domain::forecast::RoleForecast;
use vestibule::domain::forecast::SettingsForecast;
use vestibule::domain::id::RequestId;
use vestibule::domain::organization::Organization;
use vestibule::domain::organization_draft::OrganizationDraft;
use vestibule::domain::project::ProjectId;
use vestibule::storage::Transaction;
use vestibule::use_cases::error::ManagementError;
use vestibule::use_cases::organizations;
use vestibule::use_cases::role_rule_changes;
use vestibule::use_cases::role_rules;
use vestibule::use_cases::role_rules::RuleChange;
use vestibule::use_cases::role_rules::RuleChange::Add;
use vestibule::use_cases::role_rules::RuleChange::Remove;
use vestibule::use_cases::role_rules::RuleNamed;
use vestibule::use_cases::settings_forecast;
use vestibule::use_cases::settings_forecast::MOST_LOOKED_AT;

use crate::scim::directory::Directory;
use crate::support::TestGateway;
use crate::support::statements;

impl TestGateway {
    async fn within<T: Send + 'static>(
        &self,
        organization: &str,
        use_case: impl Fn(&mut Transaction<'_>, &Organization) -> Result<T, ManagementError>
        + Send
        + 'static,
    ) -> T {
        let project = ProjectId::new(self.project_id.clone());
        let named = organization.to_owned();
        let done = self.storage.transaction(RequestId::fresh(), move |tx| {
            let organization = organizations::resolve(tx, &project, &named)?;
            use_case(tx, &organization)
        });
        done.await.unwrap()
    }

    async fn settings_forecast(&self, organization: &str, draft: &Value) -> SettingsForecast {
        let all = MOST_LOOKED_AT;
        self.settings_forecast_of(organization, draft, all).await
    }

    async fn settings_forecast_of(
        &self,
        organization: &str,
        draft: &Value,
        most: i64,
    ) -> SettingsForecast {
        let draft: OrganizationDraft = serde_json::from_value(draft.clone()).unwrap();
        let use_case = move |tx: &mut Transaction<'_>, it: &Organization| {
            settings_forecast::forecast(tx, it, (&draft, most))
        };
        self.within(organization, use_case).await
    }

    async fn role_forecast(
        &self,
        organization: &str,
        (change, rule): (RuleChange, RuleNamed),
    ) -> RoleForecast {
        let use_case = move |tx: &mut Transaction<'_>, it: &Organization| {
            role_rule_changes::forecast(tx, it, (change, &rule))
        };
        self.within(organization, use_case).await
    }

    async fn change_rule(&self, organization: &str, (change, rule): (RuleChange, RuleNamed)) {
        let use_case = move |tx: &mut Transaction<'_>, it: &Organization| {
            role_rule_changes::change(tx, it, (change, &rule))
        };
        self.within(organization, use_case).await;
    }
}

fn addresses(people: &People) -> BTreeSet<String> {
    let named = people.first.iter().map(|it| it.email_address.clone());
    named.collect()
}

const PASSWORD: &str = "correct horse battery staple";

/// Some people with passwords and some without, one of them free of all rules.
async fn people(gateway: &TestGateway) -> (String, Vec<String>) {
    let made = gateway
        .organization(json!({ "organization_name": "Acme", "organization_slug": "acme" }))
        .await;
    let organization = made["organization_id"].as_str().unwrap().to_owned();
    let mut with_password = Vec::new();
    for n in 0..6 {
        let address = format!("m{n}@acme.test");
        let path = format!("/v1/b2b/organizations/{organization}/members");
        let body = json!({ "email_address": address, "is_breakglass": n == 0 });
        assert_eq!(gateway.post(&path, body).await.status, 200);
        if n < 4 {
            let body = json!({
                "organization_id": organization, "email_address": address,
                "hash_type": "md_5", "hash": "9cc2ae8a1ba7a93da39b46fc1019c481",
            });
            let answer = gateway.post("/v1/b2b/passwords/migrate", body).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            with_password.push(address);
        }
    }
    (organization, with_password)
}

/// Whom a password still lets in, to the end or up to the second factor.
async fn let_in(gateway: &TestGateway, organization: &str, people: &[String]) -> BTreeSet<String> {
    let mut inside = BTreeSet::new();
    for address in people {
        let body = json!({
            "organization_id": organization, "email_address": address, "password": PASSWORD,
        });
        let answer = gateway.post("/v1/b2b/passwords/authenticate", body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        if answer.body["primary_required"].is_null() {
            inside.insert(address.clone());
        }
    }
    inside
}

#[actix_web::test]
async fn whoever_the_forecast_names_is_out_once_it_is_saved_and_nobody_else() {
    let gateway = TestGateway::start().await;
    let (organization, people) = people(&gateway).await;
    let all: BTreeSet<String> = people.iter().cloned().collect();
    assert_eq!(let_in(&gateway, &organization, &people).await, all);
    let path = format!("/v1/b2b/organizations/{organization}");
    for allowed in [
        json!(["sso"]),
        json!(["sso", "password"]),
        json!(["sso", "google_oauth"]),
        json!(["magic_link"]),
    ] {
        let draft = json!({ "auth_methods": "RESTRICTED", "allowed_auth_methods": allowed });
        let open = json!({ "auth_methods": "ALL_ALLOWED" });
        assert_eq!(gateway.put(&path, open).await.status, 200);
        let forecast = gateway.settings_forecast(&organization, &draft).await;
        assert_eq!(gateway.put(&path, draft).await.status, 200);
        let out = addresses(&forecast.locked_out);
        assert_eq!(out.len(), forecast.locked_out.count);
        let inside = let_in(&gateway, &organization, &people).await;
        if allowed == json!(["magic_link"]) {
            // A password is no way in any more, but mail is one for everybody.
            assert_eq!(out, BTreeSet::new());
        } else {
            let out_by_password: BTreeSet<_> = all.intersection(&out).cloned().collect();
            let still_out: BTreeSet<_> = all.difference(&inside).cloned().collect();
            assert_eq!(out_by_password, still_out, "{allowed}");
        }
    }
}

#[actix_web::test]
async fn whoever_has_to_enrol_is_asked_for_a_second_factor_once_it_is_saved() {
    let gateway = TestGateway::start().await;
    let (organization, people) = people(&gateway).await;
    let draft = json!({ "mfa_policy": "REQUIRED_FOR_ALL" });
    let forecast = gateway.settings_forecast(&organization, &draft).await;
    assert_eq!(
        (forecast.locked_out.count, forecast.must_enrol.count),
        (0, 6)
    );
    let path = format!("/v1/b2b/organizations/{organization}");
    gateway.put(&path, draft.clone()).await;
    for address in &people {
        let body = json!({
            "organization_id": organization, "email_address": address, "password": PASSWORD,
        });
        let answer = gateway.post("/v1/b2b/passwords/authenticate", body).await;
        assert!(!answer.body["mfa_required"].is_null(), "{}", answer.text);
    }
    let again = gateway.settings_forecast(&organization, &draft).await;
    let nobody = SettingsForecast {
        looked_at: 6,
        is_of_all: true,
        ..SettingsForecast::default()
    };
    assert_eq!(again, nobody);
}

#[actix_web::test]
async fn no_more_people_are_looked_at_than_is_said() {
    let gateway = TestGateway::start().await;
    let (organization, _) = people(&gateway).await;
    let draft = json!({ "auth_methods": "RESTRICTED", "allowed_auth_methods": ["password"] });
    for (most, locked_out, is_of_all) in [(3, 0, false), (5, 1, false), (6, 2, true)] {
        let told = gateway
            .settings_forecast_of(&organization, &draft, most)
            .await;
        let looked_at = usize::try_from(most).unwrap();
        assert_eq!((told.looked_at, told.is_of_all), (looked_at, is_of_all));
        assert_eq!(told.locked_out.count, locked_out);
    }
}

fn rule(connection: &str, role: &str, group: &str) -> RuleNamed {
    RuleNamed {
        connection_id: connection.to_owned(),
        role_id: role.to_owned(),
        group: group.to_owned(),
    }
}

/// Who holds a role now.
async fn holders(directory: &Directory<'_>, people: &[&str], role: &str) -> BTreeSet<String> {
    let mut holders = BTreeSet::new();
    for address in people {
        if directory.roles(address).await.iter().any(|it| it == role) {
            holders.insert((*address).to_owned());
        }
    }
    holders
}

#[actix_web::test]
async fn a_dry_run_names_exactly_those_who_then_gain_and_lose() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let people = [
        "ana@acme.test",
        "bea@acme.test",
        "cid@acme.test",
        "dan@acme.test",
    ];
    let mut users = Vec::new();
    for address in people {
        users.push(directory.user(address).await);
    }
    let eng = directory
        .group("<script>eng</script>", &[&users[0], &users[1]])
        .await;
    let ops = directory
        .group("\u{202e}sPO \"'&", &[&users[1], &users[2]])
        .await;
    let connection = directory.connection_id.as_str();
    let steps = [
        (Add, rule(connection, "editor", &eng)),
        (Add, rule(connection, "editor", &ops)),
        (Add, rule(connection, "editor", &ops)),
        (Add, rule(connection, "viewer", "")),
        (Add, rule(connection, "viewer", &eng)),
        (Remove, rule(connection, "viewer", "")),
        (Remove, rule(connection, "editor", &eng)),
        (Add, rule(connection, "editor", "")),
        (Remove, rule(connection, "editor", &ops)),
        (Remove, rule(connection, "editor", "")),
        (Remove, rule(connection, "reader", &ops)),
    ];
    for (change, rule) in steps {
        let before = holders(&directory, &people, &rule.role_id).await;
        let step = (change, rule.clone());
        let forecast = gateway
            .role_forecast(&directory.organization_id, step.clone())
            .await;
        let untouched = holders(&directory, &people, &rule.role_id).await;
        assert_eq!(untouched, before, "a dry run changes nothing");
        gateway.change_rule(&directory.organization_id, step).await;
        let after = holders(&directory, &people, &rule.role_id).await;
        let gained: BTreeSet<_> = after.difference(&before).cloned().collect();
        let lost: BTreeSet<_> = before.difference(&after).cloned().collect();
        assert_eq!(addresses(&forecast.gains), gained, "{change:?} {rule:?}");
        assert_eq!(addresses(&forecast.loses), lost, "{change:?} {rule:?}");
    }
}

#[actix_web::test]
async fn a_rule_whose_group_is_gone_is_marked_and_can_go() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let ana = directory.user("ana@acme.test").await;
    let eng = directory.group("eng", &[&ana]).await;
    let named = rule(&directory.connection_id, "editor", &eng);
    let organization = directory.organization_id.as_str();
    gateway
        .change_rule(organization, (Add, named.clone()))
        .await;
    let book = |tx: &mut Transaction<'_>, it: &Organization| role_rules::book(tx, it);
    let before = gateway.within(organization, book).await;
    let told = &before.connections[0].rules[0];
    assert_eq!(
        (told.group_name.as_deref(), told.is_group_gone),
        (Some("eng"), false)
    );
    directory.delete(&format!("/Groups/{eng}")).await;
    let after = gateway.within(organization, book).await;
    for rule in &after.connections[0].rules {
        assert!(rule.is_group_gone, "{rule:?}");
    }
    gateway.change_rule(organization, (Remove, named)).await;
    let empty = gateway.within(organization, book).await;
    assert_eq!(empty.connections[0].rules, []);
}

#[actix_web::test]
async fn forecasts_take_as_many_statements_for_one_as_for_many() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let organization = directory.organization_id.as_str();
    let database = gateway.storage.database();
    let mut counts = BTreeSet::new();
    let mut users = vec![directory.user("m0@acme.test").await];
    let eng = directory.group("eng", &[&users[0]]).await;
    for n in [0, 12] {
        for n in 0..n {
            users.push(directory.user(&format!("n{n}@acme.test")).await);
        }
        statements::heard(database);
        let draft = json!({ "auth_methods": "RESTRICTED", "allowed_auth_methods": ["sso"] });
        let told = gateway.settings_forecast(organization, &draft).await;
        assert_eq!(told.locked_out.count, users.len());
        let settings = statements::asked(database).len();
        let named = rule(&directory.connection_id, "editor", "");
        let told = gateway.role_forecast(organization, (Add, named)).await;
        assert_eq!(told.gains.count, users.len());
        counts.insert((settings, statements::asked(database).len()));
    }
    assert_eq!(counts.len(), 1, "{counts:?}");
    drop(eng);
}
