//! Laws of roles, for any history of a member: a model that follows each event by hand must agree
//! with what is computed from the state that is left.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::*;
use crate::domain::id::ConnectionKind;

const ROLES: [&str; 5] = ["editor", "viewer", "owner", "auditor", "stytch_member"];
const DOMAINS: [&str; 3] = ["acme.test", "globex.test", "initech.test"];
const SSO_GROUPS: [&str; 2] = ["eng", "ops"];

/// Two SSO connections, two directories, and two groups of each directory.
struct Names {
    sso: [ConnectionId; 2],
    scim: [ConnectionId; 2],
    groups: [[ScimGroupId; 2]; 2],
}

impl Names {
    fn new() -> Self {
        let group = || [ScimGroupId::fresh(), ScimGroupId::fresh()];
        Self {
            sso: [(); 2].map(|()| ConnectionId::fresh(ConnectionKind::Saml)),
            scim: [(); 2].map(|()| ConnectionId::fresh(ConnectionKind::Scim)),
            groups: [group(), group()],
        }
    }
}

/// What may happen to a member, or to the rules that it lives under. Numbers choose among the
/// names above.
#[derive(Clone, Debug)]
enum Event {
    Life(bool),
    Moves(usize),
    Explicit(usize, bool),
    EmailRule(usize, usize, bool),
    /// A rule of an SSO connection: for everyone, or for a group.
    SsoRule(usize, Option<usize>, usize, bool),
    /// A registration, with the groups that the IdP reports.
    Registered(usize, Option<Vec<usize>>),
    /// A rule of a directory: for everyone, or for a group.
    ScimRule(usize, Option<usize>, usize, bool),
    /// A record in a directory.
    Record(usize, bool),
    /// A place in a group, which ends with the record.
    InGroup(usize, usize, bool),
}

fn event() -> impl Strategy<Value = Event> {
    let role = || 0..ROLES.len();
    prop_oneof![
        1 => (0..4_u8).prop_map(|it| Event::Life(it > 0)),
        2 => (0..DOMAINS.len()).prop_map(Event::Moves),
        2 => (role(), any::<bool>()).prop_map(|(role, on)| Event::Explicit(role, on)),
        2 => (0..DOMAINS.len(), role(), any::<bool>())
            .prop_map(|(domain, role, on)| Event::EmailRule(domain, role, on)),
        3 => (0..2_usize, proptest::option::of(0..2_usize), role(), any::<bool>())
            .prop_map(|(at, group, role, on)| Event::SsoRule(at, group, role, on)),
        3 => (0..2_usize, proptest::option::of(vec(0..2_usize, 0..3)))
            .prop_map(|(at, groups)| Event::Registered(at, groups)),
        3 => (0..2_usize, proptest::option::of(0..2_usize), role(), any::<bool>())
            .prop_map(|(at, group, role, on)| Event::ScimRule(at, group, role, on)),
        2 => (0..2_usize, any::<bool>()).prop_map(|(at, on)| Event::Record(at, on)),
        3 => (0..2_usize, 0..2_usize, any::<bool>())
            .prop_map(|(at, group, on)| Event::InGroup(at, group, on)),
    ]
}

/// The state that a history leaves, as rows would hold it.
#[derive(Clone, Debug, Default)]
struct World {
    live: bool,
    domain: usize,
    explicit: Vec<String>,
    by_email: Vec<EmailImplicitRoleAssignment>,
    sso_rules: [ImplicitRoles<String>; 2],
    registered: [Option<Vec<String>>; 2],
    scim_rules: [ImplicitRoles<ScimGroupId>; 2],
    record: [bool; 2],
    places: [Vec<ScimGroupId>; 2],
}

fn set<T: PartialEq>(list: &mut Vec<T>, item: T, on: bool) {
    list.retain(|known| *known != item);
    if on {
        list.push(item);
    }
}

