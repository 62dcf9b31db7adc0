//! Calls on behalf of a member: a session that counts, with the roles that a test needs.

use chrono::TimeDelta;
use serde_json::Map;
use serde_json::Value;
use vestibule::domain::email::EmailAddress;
use vestibule::domain::id::MemberId;
use vestibule::domain::id::OrganizationId;
use vestibule::domain::id::RequestId;
use vestibule::domain::id::SessionId;
use vestibule::domain::member::Member;
use vestibule::domain::project::ProjectId;
use vestibule::domain::rbac::Permission;
use vestibule::domain::rbac::Role;
use vestibule::domain::secret::SecretHash;
use vestibule::domain::session::Session;
use vestibule::storage::error::StorageError;
use vestibule::storage::project_settings;
use vestibule::storage::sessions as session_rows;
use vestibule::use_cases::members;
use vestibule::use_cases::sessions;

use super::Answer;
use super::TestGateway;

impl TestGateway {
    /// Adds a role to the project's policy that allows exactly these: resource and action.
    pub async fn declare_role(&self, role_id: &str, allowed: &[(&str, &str)]) {
        let permission = |(resource, action): &(&str, &str)| Permission {
            resource_id: (*resource).to_owned(),
            actions: vec![(*action).to_owned()],
        };
        let role = Role {
            role_id: role_id.to_owned(),
            description: String::new(),
            permissions: allowed.iter().map(permission).collect(),
        };
        let project = ProjectId::new(self.project_id.as_str());
        let saved = self.storage.transaction(RequestId::fresh(), move |tx| {
            let mut settings = project_settings::find(tx, &project)?.unwrap_or_default();
            let roles = &mut settings.rbac.roles;
            roles.retain(|known| known.role_id != role.role_id);
            roles.push(role.clone());
            project_settings::save(tx, &project, &settings)
        });
        saved.await.unwrap();
    }

    /// Adds a member that holds these roles besides `stytch_member`; gives its id.
    pub async fn member_with_roles(&self, organization_id: &str, roles: &[&str]) -> String {
        let organization: OrganizationId = organization_id.parse().unwrap();
        let roles: Vec<String> = roles.iter().map(|role| (*role).to_owned()).collect();
        let address = format!("{}@members.test", uuid::Uuid::new_v4());
        let email = EmailAddress::parse(&address).unwrap();
        let added = self.storage.transaction(RequestId::fresh(), move |tx| {
            let mut member = Member::new(organization, email.clone(), tx.now);
            member.explicit_roles.clone_from(&roles);
            tx.enter(organization)?;
            members::commit(tx, None, &member)?;
            Ok::<_, StorageError>(member.id)
        });
        added.await.unwrap().to_string()
    }

    /// The token of a new session of this member, an hour long and without factors.
    pub async fn session_of(&self, organization_id: &str, member_id: &str) -> String {
        let organization: OrganizationId = organization_id.parse().unwrap();
        let member: MemberId = member_id.parse().unwrap();
        let deployment = self.deployment.clone();
        let opened = self.storage.transaction(RequestId::fresh(), move |tx| {
            let session = Session {
                id: SessionId::fresh(),
                organization_id: organization,
                member_id: member,
                factors: Vec::new(),
                custom_claims: Map::new(),
                started_at: tx.now,
                last_accessed_at: tx.now,
                expires_at: tx.now + TimeDelta::minutes(60),
                ends_no_later_than: None,
            };
            let token = sessions::token(&deployment, &session);
            tx.enter(organization)?;
            session_rows::insert(tx, &session, &SecretHash::of(&token))?;
            Ok::<_, StorageError>(token)
        });
        opened.await.unwrap()
    }

    /// The token of a session of a new member that holds these roles.
    pub async fn member_session(&self, organization_id: &str, roles: &[&str]) -> String {
        let member = self.member_with_roles(organization_id, roles).await;
        self.session_of(organization_id, &member).await
    }

    /// A call of the management API on behalf of the member of this session: method and path.
    pub async fn call_as(&self, token: &str, call: (&str, &str), body: Option<Value>) -> Answer {
        let method = reqwest::Method::from_bytes(call.0.as_bytes()).unwrap();
        let request = self
            .http
            .request(method, format!("{}{}", self.base_url, call.1))
            .basic_auth(&self.project_id, Some(&self.secret))
            .header("X-Stytch-Member-Session", token);
        self.send(match body {
            Some(body) => request
                .header("content-type", "application/json")
                .body(body.to_string()),
            None => request,
        })
        .await
    }
}
