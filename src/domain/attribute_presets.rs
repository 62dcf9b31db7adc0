//! What the products behind SAML connections call what we need: one line each.
//!
//! These are the names that each product's own instructions use for a new SAML application. A bar
//! separates names of which the first that comes with a value counts.

use serde_json::Map;
use serde_json::Value;

type Names = (&'static str, &'static str, &'static str, &'static str);

const ANY_EMAIL: &str = "email|mail|emailAddress|Email|\
    http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress|\
    urn:oid:0.9.2342.19200300.100.1.3|NameID";
const ANY_FIRST: &str = "firstName|givenName|given_name|first_name|FirstName|\
    http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname|urn:oid:2.5.4.42";
const ANY_LAST: &str = "lastName|surname|sn|family_name|last_name|LastName|\
    http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname|urn:oid:2.5.4.4";
const ANY_GROUPS: &str = "groups|group|memberOf|Groups|roles|\
    http://schemas.microsoft.com/ws/2008/06/identity/claims/groups";

const ENTRA_EMAIL: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress";
const ENTRA_FIRST: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname";
const ENTRA_LAST: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname";
const ENTRA_GROUPS: &str = "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups";

/// Product; then its names for email, first name, last name, groups.
const PRESETS: [(&str, Names); 10] = [
    ("okta", ("email|NameID", "firstName", "lastName", "groups")),
    (
        "microsoft-entra",
        (ENTRA_EMAIL, ENTRA_FIRST, ENTRA_LAST, ENTRA_GROUPS),
    ),
    (
        "google-workspace",
        ("email|NameID", "firstName", "lastName", "groups"),
    ),
    (
        "onelogin",
        (
            "User.email|NameID",
            "User.FirstName",
            "User.LastName",
            "memberOf",
        ),
    ),
    (
        "pingfederate",
        ("email|mail|NameID", "givenName", "sn", "memberOf|groups"),
    ),
    (
        "jumpcloud",
        ("email|NameID", "firstname", "lastname", "memberOf"),
    ),
    (
        "keycloak",
        (
            "email|urn:oid:1.2.840.113549.1.9.1|NameID",
            "givenName|firstName|urn:oid:2.5.4.42",
            "surname|lastName|urn:oid:2.5.4.4",
            "groups|member",
        ),
    ),
    (
        "cyberark",
        (
            "email|LoginUser.Email|NameID",
            "firstName",
            "lastName",
            "groups",
        ),
    ),
    (
        "shibboleth",
        (
            "urn:oid:0.9.2342.19200300.100.1.3|mail",
            "urn:oid:2.5.4.42|givenName",
            "urn:oid:2.5.4.4|sn",
            "urn:oid:1.3.6.1.4.1.5923.1.5.1.1|isMemberOf",
        ),
    ),
    ("generic", (ANY_EMAIL, ANY_FIRST, ANY_LAST, ANY_GROUPS)),
];

/// The mapping for a product; for one without a line of its own, the generic one.
pub fn mapping(identity_provider: &str) -> Map<String, Value> {
    let named = |name: &str| PRESETS.iter().find(|(product, _)| *product == name);
    let found = named(identity_provider).or_else(|| named("generic"));
    let Some((_, (email, first_name, last_name, groups))) = found else {
        return Map::new();
    };
    let pairs = [
        ("email", email),
        ("first_name", first_name),
        ("last_name", last_name),
        ("groups", groups),
    ];
    pairs
        .into_iter()
        .map(|(ours, theirs)| (ours.to_owned(), Value::from(*theirs)))
        .collect()
}

/// The attribute by which Entra says that it left the groups out because there were too many.
pub const ENTRA_GROUPS_LINK: &str = "http://schemas.microsoft.com/claims/groups.link";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::connection::SSO_IDENTITY_PROVIDERS;

    #[test]
    fn every_product_has_a_mapping_that_a_connection_can_use() {
        for product in SSO_IDENTITY_PROVIDERS {
            let mapping = mapping(product);
            for ours in ["email", "first_name", "last_name", "groups"] {
                let theirs = mapping[ours].as_str().unwrap();
                let names: Vec<&str> = theirs.split('|').collect();
                assert!(
                    names.iter().all(|name| !name.trim().is_empty()),
                    "{product}"
                );
                assert!(names.iter().all(|name| name.trim() == *name), "{theirs}");
            }
        }
        for (product, _) in PRESETS {
            assert!(SSO_IDENTITY_PROVIDERS.contains(&product), "{product}");
        }
        assert_eq!(mapping("duo"), mapping("generic"));
        assert_ne!(mapping("okta"), mapping("generic"));
    }
}
