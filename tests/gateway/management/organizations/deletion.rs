//! What goes with an organization, and what stays.

use serde_json::Value;
use serde_json::json;
use vestibule::domain::id::OrganizationId;
use vestibule::domain::id::RequestId;
use vestibule::domain::project::ProjectId;
use vestibule::domain::scope::OrgScope;
use vestibule::storage::journal;
use vestibule::storage::tenant_rows;

use crate::support::TestGateway;
use crate::support::raw_sql::RawSql;

const ORGANIZATIONS: &str = "/v1/b2b/organizations";
const JOURNAL: &str = "journal";
/// What SQLite keeps for searches, and takes away by itself.
const BY_TRIGGER: [&str; 2] = ["organization_texts", "member_roles"];

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("no text: {value}"))
        .to_owned()
}

fn key(id: &str) -> &str {
    id.rsplit_once("-test-").unwrap().1
}

async fn organization(gateway: &TestGateway, slug: &str) -> String {
    let body = json!({
        "organization_name": slug, "organization_slug": slug, "organization_external_id": slug,
        "claimed_email_domains": [format!("{slug}.test")],
    });
    text(&gateway.organization(body).await["organization_id"])
}

async fn done(gateway: &TestGateway, path: &str, body: Value) -> Value {
    let answer = gateway.post(path, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

/// Gives an organization something in every table; the token of a session, the path of its SCIM
/// users and the token for it.
async fn fill(gateway: &TestGateway, sql: &mut RawSql, id: &str) -> (String, (String, String)) {
    let session = gateway.member_session(id, &["editor"]).await;
    let saml = done(gateway, &format!("/v1/b2b/sso/saml/{id}"), json!({})).await;
    let scim = done(gateway, &format!("/v1/b2b/scim/{id}/connection"), json!({})).await;
    let connection = &scim["connection"];
    let token = text(&connection["bearer_token"]);
    let base = format!("/v1/b2b/scim/{}", text(&connection["connection_id"]));
    let user = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "ana@acme.test", "emails": [{ "value": "ana@acme.test", "primary": true }],
    });
    let user = gateway
        .scim(("POST", &format!("{base}/Users")), &token, Some(user))
        .await;
    assert_eq!(user.status, 201, "{}", user.text);
    let group = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": "Everyone", "members": [{ "value": user.body["id"] }],
    });
    let group = gateway
        .scim(("POST", &format!("{base}/Groups")), &token, Some(group))
        .await;
    assert_eq!(group.status, 201, "{}", group.text);
    let around = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": "All", "members": [{ "value": group.body["id"], "type": "Group" }],
    });
    let around = gateway
        .scim(("POST", &format!("{base}/Groups")), &token, Some(around))
        .await;
    assert_eq!(around.status, 201, "{}", around.text);
    gateway.write_request_log().await;

    let clients = format!(
        "/v1/b2b/scim/{id}/connection/{}/clients",
        text(&connection["connection_id"])
    );
    done(gateway, &clients, json!({})).await;

    let organization = key(id);
    let connection = text(&saml["connection"]["connection_id"]);
    let connection = key(&connection);
    let member = sql
        .texts(&format!(
            "SELECT id AS value FROM members WHERE organization_id = '{organization}'"
        ))
        .remove(0);
    let then = "'2026-01-01 00:00:00'";
    sql.execute(&format!(
        "INSERT INTO scim_schemas (organization_id, connection_id, documents, updated_at)
         VALUES ('{organization}', '{connection}', '{{}}', {then});
         INSERT INTO scim_resources (organization_id, id, connection_id, resource_type, resource,
             version, created_at, updated_at)
         VALUES ('{organization}', '{organization}', '{connection}', 'Device', '{{}}', 1, {then}, {then});
         INSERT INTO scim_unique_values (organization_id, connection_id, value_hash, resource_id)
         VALUES ('{organization}', '{connection}', 'h', '{organization}');
         INSERT INTO sso_registrations (organization_id, connection_id, subject, id, member_id,
             attributes, groups, created_at, updated_at)
         VALUES ('{organization}', '{connection}', 's', '{organization}', '{member}', '{{}}', '[]', {then}, {then});
         INSERT INTO seen_assertions (organization_id, connection_id, assertion_id, expires_at)
         VALUES ('{organization}', '{connection}', 'a', {then});
         INSERT INTO sign_in_flows (state_hash, organization_id, connection_id, flow, expires_at)
         VALUES ('{organization}', '{organization}', '{connection}', '{{}}', {then});
         INSERT INTO one_time_tokens (hash, project_id, organization_id, kind, content, expires_at)
         VALUES ('{organization}', 'any', '{organization}', 'sso', '{{}}', {then});
         INSERT INTO mails (id, project_id, organization_id, kind, letter, created_at, expires_at, attempts)
         SELECT '{organization}', project_id, id, 'login', '', {then}, {then}, 0
         FROM organizations WHERE id = '{organization}';
         INSERT INTO portal_links (organization_id, id, token_hash, is_lasting, created_at, expires_at)
         VALUES ('{organization}', '{organization}', '{organization}', TRUE, {then}, {then});
         INSERT INTO portal_sessions (token_hash, organization_id, link_id, started_at, expires_at)
         VALUES ('{organization}', '{organization}', '{organization}', {then}, {then});
         INSERT INTO domain_proofs (id, project_id, organization_id, domain, token, status, misses,
             created_at, next_look_at)
         SELECT '{organization}', project_id, id, 'acme.test', 't', 'waiting', 0, {then}, {then}
         FROM organizations WHERE id = '{organization}';
         INSERT INTO connection_tests (organization_id, connection_id, tested_at, report)
         VALUES ('{organization}', '{connection}', {then}, '{{}}');
         INSERT INTO member_failures (organization_id, member_id, failures, last_at)
         VALUES ('{organization}', '{member}', 1, {then});
         INSERT INTO totps (organization_id, member_id, id, secret, recovery_codes, is_active, last_step, created_at)
         VALUES ('{organization}', '{member}', '{organization}', '', '', TRUE, 0, {then});
         INSERT INTO member_passwords (organization_id, member_id, id, hash, requires_reset,
             created_at, updated_at)
         VALUES ('{organization}', '{member}', '{organization}', '', FALSE, {then}, {then});
         INSERT INTO allowed_oauth_tenants (project_id, provider, tenant, organization_id)
         SELECT project_id, 'slack', 'T1', id FROM organizations WHERE id = '{organization}';
         INSERT INTO oauth_registrations (organization_id, provider, subject, id, member_id,
             email_address, picture_url, locale, created_at, updated_at)
         VALUES ('{organization}', 'google', 's', '{organization}', '{member}', 'a@b.test', '', '', {then}, {then});
         INSERT INTO retired_emails (organization_id, email, id, member_id, email_address, retired_at)
         VALUES ('{organization}', 'old@acme.test', '{organization}', '{member}', 'old@acme.test', {then});"
    ));
    (session, (format!("{base}/Users"), token))
}

