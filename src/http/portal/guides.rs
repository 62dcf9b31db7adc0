//! What each identity provider calls the values that go into it, and where its own are found.

use crate::domain::connection::Connection;
use crate::domain::id::ConnectionKind;

/// How one product is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Guide {
    /// Its name in forms.
    pub(crate) key: &'static str,
    /// What is spoken.
    pub(crate) kind: ConnectionKind,
    /// The product, as connections name it.
    pub(crate) provider: &'static str,
    /// What people call it.
    pub(crate) label: &'static str,
    /// Two letters in place of a logo.
    pub(crate) monogram: &'static str,
    /// Where the application is made there.
    pub(crate) place: &'static str,
    /// What it calls the ACS URL, or the redirect URI.
    pub(crate) callback: &'static str,
    /// What it calls our entity id; empty for OIDC.
    pub(crate) audience: &'static str,
    /// Which attributes to add there.
    pub(crate) attributes: &'static str,
    /// Where its own values are found.
    pub(crate) gives: &'static str,
}

impl Guide {
    /// The product within a sentence.
    pub(crate) fn spoken(&self) -> &'static str {
        match self.label.split_once(", by ") {
            Some(("Another one", _)) => "your identity provider",
            Some((product, _)) => product,
            None => self.label,
        }
    }
}

const SAML: ConnectionKind = ConnectionKind::Saml;
const OIDC: ConnectionKind = ConnectionKind::Oidc;

const fn guide(
    (key, kind, provider): (&'static str, ConnectionKind, &'static str),
    (label, monogram): (&'static str, &'static str),
    place: &'static str,
    (callback, audience): (&'static str, &'static str),
    (attributes, gives): (&'static str, &'static str),
) -> Guide {
    Guide {
        key,
        kind,
        provider,
        label,
        monogram,
        place,
        callback,
        audience,
        attributes,
        gives,
    }
}

