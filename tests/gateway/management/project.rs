use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;
use vestibule::config::project_file;
use vestibule::domain::id::RequestId;
use vestibule::domain::project::ProjectId;
use vestibule::domain::project_settings::Effect;
use vestibule::domain::project_settings::ProjectSettings;
use vestibule::domain::project_settings::SettingChange;
use vestibule::domain::secret::SecretHash;
use vestibule::storage::credentials::ProjectKeyKind;
use vestibule::storage::project_keys::KeyOrigin;
use vestibule::storage::project_keys::NewKey;
use vestibule::storage::project_keys::ProjectKey;
use vestibule::use_cases::operator_error::OperatorError;
use vestibule::use_cases::project;
use vestibule::use_cases::project::GivenCredentials;
use vestibule::use_cases::project_keys;
use vestibule::use_cases::project_keys::Revocation;
use vestibule::use_cases::project_settings;

use crate::support::TestGateway;

const WEB: &str = "public-token-test-5a7e9c1e-9a8b-4f5e-8c3a-2f1d6b7c8d90";

fn example() -> ProjectSettings {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/project.toml");
    project_file::read(Path::new(file)).unwrap()
}

fn settings(value: Value) -> ProjectSettings {
    serde_json::from_value(value).unwrap()
}

async fn apply(
    gateway: &TestGateway,
    settings: ProjectSettings,
) -> Result<Vec<SettingChange>, OperatorError> {
    let project = ProjectId::new(gateway.project_id.as_str());
    let applied = gateway.storage.transaction(RequestId::fresh(), move |tx| {
        project_settings::apply(tx, &project, &settings)
    });
    applied.await
}

async fn acme(gateway: &TestGateway) -> String {
    let acme = gateway
        .organization(json!({ "organization_name": "Acme", "trusted_metadata": { "plan": "pro" } }))
        .await;
    acme["organization_id"].as_str().unwrap().to_owned()
}

/// The claims of a new JWT of this session.
async fn claims(gateway: &TestGateway, token: &str, more: Value) -> Value {
    let mut body = json!({ "session_token": token });
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().cloned().unwrap());
    let answer = gateway.post("/v1/b2b/sessions/authenticate", body).await;
    let jwt = answer.body["session_jwt"].as_str().unwrap();
    let payload = URL_SAFE_NO_PAD
        .decode(jwt.split('.').nth(1).unwrap())
        .unwrap();
    serde_json::from_slice(&payload).unwrap()
}

#[actix_web::test]
async fn the_example_file_is_applied_once_and_holds_at_once() {
    let gateway = TestGateway::start().await;
    let id = acme(&gateway).await;
    let editor = gateway.member_session(&id, &["editor"]).await;
    let changes = apply(&gateway, example()).await.unwrap();
    let told: Vec<_> = changes
        .iter()
        .map(|it| (it.effect, it.setting.as_str()))
        .collect();
    for expected in [
        (Effect::Changed, "role editor"),
        (Effect::Added, "role publisher"),
        (Effect::Removed, "role auditor"),
        (Effect::Added, "resource documents"),
        (Effect::Added, "scope read:documents"),
        (Effect::Added, "redirect_urls login"),
        (Effect::Added, "public_token web"),
        (Effect::Added, "mail_template invite"),
        (Effect::Added, "session duration_minutes"),
        (Effect::Added, "session claim https://app.example.com/plan"),
    ] {
        assert!(told.contains(&expected), "{expected:?} in {told:?}");
    }
    assert_eq!(apply(&gateway, example()).await.unwrap(), []);

    let policy = gateway.get("/v1/b2b/rbac/policy").await.body["policy"].clone();
    assert_eq!(policy["scopes"][0]["scope"], json!("read:documents"));
    assert_eq!(
        policy["roles"][0]["permissions"][1]["resource_id"],
        json!("documents")
    );
    let claims = claims(&gateway, &editor, json!({})).await;
    assert_eq!(claims["https://app.example.com/plan"], json!("pro"));
    assert_eq!(
        claims["https://app.example.com/member"],
        json!({ "name": "" })
    );
    assert_eq!(
        claims["https://stytch.com/session"]["roles"],
        json!(["editor", "stytch_member"])
    );
    let start = |token: &str| {
        format!(
            "{}/v1/public/sso/start?public_token={token}",
            gateway.base_url
        )
    };
    let known = gateway.send(gateway.http.get(start(WEB))).await;
    assert!(
        !known.text.contains("public_token_not_found"),
        "{}",
        known.text
    );
    let unknown = gateway
        .send(gateway.http.get(start("public-token-test-other")))
        .await;
    assert!(
        unknown.text.contains("public_token_not_found"),
        "{}",
        unknown.text
    );
}

