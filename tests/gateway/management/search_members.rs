use std::collections::BTreeMap;

use diesel::Connection;
use diesel::RunQueryDsl;
use diesel::SqliteConnection;
use serde_json::Value;
use serde_json::json;
use vestibule::domain::email::EmailAddress;
use vestibule::domain::id::RequestId;
use vestibule::domain::identity::AssertedIdentity;
use vestibule::domain::member::Member;
use vestibule::domain::member::MemberStatus;
use vestibule::domain::metadata::Metadata;
use vestibule::domain::oauth_identity::OauthIdentity;
use vestibule::domain::oauth_provider::OauthProvider;
use vestibule::domain::project::ProjectId;
use vestibule::domain::scope::OrgScope;
use vestibule::storage::error::StorageError;
use vestibule::storage::members as member_rows;
use vestibule::storage::oauth_registrations;
use vestibule::storage::open::Database;
use vestibule::storage::registrations;
use vestibule::use_cases::members;

use crate::support::TestGateway;
use crate::support::statements;

const SEARCH: &str = "/v1/b2b/organizations/members/search";

/// Two organizations, Acme with five members and Globex with one.
struct World {
    gateway: TestGateway,
    acme: String,
    globex: String,
}

impl World {
    async fn make() -> Self {
        let gateway = TestGateway::start().await;
        let mut ids = Vec::new();
        for (name, rules) in [
            (
                "Acme",
                json!([{ "domain": "acme.test", "role_id": "staff" }]),
            ),
            ("Globex", json!([])),
        ] {
            let body = json!({
                "organization_name": name, "organization_slug": name.to_lowercase(),
                "organization_external_id": format!("ext.{name}"),
                "email_allowed_domains": ["acme.test", "other.test"],
                "rbac_email_implicit_role_assignments": rules,
            });
            let made = gateway.organization(body).await;
            ids.push(made["organization_id"].as_str().unwrap().to_owned());
        }
        let world = Self {
            gateway,
            globex: ids.pop().unwrap(),
            acme: ids.pop().unwrap(),
        };
        let acme = &world.acme;
        world.member(acme, json!({ "email_address": "Ana@acme.test", "external_id": "hr-1", "mfa_phone_number": "+4930123456" })).await;
        world.member(acme, json!({ "email_address": "ben_b@acme.test", "is_breakglass": true, "roles": ["editor"] })).await;
        world.member(acme, json!({ "email_address": "cyd@other.test", "create_member_as_pending": true, "roles": ["viewer", "editor"] })).await;
        world
            .member(
                acme,
                json!({ "email_address": "dan@other.test", "external_id": "hr-4" }),
            )
            .await;
        world
            .member(
                &world.globex,
                json!({ "email_address": "eve@globex.test", "external_id": "hr-1" }),
            )
            .await;
        let gone = world
            .member(
                acme,
                json!({ "email_address": "fay@acme.test", "roles": ["editor"] }),
            )
            .await;
        world
            .change(&gone, |member| member.status = MemberStatus::Deleted)
            .await;
        world
    }

    async fn member(&self, organization: &str, body: Value) -> String {
        let path = format!("/v1/b2b/organizations/{organization}/members");
        let made = self.gateway.post(&path, body).await;
        assert_eq!(made.status, 200, "{}", made.text);
        made.body["member_id"].as_str().unwrap().to_owned()
    }

    /// Changes a member of Acme.
    async fn change(&self, member: &str, change: fn(&mut Member)) {
        let (scope, id) = (self.acme_scope(), member.parse().unwrap());
        let changed = self
            .gateway
            .storage
            .transaction(RequestId::fresh(), move |tx| {
                tx.enter(scope.organization_id)?;
                let before = member_rows::find(tx, &scope, id)?.unwrap();
                let mut after = before.clone();
                change(&mut after);
                members::commit(tx, Some(&before), &after)
            });
        changed.await.unwrap();
    }

