//! The two companies of the demo, each with the habits of another identity provider.

use crate::demo::people;
use crate::demo::people::DemoPerson;

/// The product whose habits a company's identity provider and directory have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Okta.
    Okta,
    /// Microsoft Entra ID.
    Entra,
}

/// A company, before anything is set up for it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Profile {
    /// Its name in URLs.
    pub(crate) slug: &'static str,
    /// Its name.
    pub(crate) name: &'static str,
    /// Whose habits it has.
    pub(crate) dialect: Dialect,
}

/// Acme first, to which the tour of the pages leads.
pub(crate) const COMPANIES: [Profile; 2] = [
    Profile {
        slug: "acme",
        name: "Acme",
        dialect: Dialect::Okta,
    },
    Profile {
        slug: "globex",
        name: "Globex",
        dialect: Dialect::Entra,
    },
];

/// What people of the group work as; the group's name at every identity provider.
pub(crate) const EDITORS: &str = "Engineering";
/// The group from which the directory makes administrators.
pub(crate) const ADMINS: &str = "Admins";
/// The groups that a directory pushes.
pub(crate) const GROUPS: [&str; 4] = [EDITORS, "Sales", "Support", ADMINS];

impl Dialect {
    /// How pages call it.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Okta => "Okta-like",
            Self::Entra => "Entra-like",
        }
    }

    /// What a SCIM connection calls it.
    pub(crate) fn identity_provider(self) -> &'static str {
        match self {
            Self::Okta => "okta",
            Self::Entra => "microsoft-entra",
        }
    }

    /// The SAML attributes of the address, both names and the groups.
    pub(crate) fn attributes(self) -> [&'static str; 4] {
        match self {
            Self::Okta => ["email", "firstName", "lastName", "groups"],
            Self::Entra => [
                "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
                "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname",
                "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname",
                "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups",
            ],
        }
    }

    /// How sign-ins name a group: Okta by its name, Entra by its object id.
    pub(crate) fn group_in_sign_ins(self, name: &str) -> String {
        match self {
            Self::Okta => name.to_owned(),
            Self::Entra => object_id(name),
        }
    }
}

/// The same UUID for the same name.
fn object_id(name: &str) -> String {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    uuid::Uuid::from_u64_pair(hash, hash.rotate_left(23)).to_string()
}

impl Profile {
    /// The company with this name in URLs.
    pub(crate) fn find(slug: &str) -> Option<&'static Self> {
        COMPANIES.iter().find(|company| company.slug == slug)
    }

    /// Where its identity provider lives.
    pub(crate) fn idp_path(&self) -> String {
        format!("/demo/idp/{}", self.slug)
    }

    /// Everybody who works there.
    pub(crate) fn people(&self) -> Vec<DemoPerson> {
        people::of(self)
    }
}

/// A company as it is set up in the product.
#[derive(Clone, Debug)]
pub(crate) struct Company {
    /// Who it is.
    pub(crate) profile: &'static Profile,
    /// Its organization.
    pub(crate) organization_id: String,
    /// Its SAML connection.
    pub(crate) saml_connection_id: String,
    /// Its OIDC connection.
    pub(crate) oidc_connection_id: String,
    /// Its SCIM connection.
    pub(crate) scim: ScimConnection,
}

/// A SCIM connection, as far as a directory has to know it.
#[derive(Clone, Debug)]
pub(crate) struct ScimConnection {
    /// Its id.
    pub(crate) connection_id: String,
    /// Its base URL.
    pub(crate) base_url: String,
    /// Its token.
    pub(crate) token: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_group_has_a_name_of_its_own_in_sign_ins() {
        for dialect in [Dialect::Okta, Dialect::Entra] {
            let mut names: Vec<_> = GROUPS
                .map(|group| dialect.group_in_sign_ins(group))
                .to_vec();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), GROUPS.len());
        }
        let id = Dialect::Entra.group_in_sign_ins(EDITORS);
        assert_eq!(uuid::Uuid::parse_str(&id).unwrap().to_string(), id);
    }
}