/// Every guide, in the order of the tiles.
pub(crate) const GUIDES: [Guide; 17] = [
    guide(
        ("okta-saml", SAML, "okta"),
        ("Okta", "Ok"),
        "Okta Admin Console: Applications → Create App Integration → SAML 2.0.",
        ("Single sign-on URL", "Audience URI (SP Entity ID)"),
        (
            "Attribute Statements: email = user.email, firstName = user.firstName, lastName = \
             user.lastName. Group Attribute Statements: groups, Matches regex .*",
            "Sign On → SAML 2.0 → Metadata URL. Copy the address.",
        ),
    ),
    guide(
        ("entra-saml", SAML, "microsoft-entra"),
        ("Microsoft Entra ID", "En"),
        "Entra admin center: Enterprise applications → New application → Create your own → \
         Single sign-on → SAML.",
        (
            "Reply URL (Assertion Consumer Service URL)",
            "Identifier (Entity ID)",
        ),
        (
            "Attributes & Claims: leave the claims that are there; add a group claim for the \
             groups assigned to the application.",
            "SAML Certificates → App Federation Metadata Url. Copy the address.",
        ),
    ),
    guide(
        ("google-saml", SAML, "google-workspace"),
        ("Google Workspace", "Go"),
        "Google Admin console: Apps → Web and mobile apps → Add app → Add custom SAML app.",
        ("ACS URL", "Entity ID"),
        (
            "Attribute mapping: Primary email → email, First name → firstName, Last name → \
             lastName; Group membership → groups.",
            "Download metadata. Paste the file below; Google has no address for it.",
        ),
    ),
    guide(
        ("onelogin-saml", SAML, "onelogin"),
        ("OneLogin", "On"),
        "OneLogin Administration: Applications → Add App → SAML Custom Connector (Advanced).",
        (
            "ACS (Consumer) URL, and the same as its validator and as Recipient",
            "Audience (EntityID)",
        ),
        (
            "Parameters: User.email, User.FirstName, User.LastName, and memberOf, each with \
             “Include in SAML assertion”.",
            "SSO → Issuer URL. Copy the address.",
        ),
    ),
    guide(
        ("ping-saml", SAML, "pingfederate"),
        ("PingFederate", "Pi"),
        "PingFederate: Applications → SP Connections → Create Connection → Browser SSO.",
        ("Assertion Consumer Service URL", "Partner's Entity ID"),
        (
            "Attribute Contract: email, givenName, sn, memberOf.",
            "System → Protocol Metadata → Metadata Export. Paste the file below.",
        ),
    ),
    guide(
        ("jumpcloud-saml", SAML, "jumpcloud"),
        ("JumpCloud", "JC"),
        "JumpCloud Admin Portal: SSO Applications → Add New Application → Custom Application → \
         SAML.",
        ("ACS URL", "SP Entity ID"),
        (
            "Attributes: email, firstname, lastname. Include group attribute: memberOf.",
            "SSO → JumpCloud Metadata → Export Metadata. Paste the file below.",
        ),
    ),
    guide(
        ("keycloak-saml", SAML, "keycloak"),
        ("Keycloak", "Ke"),
        "Keycloak: your realm → Clients → Create client → Client type SAML. Turn “Client \
         signature required” off.",
        (
            "Valid redirect URIs, and Assertion Consumer Service POST Binding URL",
            "Client ID",
        ),
        (
            "Client scopes → dedicated → mappers: the X500 email, givenName and surname, and a \
             Group list named groups without full path.",
            "https://YOUR-KEYCLOAK/realms/YOUR-REALM/protocol/saml/descriptor is the address.",
        ),
    ),
    guide(
        ("cyberark-saml", SAML, "cyberark"),
        ("CyberArk Identity", "CA"),
        "CyberArk Identity Administration: Apps → Add Web Apps → Custom → SAML → Trust.",
        (
            "Assertion Consumer Service (ACS) URL",
            "SP Entity ID / Issuer / Audience",
        ),
        (
            "SAML Response: email = LoginUser.Email, firstName = LoginUser.FirstName, lastName = \
             LoginUser.LastName, groups = LoginUser.RoleNames.",
            "Trust → Identity Provider Configuration → Metadata → URL. Copy the address.",
        ),
    ),
    guide(
        ("shibboleth-saml", SAML, "shibboleth"),
        ("Shibboleth", "Sh"),
        "Shibboleth IdP: conf/metadata-providers.xml, with the metadata address below.",
        (
            "AssertionConsumerService (read from our metadata)",
            "entityID (read from our metadata)",
        ),
        (
            "conf/attribute-filter.xml: release mail, givenName, sn, and isMemberOf.",
            "https://YOUR-IDP/idp/shibboleth is the address.",
        ),
    ),
    guide(
        ("auth0-saml", SAML, "generic"),
        ("Auth0 (SAML)", "A0"),
        "Auth0 Dashboard: Applications → Create → Addons → SAML2 Web App.",
        (
            "Application Callback URL",
            "audience, in the settings' JSON",
        ),
        (
            "The addon sends e-mail and names by itself; map groups in an Action.",
            "Addons → SAML2 → Usage → Identity Provider Metadata. Copy the address.",
        ),
    ),
    guide(
        ("generic-saml", SAML, "generic"),
        ("Another one, by SAML", "SA"),
        "Make a SAML 2.0 application or service provider there.",
        (
            "ACS URL (also called Reply URL, Recipient, Destination)",
            "Entity ID (also called Audience, Identifier, SP issuer)",
        ),
        (
            "Send the e-mail address as email, the names as firstName and lastName, the groups \
             as groups.",
            "Look for metadata: an address or an XML file.",
        ),
    ),
    guide(
        ("okta-oidc", OIDC, "okta"),
        ("Okta, by OpenID Connect", "Ok"),
        "Okta Admin Console: Applications → Create App Integration → OIDC → Web Application.",
        ("Sign-in redirect URIs", ""),
        (
            "Sign On → OpenID Connect ID Token → Groups claim: groups, Matches regex .*",
            "The issuer is https://YOUR-COMPANY.okta.com; client ID and secret are on General.",
        ),
    ),
    guide(
        ("entra-oidc", OIDC, "microsoft-entra"),
        ("Entra ID, by OpenID Connect", "En"),
        "Entra admin center: App registrations → New registration.",
        ("Redirect URI (Web)", ""),
        (
            "Token configuration: add the optional claims email and xms_edov, and a groups claim.",
            "The issuer is https://login.microsoftonline.com/YOUR-TENANT-ID/v2.0; client ID and \
             tenant ID are on Overview, the secret is under Certificates & secrets.",
        ),
    ),
    guide(
        ("google-oidc", OIDC, "google-workspace"),
        ("Google, by OpenID Connect", "Go"),
        "Google Cloud console: APIs & Services → Credentials → Create OAuth client ID → Web.",
        ("Authorized redirect URIs", ""),
        (
            "Nothing to add; Google sends no groups this way.",
            "The issuer is https://accounts.google.com; ID and secret are shown after creation.",
        ),
    ),
    guide(
        ("auth0-oidc", OIDC, "generic"),
        ("Auth0, by OpenID Connect", "A0"),
        "Auth0 Dashboard: Applications → Create Application → Regular Web Application.",
        ("Allowed Callback URLs", ""),
        (
            "Nothing to add for e-mail and name.",
            "The issuer is https://YOUR-DOMAIN/ with the slash at its end; ID and secret are on \
             Settings.",
        ),
    ),
    guide(
        ("keycloak-oidc", OIDC, "keycloak"),
        ("Keycloak, by OpenID Connect", "Ke"),
        "Keycloak: your realm → Clients → Create client → OpenID Connect, client authentication \
         on.",
        ("Valid redirect URIs", ""),
        (
            "Client scopes → dedicated → add a Group Membership mapper named groups.",
            "The issuer is https://YOUR-KEYCLOAK/realms/YOUR-REALM; the secret is on Credentials.",
        ),
    ),
    guide(
        ("generic-oidc", OIDC, "generic"),
        ("Another one, by OpenID Connect", "OI"),
        "Make a confidential web application there that uses the authorization code flow.",
        ("Redirect URI", ""),
        (
            "Let it send the claims email, email_verified and name; groups if you want roles by \
             group.",
            "Look for the issuer, a client ID and a client secret.",
        ),
    ),
];