    /// Lets an OAuth provider know the member with an address.
    async fn register(&self, provider: OauthProvider, address: &str) {
        let member = local_part(&json!({ "email_address": address }));
        let place = if member == "eve" {
            &self.globex
        } else {
            &self.acme
        };
        let scope = OrgScope {
            organization_id: place.parse().unwrap(),
            ..self.acme_scope()
        };
        let identity = OauthIdentity {
            provider,
            subject: address.to_owned(),
            email_address: EmailAddress::parse(address).unwrap(),
            address_proven: true,
            name: String::new(),
            picture_url: String::new(),
            locale: String::new(),
            tenants: Vec::new(),
        };
        let storage = &self.gateway.storage;
        let registered = storage.transaction(RequestId::fresh(), move |tx| {
            tx.enter(scope.organization_id)?;
            let address = identity.email_address.clone();
            let found = member_rows::list_by_email(tx, &scope, &address)?;
            oauth_registrations::insert(tx, &found[0], &identity)
        });
        registered.await.unwrap();
    }

    fn acme_scope(&self) -> OrgScope {
        OrgScope {
            project_id: ProjectId::new(self.gateway.project_id.as_str()),
            organization_id: self.acme.parse().unwrap(),
        }
    }

    async fn search(&self, body: Value) -> Value {
        let answer = self.gateway.post(SEARCH, body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body
    }

    /// The local parts of the addresses that operands find in both organizations.
    async fn find(&self, operator: &str, operands: Value) -> Vec<String> {
        let query = json!({ "operator": operator, "operands": operands });
        let found = self
            .search(json!({ "organization_ids": [self.acme, "globex"], "query": query }))
            .await;
        let members = found["members"].as_array().unwrap();
        assert_eq!(found["results_metadata"]["total"], members.len());
        members.iter().map(local_part).collect()
    }

    async fn find_by(&self, name: &str, value: Value) -> Vec<String> {
        let operand = json!({ "filter_name": name, "filter_value": value });
        self.find("AND", json!([operand])).await
    }
}

fn local_part(member: &Value) -> String {
    let address = member["email_address"].as_str().unwrap();
    address.split_once('@').unwrap().0.to_lowercase()
}

#[actix_web::test]
async fn every_filter_finds_exactly_its_members() {
    let world = World::make().await;
    let ana = world
        .find_by("member_emails", json!(["ana@acme.test"]))
        .await;
    assert_eq!(ana, ["ana"]);
    let all = world
        .search(json!({ "organization_ids": ["ext.Acme"] }))
        .await;
    let ana_id = all["members"][0]["member_id"].clone();
    for (provider, address) in [
        (OauthProvider::Google, "ana@acme.test"),
        (OauthProvider::Github, "ana@acme.test"),
        (OauthProvider::Github, "dan@other.test"),
        (OauthProvider::Google, "eve@globex.test"),
    ] {
        world.register(provider, address).await;
    }
    let everyone = vec!["ana", "ben_b", "cyd", "dan", "eve"];
    for (name, value, expected) in [
        ("member_ids", json!([ana_id]), vec!["ana"]),
        ("member_ids", json!(["hr-1", "hr-9"]), vec!["ana", "eve"]),
        (
            "member_emails",
            json!(["ANA@ACME.test", "eve@globex.test"]),
            vec!["ana", "eve"],
        ),
        ("member_email_fuzzy", json!("ACME"), vec!["ana", "ben_b"]),
        ("member_email_fuzzy", json!("n_b"), vec!["ben_b"]),
        ("member_email_fuzzy", json!("n%b"), vec![]),
        ("member_is_breakglass", json!(true), vec!["ben_b"]),
        (
            "member_is_breakglass",
            json!(false),
            vec!["ana", "cyd", "dan", "eve"],
        ),
        (
            "statuses",
            json!(["active"]),
            vec!["ana", "ben_b", "dan", "eve"],
        ),
        (
            "statuses",
            json!(["pending", "deleted"]),
            vec!["cyd", "fay"],
        ),
        (
            "member_phone_numbers",
            json!(["+4930123456", ""]),
            vec!["ana"],
        ),
        ("member_mfa_phone_numbers", json!(["+49"]), vec![]),
        ("member_phone_number_fuzzy", json!("30123"), vec!["ana"]),
        ("member_mfa_phone_number_fuzzy", json!("301x"), vec![]),
        ("organization_slug", json!("globex"), vec!["eve"]),
        ("organization_slug_fuzzy", json!("LOB"), vec!["eve"]),
        ("password_exists", json!(false), everyone.clone()),
        ("password_exists", json!(true), vec![]),
        ("totp_exists", json!(false), everyone.clone()),
        ("totp_exists", json!(true), vec![]),
        ("oauth_providers", json!(["google"]), vec!["ana", "eve"]),
        (
            "oauth_providers",
            json!(["github", "google"]),
            vec!["ana", "dan", "eve"],
        ),
        ("oauth_providers", json!(["slack", "nobody"]), vec![]),
    ] {
        assert_eq!(
            world.find_by(name, value.clone()).await,
            expected,
            "{name} {value}"
        );
    }
    let two = json!([
        { "filter_name": "member_email_fuzzy", "filter_value": "other" },
        { "filter_name": "statuses", "filter_value": ["active"] },
    ]);
    assert_eq!(world.find("AND", two.clone()).await, ["dan"]);
    assert_eq!(
        world.find("OR", two).await,
        ["ana", "ben_b", "cyd", "dan", "eve"]
    );
}

#[actix_web::test]
async fn members_are_found_by_what_they_are_now() {
    let world = World::make().await;
    let found = world
        .search(json!({ "organization_ids": [world.acme] }))
        .await;
    let ana = found["members"][0]["member_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let become_zoe = |member: &mut Member| {
        member.email_address = EmailAddress::parse("zoe@acme.test").unwrap();
        member.explicit_roles = vec!["owner".to_owned()];
    };
    world.change(&ana, become_zoe).await;
    assert_eq!(
        world.find_by("member_email_fuzzy", json!("zoe")).await,
        ["zoe"]
    );
    assert!(
        world
            .find_by("member_email_fuzzy", json!("ana@"))
            .await
            .is_empty()
    );
    assert_eq!(
        world.find_by("member_roles", json!(["owner"])).await,
        ["zoe"]
    );
}

/// Ana comes through SAML with a group, Dan through a directory and is in a group of it.
async fn give_roles_of_every_source(world: &World) {
    let gateway = &world.gateway;
    let acme = &world.acme;
    let saml = format!("/v1/b2b/sso/saml/{acme}");
    let made = gateway.post(&saml, json!({ "display_name": "SAML" })).await;
    let saml_id = made.body["connection"]["connection_id"].as_str().unwrap();
    let rules = json!({
        "attribute_mapping": { "email": "email", "full_name": "name", "groups": "groups" },
        "saml_connection_implicit_role_assignments": [{ "role_id": "employee" }],
        "saml_group_implicit_role_assignments": [
            { "role_id": "auditor", "group": "eng" }, { "role_id": "owner", "group": "x\"eng" },
        ],
    });
    let answer = gateway
        .put(&format!("{saml}/connections/{saml_id}"), rules)
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let found = world.search(json!({ "organization_ids": [acme] })).await;
    let ana = found["members"][0]["member_id"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let scope = world.acme_scope();
    let identity = AssertedIdentity {
        connection_id: saml_id.parse().unwrap(),
        subject: "ana".to_owned(),
        email_address: EmailAddress::parse("ana@acme.test").unwrap(),
        name: String::new(),
        groups: vec!["eng".to_owned(), "ops".to_owned()],
        attributes: Metadata::default(),
        mapped: Metadata::default(),
        session_not_on_or_after: None,
        idp_session: None,
        saml_subject: None,
    };
    let registered = gateway.storage.transaction(RequestId::fresh(), move |tx| {
        tx.enter(scope.organization_id)?;
        registrations::insert(tx, &scope, ana, &identity)?;
        Ok::<_, StorageError>(())
    });
    registered.await.unwrap();
    let scim = format!("/v1/b2b/scim/{acme}/connection");
    let made = gateway
        .post(&scim, json!({ "identity_provider": "generic" }))
        .await;
    let connection = &made.body["connection"];
    let token = connection["bearer_token"].as_str().unwrap();
    let scim_id = connection["connection_id"].as_str().unwrap();
    let base = format!("/v1/b2b/scim/{scim_id}");
    let user = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "dan@other.test",
        "emails": [{ "value": "dan@other.test", "primary": true }] });
    let user = gateway
        .scim(("POST", &format!("{base}/Users")), token, Some(user))
        .await;
    assert_eq!(user.status, 201, "{}", user.text);
    let group = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Readers",
        "members": [{ "value": user.body["id"] }] });
    let group = gateway
        .scim(("POST", &format!("{base}/Groups")), token, Some(group))
        .await;
    assert_eq!(group.status, 201, "{}", group.text);
    let rules = json!({
        "scim_connection_implicit_role_assignments": [{ "role_id": "writer" }],
        "scim_group_implicit_role_assignments": [{ "role_id": "reader", "group_id": group.body["id"] }],
    });
    let answer = gateway.put(&format!("{scim}/{scim_id}"), rules).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[actix_web::test]
