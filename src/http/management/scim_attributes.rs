//! A SCIM User as the contract spells it: snake case, every text present (contract 7).

use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::id::ScimGroupId;
use crate::domain::id::ScimUserId;
use crate::use_cases::standing::ScimRegistration;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// What a directory says about a member.
#[derive(Serialize, ToSchema)]
#[schema(as = SCIMAttributes)]
pub(crate) struct ScimAttributesJson {
    id: ScimUserId,
    active: bool,
    user_name: String,
    external_id: String,
    display_name: String,
    nick_name: String,
    profile_url: String,
    user_type: String,
    title: String,
    preferred_language: String,
    locale: String,
    timezone: String,
    groups: Vec<ScimGroupPlace>,
    emails: Vec<ScimElement>,
    phone_numbers: Vec<ScimElement>,
    addresses: Vec<ScimAddress>,
    ims: Vec<ScimElement>,
    photos: Vec<ScimElement>,
    entitlements: Vec<ScimElement>,
    roles: Vec<ScimElement>,
    x509certificates: Vec<ScimElement>,
    name: Option<ScimName>,
    enterprise_extension: Option<EnterpriseExtension>,
}

/// A group that the member is in.
#[derive(Serialize, ToSchema)]
struct ScimGroupPlace {
    value: ScimGroupId,
    display: String,
}

/// An element of a list of plain values.
#[derive(Serialize, ToSchema)]
struct ScimElement {
    value: String,
    r#type: String,
    primary: bool,
}

#[derive(Serialize, ToSchema)]
struct ScimAddress {
    formatted: String,
    street_address: String,
    locality: String,
    region: String,
    postal_code: String,
    country: String,
    r#type: String,
    primary: bool,
}

#[derive(Serialize, ToSchema)]
struct ScimName {
    formatted: String,
    family_name: String,
    given_name: String,
    middle_name: String,
    honorific_prefix: String,
    honorific_suffix: String,
}

/// The attributes of the enterprise schema (RFC 7643 §4.3).
#[derive(Serialize, ToSchema)]
struct EnterpriseExtension {
    employee_number: String,
    cost_center: String,
    division: String,
    department: String,
    organization: String,
    manager: Option<ScimManager>,
}

#[derive(Serialize, ToSchema)]
struct ScimManager {
    value: String,
    r#ref: String,
    display_name: String,
}

impl ScimAttributesJson {
    pub(crate) fn new(registration: &ScimRegistration) -> Self {
        let resource = &registration.user.resource;
        let own = |name: &str| text(resource, name);
        let list = |name: &str| elements(resource, name).map(element).collect();
        Self {
            id: registration.user.id,
            active: registration.user.active,
            user_name: own("userName"),
            external_id: own("externalId"),
            display_name: own("displayName"),
            nick_name: own("nickName"),
            profile_url: own("profileUrl"),
            user_type: own("userType"),
            title: own("title"),
            preferred_language: own("preferredLanguage"),
            locale: own("locale"),
            timezone: own("timezone"),
            groups: places(registration),
            emails: list("emails"),
            phone_numbers: list("phoneNumbers"),
            addresses: elements(resource, "addresses").map(address).collect(),
            ims: list("ims"),
            photos: list("photos"),
            entitlements: list("entitlements"),
            roles: list("roles"),
            x509certificates: list("x509Certificates"),
            name: object(resource, "name").map(name),
            enterprise_extension: object(resource, ENTERPRISE).map(enterprise_extension),
        }
    }
}

fn places(registration: &ScimRegistration) -> Vec<ScimGroupPlace> {
    let groups = registration.groups.iter();
    groups
        .map(|(id, name)| ScimGroupPlace {
            value: *id,
            display: name.clone(),
        })
        .collect()
}

fn text(source: &Map<String, Value>, name: &str) -> String {
    let found = source.get(name).and_then(Value::as_str);
    found.unwrap_or_default().to_owned()
}

fn object<'a>(source: &'a Map<String, Value>, name: &str) -> Option<&'a Map<String, Value>> {
    source.get(name).and_then(Value::as_object)
}

fn elements<'a>(
    resource: &'a Map<String, Value>,
    name: &str,
) -> impl Iterator<Item = &'a Map<String, Value>> {
    resource
        .get(name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
}

fn is_primary(element: &Map<String, Value>) -> bool {
    let primary = element.get("primary").and_then(Value::as_bool);
    primary.unwrap_or_default()
}

fn element(source: &Map<String, Value>) -> ScimElement {
    ScimElement {
        value: text(source, "value"),
        r#type: text(source, "type"),
        primary: is_primary(source),
    }
}

fn address(source: &Map<String, Value>) -> ScimAddress {
    ScimAddress {
        formatted: text(source, "formatted"),
        street_address: text(source, "streetAddress"),
        locality: text(source, "locality"),
        region: text(source, "region"),
        postal_code: text(source, "postalCode"),
        country: text(source, "country"),
        r#type: text(source, "type"),
        primary: is_primary(source),
    }
}

fn name(source: &Map<String, Value>) -> ScimName {
    ScimName {
        formatted: text(source, "formatted"),
        family_name: text(source, "familyName"),
        given_name: text(source, "givenName"),
        middle_name: text(source, "middleName"),
        honorific_prefix: text(source, "honorificPrefix"),
        honorific_suffix: text(source, "honorificSuffix"),
    }
}

fn enterprise_extension(source: &Map<String, Value>) -> EnterpriseExtension {
    EnterpriseExtension {
        employee_number: text(source, "employeeNumber"),
        cost_center: text(source, "costCenter"),
        division: text(source, "division"),
        department: text(source, "department"),
        organization: text(source, "organization"),
        manager: object(source, "manager").map(|manager| ScimManager {
            value: text(manager, "value"),
            r#ref: text(manager, "$ref"),
            display_name: text(manager, "displayName"),
        }),
    }
}
