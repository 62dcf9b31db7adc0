//! The collections of a connection, which are searched alike: Users, Groups, and what else it has.

use std::sync::Arc;

use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::rights::Right;
use crate::protocol::scim::schema::ResourceType;
use crate::protocol::scim::schemas::Schemas;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::groups;
use crate::storage::groups::ScimGroup;
use crate::storage::listed_users;
use crate::storage::listed_users::ListedUser;
use crate::storage::scim_filter::Predicate;
use crate::storage::scim_filter::columns;
use crate::storage::scim_filter::columns::Columns;
use crate::storage::scim_pages::Part;
use crate::storage::scim_users;
use crate::storage::scim_users::ScimUser;
use crate::use_cases::credentials::ScimCaller;
use crate::use_cases::provisioning::resources;
use crate::use_cases::provisioning::resources::ResourceView;
use crate::use_cases::provisioning::rights;
use crate::use_cases::provisioning::rights::Rights;

/// Resources of one type.
#[derive(Clone, Debug, PartialEq)]
pub enum Collection {
    /// `/Users`.
    Users,
    /// `/Groups`.
    Groups,
    /// Those of a type that the connection declares.
    Own(Arc<ResourceType>),
    /// `/Roles` or `/Entitlements`, which no table holds.
    Rights(Rights),
}

/// What a client names to search it, before it is known what its connection has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Searched {
    /// The whole connection.
    Everything,
    /// The resources at this path, without its slash.
    At(String),
}

impl Searched {
    /// The collections, in the order in which they are gone through.
    pub fn collections(&self, caller: &ScimCaller) -> Result<Vec<Collection>, ScimError> {
        let at = match self {
            Self::Everything => return Ok(everything(caller)),
            Self::At(path) => path.as_str(),
        };
        Ok(vec![match at {
            "Users" => Collection::Users,
            "Groups" => Collection::Groups,
            "Roles" => Collection::Rights(Rights::Roles),
            "Entitlements" => Collection::Rights(Rights::Entitlements),
            other => Collection::Own(resources::kind_at(&caller.schemas, other)?),
        }])
    }
}

/// Whatever /ResourceTypes names to this client.
fn everything(caller: &ScimCaller) -> Vec<Collection> {
    let own = caller.schemas.custom().iter().map(Arc::clone);
    let mut all = vec![Collection::Users, Collection::Groups];
    all.extend(own.map(Collection::Own));
    if rights::are_offered(caller) {
        all.extend([Rights::Roles, Rights::Entitlements].map(Collection::Rights));
    }
    all
}

/// A row of a collection.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Row {
    /// A User.
    User(ScimUser),
    /// A User that is shown as it is kept.
    Listed(ListedUser),
    /// A Group.
    Group(ScimGroup),
    /// A resource of another type.
    Own(ResourceView),
    /// A role or an entitlement.
    Right(Rights, Right),
}

impl Row {
    /// What orders it among its like.
    pub(crate) fn key(&self) -> String {
        match self {
            Self::User(user) => user.id.key(),
            Self::Listed(user) => user.id.key(),
            Self::Group(group) => group.id.key(),
            Self::Own(view) => view.resource.id.key(),
            Self::Right(_, right) => right.id.clone(),
        }
    }
}

impl Collection {
    /// The type of its resources.
    pub(crate) fn kind<'a>(&'a self, schemas: &'a Schemas) -> &'a ResourceType {
        match self {
            Self::Users => schemas.user(),
            Self::Groups => schemas.group(),
            Self::Own(kind) => kind,
            Self::Rights(rights) => rights.kind(),
        }
    }

