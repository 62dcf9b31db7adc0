//! How far each identity provider is met where it departs from the letter of the RFCs.
//!
//! This is the only place that knows identity providers by name. What every client is allowed
//! (operations in any case, `remove` of members by value, `add` that creates the element its
//! filter describes) is part of the engine itself and not listed here. Either way, what a request
//! made use of is recorded as a [`Departure`].

use crate::protocol::scim::departure::Departure;
use crate::protocol::scim::departure::Departures;

/// The product that a SCIM connection was set up for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum IdentityProvider {
    /// Any client that is not named below.
    #[default]
    Generic,
    /// Okta.
    Okta,
    /// Microsoft Entra ID.
    MicrosoftEntra,
    /// OneLogin.
    OneLogin,
    /// JumpCloud.
    JumpCloud,
    /// Rippling.
    Rippling,
    /// PingFederate.
    PingFederate,
    /// CyberArk.
    CyberArk,
    /// Google Workspace.
    Google,
    /// Keycloak with a SCIM client plugin.
    Keycloak,
    /// authentik.
    Authentik,
}

/// What one identity provider is allowed beyond the RFCs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a table of independent permissions"
)]
pub struct Leniency<'r> {
    /// The strings "true" and "false", in any case, stand for booleans.
    pub boolean_strings: bool,
    /// PATCH `replace` through a value filter without a match creates the element.
    pub replace_creates_element: bool,
    /// An attribute of an extension may be named without its URN: `manager`.
    pub extension_attributes_without_urn: bool,
    /// A complex attribute may come as its bare `value`, or wrapped in an array of one.
    pub loose_complex_values: bool,
    /// Adding a member to a Group whose `value` cannot be the id of any resource adds nobody.
    pub members_without_id: bool,
    /// Where it is recorded what a request made use of.
    pub departures: Option<&'r Departures>,
}

impl Leniency<'static> {
    /// The letter of RFC 7643 and RFC 7644.
    pub const STRICT: Self = Self {
        boolean_strings: false,
        replace_creates_element: false,
        extension_attributes_without_urn: false,
        loose_complex_values: false,
        members_without_id: false,
        departures: None,
    };
    /// For products whose exact requests are not documented.
    pub const UNDOCUMENTED: Self = Self {
        boolean_strings: true,
        ..Self::STRICT
    };
    /// For any other client; some send a Group before they know the ids of its people.
    pub const GENERIC: Self = Self {
        members_without_id: true,
        ..Self::UNDOCUMENTED
    };
    /// Booleans as strings, upserting `replace`, and the older shapes of `manager`.
    pub const MICROSOFT_ENTRA: Self = Self {
        boolean_strings: true,
        replace_creates_element: true,
        extension_attributes_without_urn: true,
        loose_complex_values: true,
        members_without_id: false,
        departures: None,
    };
}

impl<'r> Leniency<'r> {
    /// The same, recording what a request makes use of.
    pub fn recorded(self, departures: &'r Departures) -> Self {
        Self {
            departures: Some(departures),
            ..self
        }
    }

    /// Says that the request made use of it.
    pub(crate) fn used(self, departure: Departure) {
        if let Some(departures) = self.departures {
            departures.record(departure);
        }
    }
}

/// One row per identity provider: variant, name on the wire, leniency.
const TABLE: [(IdentityProvider, &str, Leniency<'static>); 11] = [
    (IdentityProvider::Generic, "generic", Leniency::GENERIC),
    (IdentityProvider::Okta, "okta", Leniency::STRICT),
    (
        IdentityProvider::MicrosoftEntra,
        "microsoft-entra",
        Leniency::MICROSOFT_ENTRA,
    ),
    (
        IdentityProvider::OneLogin,
        "onelogin",
        Leniency::UNDOCUMENTED,
    ),
    (
        IdentityProvider::JumpCloud,
        "jumpcloud",
        Leniency::UNDOCUMENTED,
    ),
    (
        IdentityProvider::Rippling,
        "rippling",
        Leniency::UNDOCUMENTED,
    ),
    (
        IdentityProvider::PingFederate,
        "pingfederate",
        Leniency::UNDOCUMENTED,
    ),
    (
        IdentityProvider::CyberArk,
        "cyberark",
        Leniency::UNDOCUMENTED,
    ),
    (
        IdentityProvider::Google,
        "google-workspace",
        Leniency::STRICT,
    ),
    (IdentityProvider::Keycloak, "keycloak", Leniency::STRICT),
    (IdentityProvider::Authentik, "authentik", Leniency::STRICT),
];

impl IdentityProvider {
    /// The provider of this name, as the management API spells it.
    pub fn from_name(name: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    /// The name in the management API.
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// Whether the provider looks for roles and entitlements as resources.
    pub fn looks_for_rights(self) -> bool {
        self == Self::Okta
    }

    /// Whether the provider proves itself by assertions without `jti` that it fetches for an hour and
    /// presents at each of its cycles.
    pub fn repeats_assertions(self) -> bool {
        self == Self::MicrosoftEntra
    }

    /// The address that the provider is given: Entra has to be told to follow the RFCs, and is so by
    /// what it is given to call.
    pub fn address(self, base_url: String) -> String {
        match self {
            Self::MicrosoftEntra => base_url + "?aadOptscim062020",
            _ => base_url,
        }
    }

    /// What this provider is allowed.
    pub fn leniency(self) -> Leniency<'static> {
        self.row().2
    }

    fn row(self) -> (Self, &'static str, Leniency<'static>) {
        let generic = (Self::Generic, "generic", Leniency::GENERIC);
        TABLE
            .into_iter()
            .find(|row| row.0 == self)
            .unwrap_or(generic)
    }
}

#[cfg(test)]
mod tests {
    use super::IdentityProvider;
    use super::Leniency;
    use super::TABLE;

    #[test]
    fn each_name_leads_back_to_its_provider() {
        for (provider, name, leniency) in TABLE {
            assert_eq!(IdentityProvider::from_name(name), Some(provider));
            assert_eq!(provider.name(), name);
            assert_eq!(provider.leniency(), leniency);
        }
        assert_eq!(IdentityProvider::from_name("Okta"), None);
    }

    #[test]
    fn only_clients_that_nobody_named_may_send_members_without_an_id() {
        for (provider, name, leniency) in TABLE {
            let generic = provider == IdentityProvider::Generic;
            assert_eq!(leniency.members_without_id, generic, "{name}");
        }
    }

    #[test]
    fn only_entra_is_given_an_address_with_a_switch() {
        for (provider, name, _) in TABLE {
            let address = provider.address("https://here/scim".to_owned());
            let is_entra = provider == IdentityProvider::MicrosoftEntra;
            assert_eq!(
                address.ends_with("/scim?aadOptscim062020"),
                is_entra,
                "{name}"
            );
            assert_eq!(address.ends_with("/scim"), !is_entra, "{name}");
        }
    }

    #[test]
    fn only_entra_may_create_by_replace() {
        let allowed: Vec<_> = TABLE
            .iter()
            .filter(|row| row.2.replace_creates_element)
            .collect();
        assert_eq!(allowed.len(), 1);
        assert_eq!(
            IdentityProvider::MicrosoftEntra.leniency(),
            Leniency::MICROSOFT_ENTRA
        );
    }
}
