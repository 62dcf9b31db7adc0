//! The people of the demo's companies.

use crate::demo::company::ADMINS;
use crate::demo::company::COMPANIES;
use crate::demo::company::Profile;

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
        let name = format!("{} {}", self.given_name, self.family_name);
        name.trim().to_owned()
    }

    /// Both initials.
    pub(crate) fn monogram(&self) -> String {
        let names = [&self.given_name, &self.family_name];
        names
            .iter()
            .filter_map(|name| name.chars().next())
            .collect()
    }
}

const NAMES: [(&str, &str); 25] = [
    ("Ana", "Almeida"),
    ("Bo", "Berg"),
    ("Cleo", "Costa"),
    ("Dana", "Diaz"),
    ("Eli", "Ek"),
    ("Fay", "Flores"),
    ("Gil", "Garcia"),
    ("Hana", "Horak"),
    ("Ivo", "Ito"),
    ("Jo", "Jansen"),
    ("Kai", "Kovacs"),
    ("Lea", "Lind"),
    ("Max", "Moreau"),
    ("Nia", "Novak"),
    ("Oda", "Olsen"),
    ("Pia", "Popov"),
    ("Quin", "Quist"),
    ("Ren", "Rossi"),
    ("Sol", "Santos"),
    ("Tia", "Tanaka"),
    ("Uma", "Usman"),
    ("Vic", "Varga"),
    ("Wim", "Wolf"),
    ("Xia", "Xu"),
    ("Yara", "Yilmaz"),
];

/// Where Globex's people begin in the list of names, so that each company has faces of its own.
const GLOBEX_BEGINS: usize = 12;

const DEPARTMENTS: [&str; 4] = ["Engineering", "Engineering", "Sales", "Support"];

/// Everybody of a company: engineers first, one of whom is an administrator too.
pub(crate) fn of(company: &Profile) -> Vec<DemoPerson> {
    let is_first = COMPANIES.first() == Some(company);
    let skipped = if is_first { 0 } else { GLOBEX_BEGINS };
    let names = NAMES.iter().cycle().skip(skipped).take(NAMES.len());
    let departments = DEPARTMENTS.iter().cycle();
    let people = names.zip(departments).enumerate();
    people
        .map(|(index, ((given_name, family_name), department))| {
            let name = given_name.to_lowercase();
            let mut groups = vec![(*department).to_owned()];
            if index == 0 {
                groups.push(ADMINS.to_owned());
            }
            DemoPerson {
                id: format!("{}-{name}", company.slug),
                email: format!("{name}@{}.test", company.slug),
                given_name: (*given_name).to_owned(),
                family_name: (*family_name).to_owned(),
                department: (*department).to_owned(),
                groups,
            }
        })
        .collect()
}

/// Ana, Bo, Cleo and the others of Acme.
pub fn acme() -> Vec<DemoPerson> {
    COMPANIES.first().map(of).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::company::EDITORS;
    use crate::demo::company::GROUPS;

    #[test]
    fn everybody_has_an_address_and_an_identifier_of_their_own() {
        for company in &COMPANIES {
            let people = of(company);
            let mut emails: Vec<_> = people.iter().map(|person| &person.email).collect();
            emails.sort();
            emails.dedup();
            assert_eq!(emails.len(), 25);
            let (id, email) = (
                format!("{}-", company.slug),
                format!("@{}.test", company.slug),
            );
            for person in &people {
                assert!(person.id.starts_with(&id) && person.email.ends_with(&email));
            }
            for group in GROUPS {
                let is_in = |person: &DemoPerson| person.groups.iter().any(|it| it == group);
                assert!(people.iter().any(is_in), "{group} is empty");
            }
        }
        let ana = acme().remove(0);
        assert_eq!(
            (ana.full_name().as_str(), ana.email.as_str()),
            ("Ana Almeida", "ana@acme.test")
        );
        assert_eq!(ana.groups, [EDITORS, ADMINS]);
    }
}