#[actix_web::test]
async fn what_a_file_does_not_name_any_more_is_gone() {
    let gateway = TestGateway::start().await;
    apply(&gateway, example()).await.unwrap();
    let changes = apply(&gateway, ProjectSettings::default()).await.unwrap();
    assert!(
        changes
            .iter()
            .all(|change| change.effect == Effect::Removed),
        "{changes:?}"
    );
    assert!(
        changes
            .iter()
            .any(|change| change.setting == "public_token web")
    );
    assert_eq!(
        apply(&gateway, ProjectSettings::default()).await.unwrap(),
        []
    );
    let tokens = keys(&gateway, ProjectKeyKind::PublicToken).await;
    // The one that the gateway was started with is not the file's to take.
    assert_eq!(
        tokens.iter().map(|key| key.origin).collect::<Vec<_>>(),
        [KeyOrigin::Start]
    );
    let policy = gateway.get("/v1/b2b/rbac/policy").await;
    assert!(!policy.text.contains("documents"), "{}", policy.text);
}

#[actix_web::test]
async fn claims_of_the_session_win_over_those_of_the_project() {
    let gateway = TestGateway::start().await;
    let id = acme(&gateway).await;
    let token = gateway.member_session(&id, &[]).await;
    let template = json!({ "session": { "jwt_claims": {
        "plan": "{{ organization.trusted_metadata.plan }}", "fixed": 1,
    }}});
    apply(&gateway, settings(template)).await.unwrap();
    let own = json!({ "session_custom_claims": { "plan": "mine" } });
    let both = claims(&gateway, &token, own).await;
    assert_eq!((&both["plan"], &both["fixed"]), (&json!("mine"), &json!(1)));
    assert_eq!(both["aud"], json!([gateway.project_id]));
}

#[actix_web::test]
async fn a_project_and_its_organizations_do_not_declare_the_same_role() {
    let gateway = TestGateway::start().await;
    let id = acme(&gateway).await;
    let own = json!({ "org_policy": { "roles": [{ "role_id": "publisher", "description": "",
        "permissions": [{ "resource_id": "stytch.sso", "actions": ["get"] }] }] } });
    let path = format!("/v1/b2b/rbac/organizations/{id}");
    assert_eq!(gateway.put(&path, own).await.status, 200);
    let refused = apply(&gateway, example()).await.unwrap_err();
    assert!(matches!(&refused, OperatorError::RoleOfOrganization(role, _) if role == "publisher"));
    assert!(refused.to_string().contains(&id), "{refused}");
    let policy = gateway.get("/v1/b2b/rbac/policy").await;
    assert!(!policy.text.contains("publisher"), "{}", policy.text);
}

#[actix_web::test]
async fn settings_that_cannot_be_taken_change_nothing() {
    let gateway = TestGateway::start().await;
    let bad = settings(json!({ "session": { "duration_minutes": 1 } }));
    let refused = apply(&gateway, bad).await.unwrap_err();
    assert!(
        refused.to_string().contains("session.duration_minutes"),
        "{refused}"
    );
    let (other, _) = gateway.another_project().await;
    let project = ProjectId::new(other.as_str());
    let theirs = settings(json!({ "public_tokens": { "web": WEB } }));
    let ours = theirs.clone();
    let applied = gateway.storage.transaction(RequestId::fresh(), move |tx| {
        project_settings::apply(tx, &project, &theirs)
    });
    applied.await.unwrap();
    let refused = apply(&gateway, ours).await.unwrap_err();
    assert_eq!(refused, OperatorError::ForeignToken("web".to_owned()));
}

async fn keys(gateway: &TestGateway, kind: ProjectKeyKind) -> Vec<ProjectKey> {
    let project = ProjectId::new(gateway.project_id.as_str());
    let listed = gateway.storage.read(RequestId::fresh(), move |tx| {
        project_keys::list(tx, &project, kind)
    });
    listed.await.unwrap()
}

async fn create(gateway: &TestGateway, secret: &str) -> ProjectKey {
    let project = ProjectId::new(gateway.project_id.as_str());
    let secret = secret.to_owned();
    let made = gateway.storage.transaction(RequestId::fresh(), move |tx| {
        let key = NewKey {
            kind: ProjectKeyKind::Secret,
            origin: KeyOrigin::Command,
            name: "night job",
            secret: &secret,
        };
        project_keys::create(tx, &project, &key)
    });
    made.await.unwrap()
}

async fn revoke(
    gateway: &TestGateway,
    (id, force, configured): (&str, bool, Option<&str>),
) -> Result<ProjectKey, OperatorError> {
    let project = ProjectId::new(gateway.project_id.as_str());
    let asked = Revocation {
        id: id.to_owned(),
        force,
        configured: configured.map(SecretHash::of),
    };
    let revoked = gateway.storage.transaction(RequestId::fresh(), move |tx| {
        project_keys::revoke(tx, (&project, ProjectKeyKind::Secret), &asked)
    });
    revoked.await
}