impl World {
    fn take(&mut self, event: &Event, names: &Names) {
        match event {
            Event::Life(live) => self.live = *live,
            Event::Moves(domain) => self.domain = *domain,
            Event::Explicit(role, on) => set(&mut self.explicit, ROLES[*role].to_owned(), *on),
            Event::EmailRule(domain, role, on) => {
                let wanted = EmailImplicitRoleAssignment {
                    domain: DOMAINS[*domain].to_owned(),
                    role_id: ROLES[*role].to_owned(),
                };
                set(&mut self.by_email, wanted, *on);
            }
            Event::SsoRule(at, group, role, on) => {
                let group = group.map(|group| SSO_GROUPS[group].to_owned());
                rule(&mut self.sso_rules[*at], group, ROLES[*role], *on);
            }
            Event::Registered(at, groups) => {
                let reported = |groups: &Vec<usize>| {
                    groups.iter().map(|it| SSO_GROUPS[*it].to_owned()).collect()
                };
                self.registered[*at] = groups.as_ref().map(reported);
            }
            Event::ScimRule(at, group, role, on) => {
                let group = group.map(|group| names.groups[*at][group]);
                rule(&mut self.scim_rules[*at], group, ROLES[*role], *on);
            }
            Event::Record(at, on) => {
                self.record[*at] = *on;
                if !on {
                    self.places[*at].clear();
                }
            }
            Event::InGroup(at, group, on) => {
                let on = *on && self.record[*at];
                set(&mut self.places[*at], names.groups[*at][*group], on);
            }
        }
    }

    fn assigned(&self, names: &Names) -> Vec<RoleAssignment> {
        let email = EmailAddress::parse(&format!("ana@{}", DOMAINS[self.domain])).unwrap();
        let sso: Vec<_> = (0..2)
            .filter_map(|at| {
                Some(SsoStanding {
                    connection_id: names.sso[at],
                    gives: &self.sso_rules[at],
                    groups: self.registered[at].as_ref()?,
                })
            })
            .collect();
        let scim: Vec<_> = (0..2)
            .filter(|at| self.record[*at])
            .map(|at| ScimStanding {
                connection_id: names.scim[at],
                gives: &self.scim_rules[at],
                groups: &self.places[at],
            })
            .collect();
        assigned(&Evidence {
            live: self.live,
            email: &email,
            explicit: &self.explicit,
            by_email: &self.by_email,
            sso: &sso,
            scim: &scim,
            kept_as_admin: None,
        })
    }

    /// Every role that some rule or some hand could give.
    fn givable(&self) -> BTreeSet<String> {
        let mut all: BTreeSet<String> = self.explicit.iter().cloned().collect();
        all.insert(rbac::MEMBER_ROLE.to_owned());
        all.extend(self.by_email.iter().map(|rule| rule.role_id.clone()));
        for rules in &self.sso_rules {
            all.extend(rules.connection.iter().cloned());
            all.extend(rules.groups.iter().map(|rule| rule.0.clone()));
        }
        for rules in &self.scim_rules {
            all.extend(rules.connection.iter().cloned());
            all.extend(rules.groups.iter().map(|rule| rule.0.clone()));
        }
        all
    }
}

fn rule<G: PartialEq>(rules: &mut ImplicitRoles<G>, group: Option<G>, role: &str, on: bool) {
    match group {
        None => set(&mut rules.connection, role.to_owned(), on),
        Some(group) => set(&mut rules.groups, (role.to_owned(), group), on),
    }
}

