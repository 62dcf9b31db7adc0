//! SAML: how an assertion becomes an identity, by the connection's attribute mapping (contract 3.4).
//!
//! A mapped name may list several spellings, separated by bars; the first that came with a value
//! counts. `NameID` is the subject's name.

use serde_json::Map;
use serde_json::Value;

use crate::domain::attribute_presets::ENTRA_GROUPS_LINK;
use crate::domain::connection_settings::SamlSettings;
use crate::domain::email::EmailAddress;
use crate::domain::id::ConnectionId;
use crate::domain::identity::AssertedIdentity;
use crate::domain::identity::SamlSubject;
use crate::protocol::saml::Assertion;
use crate::protocol::saml::NameId;
use crate::use_cases::sign_in::ProvenIdentity;
use crate::use_cases::sign_in::error::SignInError;

const TRANSIENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
const MOST_NAMES_TOLD: usize = 20;
const OWN_KEYS: [&str; 6] = [
    "email",
    "first_name",
    "last_name",
    "full_name",
    "groups",
    "idp_user_id",
];

/// What a verified assertion says by the connection's mapping.
pub(crate) fn read(
    (connection_id, settings): (ConnectionId, &SamlSettings),
    assertion: &Assertion,
) -> Result<ProvenIdentity, SignInError> {
    let reader = Reader {
        mapping: &settings.attribute_mapping,
        assertion,
    };
    let groups = settings.groups_syntax.groups(&reader.values("groups"));
    let are_left_out = groups.is_empty()
        && !reader.attribute("groups").is_empty()
        && !assertion.attributes.all(ENTRA_GROUPS_LINK).is_empty();
    let identity = AssertedIdentity {
        connection_id,
        subject: reader.subject()?,
        email_address: reader.email()?,
        name: reader.name(),
        groups,
        attributes: sent(assertion),
        mapped: reader.mapped(),
        session_not_on_or_after: assertion.session_not_on_or_after,
        idp_session: assertion.session_index.clone(),
        saml_subject: Some(subject(&assertion.name_id)),
    };
    Ok(ProvenIdentity {
        identity,
        address_vouched: true,
        groups_left_out: are_left_out,
    })
}

/// The person as the IdP named it.
pub(crate) fn subject(name_id: &NameId) -> SamlSubject {
    let name_id = name_id.clone();
    SamlSubject {
        name_id: name_id.value,
        format: name_id.format,
        name_qualifier: name_id.name_qualifier,
        sp_name_qualifier: name_id.sp_name_qualifier,
    }
}

/// The same for a message to the IdP.
pub(crate) fn name_id(subject: &SamlSubject) -> NameId {
    let subject = subject.clone();
    NameId {
        value: subject.name_id,
        format: subject.format,
        name_qualifier: subject.name_qualifier,
        sp_name_qualifier: subject.sp_name_qualifier,
    }
}

struct Reader<'a> {
    mapping: &'a Map<String, Value>,
    assertion: &'a Assertion,
}

impl Reader<'_> {
    /// The IdP's name for one of our attributes; empty when it is not mapped.
    fn attribute(&self, ours: &str) -> &str {
        let name = self.mapping.get(ours).and_then(Value::as_str);
        name.unwrap_or_default()
    }

    fn values(&self, ours: &str) -> Vec<String> {
        let mapped = self.attribute(ours);
        let spellings = std::iter::once(mapped).chain(mapped.split('|').map(str::trim));
        let found = spellings.map(|name| match name {
            "" => Vec::new(),
            "NameID" => vec![self.assertion.name_id.value.clone()],
            name => self.assertion.attributes.all(name).to_vec(),
        });
        let has_value = |values: &Vec<String>| values.iter().any(|value| !value.trim().is_empty());
        found.into_iter().find(has_value).unwrap_or_default()
    }

    fn value(&self, ours: &str) -> Option<String> {
        let values = self.values(ours).into_iter();
        values
            .map(|value| value.trim().to_owned())
            .find(|value| !value.is_empty())
    }

    fn email(&self) -> Result<EmailAddress, SignInError> {
        let wanted = self.attribute("email").to_owned();
        let Some(email) = self.value("email") else {
            return Err(SignInError::MissingSamlEmail(wanted, self.names_told()));
        };
        let invalid = || SignInError::InvalidSamlEmail(wanted, brief(&email));
        EmailAddress::parse(&email).ok_or_else(invalid)
    }

    /// The mapped user id, or else the NameID unless it is another one each time.
    fn subject(&self) -> Result<String, SignInError> {
        let wanted = self.attribute("idp_user_id");
        if !wanted.is_empty() {
            let missing = || SignInError::MissingSamlUserId(wanted.to_owned(), self.names_told());
            return self.value("idp_user_id").ok_or_else(missing);
        }
        match self.assertion.name_id.format.as_deref() {
            Some(TRANSIENT) => Err(SignInError::TransientNameId),
            _ => Ok(self.assertion.name_id.value.clone()),
        }
    }

    fn name(&self) -> String {
        let parts = ["first_name", "last_name"];
        let joined = || {
            let parts = parts.iter().filter_map(|part| self.value(part));
            parts.collect::<Vec<_>>().join(" ")
        };
        let name = self.value("full_name").unwrap_or_else(joined);
        shortened(&name)
    }

    /// What goes into trusted metadata; an attribute that is not sent changes nothing there.
    fn mapped(&self) -> Map<String, Value> {
        let keys = self
            .mapping
            .keys()
            .filter(|key| !OWN_KEYS.contains(&key.as_str()));
        let sent = keys.filter_map(|key| {
            let values = self.values(key);
            Some((key.clone(), one_or_many(&values)?))
        });
        sent.collect()
    }

    /// The names of the attributes that came, never their values.
    fn names_told(&self) -> String {
        let names = self.assertion.attributes.iter().map(|(name, _)| name);
        let told: Vec<String> = names.take(MOST_NAMES_TOLD).map(brief).collect();
        if told.is_empty() {
            "no attributes at all".to_owned()
        } else {
            told.join(", ")
        }
    }
}

/// A name within the limit of members' names.
pub(crate) fn shortened(name: &str) -> String {
    name.chars().take(256).collect()
}

fn brief(text: &str) -> String {
    text.chars().take(120).collect()
}

fn one_or_many(values: &[String]) -> Option<Value> {
    match values {
        [] => None,
        [one] => Some(Value::from(one.as_str())),
        many => Some(Value::from(many)),
    }
}

fn sent(assertion: &Assertion) -> Map<String, Value> {
    let all = assertion.attributes.iter();
    all.filter_map(|(name, values)| Some((name.to_owned(), one_or_many(values)?)))
        .collect()
}
