//! What a test that went well proves: each check with what was wanted and what came.

use serde_json::Map;
use serde_json::Value;

use crate::domain::connection_test::TestCheck;
use crate::domain::identity::AssertedIdentity;
use crate::protocol::saml::Assertion;
use crate::use_cases::sign_in::oidc::OidcExpectation;
use crate::use_cases::sign_in::saml::SamlExpectation;

const MOST_SHOWN: usize = 300;

impl SamlExpectation {
    /// What a verified assertion, and the identity that was read from it, prove.
    pub fn checks(&self, assertion: &Assertion, identity: &AssertedIdentity) -> Vec<TestCheck> {
        let expected = &self.expected;
        let certificates = match expected.certificates.len() {
            1 => "the certificate of this connection".to_owned(),
            many => format!("one of {many} certificates of this connection"),
        };
        let mut checks = vec![
            TestCheck::passed(
                "Signature",
                certificates,
                "signed by it, over all that is read",
            ),
            TestCheck::passed("Issuer", &expected.idp_entity_id, &assertion.issuer),
            TestCheck::passed("Audience", expected.audiences.join(" or "), "the same"),
            TestCheck::passed(
                "Recipient (ACS URL)",
                expected.acs_urls.join(" or "),
                "the same",
            ),
            TestCheck::passed(
                "Answers our request",
                "the request of this test",
                "the same",
            ),
        ];
        checks.extend(about_person(self.mapping(), identity));
        checks
    }
}

impl OidcExpectation {
    /// What a verified ID token, and the identity that was read from it, prove.
    pub fn checks(&self, identity: &AssertedIdentity) -> Vec<TestCheck> {
        let settings = &self.settings;
        let mut checks = vec![
            TestCheck::passed("Code exchange", "tokens from the token endpoint", "given"),
            TestCheck::passed("Signature", "a key of the issuer's", "signed by it"),
            TestCheck::passed("Issuer", &settings.issuer, "the same"),
            TestCheck::passed("Audience (client id)", &settings.client_id, "the same"),
        ];
        checks.extend(about_person(&settings.attribute_mapping, identity));
        checks
    }
}

fn about_person(mapping: &Map<String, Value>, identity: &AssertedIdentity) -> Vec<TestCheck> {
    let from = |ours: &str, usual: &str| {
        let named = mapping.get(ours).and_then(Value::as_str);
        named.unwrap_or(usual).replace('|', " or ")
    };
    let groups = match identity.groups.as_slice() {
        [] => "none".to_owned(),
        some => some.join(", "),
    };
    let name = match identity.name.as_str() {
        "" => "none".to_owned(),
        name => name.to_owned(),
    };
    vec![
        TestCheck::passed("Person", "a lasting name", brief(&identity.subject)),
        TestCheck::passed(
            "E-mail address",
            brief(&from("email", "email")),
            brief(&identity.email_address.to_string()),
        ),
        TestCheck::passed("Name", brief(&from("full_name", "name")), brief(&name)),
        TestCheck::passed(
            "Groups",
            brief(&from("groups", "none are read")),
            brief(&groups),
        ),
    ]
}

/// No more of what others wrote than a table shows.
fn brief(text: &str) -> String {
    if text.chars().count() <= MOST_SHOWN {
        return text.to_owned();
    }
    text.chars().take(MOST_SHOWN).chain(['…']).collect()
}
