//! Acme's directory: a SCIM client that pushes people and groups (RFC 7644 §3.3).

use serde_json::Value;
use serde_json::json;

use crate::demo::DemoError;
use crate::demo::api_client::ApiClient;
use crate::demo::api_client::text;
use crate::demo::people::DemoPerson;

/// How the directory reaches the gateway.
pub(crate) struct Directory {
    pub(crate) base_url: String,
    pub(crate) token: String,
    /// The id of Cleo's user record.
    pub(crate) cleo: String,
}

/// Creates a person's user record and gives its id.
pub(crate) async fn push_person(
    scim: &ApiClient,
    person: &DemoPerson,
) -> Result<String, DemoError> {
    let user = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "externalId": person.id,
        "userName": person.email,
        "name": { "givenName": person.given_name, "familyName": person.family_name },
        "displayName": person.full_name(),
        "emails": [{ "value": person.email, "type": "work", "primary": true }],
        "active": true,
    });
    let created = scim.post("/Users", &user).await?;
    Ok(text(&created, "/id")?.to_owned())
}

/// Creates a group of these users and gives its id.
pub(crate) async fn push_group(
    scim: &ApiClient,
    name: &str,
    members: &[&String],
) -> Result<String, DemoError> {
    let members: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
    let group = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": name,
        "members": members,
    });
    let created = scim.post("/Groups", &group).await?;
    Ok(text(&created, "/id")?.to_owned())
}
