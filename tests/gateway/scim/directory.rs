//! A directory that pushes to a connection, and what a test asks about the outcome.

use serde_json::Value;
use serde_json::json;
use vestibule::domain::event::Event;
use vestibule::domain::id::RequestId;
use vestibule::domain::project::ProjectId;
use vestibule::domain::scope::OrgScope;
use vestibule::storage::error::StorageError;
use vestibule::storage::journal;

use crate::support::Answer;
use crate::support::TestGateway;

pub const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// An organization with a SCIM connection.
pub struct Directory<'g> {
    pub gateway: &'g TestGateway,
    pub organization_id: String,
    pub connection_id: String,
    pub token: String,
    /// The path of the connection's resources.
    pub base: String,
}

impl<'g> Directory<'g> {
    /// An organization that vouches for `acme.test`, with a connection of any product.
    pub async fn start(gateway: &'g TestGateway) -> Self {
        let organization = json!({
            "organization_name": "Acme",
            "email_allowed_domains": ["acme.test"],
        });
        Self::of(gateway, organization, "generic").await
    }

    pub async fn of(gateway: &'g TestGateway, organization: Value, product: &str) -> Self {
        let organization = gateway.organization(organization).await;
        let organization_id = text(&organization["organization_id"]);
        let path = format!("/v1/b2b/scim/{organization_id}/connection");
        let created = gateway
            .post(&path, json!({ "identity_provider": product }))
            .await;
        let connection = &created.body["connection"];
        let connection_id = text(&connection["connection_id"]);
        Self {
            gateway,
            organization_id,
            token: text(&connection["bearer_token"]),
            base: format!("/v1/b2b/scim/{connection_id}"),
            connection_id,
        }
    }

    pub async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let path = format!("{}{path}", self.base);
        self.gateway.scim((method, &path), &self.token, body).await
    }

    /// A request with a header of its own.
    pub async fn call_with(
        &self,
        (method, path): (&str, &str),
        (header, value): (&str, &str),
        body: Option<Value>,
    ) -> Answer {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let url = format!("{}{}{path}", self.gateway.base_url, self.base);
        let mut request = self.gateway.http.request(method, url);
        request = request.bearer_auth(&self.token).header(header, value);
        if let Some(body) = body {
            request = request
                .header("content-type", "application/scim+json")
                .body(body.to_string());
        }
        self.gateway.send(request).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call("POST", path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.call("PUT", path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, operations: Value) -> Answer {
        let body = json!({ "schemas": [PATCH_OP], "Operations": operations });
        self.call("PATCH", path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.call("DELETE", path, None).await
    }

    /// Creates a User whose userName is an address, and gives its id.
    pub async fn user(&self, user_name: &str) -> String {
        let answer = self.post("/Users", json!({ "userName": user_name })).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        text(&answer.body["id"])
    }

    /// Creates a Group and gives its id.
    pub async fn group(&self, name: &str, members: &[&String]) -> String {
        let members: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
        let body = json!({ "displayName": name, "members": members });
        let answer = self.post("/Groups", body).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        text(&answer.body["id"])
    }

    /// The live member with an address; null if there is none.
    pub async fn member(&self, address: &str) -> Value {
        let organization = &self.organization_id;
        let path = format!("/v1/b2b/organizations/{organization}/member?email_address={address}");
        self.gateway.get(&path).await.body["member"].clone()
    }

    /// The roles of a live member, in the order of their names.
    pub async fn roles(&self, address: &str) -> Vec<String> {
        let member = self.member(address).await;
        let roles = member["roles"].as_array().unwrap().iter();
        roles.map(|role| text(&role["role_id"])).collect()
    }

    /// Changes the connection through the management API.
    pub async fn configure(&self, body: Value) -> Value {
        let (organization, connection) = (&self.organization_id, &self.connection_id);
        let path = format!("/v1/b2b/scim/{organization}/connection/{connection}");
        let answer = self.gateway.put(&path, body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body["connection"].clone()
    }

    /// Gives a role to one Group, and no other role to any.
    pub async fn give_role(&self, role: &str, group: &str) {
        let rules = json!([{ "role_id": role, "group_id": group }]);
        self.configure(json!({ "scim_group_implicit_role_assignments": rules }))
            .await;
    }

    /// A member by its id, even if it is deleted.
    pub async fn any_member(&self, id: &str) -> Value {
        let path =
            format!("/v1/b2b/organizations/members/dangerously_get/{id}?include_deleted=true");
        self.gateway.get(&path).await.body["member"].clone()
    }

    /// The organization's journal, newest first.
    pub async fn journal(&self) -> Vec<Event> {
        let scope = self.scope();
        let read = self
            .gateway
            .storage
            .read::<_, StorageError>(RequestId::fresh(), move |tx| {
                tx.enter(scope.organization_id)?;
                journal::list(tx, &scope, 1000)
            });
        read.await.unwrap()
    }

    /// The kinds of the events that are newer than the first so many, oldest first.
    pub async fn events_since(&self, known: usize) -> Vec<String> {
        let mut events = self.journal().await;
        events.reverse();
        let newer = events.into_iter().skip(known);
        newer.map(|event| event.kind).collect()
    }

    pub fn scope(&self) -> OrgScope {
        OrgScope {
            project_id: ProjectId::new(self.gateway.project_id.clone()),
            organization_id: self.organization_id.parse().unwrap(),
        }
    }
}

/// A filter as a parameter holds it.
pub fn encoded(filter: &str) -> String {
    url::form_urlencoded::byte_serialize(filter.as_bytes()).collect()
}

pub fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}

/// The ids of the members of a Group, or of the resources of a list.
pub fn ids<'v>(values: &'v Value, name: &str) -> Vec<&'v str> {
    let values = values.as_array().unwrap().iter();
    values.map(|value| value[name].as_str().unwrap()).collect()
}
