//! What the answers of the form about settings ask the organization to become.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::de::IntoDeserializer;
use serde::de::value::Error;

use crate::domain::authentication_settings::AuthMethod;
use crate::domain::authentication_settings::Methods;
use crate::domain::authentication_settings::MfaMethod;
use crate::domain::organization_draft::OrganizationDraft;
use crate::http::portal::settings_form::FACTORS;
use crate::http::portal::settings_form::METHODS;

/// The fields of the form by their names; a box that is not ticked is not there.
pub(crate) type Answers = BTreeMap<String, String>;

/// What the answers ask the organization to become. What is no answer changes nothing.
pub(crate) fn draft(answers: &Answers) -> OrganizationDraft {
    let is_ticked = |name: &str| answers.contains_key(name);
    let allowed: Vec<AuthMethod> = METHODS
        .iter()
        .filter(|(name, ..)| is_ticked(name))
        .map(|(_, method, _)| *method)
        .collect();
    let factors: Vec<MfaMethod> = FACTORS
        .iter()
        .filter(|(name, ..)| is_ticked(name))
        .map(|(_, method, _)| *method)
        .collect();
    let connections = answers.keys();
    let connections = connections
        .filter_map(|name| name.strip_prefix("connection_"))
        .filter_map(|id| id.parse().ok());
    let domains = answers.get("email_allowed_domains");
    let domains = domains.map(|text| {
        let words = text.split([',', ';', '\n', ' ']).map(str::trim);
        words
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    });
    OrganizationDraft {
        auth_methods: Some(restricted(allowed.len() < METHODS.len())),
        allowed_auth_methods: Some(if allowed.len() < METHODS.len() {
            allowed
        } else {
            Vec::new()
        }),
        sso_jit_provisioning: word(answers, "sso_jit_provisioning"),
        sso_jit_provisioning_allowed_connections: Some(connections.collect()),
        email_jit_provisioning: word(answers, "email_jit_provisioning"),
        email_invites: word(answers, "email_invites"),
        email_allowed_domains: domains,
        mfa_policy: word(answers, "mfa_policy"),
        mfa_methods: Some(restricted(factors.len() < FACTORS.len())),
        allowed_mfa_methods: Some(if factors.len() < FACTORS.len() {
            factors
        } else {
            Vec::new()
        }),
        ..OrganizationDraft::default()
    }
}

fn restricted(is_restricted: bool) -> Methods {
    if is_restricted {
        Methods::Restricted
    } else {
        Methods::AllAllowed
    }
}

fn word<T: DeserializeOwned>(answers: &Answers, name: &str) -> Option<T> {
    let text = answers.get(name)?.as_str();
    T::deserialize(IntoDeserializer::<Error>::into_deserializer(text)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::authentication_settings::AuthenticationSettings;
    use crate::http::portal::settings_form::groups;

    fn answers(fields: &[(&str, &str)]) -> Answers {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        fields.iter().map(owned).collect()
    }

    #[test]
    fn what_the_form_shows_is_what_it_sends() {
        let settings = AuthenticationSettings::default();
        let mut sent = Answers::new();
        for choice in groups(&settings).into_iter().flat_map(|it| it.choices) {
            if choice.is_chosen {
                sent.insert(choice.name.to_owned(), choice.value.to_owned());
            }
        }
        let asked = draft(&sent);
        assert_eq!(asked.auth_methods, Some(settings.auth_methods));
        assert_eq!(
            asked.sso_jit_provisioning,
            Some(settings.sso_jit_provisioning)
        );
        assert_eq!(asked.email_invites, Some(settings.email_invites));
        assert_eq!(
            asked.email_jit_provisioning,
            Some(settings.email_jit_provisioning)
        );
        assert_eq!(asked.mfa_policy, Some(settings.mfa_policy));
        assert_eq!(asked.mfa_methods, Some(settings.mfa_methods));
    }

    #[test]
    fn answers_become_a_draft() {
        let asked = draft(&answers(&[
            ("method_sso", "on"),
            ("factor_totp", "on"),
            ("email_allowed_domains", "a.test, b.test\r\nc.test"),
            ("email_invites", "<script>"),
        ]));
        assert_eq!(asked.auth_methods, Some(Methods::Restricted));
        assert_eq!(asked.allowed_auth_methods, Some(vec![AuthMethod::Sso]));
        assert_eq!(asked.allowed_mfa_methods, Some(vec![MfaMethod::Totp]));
        assert_eq!(asked.email_invites, None);
        let domains = ["a.test", "b.test", "c.test"].map(str::to_owned);
        assert_eq!(asked.email_allowed_domains, Some(domains.to_vec()));
    }
}
