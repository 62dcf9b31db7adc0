//! What is around each page of the portal: whose it is, and where else one can go.

use crate::http::pages::shortened;
use crate::use_cases::portal_sessions::PortalCaller;

/// A page of the portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// What is set up and what is left.
    Home,
    /// Which e-mail domains are proven.
    Domains,
    /// Single sign-on.
    SignIn,
    /// The directory that pushes people.
    Directory,
    /// Which groups give which roles.
    Roles,
    /// People, and why they may what they may.
    Members,
    /// What came in, and what was refused.
    Log,
    /// How people may sign in at all.
    Settings,
}

const PLACES: [(Place, &str, &str); 8] = [
    (Place::Home, "Home", "/portal"),
    (Place::Domains, "Domains", "/portal/domains"),
    (Place::SignIn, "Sign-in", "/portal/sso"),
    (Place::Directory, "Directory", "/portal/directory"),
    (Place::Roles, "Roles", "/portal/roles"),
    (Place::Members, "Members", "/portal/members"),
    (Place::Log, "Log", "/portal/log"),
    (Place::Settings, "Settings", "/portal/settings"),
];

/// One entry of the navigation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    /// What it is called.
    pub(crate) label: &'static str,
    /// Where it leads.
    pub(crate) path: &'static str,
    /// Whether this page is below it.
    pub(crate) is_current: bool,
}

/// The frame of one page; its template extends `portal/frame.html` and has this as `frame`.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// The organization's name, shortened.
    pub(crate) organization: String,
    place: Place,
}

impl Frame {
    /// The frame of a page of this organization.
    pub(crate) fn new(caller: &PortalCaller, place: Place) -> Self {
        Self {
            organization: shortened(&caller.organization().name),
            place,
        }
    }

    /// The navigation.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Entry> {
        PLACES.iter().map(|(place, label, path)| Entry {
            label,
            path,
            is_current: *place == self.place,
        })
    }
}
