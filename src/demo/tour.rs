//! The main job from end to end, done by an outsider over HTTP and told line by line.

use serde_json::Value;

use crate::demo::DemoError;
use crate::demo::api_client::text;
use crate::demo::application::RETURN_PATH;
use crate::demo::application::redeem_sso;
use crate::demo::browser::Browser;
use crate::demo::browser::Ended;
use crate::demo::company::Company;
use crate::demo::company::EDITORS;
use crate::demo::directory::Directory;
use crate::demo::directory::give_roles;
use crate::demo::explain::roles;
use crate::demo::people::DemoPerson;
use crate::demo::stage::Ready;
use crate::demo::stage::Stage;

/// How many people the tour needs.
const PEOPLE: usize = 3;

/// A command to try, with what it shows.
pub type Command = (String, String);

struct Tour<'t> {
    stage: &'t Stage,
    ready: &'t Ready,
    company: &'t Company,
    directory: &'t Directory,
    people: Vec<DemoPerson>,
    tell: &'t dyn Fn(&str),
}

/// Pushes three people of the last company, signs two of them in, and gives commands to go on with.
pub async fn run(stage: &Stage, tell: &dyn Fn(&str)) -> Result<Vec<Command>, DemoError> {
    let nothing = || DemoError("nothing is set up".to_owned());
    let ready = stage.ready().ok_or_else(nothing)?;
    let company = ready.companies.last().ok_or_else(nothing)?;
    let mut people = company.profile.people();
    people.truncate(PEOPLE);
    let tour = Tour {
        stage,
        ready,
        company,
        directory: ready.directory(company)?,
        people,
        tell,
    };
    tour.push().await?;
    let [first, second, third] = tour.people.as_slice() else {
        return Err(nothing());
    };
    tour.sign_in(&company.saml_connection_id, first).await?;
    tour.sign_in(&company.oidc_connection_id, second).await?;
    Ok(tour.commands(third))
}

impl Tour<'_> {
    fn say(&self, line: &str) {
        (self.tell)(line);
    }

    async fn push(&self) -> Result<(), DemoError> {
        let Company {
            profile,
            organization_id,
            scim,
            ..
        } = self.company;
        let name = profile.name;
        self.say(&format!(
            "The organization {name} is there: {organization_id}"
        ));
        self.say("");
        self.say(&format!(
            "{name}'s directory pushes people by SCIM to {}",
            scim.base_url
        ));
        self.directory.push_people(&self.people).await?;
        for person in &self.people {
            self.say(&format!(
                "  pushed {} <{}>",
                person.full_name(),
                person.email
            ));
        }
        let group = self.directory.push_group(EDITORS, &self.people).await?;
        self.stage.name(group, EDITORS);
        let engineers = self
            .people
            .iter()
            .filter(|it| it.groups.iter().any(|group| group == EDITORS));
        let engineers: Vec<_> = engineers.map(DemoPerson::full_name).collect();
        self.say(&format!(
            "  pushed the group {EDITORS}: {}",
            engineers.join(" and ")
        ));
        give_roles(&self.ready.api, self.company, &self.directory.state()).await?;
        self.say(&format!(
            "  whoever is in {EDITORS} is given the role editor"
        ));
        for person in &self.people {
            self.show_member(person).await?;
        }
        Ok(())
    }

    async fn show_member(&self, person: &DemoPerson) -> Result<(), DemoError> {
        let answer = self.ready.api.get(&self.member_path(person)).await?;
        let member = answer.get("member").unwrap_or(&Value::Null);
        let held: Vec<_> = roles(member, &self.stage.names())
            .into_iter()
            .map(|(role, _)| role)
            .collect();
        let (name, status) = (text(member, "/name")?, text(member, "/status")?);
        let (company, held) = (self.company.profile.name, held.join(", "));
        self.say(&format!(
            "  {name} is a member of {company}, {status}, roles: {held}"
        ));
        Ok(())
    }

    fn member_path(&self, person: &DemoPerson) -> String {
        let (organization, email) = (&self.company.organization_id, &person.email);
        format!("/v1/b2b/organizations/{organization}/member?email_address={email}")
    }

    async fn sign_in(&self, connection_id: &str, person: &DemoPerson) -> Result<(), DemoError> {
        let names = self.stage.names();
        let at = names
            .get(connection_id)
            .map_or("a connection", String::as_str);
        self.say("");
        self.say(&format!("{at}: {} signs in there", person.full_name()));
        let start = self.ready.sign_in_url(connection_id);
        let mut browser = Browser::new(self.ready, RETURN_PATH);
        let returned = match browser.sign_in(&start, &person.email, None).await? {
            Ended::Back(url) => url,
            Ended::Refused(page) => return Err(DemoError(page)),
        };
        self.say("  the browser came back with a token");
        let token = returned.query_pairs().find(|(name, _)| name == "token");
        let token = token.map(|(_, token)| token.into_owned());
        let answer = redeem_sso(self.ready, &token.unwrap_or_default()).await?;
        let member = answer.get("member").unwrap_or(&Value::Null);
        let (name, email) = (text(member, "/name")?, text(member, "/email_address")?);
        self.say(&format!(
            "  the application redeemed it and now knows {name} <{email}>:"
        ));
        for (role, why) in roles(member, &names) {
            self.say(&format!("    role {role:<14} {why}"));
        }
        let expires_at = text(&answer, "/member_session/expires_at")?;
        self.say(&format!("  the session lasts until {expires_at}"));
        Ok(())
    }

    fn commands(&self, person: &DemoPerson) -> Vec<Command> {
        let name = &person.given_name;
        let member = self.ready.api.curl("GET", &self.member_path(person), None);
        let leaves = self.directory.leave_by_curl(&person.email);
        let company = self.company.profile.name;
        vec![
            (format!("{name} as the application sees them"), member),
            (
                format!("{name} as the directory sees them"),
                self.directory.find_by_curl(&person.email),
            ),
            (
                format!("{name} leaves {company}; the first line then finds no member any more"),
                leaves.unwrap_or_default(),
            ),
        ]
    }
}