/// How many rows every table but the journal has of an organization.
fn counts(sql: &mut RawSql, id: &str) -> Vec<(String, usize)> {
    let tables = sql.tables_of_organizations().into_iter();
    let counted = tables.filter(|table| table != JOURNAL).map(|table| {
        let count = sql.count(&table, key(id));
        (table, count)
    });
    counted.collect()
}

#[actix_web::test]
async fn every_table_of_organizations_goes_with_them_but_the_journal() {
    let gateway = TestGateway::start().await;
    let mut sql = RawSql::open(gateway.storage.database());
    let mut known = tenant_rows::TABLES.to_vec();
    known.extend(BY_TRIGGER);
    known.push(JOURNAL);
    let forgotten = sql.tables_of_organizations().into_iter();
    let forgotten = forgotten.filter(|table| !known.contains(&table.as_str()));
    assert_eq!(forgotten.collect::<Vec<_>>(), Vec::<String>::new());
}

#[actix_web::test]
async fn nothing_of_a_deleted_organization_is_left_and_nothing_of_another_is_touched() {
    let gateway = TestGateway::start().await;
    let mut sql = RawSql::open(gateway.storage.database());
    let (acme, globex) = (
        organization(&gateway, "acme").await,
        organization(&gateway, "globex").await,
    );
    let (session, (users, token)) = fill(&gateway, &mut sql, &acme).await;
    let (others_session, _) = fill(&gateway, &mut sql, &globex).await;
    let before = counts(&mut sql, &globex);
    for (table, count) in counts(&mut sql, &acme) {
        assert!(
            count > 0,
            "{table} is empty, so this proves nothing about it"
        );
    }

    let answer = gateway
        .call(
            "DELETE",
            &format!("{ORGANIZATIONS}/{acme}"),
            Some(json!({})),
        )
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["organization_id"], acme.as_str());
    for (table, count) in counts(&mut sql, &acme) {
        assert_eq!(count, 0, "{table}");
    }
    assert_eq!(counts(&mut sql, &globex), before);

    for named in [&acme, "acme"] {
        let path = format!("{ORGANIZATIONS}/{named}");
        for method in ["GET", "DELETE"] {
            let answer = gateway.call(method, &path, None).await;
            assert_eq!(answer.status, 404, "{method} {named}");
            assert_eq!(answer.body["error_type"], "organization_not_found");
        }
    }
    let session = json!({ "session_token": session });
    let answer = gateway.post("/v1/b2b/sessions/authenticate", session).await;
    assert_eq!(answer.body["error_type"], "session_not_found");
    let others = json!({ "session_token": others_session });
    assert_eq!(
        gateway
            .post("/v1/b2b/sessions/authenticate", others)
            .await
            .status,
        200
    );
    let users = gateway.scim(("GET", &users), &token, None).await;
    assert_eq!(users.status, 401);
    // Name, external id and claim are free again.
    organization(&gateway, "acme").await;
}

