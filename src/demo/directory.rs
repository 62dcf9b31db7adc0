//! A company's directory: a SCIM client that pushes people and groups (RFC 7644 §3.3, §3.5.2).

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use serde_json::Value;
use serde_json::json;

use crate::demo::DemoError;
use crate::demo::api_client::ApiClient;
use crate::demo::api_client::text;
use crate::demo::company::ADMINS;
use crate::demo::company::Company;
use crate::demo::company::EDITORS;
use crate::demo::company::Profile;
use crate::demo::people::DemoPerson;
use crate::demo::scim_dialect;

/// Between two requests, so that one can watch them.
const PAUSE: Duration = Duration::from_millis(12);

/// A company's directory.
pub(crate) struct Directory {
    profile: &'static Profile,
    scim: ApiClient,
    state: Mutex<State>,
}

/// What the directory has pushed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// Whether it is pushing now.
    pub(crate) is_busy: bool,
    /// Counts changes.
    pub(crate) version: u64,
    /// People by their address: the id of their user record, and whether they are active.
    pub(crate) people: BTreeMap<String, (String, bool)>,
    /// Groups by their name: their ids.
    pub(crate) groups: BTreeMap<String, String>,
    /// Why the last push came to nothing.
    pub(crate) trouble: Option<String>,
}

impl Directory {
    /// A directory that has pushed nothing.
    pub(crate) fn new(profile: &'static Profile, scim: ApiClient) -> Self {
        let state = Mutex::default();
        Self {
            profile,
            scim,
            state,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.lock();
        state.version += 1;
        change(&mut state)
    }

    /// What has been pushed.
    pub(crate) fn state(&self) -> State {
        self.lock().clone()
    }

    /// Says that a push begins, unless one is going on.
    pub(crate) fn begin(&self) -> bool {
        self.change(|state| {
            state.trouble = None;
            !std::mem::replace(&mut state.is_busy, true)
        })
    }

    /// Says how a push ended.
    pub(crate) fn end(&self, outcome: Result<(), DemoError>) {
        self.change(|state| {
            state.is_busy = false;
            state.trouble = outcome.err().map(|error| error.to_string());
        });
    }

    /// Pushes people one by one, each looked for before.
    pub(crate) async fn push_people(&self, people: &[DemoPerson]) -> Result<(), DemoError> {
        for person in people {
            let path = scim_dialect::find("Users", "userName", &person.email);
            let found = self.scim.get(&path).await?;
            let id = if let Ok(id) = text(&found, "/Resources/0/id") {
                id.to_owned()
            } else {
                let user = scim_dialect::user(self.profile.dialect, person);
                let created = self.scim.post("/Users", &user).await?;
                text(&created, "/id")?.to_owned()
            };
            self.change(|state| {
                let kept = state.people.entry(person.email.clone());
                kept.or_insert((id, true));
            });
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    /// Pushes a group with those of these people who are in it.
    pub(crate) async fn push_group(
        &self,
        name: &str,
        people: &[DemoPerson],
    ) -> Result<String, DemoError> {
        let dialect = self.profile.dialect;
        let path = scim_dialect::find("Groups", "displayName", name);
        let found = self.scim.get(&path).await?;
        let id = if let Ok(id) = text(&found, "/Resources/0/id") {
            id.to_owned()
        } else {
            let group = scim_dialect::group(dialect, name);
            let created = self.scim.post("/Groups", &group).await?;
            text(&created, "/id")?.to_owned()
        };
        let pushed = self.state().people;
        let in_group = |person: &&DemoPerson| person.groups.iter().any(|group| group == name);
        let members = people.iter().filter(in_group);
        let members: Vec<String> = members
            .filter_map(|person| pushed.get(&person.email).map(|(id, _)| id.clone()))
            .collect();
        let addition = scim_dialect::add_members(dialect, &members);
        self.scim.patch(&format!("/Groups/{id}"), &addition).await?;
        self.change(|state| state.groups.insert(name.to_owned(), id.clone()));
        tokio::time::sleep(PAUSE).await;
        Ok(id)
    }

    /// Says that somebody has left, or has come back.
    pub(crate) async fn set_active(&self, email: &str, active: bool) -> Result<(), DemoError> {
        let pushed = self.state().people;
        let found = pushed.get(email).map(|(id, _)| id);
        let id = found.ok_or_else(|| DemoError(format!("{email} was not pushed yet")))?;
        let patch = scim_dialect::set_active(self.profile.dialect, active);
        self.scim.patch(&format!("/Users/{id}"), &patch).await?;
        self.change(|state| {
            if let Some((_, is_active)) = state.people.get_mut(email) {
                *is_active = active;
            }
        });
        Ok(())
    }

    /// The request by which somebody leaves, for a terminal.
    pub(crate) fn leave_by_curl(&self, email: &str) -> Option<String> {
        let state = self.state();
        let (id, _) = state.people.get(email)?;
        let departure = scim_dialect::set_active(self.profile.dialect, false);
        let user = format!("/Users/{id}");
        Some(self.scim.curl("PATCH", &user, Some(&departure)))
    }

    /// The request by which somebody is looked for, for a terminal.
    pub(crate) fn find_by_curl(&self, email: &str) -> String {
        let path = scim_dialect::find("Users", "userName", email);
        self.scim.curl("GET", &path, None)
    }
}

/// Has the application give roles by the groups that have been pushed.
pub(crate) async fn give_roles(
    api: &ApiClient,
    company: &Company,
    state: &State,
) -> Result<Value, DemoError> {
    let rules = [(EDITORS, "editor"), (ADMINS, "admin")];
    let rules = rules.into_iter().filter_map(|(group, role_id)| {
        let group_id = state.groups.get(group)?;
        Some(json!({ "role_id": role_id, "group_id": group_id }))
    });
    let rules: Vec<Value> = rules.collect();
    let (organization, scim) = (&company.organization_id, &company.scim.connection_id);
    let path = format!("/v1/b2b/scim/{organization}/connection/{scim}");
    let body = json!({ "scim_group_implicit_role_assignments": rules });
    api.put(&path, &body).await
}
