//! What single sign-on proved: through which registration and connection.

use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;

use crate::domain::id::ConnectionId;
use crate::domain::id::ConnectionKind;
use crate::domain::id::RegistrationId;
use crate::domain::identity::SamlSubject;

/// An SSO factor: through which registration and connection it was proven.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SsoFactor {
    /// The registration.
    pub registration_id: RegistrationId,
    /// The connection.
    pub connection_id: ConnectionId,
    /// The connection of another organization whose IdP it was, behind an external connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idp_connection_id: Option<ConnectionId>,
    /// The subject at the IdP.
    pub external_id: String,
    /// The IdP's name for its own session, by which it may end this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idp_session: Option<String>,
    /// When it was proven.
    pub authenticated_at: DateTime<Utc>,
    /// How a SAML IdP named the person, for single logout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saml_subject: Option<SamlSubject>,
}

impl SsoFactor {
    /// What the IdP speaks that proved it.
    pub fn spoken(&self) -> ConnectionKind {
        self.idp_connection_id.unwrap_or(self.connection_id).kind
    }

    /// Whether a SAML IdP means this sign-in by a name and its session indexes; with none, it means
    /// every sign-in of the person.
    pub fn is_of(&self, subject: &SamlSubject, session_indexes: &[String]) -> bool {
        let named = (subject, session_indexes);
        let own = self.saml_subject.as_ref();
        own.is_some_and(|own| own.is_meant(self.idp_session.as_deref(), named))
    }

    /// The factor's delivery method on the wire.
    pub fn delivery_method(&self) -> &'static str {
        match self.spoken() {
            ConnectionKind::Saml => "sso_saml",
            ConnectionKind::Oidc | ConnectionKind::External | ConnectionKind::Scim => "sso_oidc",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logout_ends_the_sign_ins_that_it_names() {
        let named = |name: &str, format: Option<&str>| SamlSubject {
            name_id: name.to_owned(),
            format: format.map(str::to_owned),
            ..SamlSubject::default()
        };
        let factor = |subject, index: Option<&str>| SsoFactor {
            registration_id: RegistrationId::fresh(),
            connection_id: ConnectionId::fresh(ConnectionKind::Saml),
            idp_connection_id: None,
            external_id: String::new(),
            idp_session: index.map(str::to_owned),
            authenticated_at: DateTime::UNIX_EPOCH,
            saml_subject: subject,
        };
        let own = factor(Some(named("ana", Some("urn:f"))), Some("_1"));
        let table: [(SamlSubject, &[&str], bool); 8] = [
            (named("ana", Some("urn:f")), &["_1"], true),
            (named("ana", None), &[], true),
            (named("ana", Some("urn:x:unspecified")), &[], true),
            (named("ana", Some("urn:f")), &["_2", "_1"], true),
            (named("ana", Some("urn:f")), &["_2"], false),
            (named("ana", Some("urn:g")), &[], false),
            (named("ben", Some("urn:f")), &["_1"], false),
            (named("", None), &[], false),
        ];
        for (subject, indexes, is_meant) in table {
            let indexes: Vec<String> = indexes.iter().map(|it| (*it).to_owned()).collect();
            assert_eq!(
                own.is_of(&subject, &indexes),
                is_meant,
                "{subject:?} {indexes:?}"
            );
            assert!(!factor(None, None).is_of(&subject, &indexes));
        }
        // A sign-in without an index of its own may be any of the person's.
        let unnamed = factor(Some(named("ana", None)), None);
        assert!(unnamed.is_of(&named("ana", None), &["_1".to_owned()]));
    }
}