#[actix_web::test]
async fn a_deletion_is_one_event_in_a_journal_that_stays() {
    let gateway = TestGateway::start().await;
    let id = organization(&gateway, "acme").await;
    let answer = gateway
        .call("DELETE", &format!("{ORGANIZATIONS}/acme"), None)
        .await;
    let organization_id: OrganizationId = id.parse().unwrap();
    let project_id = ProjectId::new(gateway.project_id.as_str());
    let scope = OrgScope {
        project_id,
        organization_id,
    };
    let events = gateway.storage.read(RequestId::fresh(), move |tx| {
        tx.enter(organization_id)?;
        journal::list(tx, &scope, 10)
    });
    let events = events.await.unwrap();
    let kinds: Vec<_> = events.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["organization.deleted", "organization.created"]);
    assert_eq!(events[0].request_id, text(&answer.body["request_id"]));
    assert_eq!(events[0].before.as_ref().unwrap()["slug"], "acme");
    assert_eq!(events[0].after, None);
}

#[actix_web::test]
async fn another_project_cannot_delete_it() {
    let gateway = TestGateway::start().await;
    let id = organization(&gateway, "acme").await;
    let (project, secret) = gateway.another_project().await;
    let url = format!("{}{ORGANIZATIONS}/{id}", gateway.base_url);
    let request = gateway.http.delete(url).basic_auth(project, Some(secret));
    assert_eq!(gateway.send(request).await.status, 401);
    assert_eq!(
        gateway.get(&format!("{ORGANIZATIONS}/{id}")).await.status,
        200
    );
}

#[actix_web::test]
async fn members_delete_what_their_roles_allow_in_their_own_organization_only() {
    let gateway = TestGateway::start().await;
    let (acme, globex) = (
        organization(&gateway, "acme").await,
        organization(&gateway, "globex").await,
    );
    let nothing = gateway.member_session(&acme, &[]).await;
    gateway
        .declare_role("namer", &[("stytch.organization", "update.info.slug")])
        .await;
    gateway
        .declare_role("remover", &[("stytch.organization", "delete")])
        .await;
    let namer = gateway.member_session(&acme, &["namer"]).await;
    let remover = gateway.member_session(&acme, &["remover"]).await;
    let (of_acme, of_globex) = (
        format!("{ORGANIZATIONS}/{acme}"),
        format!("{ORGANIZATIONS}/{globex}"),
    );
    let external_id = format!("{of_acme}/external_id");
    let unknown = format!("{ORGANIZATIONS}/nobody");
    for (token, path, refusal) in [
        (&nothing, &of_acme, "session_authorization_error"),
        (&namer, &of_acme, "session_authorization_error"),
        (&nothing, &external_id, "session_authorization_error"),
        (&remover, &external_id, "session_authorization_error"),
        (&remover, &of_globex, "session_authorization_tenancy_error"),
        (&remover, &unknown, "session_authorization_tenancy_error"),
    ] {
        let answer = gateway.call_as(token, ("DELETE", path), None).await;
        assert_eq!(
            (answer.status, &answer.body["error_type"]),
            (403, &json!(refusal)),
            "{path}"
        );
    }
    assert_eq!(
        gateway
            .call_as(&namer, ("DELETE", &external_id), None)
            .await
            .status,
        200
    );
    assert_eq!(
        gateway
            .call_as(&remover, ("DELETE", &of_acme), None)
            .await
            .status,
        200
    );
    assert_eq!(gateway.get(&of_acme).await.status, 404);
    assert_eq!(gateway.get(&of_globex).await.status, 200);
}