    /// Where the values of attributes are, if a table has them.
    pub(crate) fn columns(&self) -> Option<&'static Columns> {
        match self {
            Self::Users => Some(&columns::USERS),
            Self::Groups => Some(&columns::GROUPS),
            Self::Own(_) => Some(&columns::RESOURCES),
            Self::Rights(_) => None,
        }
    }

    /// The attribute that other rows tell.
    pub(crate) fn relation(&self) -> Option<&'static str> {
        match self {
            Self::Users => Some("groups"),
            Self::Groups => Some("members"),
            Self::Own(_) | Self::Rights(_) => None,
        }
    }

    /// How many match.
    pub(crate) fn count(
        &self,
        tx: &mut Transaction<'_>,
        caller: &ScimCaller,
        predicate: &Predicate,
    ) -> Result<i64, StorageError> {
        let owner = (&caller.scope, caller.connection.id);
        match self {
            Self::Users if *predicate == Predicate::everything() => {
                listed_users::count_all(tx, owner)
            }
            Self::Users => scim_users::count(tx, owner, predicate),
            Self::Groups => groups::count(tx, owner, predicate),
            Self::Own(kind) => resources::count(tx, caller, kind, predicate),
            Self::Rights(asked) => {
                let all = rights::all(tx, caller, *asked)?;
                Ok(i64::try_from(all.len()).unwrap_or(i64::MAX))
            }
        }
    }

    /// A part of those that match; of rights, all do.
    pub(crate) fn page(
        &self,
        tx: &mut Transaction<'_>,
        caller: &ScimCaller,
        predicate: &Predicate,
        part: Part<'_>,
    ) -> Result<Vec<Row>, StorageError> {
        let owner = (&caller.scope, caller.connection.id);
        Ok(match self {
            Self::Users => {
                let users = scim_users::page(tx, owner, predicate, part)?;
                users.into_iter().map(Row::User).collect()
            }
            Self::Groups => {
                let groups = groups::page(tx, owner, predicate, part)?;
                groups.into_iter().map(Row::Group).collect()
            }
            Self::Own(kind) => {
                let found = resources::page(tx, caller, kind, (predicate, part))?;
                found.into_iter().map(Row::Own).collect()
            }
            Self::Rights(asked) => {
                let number = |count: i64| usize::try_from(count).unwrap_or(usize::MAX);
                let all = part.in_order(rights::all(tx, caller, *asked)?).into_iter();
                let those = all
                    .filter(|right| part.after.is_none_or(|after| right.id.as_str() > after))
                    .skip(number(part.offset))
                    .take(number(part.limit))
                    .map(|right| Row::Right(*asked, right));
                part.in_order(those.collect())
            }
        })
    }

    /// A part of those that match, not looked into where that can be.
    pub(crate) fn listed(
        &self,
        tx: &mut Transaction<'_>,
        caller: &ScimCaller,
        predicate: &Predicate,
        part: Part<'_>,
    ) -> Result<Vec<Row>, StorageError> {
        if *self != Self::Users {
            return self.page(tx, caller, predicate, part);
        }
        let owner = (&caller.scope, caller.connection.id);
        let users = listed_users::page(tx, owner, predicate, part)?;
        Ok(users.into_iter().map(Row::Listed).collect())
    }

    /// Those with these keys, in any order.
    pub(crate) fn with_keys(
        &self,
        tx: &mut Transaction<'_>,
        caller: &ScimCaller,
        keys: Vec<String>,
    ) -> Result<Vec<Row>, StorageError> {
        let column = match self {
            Self::Users => "scim_users.id",
            Self::Groups => "scim_groups.id",
            Self::Own(_) => "scim_resources.id",
            Self::Rights(asked) => {
                let all = rights::all(tx, caller, *asked)?.into_iter();
                let these = all.filter(|right| keys.contains(&right.id));
                return Ok(these.map(|right| Row::Right(*asked, right)).collect());
            }
        };
        let part = Part {
            order: None,
            after: None,
            offset: 0,
            limit: i64::try_from(keys.len()).unwrap_or(i64::MAX),
            is_backwards: false,
        };
        self.page(tx, caller, &Predicate::OneOf(column, keys), part)
    }
}
