//! What all calls share, said in one place: credentials, the envelope, refusals, and the headers of
//! the calls that may be made on behalf of a member.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::http::documentation::by_type;
use crate::http::openapi::examples::example;
use crate::http::openapi::reading::operations_mut;
use crate::http::openapi::reading::reference_to;
use crate::http::openapi::reading::text;

/// The calls that take a member session beside the project's credentials (contract 1.2).
const ON_BEHALF_OF_A_MEMBER: [&str; 36] = [
    "organizations.update",
    "organizations.delete",
    "organizations.deleteExternalId",
    "organizations.members.create",
    "organizations.members.update",
    "organizations.members.delete",
    "organizations.members.reactivate",
    "organizations.members.search",
    "organizations.members.unlinkRetiredEmail",
    "organizations.members.startEmailUpdate",
    "organizations.members.deleteExternalId",
    "organizations.members.deleteTOTP",
    "organizations.members.deleteMFAPhoneNumber",
    "organizations.members.deletePassword",
    "sso.getConnections",
    "sso.deleteConnection",
    "sso.saml.createConnection",
    "sso.saml.updateConnection",
    "sso.saml.updateByURL",
    "sso.saml.deleteVerificationCertificate",
    "sso.saml.deleteEncryptionPrivateKey",
    "sso.oidc.createConnection",
    "sso.oidc.updateConnection",
    "sso.external.createConnection",
    "sso.external.updateConnection",
    "scim.connection.create",
    "scim.connection.get",
    "scim.connection.update",
    "scim.connection.delete",
    "scim.connection.getGroups",
    "scim.connection.rotateStart",
    "scim.connection.rotateComplete",
    "scim.connection.rotateCancel",
    "magicLinks.email.invite",
    "sessions.revoke",
    "passwords.email.requireReset",
];

/// The calls that take one too and that the contract does not have.
const BEYOND_THE_CONTRACT: [&str; 23] = [
    "organizations.refusals.search",
    "organizations.refusals.get",
    "organizations.members.explain",
    "sso.saml.updateByMetadata",
    "sso.saml.acceptMetadata",
    "sso.oidc.startClientKeyRotation",
    "sso.oidc.completeClientKeyRotation",
    "organizations.domains.list",
    "organizations.domains.claim",
    "organizations.domains.check",
    "organizations.domains.release",
    "scim.connection.getRequest",
    "scim.connection.searchRequests",
    "scim.connection.searchUsers",
    "scim.connection.getSchemas",
    "scim.connection.replaceSchemas",
    "scim.connection.createClient",
    "scim.connection.getClients",
    "scim.connection.deleteClient",
    "scim.connection.updateClient",
    "scim.connection.createClientSecret",
    "scim.connection.deleteClientSecret",
    "sso.saml.createEncryptionPrivateKey",
];

const SCHEME: &str = "ProjectCredentials";
const ENVELOPE: &str = "Envelope";
const REFUSAL: &str = "Refusal";
const REFUSED: &str = "#/components/responses/Refused";
const TOO_MANY_REQUESTS: &str = "#/components/responses/TooManyRequests";
const FAILED: &str = "#/components/responses/Failed";
const MEMBER_SESSION: &str = "#/components/parameters/MemberSession";
const MEMBER_SESSION_JWT: &str = "#/components/parameters/MemberSessionJwt";

/// Adds to each call what no handler says by itself.
pub(super) fn complete(document: &mut Value) {
    for operation in operations_mut(document) {
        let call = operation.get("operationId").map_or("", text).to_owned();
        if let Some(responses) = operation.get_mut("responses") {
            answer(responses);
        }
        if let (Some(example), Some(body)) = (example(&call), operation.get_mut("requestBody"))
            && let Some(media) = body.pointer_mut("/content/application~1json")
            && let Some(media) = media.as_object_mut()
        {
            media.insert("example".to_owned(), example);
        }
        let call = call.as_str();
        if ON_BEHALF_OF_A_MEMBER.contains(&call) || BEYOND_THE_CONTRACT.contains(&call) {
            take_member_session(operation);
        }
    }
    if let Some(document) = document.as_object_mut() {
        document.insert(
            "servers".to_owned(),
            json!([{ "url": "/", "description": "Where this description was read." }]),
        );
        document.insert("security".to_owned(), json!([{ SCHEME: [] }]));
    }
    if let Some(components) = document
        .get_mut("components")
        .and_then(Value::as_object_mut)
    {
        components.extend(shared());
    }
    let types: Vec<String> = by_type().into_keys().collect();
    let error_type = format!("/components/schemas/{REFUSAL}/properties/error_type");
    if let Some(Value::Object(error_type)) = document.pointer_mut(&error_type) {
        error_type.insert("enum".to_owned(), json!(types));
    }
}

/// The envelope around a success, and the refusals beside it.
fn answer(responses: &mut Value) {
    if let Some(schema) = responses.pointer_mut("/200/content/application~1json/schema") {
        let payload = schema.take();
        *schema = json!({ "allOf": [{ "$ref": reference_to(ENVELOPE) }, payload] });
    }
    if let Some(Value::Object(success)) = responses.get_mut("200") {
        success
            .entry("description")
            .or_insert_with(|| json!("Done."));
    }
    if let Some(responses) = responses.as_object_mut() {
        for (status, response) in [
            ("429", TOO_MANY_REQUESTS),
            ("4XX", REFUSED),
            ("5XX", FAILED),
        ] {
            responses.insert(status.to_owned(), json!({ "$ref": response }));
        }
    }
}

fn take_member_session(operation: &mut Map<String, Value>) {
    let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
    if let Some(parameters) = parameters.as_array_mut() {
        parameters.push(json!({ "$ref": MEMBER_SESSION }));
        parameters.push(json!({ "$ref": MEMBER_SESSION_JWT }));
    }
}

/// What the calls refer to.
fn shared() -> Map<String, Value> {
    let retry_after = json!({
        "Retry-After": {
            "description": "Seconds to wait before trying again.",
            "required": true,
            "schema": { "type": "integer", "minimum": 1 }
        }
    });
    let content = json!({ "application/json": { "schema": { "$ref": reference_to(REFUSAL) } } });
    let header = |name: &str, description: &str| json!({ "name": name, "in": "header", "description": description, "schema": { "type": "string" } });
    let shared = json!({
        "responses": {
            "Refused": {
                "description": "The request was refused; error_type says why.",
                "content": content
            },
            "TooManyRequests": {
                "description": "Too many requests with this credential.",
                "headers": retry_after,
                "content": content
            },
            "Failed": {
                "description": "The server failed, or is too busy; 503 says when to try again.",
                "content": content
            }
        },
        "parameters": {
            "MemberSession": header(
                "X-Stytch-Member-Session",
                "A session token: the call is made on behalf of its member, and may do what the member's roles allow."
            ),
            "MemberSessionJwt": header(
                "X-Stytch-Member-SessionJWT",
                "The same by a session JWT; only one of the two may be given."
            )
        },
        "securitySchemes": {
            SCHEME: {
                "type": "http",
                "scheme": "basic",
                "description": "The project id as user name, its secret as password."
            }
        }
    });
    match shared {
        Value::Object(shared) => shared,
        _ => Map::new(),
    }
}

/// For the test that compares this with what the calls do.
#[cfg(test)]
pub(super) fn on_behalf_of_a_member() -> &'static [&'static str] {
    &ON_BEHALF_OF_A_MEMBER
}

/// The others that take one.
#[cfg(test)]
pub(super) fn beyond_the_contract() -> &'static [&'static str] {
    &BEYOND_THE_CONTRACT
}
