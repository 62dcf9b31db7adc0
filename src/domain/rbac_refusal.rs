//! Why a policy cannot be taken, in words.

use std::fmt;

/// How many roles an organization may add.
pub const MAX_ORGANIZATION_ROLES: usize = 100;
/// How long an id may be.
pub const MAX_ID: usize = 128;
/// How long a description may be.
pub const MAX_DESCRIPTION: usize = 1024;

const ROLE_ID: &str = "1 to 128 of letters, digits, . _ - :";
const RESERVED_ROLES: &str = "stytch_member and stytch_admin may be given permissions on the \
                              project's own resources, and nothing else of them can be changed";

/// A part of a policy that has an id of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each name is the part's own")]
pub enum Part {
    Role,
    Resource,
    Scope,
    Action,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Role => "role",
            Self::Resource => "resource",
            Self::Scope => "scope",
            Self::Action => "action",
        })
    }
}

/// Why a policy cannot be taken. Owners are told as `role editor` or `scope read:documents`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicyRefusal {
    /// The same id twice in one place: what, its id, where.
    Duplicate(Part, String, String),
    /// An id over its length.
    TooLong(Part, String),
    /// An id that is empty: what, where.
    Empty(Part, String),
    /// A description over its length: whose.
    DescriptionTooLong(String),
    /// A role id of the wrong form.
    InvalidRoleId(String),
    /// A role or scope that may do nothing: which.
    MissingPermissions(String),
    /// A permission without actions: whose, on which resource.
    MissingActions(String, String),
    /// A permission on a resource that is not declared: whose, which.
    UnknownResource(String, String),
    /// A permission for an action that the resource does not have: whose, resource, action.
    UnknownAction(String, String, String),
    /// `*` beside other actions, or declared as one: where.
    WildcardAmongOthers(String),
    /// A change of a reserved role beyond permissions on the project's own resources.
    ReservedRole(String),
    /// A declaration of a reserved resource.
    ReservedResource(String),
    /// A role that the project has already.
    RoleOfProject(String),
    /// More roles than an organization may add.
    TooManyRoles(usize),
}

impl fmt::Display for PolicyRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Duplicate(part, id, place) => write!(f, "{place} names the {part} {id} twice"),
            Self::TooLong(part, id) => {
                let start: String = id.chars().take(24).collect();
                write!(f, "the {part} {start}… is over {MAX_ID} characters long")
            }
            Self::Empty(part, place) => write!(f, "{place} names a {part} without an id"),
            Self::DescriptionTooLong(of) => {
                write!(
                    f,
                    "{of} has a description over {MAX_DESCRIPTION} characters"
                )
            }
            Self::InvalidRoleId(id) => write!(f, "{id:?} is no role id: {ROLE_ID}"),
            Self::MissingPermissions(of) => write!(f, "{of} has no permissions; give it one"),
            Self::MissingActions(of, on) => {
                write!(
                    f,
                    "{of} names {on} without actions; name some, or * in a permission"
                )
            }
            Self::UnknownResource(of, on) => {
                write!(
                    f,
                    "{of} names the resource {on:?}, which the project does not declare"
                )
            }
            Self::UnknownAction(of, on, action) => {
                write!(
                    f,
                    "{of} names the action {action:?}, which {on} does not have"
                )
            }
            Self::WildcardAmongOthers(of) => {
                write!(
                    f,
                    "{of} names * among other actions; it means all and stands alone"
                )
            }
            Self::ReservedRole(id) => write!(f, "the role {id} is reserved: {RESERVED_ROLES}"),
            Self::ReservedResource(id) => {
                write!(f, "the resource {id} is reserved; begin without `stytch.`")
            }
            Self::RoleOfProject(id) => {
                write!(
                    f,
                    "the role {id} is the project's; an organization adds its own only"
                )
            }
            Self::TooManyRoles(given) => {
                write!(
                    f,
                    "{given} roles are too many; {MAX_ORGANIZATION_ROLES} are allowed"
                )
            }
        }
    }
}
