//! Where address and token go in each product whose directory may be connected.

/// One product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Guide {
    /// Its word in the API.
    pub(crate) word: &'static str,
    /// What people call it.
    pub(crate) name: &'static str,
    /// Two letters that stand for it.
    pub(crate) monogram: &'static str,
    /// What to do there, in order.
    pub(crate) steps: &'static [&'static str],
}

const fn product(
    word: &'static str,
    (name, monogram): (&'static str, &'static str),
    steps: &'static [&'static str],
) -> Guide {
    Guide {
        word,
        name,
        monogram,
        steps,
    }
}

/// Every product; the last one stands for all others.
pub(crate) static GUIDES: [Guide; 11] = [
    product(
        "okta",
        ("Okta", "Ok"),
        &[
            "Open the application in Okta, “Provisioning”, “Integration”, and enable the API integration.",
            "Paste the base URL and the token, choose “HTTP Header” where asked, and test the connection.",
            "Under “To App” allow to create, update and deactivate users, then assign people and push groups.",
        ],
    ),
    product(
        "microsoft-entra",
        ("Microsoft Entra ID", "En"),
        &[
            "Open the enterprise application, “Provisioning”, and set the mode to “Automatic”.",
            "Paste the base URL as “Tenant URL” and the token as “Secret Token”, and test the connection.",
            "Assign people and groups, and start provisioning. Entra sends changes about each 40 minutes.",
        ],
    ),
    product(
        "onelogin",
        ("OneLogin", "On"),
        &[
            "Open the application, “Configuration”, and paste the base URL and the token.",
            "Enable the API connection, then “Provisioning” for creating, deleting and updating users.",
            "Assign people or roles to the application.",
        ],
    ),
    product(
        "jumpcloud",
        ("JumpCloud", "Ju"),
        &[
            "Open the application, “Identity Management”, and choose SCIM 2.0.",
            "Paste the base URL and the token as “Token Key”, and test the connection.",
            "Bind user groups to the application.",
        ],
    ),
    product(
        "google-workspace",
        ("Google Workspace", "Go"),
        &[
            "In the admin console open the web application, “Autoprovisioning”, and set it up.",
            "Paste the token, then the base URL as the endpoint.",
            "Choose which groups are provisioned, and turn it on. Google sends people, not groups.",
        ],
    ),
    product(
        "pingfederate",
        ("Ping", "Pi"),
        &[
            "Add an outbound provisioning channel of type SCIM to the connection.",
            "Paste the base URL as “SCIM URL” and the token as OAuth 2 bearer token.",
            "Choose the source of people and groups, and activate the channel.",
        ],
    ),
    product(
        "rippling",
        ("Rippling", "Ri"),
        &[
            "Open the application’s settings in Rippling and choose SCIM.",
            "Paste the base URL and the token.",
            "Choose who has access, and enable group push if you need groups.",
        ],
    ),
    product(
        "cyberark",
        ("CyberArk", "Cy"),
        &[
            "Open the web application, “Provisioning”, and enable it.",
            "Paste the base URL as “SCIM Service URL” and the token as bearer token, and verify.",
            "Map roles to groups, and start the synchronization.",
        ],
    ),
    product(
        "keycloak",
        ("Keycloak", "Ke"),
        &[
            "Keycloak pushes by an extension, like “keycloak-scim”; add it as a user federation provider.",
            "Paste the base URL as SCIM 2.0 endpoint and the token with “Bearer” as authentication.",
            "Enable the propagation of users and groups, and start a full synchronization.",
        ],
    ),
    product(
        "authentik",
        ("authentik", "au"),
        &[
            "Add a SCIM provider and use it as a backchannel provider of the application.",
            "Paste the base URL as “URL” and the token as “Token”.",
            "Choose the group whose people are pushed, and run the synchronization.",
        ],
    ),
    product(
        "generic",
        ("Something else", "…"),
        &[
            "Find “SCIM 2.0 provisioning” in your identity provider.",
            "Paste the base URL, and the token as bearer token (HTTP header “Authorization”).",
            "Choose the people and groups to push, and start.",
        ],
    ),
];

/// The product with this word, or what stands for all others.
pub(crate) fn guide(word: &str) -> Guide {
    let known = GUIDES.iter().find(|guide| guide.word == word);
    let [.., other] = &GUIDES;
    *known.unwrap_or(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::connection::SCIM_IDENTITY_PROVIDERS;

    #[test]
    fn every_product_has_its_guide() {
        for word in SCIM_IDENTITY_PROVIDERS {
            assert_eq!(guide(word).word, word);
            assert_eq!(guide(word).steps.len(), 3);
        }
        assert_eq!(guide("<script>").word, "generic");
        assert_eq!(GUIDES.len(), SCIM_IDENTITY_PROVIDERS.len());
    }
}