/// Role, kind of source, its details: what a role is given for.
type Grant = (String, &'static str, String);

fn grants(assignments: &[RoleAssignment]) -> BTreeSet<Grant> {
    let each = assignments.iter().flat_map(|assignment| {
        let role = &assignment.role_id;
        let of = |source: &RoleSource| {
            (
                role.clone(),
                source.type_name(),
                source.details().to_string(),
            )
        };
        assignment.sources.iter().map(of)
    });
    each.collect()
}

/// The grants that one fact supports, told from the history alone: the last word on each fact
/// counts, and facts know nothing of each other.
fn expected(history: &[Event], names: &Names) -> BTreeSet<Grant> {
    fn last<'h, T>(history: &'h [Event], about: impl Fn(&'h Event) -> Option<T>) -> Option<T> {
        history.iter().rev().find_map(about)
    }
    let mut found = BTreeSet::new();
    let live = last(history, |it| match it {
        Event::Life(live) => Some(*live),
        _ => None,
    });
    if live != Some(true) {
        return found;
    }
    let mut give = |role: &str, source: &RoleSource| {
        found.insert((
            role.to_owned(),
            source.type_name(),
            source.details().to_string(),
        ));
    };
    give(rbac::MEMBER_ROLE, &RoleSource::DirectAssignment);
    let domain = last(history, |it| match it {
        Event::Moves(domain) => Some(*domain),
        _ => None,
    })
    .unwrap_or_default();
    for (number, role) in ROLES.into_iter().enumerate() {
        let by_hand = last(history, |it| match it {
            Event::Explicit(role, on) if *role == number => Some(*on),
            _ => None,
        });
        if by_hand == Some(true) {
            give(role, &RoleSource::DirectAssignment);
        }
        let by_email = last(history, |it| match it {
            Event::EmailRule(at, role, on) if (*at, *role) == (domain, number) => Some(*on),
            _ => None,
        });
        if by_email == Some(true) {
            give(
                role,
                &RoleSource::EmailAssignment(DOMAINS[domain].to_owned()),
            );
        }
        for at in 0..2 {
            let reported = last(history, |it| match it {
                Event::Registered(place, groups) if *place == at => Some(groups),
                _ => None,
            });
            let sso_rule = |wanted: Option<usize>| {
                last(history, |it| match it {
                    Event::SsoRule(place, group, role, on)
                        if (*place, *group, *role) == (at, wanted, number) =>
                    {
                        Some(*on)
                    }
                    _ => None,
                }) == Some(true)
            };
            if let Some(Some(groups)) = reported {
                if sso_rule(None) {
                    give(role, &RoleSource::SsoConnection(names.sso[at]));
                }
                for group in groups.iter().filter(|group| sso_rule(Some(**group))) {
                    let group = SSO_GROUPS[*group].to_owned();
                    give(role, &RoleSource::SsoConnectionGroup(names.sso[at], group));
                }
            }
            let has_record = last(history, |it| match it {
                Event::Record(place, on) if *place == at => Some(*on),
                _ => None,
            });
            let scim_rule = |wanted: Option<usize>| {
                last(history, |it| match it {
                    Event::ScimRule(place, group, role, on)
                        if (*place, *group, *role) == (at, wanted, number) =>
                    {
                        Some(*on)
                    }
                    _ => None,
                }) == Some(true)
            };
            if has_record == Some(true) && scim_rule(None) {
                give(role, &RoleSource::ScimConnection(names.scim[at]));
            }
            for group in 0..2 {
                if scim_rule(Some(group)) && is_in_group(history, at, group) {
                    let id = names.groups[at][group];
                    give(role, &RoleSource::ScimConnectionGroup(names.scim[at], id));
                }
            }
        }
    }
    found
}

/// Whether the last word on a place says so, where a record's end ends its places.
fn is_in_group(history: &[Event], at: usize, wanted: usize) -> bool {
    let mut has_record = false;
    let mut is_in = false;
    for event in history {
        match event {
            Event::Record(place, on) if *place == at => {
                has_record = *on;
                is_in = is_in && *on;
            }
            Event::InGroup(place, group, on) if (*place, *group) == (at, wanted) => {
                is_in = *on && has_record;
            }
            _ => {}
        }
    }
    is_in
}

fn world(history: &[Event], names: &Names) -> World {
    let mut world = World::default();
    for event in history {
        world.take(event, names);
    }
    world
}

fn live_history() -> impl Strategy<Value = Vec<Event>> {
    vec(event(), 0..40).prop_map(|mut history| {
        history.insert(0, Event::Life(true));
        history
    })
}

proptest! {
    #[test]
    fn any_history_gives_what_its_last_words_give(history in live_history()) {
        let names = Names::new();
        let found = grants(&world(&history, &names).assigned(&names));
        prop_assert_eq!(found, expected(&history, &names));
    }

    #[test]
    fn taking_a_source_away_takes_exactly_what_only_it_gave(
        history in live_history(),
        taken in 0..8_usize,
    ) {
        let names = Names::new();
        let before = world(&history, &names);
        let mut after = before.clone();
        let gone: (&str, String) = match taken {
            at @ (0 | 1) => {
                after.registered[at] = None;
                ("sso_connection", names.sso[at].to_string())
            }
            at @ (2 | 3) => {
                after.record[at - 2] = false;
                after.places[at - 2].clear();
                ("scim_connection", names.scim[at - 2].to_string())
            }
            at @ (4 | 5) => {
                after.places[at - 4].clear();
                ("scim_connection_group", names.scim[at - 4].to_string())
            }
            6 => {
                after.explicit.clear();
                ("direct_assignment", String::new())
            }
            _ => {
                after.by_email.clear();
                ("email_assignment", String::new())
            }
        };
        let depends = |(role, kind, details): &Grant| {
            kind.starts_with(gone.0)
                && details.contains(&gone.1)
                && !(role == rbac::MEMBER_ROLE && *kind == "direct_assignment")
        };
        let before = grants(&before.assigned(&names));
        let after = grants(&after.assigned(&names));
        let kept: BTreeSet<_> = before.into_iter().filter(|grant| !depends(grant)).collect();
        prop_assert_eq!(after, kept);
    }

    #[test]
    fn nobody_holds_a_role_that_nothing_gives(history in vec(event(), 0..40)) {
        let names = Names::new();
        let world = world(&history, &names);
        let assigned = world.assigned(&names);
        let givable = world.givable();
        prop_assert!(world.live || assigned.is_empty());
        for assignment in &assigned {
            prop_assert!(givable.contains(&assignment.role_id));
            prop_assert!(!assignment.sources.is_empty());
        }
        let held: Vec<_> = assigned.iter().map(|it| it.role_id.clone()).collect();
        let sorted: BTreeSet<_> = held.iter().cloned().collect();
        prop_assert_eq!(held, sorted.into_iter().collect::<Vec<_>>(), "sorted, each once");
    }

    #[test]
    fn a_session_counts_an_sso_source_only_with_its_factor(
        history in live_history(),
        proven in vec(0..2_usize, 0..3),
    ) {
        let names = Names::new();
        let assigned = world(&history, &names).assigned(&names);
        let proven: Vec<_> = proven.into_iter().map(|at| names.sso[at]).collect();
        let effective = in_session(&assigned, &proven);
        for assignment in &assigned {
            let counts = assignment.sources.iter().any(|source| match source {
                RoleSource::SsoConnection(id) | RoleSource::SsoConnectionGroup(id, _) => {
                    proven.contains(id)
                }
                _ => true,
            });
            prop_assert_eq!(effective.contains(&assignment.role_id), counts);
        }
        let unproven = in_session(&assigned, &[]);
        prop_assert!(unproven.iter().all(|role| effective.contains(role)), "factors only add");
        prop_assert_eq!(effective.is_empty(), assigned.is_empty(), "stytch_member always counts");
    }

    #[test]
    fn the_order_of_rows_makes_no_difference(history in live_history(), turn in 0..5_usize) {
        let names = Names::new();
        let straight = world(&history, &names);
        let mut turned = straight.clone();
        let by = |length: usize| if length == 0 { 0 } else { turn % length };
        let (explicit, by_email) = (turned.explicit.len(), turned.by_email.len());
        turned.explicit.rotate_left(by(explicit));
        turned.by_email.rotate_left(by(by_email));
        for at in 0..2 {
            turned.sso_rules[at].groups.reverse();
            turned.scim_rules[at].connection.reverse();
            turned.places[at].reverse();
        }
        let (straight, turned) = (straight.assigned(&names), turned.assigned(&names));
        prop_assert_eq!(grants(&straight), grants(&turned));
        let ids = |it: &[RoleAssignment]| it.iter().map(|it| it.role_id.clone()).collect::<Vec<_>>();
        prop_assert_eq!(ids(&straight), ids(&turned));
    }
}