async fn a_search_by_role_finds_whoever_has_it_from_whatever_source() {
    let world = World::make().await;
    give_roles_of_every_source(&world).await;
    let all = world
        .search(json!({ "organization_ids": [world.acme, world.globex] }))
        .await;
    let mut holders: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for member in all["members"].as_array().unwrap() {
        for role in member["roles"].as_array().unwrap() {
            let role = role["role_id"].as_str().unwrap().to_owned();
            holders.entry(role).or_default().push(local_part(member));
        }
    }
    let known = [
        "auditor",
        "editor",
        "employee",
        "reader",
        "staff",
        "stytch_member",
        "viewer",
        "writer",
    ];
    assert_eq!(holders.keys().collect::<Vec<_>>(), known);
    for role in known
        .into_iter()
        .chain(["owner", "edit", "Editor", "stytch_admin"])
    {
        let expected = holders.get(role).cloned().unwrap_or_default();
        assert_eq!(
            world.find_by("member_roles", json!([role])).await,
            expected,
            "{role}"
        );
    }
    let several = world
        .find_by("member_roles", json!(["viewer", "auditor"]))
        .await;
    assert_eq!(several, ["ana", "cyd"]);
}

#[actix_web::test]
async fn pages_cover_all_organizations_once_and_name_those_they_show() {
    let world = World::make().await;
    let (mut seen, mut cursor, mut pages) = (Vec::new(), Value::Null, 0);
    loop {
        let organizations = json!(["globex", world.acme, "ext.Acme"]);
        let page = world
            .search(json!({ "organization_ids": organizations, "limit": 2, "cursor": cursor }))
            .await;
        assert_eq!(page["results_metadata"]["total"], 5);
        let members = page["members"].as_array().unwrap();
        let shown = page["organizations"].as_object().unwrap();
        for member in members {
            assert!(shown.contains_key(member["organization_id"].as_str().unwrap()));
        }
        seen.extend(members.iter().map(local_part));
        cursor = page["results_metadata"]["next_cursor"].clone();
        pages += 1;
        if cursor.is_null() {
            break;
        }
    }
    assert_eq!(
        (pages, seen.join(" ").as_str()),
        (3, "ana ben_b cyd dan eve")
    );
    for body in [
        json!({ "organization_ids": [world.acme], "cursor": "bWVtYmVy" }),
        json!({ "organization_ids": [world.acme], "cursor": "%" }),
    ] {
        let answer = world.gateway.post(SEARCH, body).await;
        assert_eq!(answer.body["error_type"], "invalid_cursor");
    }
    for unknown in [
        "nobody",
        "organization-test-00000000-0000-4000-8000-000000000000",
    ] {
        let body = json!({ "organization_ids": [world.acme, unknown] });
        let answer = world.gateway.post(SEARCH, body).await;
        let got = (answer.status, &answer.body["error_type"]);
        assert_eq!(got, (404, &json!("organization_not_found")), "{unknown}");
    }
}

