//! The page of a company's identity provider on which one chooses who to be, for both protocols.

use askama::Template;
use serde::Deserialize;

use crate::demo::company::Profile;
use crate::demo::fault::Fault;
use crate::demo::people::DemoPerson;

/// How many of a company's people are offered by name.
const OFFERED: usize = 4;
const LONGEST: usize = 12_000;

/// Who somebody says to be.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Choice {
    /// The address of somebody at the company, or of anybody with a name.
    pub(crate) login_hint: Option<String>,
    /// The name of somebody who is not at the company.
    pub(crate) name: Option<String>,
}

impl Choice {
    /// The person, if one was chosen.
    pub(crate) fn person(&self, company: &Profile) -> Option<DemoPerson> {
        let email = self.login_hint.as_deref()?.trim();
        let mut people = company.people().into_iter();
        if let Some(person) = people.find(|person| person.email == email) {
            return Some(person);
        }
        let name = self.name.as_deref()?.trim();
        let name: String = name.chars().take(LONGEST).collect();
        let (given_name, family_name) = name.split_once(' ').unwrap_or((&name, ""));
        Some(DemoPerson {
            id: format!("{}-{email}", company.slug),
            email: email.to_owned(),
            given_name: given_name.to_owned(),
            family_name: family_name.to_owned(),
            department: "Guests".to_owned(),
            groups: Vec::new(),
        })
    }
}

/// The page.
#[derive(Template)]
#[template(path = "demo/idp.html")]
pub(crate) struct IdpPage {
    /// Whose identity provider it is.
    pub(crate) company: &'static Profile,
    /// In which protocol it was asked.
    pub(crate) protocol: &'static str,
    /// Where the choice goes.
    pub(crate) action: String,
    /// What the request was, to come back with the choice.
    pub(crate) hidden: Vec<(&'static str, String)>,
    /// What can be made wrong.
    pub(crate) faults: &'static [Fault],
}

impl IdpPage {
    fn offered(&self) -> Vec<DemoPerson> {
        let mut people = self.company.people();
        people.truncate(OFFERED);
        people
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_somebody_at_the_company_or_a_guest_with_a_name() {
        let acme = Profile::find("acme").unwrap();
        let choose = |email: &str, name: Option<&str>| {
            let (login_hint, name) = (Some(email.to_owned()), name.map(str::to_owned));
            Choice { login_hint, name }.person(acme)
        };
        let ana = choose("ana@acme.test", Some("Eve")).unwrap();
        assert_eq!(ana.full_name(), "Ana Almeida");
        assert_eq!(choose("eve@acme.test", None), None);
        let eve = choose("eve@acme.test", Some("<b>Eve</b> O'Hara Li")).unwrap();
        assert_eq!(eve.given_name, "<b>Eve</b>");
        assert_eq!(eve.family_name, "O'Hara Li");
        assert!(eve.groups.is_empty());
    }
}