async fn start_with(gateway: &TestGateway, secret: &str) {
    let given = GivenCredentials {
        project_id: Some(gateway.project_id.clone()),
        secret: Some(secret.to_owned()),
        public_token: None,
    };
    let adopted = gateway.storage.transaction(RequestId::fresh(), move |tx| {
        project::adopt(tx, &given, &GivenCredentials::default())
    });
    adopted.await.unwrap();
}

async fn opens(gateway: &TestGateway, secret: &str) -> bool {
    let url = format!("{}/v1/debug/whoami", gateway.base_url);
    let request = gateway
        .http
        .get(url)
        .basic_auth(&gateway.project_id, Some(secret));
    gateway.send(request).await.status == 200
}

/// A node may remember a secret for less than this.
const A_MOMENT: TimeDelta = TimeDelta::seconds(1);

#[actix_web::test]
async fn secrets_are_replaced_without_a_gap_and_a_restart_undoes_nothing() {
    let gateway = TestGateway::start().await;
    let first = gateway.secret.clone();
    let made = create(&gateway, "secret-test-second").await;
    assert!(opens(&gateway, &first).await && opens(&gateway, "secret-test-second").await);
    assert_eq!(
        (made.last_four.as_str(), made.name.as_str()),
        ("cond", "night job")
    );

    // The configuration still gives the first one: a start changes nothing.
    start_with(&gateway, &first).await;
    assert!(opens(&gateway, &first).await && opens(&gateway, "secret-test-second").await);
    let old = keys(&gateway, ProjectKeyKind::Secret).await;
    let old = old
        .iter()
        .find(|key| key.origin == KeyOrigin::Start)
        .unwrap()
        .id();
    let refused = revoke(&gateway, (&old, false, Some(&first))).await;
    assert_eq!(refused, Err(OperatorError::GivenByConfiguration));

    // It gives another one: the start takes its own old one away, and not the command's.
    start_with(&gateway, "secret-test-third").await;
    gateway.wait(A_MOMENT);
    assert!(!opens(&gateway, &first).await);
    assert!(
        opens(&gateway, "secret-test-second").await && opens(&gateway, "secret-test-third").await
    );

    assert_eq!(
        revoke(&gateway, (&made.id(), false, None)).await.unwrap(),
        made
    );
    gateway.wait(A_MOMENT);
    assert!(!opens(&gateway, "secret-test-second").await);
    start_with(&gateway, "secret-test-third").await;
    assert!(
        !opens(&gateway, "secret-test-second").await,
        "a restart brought it back"
    );
}

#[actix_web::test]
async fn the_last_secret_is_revoked_only_by_force() {
    let gateway = TestGateway::start().await;
    let id = keys(&gateway, ProjectKeyKind::Secret).await[0].id();
    let refused = revoke(&gateway, (&id, false, None)).await;
    assert_eq!(refused, Err(OperatorError::LastSecret));
    for unknown in ["", "nothing"] {
        let refused = revoke(&gateway, (unknown, true, None)).await;
        assert_eq!(refused, Err(OperatorError::UnknownKey(unknown.to_owned())));
    }
    assert!(opens(&gateway, &gateway.secret).await);
    let beginning: String = id.chars().take(6).collect();
    revoke(&gateway, (&beginning, true, None)).await.unwrap();
    gateway.wait(A_MOMENT);
    assert!(!opens(&gateway, &gateway.secret).await);
}

#[actix_web::test]
async fn the_journal_says_what_changed_and_holds_no_secret() {
    use diesel::Connection;
    use diesel::QueryDsl;
    use diesel::RunQueryDsl;
    use vestibule::storage::open::Database;
    use vestibule::storage::schema::journal;

    let gateway = TestGateway::start().await;
    create(&gateway, "secret-test-second").await;
    apply(&gateway, example()).await.unwrap();
    let columns = (journal::kind, journal::object_id, journal::after_change);
    let query = journal::table.select(columns);
    let rows: Vec<(String, String, Option<String>)> = match gateway.storage.database() {
        Database::Sqlite(path) => {
            let path = path.to_string_lossy();
            let mut connection = diesel::SqliteConnection::establish(&path).unwrap();
            query.load(&mut connection).unwrap()
        }
        Database::Postgres(url) => {
            let mut connection = diesel::PgConnection::establish(url).unwrap();
            query.load(&mut connection).unwrap()
        }
    };
    let updated = rows
        .iter()
        .find(|row| row.0 == "project_settings.updated")
        .unwrap();
    assert!(updated.2.as_ref().unwrap().contains("role publisher"));
    assert!(
        rows.iter()
            .any(|row| (row.0.as_str(), row.1.as_str()) == ("project_key.added", "…cond"))
    );
    assert!(!format!("{rows:?}").contains("secret-test-second"));
}
