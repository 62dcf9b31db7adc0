//! Explanations in plain words. Names that others chose are shortened and lose what does not show.

use chrono::DateTime;
use chrono::Utc;

use crate::domain::event::Event;
use crate::domain::explanation::Fact;
use crate::domain::member::Member;
use crate::domain::rbac;
use crate::domain::roles::RoleSource;
use crate::use_cases::explain::member::FactExplanation;

/// How many characters of a name stand in a sentence.
const LONGEST_NAME: usize = 80;

/// What the sentences about one source name.
pub(crate) struct Teller<'a> {
    pub(crate) member: &'a Member,
    pub(crate) role: &'a str,
    pub(crate) connection_name: Option<String>,
    pub(crate) group_name: Option<String>,
}

impl Teller<'_> {
    fn connection(&self) -> String {
        self.connection_name
            .as_deref()
            .map(plain)
            .unwrap_or_default()
    }

    fn group(&self) -> String {
        self.group_name.as_deref().map(plain).unwrap_or_default()
    }

    /// Why a member has a role by this source.
    pub(crate) fn source(&self, source: &RoleSource, facts: &[FactExplanation]) -> String {
        let (member, role) = (name_of(self.member), plain(self.role));
        if self.role == rbac::MEMBER_ROLE && *source == RoleSource::DirectAssignment {
            let since = facts.iter().find_map(|fact| fact.event.as_ref());
            return format!(
                "Every member is {role}; {member} is one since {}.",
                since_when(since)
            );
        }
        let reasons = facts.iter().filter(|fact| is_told(&fact.fact, facts));
        let reasons = reasons.map(|fact| self.reason(&fact.fact, fact.event.as_ref()));
        let reasons: Vec<String> = reasons.collect();
        format!("{member} is {role} because {}.", reasons.join(", and "))
    }

    /// One thing that is true, with what made it so.
    pub(crate) fn fact(&self, fact: &Fact, event: Option<&Event>) -> String {
        let told = self.reason(fact, event);
        let mut letters = told.chars();
        let first = letters
            .next()
            .map(|letter| letter.to_uppercase().to_string());
        format!("{}{}.", first.unwrap_or_default(), letters.as_str())
    }

    fn reason(&self, fact: &Fact, event: Option<&Event>) -> String {
        let (connection, group, role) = (self.connection(), self.group(), plain(self.role));
        let (member, on) = (name_of(self.member), on_when(event));
        match fact {
            Fact::Live => format!("{member} became a member {on}"),
            Fact::Domain(domain) => {
                format!(
                    "the address of {member} is at {} (it became so {on})",
                    plain(domain)
                )
            }
            Fact::GivenByHand(_) => {
                format!("{} gave {member} the role by hand {on}", by_whom(event))
            }
            Fact::KeptAsAdmin(_) => format!(
                "nobody else is: {connection} would have taken the last administrator away {on}, \
                 which no directory may do"
            ),
            Fact::DomainRule(domain, _) => format!(
                "{} gives {role} to everybody at {}",
                the_rule(event),
                plain(domain)
            ),
            Fact::ConnectionRule(id, _) => {
                let whom = match id.kind {
                    crate::domain::id::ConnectionKind::Scim => "whom the directory holds",
                    _ => "who signs in through it",
                };
                format!("{} gives {role} to everybody {whom}", the_rule(event))
            }
            Fact::GroupRule(..) => format!("{} gives {role} to {group}", the_rule(event)),
            Fact::Registered(_) => format!("{member} first signed in through {connection} {on}"),
            Fact::Asserted(..) => {
                format!("{connection} put {member} into {group}, as it said at the sign-in {on}")
            }
            Fact::InDirectory(_) => format!("{connection} made {member} active {on}"),
            Fact::InGroup(_) => format!("{connection} put {member} into {group} {on}"),
        }
    }
}

/// That somebody in a group is in the directory as well goes without saying.
fn is_told(fact: &Fact, facts: &[FactExplanation]) -> bool {
    let in_group = facts.iter().any(|it| matches!(it.fact, Fact::InGroup(_)));
    !(in_group && matches!(fact, Fact::InDirectory(_)))
}

/// What people call a member.
pub fn name_of(member: &Member) -> String {
    match plain(&member.name).as_str() {
        "" => plain(member.email_address.as_str()),
        name => name.to_owned(),
    }
}

/// A name as it may stand in a sentence: of bearable length, and without characters that do not
/// show or that turn the writing round.
pub fn plain(name: &str) -> String {
    let turns = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{61c}');
    let shown = name.chars().map(|c| if c.is_control() { ' ' } else { c });
    let shown: String = shown.filter(|c| !turns(*c)).collect();
    let shown = shown.trim();
    let mut short: String = shown.chars().take(LONGEST_NAME).collect();
    if shown.chars().nth(LONGEST_NAME).is_some() {
        short.push('…');
    }
    short
}

/// A day as people write it.
pub fn day(at: DateTime<Utc>) -> String {
    at.format("%-d %B %Y").to_string()
}

fn on_when(event: Option<&Event>) -> String {
    event.map_or_else(
        || "before the journal".to_owned(),
        |event| format!("on {}", day(event.occurred_at)),
    )
}

fn since_when(event: Option<&Event>) -> String {
    event.map_or_else(
        || "before the journal".to_owned(),
        |event| day(event.occurred_at),
    )
}

fn the_rule(event: Option<&Event>) -> String {
    event.map_or_else(
        || "a rule from before the journal".to_owned(),
        |event| format!("the rule of {}", day(event.occurred_at)),
    )
}

/// Who caused an event.
pub fn by_whom(event: Option<&Event>) -> String {
    let Some(event) = event else {
        return "somebody".to_owned();
    };
    let which = event.actor_id.as_deref().map(plain).unwrap_or_default();
    match event.actor.as_str() {
        "project" => "the application".to_owned(),
        "operator" => "the operator".to_owned(),
        "system" => "Vestibule itself".to_owned(),
        "directory" => format!("the directory {which}"),
        "sign_in" => format!("a sign-in through {which}"),
        "impersonator" => format!("{which}, acting as a member,"),
        "m2m_client" => format!("the machine {which}"),
        "member" => format!("the member {which}"),
        other => format!("{} {which}", plain(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_hostile_name_neither_floods_a_sentence_nor_turns_it_round() {
        let table = [
            ("Engineering", "Engineering".to_owned()),
            ("a\u{202e}b\u{2066}c", "abc".to_owned()),
            ("two\nlines\u{0}", "two lines".to_owned()),
            ("<script>\"'", "<script>\"'".to_owned()),
            (&"x".repeat(10_000), format!("{}…", "x".repeat(80))),
            (&"x".repeat(80), "x".repeat(80)),
        ];
        for (given, expected) in table {
            assert_eq!(plain(given), expected);
        }
    }
}