#[actix_web::test]
async fn pages_of_every_size_say_the_same_whatever_leads_the_search() {
    let world = World::make().await;
    for (organization, address) in [
        (&world.globex, "gus@globex.test"),
        (&world.globex, "hal@globex.test"),
    ] {
        let body = json!({ "email_address": address, "roles": ["editor", "viewer"] });
        world.member(organization, body).await;
    }
    let role = json!({ "filter_name": "member_roles", "filter_value": ["editor"] });
    let roles = json!({ "filter_name": "member_roles", "filter_value": ["viewer", "editor"] });
    let staff = json!({ "filter_name": "member_roles", "filter_value": ["staff", "editor"] });
    let viewers = json!({ "filter_name": "member_roles", "filter_value": ["viewer"] });
    let active = json!({ "filter_name": "statuses", "filter_value": ["active"] });
    let deleted = json!({ "filter_name": "statuses", "filter_value": ["deleted"] });
    let globex = json!({ "filter_name": "member_email_fuzzy", "filter_value": "globex" });
    for (operator, operands, expected) in [
        ("AND", json!([]), "ana ben_b cyd dan eve gus hal"),
        ("AND", json!([role]), "ben_b cyd gus hal"),
        ("OR", json!([role]), "ben_b cyd gus hal"),
        ("AND", json!([roles]), "ben_b cyd gus hal"),
        ("AND", json!([staff]), "ana ben_b cyd gus hal"),
        ("AND", json!([role, active]), "ben_b gus hal"),
        ("AND", json!([role, deleted]), ""),
        ("OR", json!([role, deleted]), "ben_b cyd fay gus hal"),
        ("AND", json!([role, viewers]), "cyd gus hal"),
        ("AND", json!([active, role, globex]), "gus hal"),
        ("OR", json!([viewers, globex]), "cyd eve gus hal"),
    ] {
        let query = json!({ "operator": operator, "operands": operands });
        for limit in 1..=8 {
            let (mut seen, mut cursor) = (Vec::new(), Value::Null);
            loop {
                let page = world
                    .search(json!({
                        "organization_ids": [world.acme, world.globex],
                        "query": query, "limit": limit, "cursor": cursor,
                    }))
                    .await;
                seen.extend(page["members"].as_array().unwrap().iter().map(local_part));
                let metadata = &page["results_metadata"];
                assert_eq!(metadata["total"], expected.split_whitespace().count());
                cursor = metadata["next_cursor"].clone();
                if cursor.is_null() {
                    break;
                }
            }
            assert_eq!(seen.join(" "), expected, "{query} by {limit}");
        }
    }
}