/// The guide with this key.
pub(crate) fn by_key(key: &str) -> Option<&'static Guide> {
    GUIDES.iter().find(|guide| guide.key == key)
}

/// The guide for a connection: the one that it was made by, or the one for its product.
pub(crate) fn of(connection: &Connection) -> Option<&'static Guide> {
    let of_kind = || GUIDES.iter().filter(|it| it.kind == connection.id.kind);
    let of_product = || of_kind().filter(|it| it.provider == connection.identity_provider);
    of_product()
        .find(|it| it.label == connection.display_name)
        .or_else(|| of_product().next_back())
        .or_else(|| of_kind().next_back())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::connection::SSO_IDENTITY_PROVIDERS;

    #[test]
    fn each_guide_is_for_a_product_that_connections_know() {
        let keys: BTreeSet<_> = GUIDES.iter().map(|guide| guide.key).collect();
        assert_eq!(keys.len(), GUIDES.len());
        for guide in GUIDES {
            assert!(
                SSO_IDENTITY_PROVIDERS.contains(&guide.provider),
                "{guide:?}"
            );
            assert_eq!(by_key(guide.key), Some(&guide));
            assert_eq!(guide.audience.is_empty(), guide.kind == OIDC, "{guide:?}");
            assert_eq!(guide.monogram.len(), 2);
        }
        assert_eq!(by_key("nobody"), None);
    }
}
