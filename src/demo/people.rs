//! The people of Acme, the company of the demo.

/// Somebody who can sign in at the demo's identity providers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoPerson {
    /// The identifier at the identity provider; never changes.
    pub id: String,
    /// The e-mail address.
    pub email: String,
    /// The given name.
    pub given_name: String,
    /// The family name.
    pub family_name: String,
    /// The department.
    pub department: String,
    /// The names of the groups the person is in.
    pub groups: Vec<String>,
}

impl DemoPerson {
    /// Given and family name.
    pub fn full_name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }
}

/// Ana, Bo and Cleo.
pub fn acme() -> Vec<DemoPerson> {
    let person = |name: (&str, &str), department: &str, groups: &[&str]| {
        let (given_name, family_name) = name;
        let id = given_name.to_lowercase();
        DemoPerson {
            email: format!("{id}@acme.test"),
            id: format!("acme-{id}"),
            given_name: given_name.to_owned(),
            family_name: family_name.to_owned(),
            department: department.to_owned(),
            groups: groups.iter().map(ToString::to_string).collect(),
        }
    };
    vec![
        person(
            ("Ana", "Almeida"),
            "Engineering",
            &["Engineering", "Admins"],
        ),
        person(("Bo", "Berg"), "Engineering", &["Engineering"]),
        person(("Cleo", "Costa"), "Sales", &["Sales"]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_has_an_address_at_acme_and_an_identifier_of_their_own() {
        let people = acme();
        let emails: Vec<_> = people.iter().map(|person| person.email.as_str()).collect();
        assert_eq!(emails, ["ana@acme.test", "bo@acme.test", "cleo@acme.test"]);
        assert!(people.iter().all(|person| person.id.starts_with("acme-")));
    }
}