#[actix_web::test]
async fn a_role_by_hand_is_found_as_long_as_a_live_member_has_it() {
    let world = World::make().await;
    let person = json!({ "email_address": "gil@acme.test", "roles": ["owner", "reader", "owner"] });
    let gil = world.member(&world.acme, person).await;
    let member = format!("/v1/b2b/organizations/{}/members/{gil}", world.acme);
    for (method, body, holds) in [
        ("PUT", json!({ "name": "Gil" }), [1, 1, 0]),
        ("PUT", json!({ "roles": ["reader", "writer"] }), [0, 1, 1]),
        ("DELETE", json!({}), [0, 0, 0]),
    ] {
        let answer = world.gateway.call(method, &member, Some(body)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(holders(&world).await, holds, "{method}");
    }
    let has_one = |member: &mut Member| member.explicit_roles = vec!["owner".to_owned()];
    world.change(&gil, has_one).await;
    assert_eq!(holders(&world).await, [0, 0, 0]);
    let lives = |member: &mut Member| member.status = MemberStatus::Active;
    world.change(&gil, lives).await;
    assert_eq!(holders(&world).await, [1, 0, 0]);
    let is_gone = |member: &mut Member| member.status = MemberStatus::Deleted;
    world.change(&gil, is_gone).await;
    assert_eq!(holders(&world).await, [0, 0, 0]);
}

/// How many have each of three roles.
async fn holders(world: &World) -> [usize; 3] {
    let mut counts = [0; 3];
    for (role, count) in ["owner", "reader", "writer"].into_iter().zip(&mut counts) {
        *count = world.find_by("member_roles", json!([role])).await.len();
    }
    counts
}

fn asked_since_last_time(gateway: &TestGateway) -> Vec<String> {
    statements::asked(gateway.storage.database())
}

#[actix_web::test]
async fn a_page_takes_as_many_statements_whatever_is_on_it() {
    let world = World::make().await;
    let mut organizations = vec![world.acme.clone(), world.globex.clone()];
    let mut counts = Vec::new();
    for round in 0..3 {
        asked_since_last_time(&world.gateway);
        let found = world
            .search(json!({ "organization_ids": organizations, "limit": 3 + round }))
            .await;
        assert_eq!(found["members"].as_array().unwrap().len(), 3 + round);
        counts.push(asked_since_last_time(&world.gateway).len());
        for number in 0..5 {
            let name = json!({ "organization_name": format!("More {round} {number}") });
            let made = world.gateway.organization(name).await;
            let id = made["organization_id"].as_str().unwrap().to_owned();
            let person = json!({ "email_address": "one@more.test" });
            world.member(&id, person).await;
            organizations.push(id);
        }
    }
    assert!((4..=9).contains(&counts[0]), "{counts:?}");
    assert_eq!(counts, [counts[0]; 3]);
}

#[actix_web::test]
async fn on_sqlite_an_index_serves_every_search() {
    let world = World::make().await;
    let Database::Sqlite(path) = world.gateway.storage.database().clone() else {
        return;
    };
    let mut database = SqliteConnection::establish(&path.to_string_lossy()).unwrap();
    let text = json!("acme");
    let list = json!(["acme"]);
    let id = "member-test-0190a000-0000-7000-8000-000000000000";
    for (name, value) in [
        ("member_ids", &list),
        ("member_ids", &json!([id])),
        ("member_emails", &list),
        ("member_email_fuzzy", &text),
        ("member_is_breakglass", &json!(true)),
        ("statuses", &json!(["active"])),
        ("member_phone_numbers", &list),
        ("member_phone_number_fuzzy", &text),
        ("member_roles", &list),
        ("organization_slug", &text),
        ("organization_slug_fuzzy", &text),
        ("oauth_providers", &json!(["google"])),
    ] {
        asked_since_last_time(&world.gateway);
        world.find_by(name, value.clone()).await;
        let searches = asked_since_last_time(&world.gateway).into_iter();
        let mut plans = 0;
        for search in searches.filter(|text| text.contains("SELECT members.* FROM")) {
            let plan = diesel::sql_query(format!("EXPLAIN QUERY PLAN {search}"));
            for step in plan.load::<Step>(&mut database).unwrap() {
                let scans = ["SCAN members", "SCAN known"];
                assert!(
                    !scans.iter().any(|scan| step.detail.starts_with(scan)),
                    "{name}: {}",
                    step.detail
                );
                plans += 1;
            }
        }
        assert!(plans > 0, "{name}");
    }
}

/// A line of a plan.
#[derive(diesel::QueryableByName)]
struct Step {
    #[diesel(sql_type = diesel::sql_types::Text)]
    detail: String,
}

#[actix_web::test]
async fn on_behalf_of_a_member_only_the_own_organization_is_searched() {
    let world = World::make().await;
    let gateway = &world.gateway;
    gateway
        .declare_role("searcher", &[("stytch.member", "search")])
        .await;
    let may = gateway.member_session(&world.acme, &["searcher"]).await;
    let may_not = gateway.member_session(&world.acme, &["viewer"]).await;
    let (acme, globex) = (&world.acme, &world.globex);
    let tenancy = "session_authorization_tenancy_error";
    for (token, organizations, error_type) in [
        (&may, json!([acme]), None),
        (&may, json!(["ext.Acme", "acme"]), None),
        (&may, json!([acme, globex]), Some(tenancy)),
        (&may, json!(["nobody"]), Some(tenancy)),
        (
            &may,
            json!([]),
            Some("member_search_organization_ids_empty"),
        ),
        (&may_not, json!([acme]), Some("session_authorization_error")),
        (&may_not, json!([globex]), Some(tenancy)),
    ] {
        let body = json!({ "organization_ids": organizations });
        let answer = gateway.call_as(token, ("POST", SEARCH), Some(body)).await;
        let expected = error_type.map_or(Value::Null, Value::from);
        assert_eq!(answer.body["error_type"], expected, "{organizations}");
    }
}
