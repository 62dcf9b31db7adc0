//! Which attributes of resources are in which columns.

use crate::domain::id::ScimGroupId;
use crate::domain::id::ScimResourceId;
use crate::domain::id::ScimUserId;
use crate::protocol::scim::attribute_name::AttributeName;
use crate::storage::scim_filter::Place;
use crate::storage::scim_filter::Predicate;

/// What a column holds of an attribute.
#[derive(Debug, PartialEq)]
pub enum Column {
    /// A text as it was sent.
    Text(&'static str),
    /// A text in lower case, for an attribute that ignores it.
    Folded(&'static str),
    /// A `userName`, folded in its own way.
    UserName(&'static str),
    /// An identifier without what this has before it.
    Id(&'static str, &'static str),
    /// A boolean.
    Flag(&'static str),
    /// An instant, shown with its milliseconds.
    Instant(&'static str),
    /// Nothing: each resource has this text.
    Always(&'static str),
    /// Nothing: each resource has this text, whose case is ignored.
    AlwaysFolded(&'static str),
}

/// Rows beside those of a table, many to one.
#[derive(Debug, PartialEq)]
pub struct Relation {
    /// The column that they refer to.
    pub(super) own: &'static str,
    /// The column that refers to it.
    pub(super) foreign: &'static str,
    /// Their table.
    pub(super) table: &'static str,
    /// Whether they name the connection, as their index does.
    pub(super) by_connection: bool,
}

/// Elements of a multi-valued attribute, one row each.
#[derive(Debug)]
pub struct Beside {
    attribute: &'static str,
    pub(super) relation: Relation,
    columns: &'static [(&'static str, Column)],
}

/// The attributes that a table and those beside it hold.
#[derive(Debug)]
pub struct Columns {
    own: &'static [(&'static str, Column)],
    beside: &'static [Beside],
}

/// Those of Users.
pub static USERS: Columns = Columns {
    own: &[
        ("id", Column::Id("scim_users.id", ScimUserId::PREFIX)),
        ("userName", Column::UserName("scim_users.user_name")),
        ("externalId", Column::Text("scim_users.external_id")),
        (
            "displayName",
            Column::Folded("scim_users.display_name_folded"),
        ),
        ("active", Column::Flag("scim_users.active")),
        ("meta.created", Column::Instant("scim_users.created_at")),
        (
            "meta.lastModified",
            Column::Instant("scim_users.updated_at"),
        ),
        ("meta.resourceType", Column::Always("User")),
    ],
    beside: &[
        Beside {
            attribute: "emails",
            relation: Relation {
                own: "scim_users.id",
                foreign: "user_id",
                table: "scim_user_emails",
                by_connection: true,
            },
            columns: &[
                ("value", Column::Folded("value")),
                ("type", Column::Folded("kind")),
                ("primary", Column::Flag("is_primary")),
            ],
        },
        Beside {
            attribute: "groups",
            relation: Relation {
                own: "scim_users.id",
                foreign: "user_id",
                table: "scim_group_members",
                by_connection: false,
            },
            columns: &[
                ("value", Column::Id("group_id", ScimGroupId::PREFIX)),
                ("type", Column::AlwaysFolded("direct")),
            ],
        },
    ],
};

/// Those of Groups.
pub static GROUPS: Columns = Columns {
    own: &[
        ("id", Column::Id("scim_groups.id", ScimGroupId::PREFIX)),
        (
            "displayName",
            Column::Folded("scim_groups.display_name_folded"),
        ),
        ("externalId", Column::Text("scim_groups.external_id")),
        ("meta.created", Column::Instant("scim_groups.created_at")),
        (
            "meta.lastModified",
            Column::Instant("scim_groups.updated_at"),
        ),
        ("meta.resourceType", Column::Always("Group")),
    ],
    beside: &[
        Beside {
            attribute: "members",
            relation: Relation {
                own: "scim_groups.id",
                foreign: "group_id",
                table: "scim_group_members",
                by_connection: false,
            },
            columns: &[
                ("value", Column::Id("user_id", ScimUserId::PREFIX)),
                ("type", Column::AlwaysFolded("user")),
            ],
        },
        Beside {
            attribute: "members",
            relation: Relation {
                own: "scim_groups.id",
                foreign: "group_id",
                table: "scim_group_nesting",
                by_connection: false,
            },
            columns: &[
                ("value", Column::Id("nested_id", ScimGroupId::PREFIX)),
                ("type", Column::AlwaysFolded("group")),
            ],
        },
    ],
};

/// Those of resources of a connection's own types.
pub static RESOURCES: Columns = Columns {
    own: &[
        (
            "id",
            Column::Id("scim_resources.id", ScimResourceId::PREFIX),
        ),
        ("externalId", Column::Text("scim_resources.external_id")),
        ("meta.created", Column::Instant("scim_resources.created_at")),
        (
            "meta.lastModified",
            Column::Instant("scim_resources.updated_at"),
        ),
        (
            "meta.resourceType",
            Column::Text("scim_resources.resource_type"),
        ),
    ],
    beside: &[],
};

impl Columns {
    /// Where the values of an attribute are; `None` if no column has them.
    pub(super) fn places(&'static self, name: &AttributeName) -> Option<Vec<Place>> {
        let own = self.own(name).map(Place::of);
        let beside = self.beside_of(name).filter_map(|beside| {
            Some(Place {
                relation: Some(&beside.relation),
                column: beside.column(name.sub_attribute.as_deref()?)?,
            })
        });
        let places: Vec<Place> = own.into_iter().chain(beside).collect();
        (!places.is_empty()).then_some(places)
    }

    /// The column of an attribute with one value.
    pub(crate) fn own(&'static self, name: &AttributeName) -> Option<&'static Column> {
        let wanted = name.to_string();
        let mut columns = self.own.iter();
        columns.find(|own| own.0 == wanted).map(|own| &own.1)
    }

    /// The tables with the elements of an attribute.
    pub(super) fn beside_of(
        &'static self,
        name: &AttributeName,
    ) -> impl Iterator<Item = &'static Beside> {
        let is_main = name.schema.is_none();
        let attribute = name.attribute.clone();
        let all = self.beside.iter();
        all.filter(move |beside| is_main && beside.attribute == attribute)
    }
}

impl Beside {
    pub(super) fn column(&'static self, sub_attribute: &str) -> Option<&'static Column> {
        let mut columns = self.columns.iter();
        columns.find(|own| own.0 == sub_attribute).map(|own| &own.1)
    }
}

impl Column {
    /// There is a value.
    pub(super) fn held(&self) -> Predicate {
        match self {
            Self::Always(_) | Self::AlwaysFolded(_) => Predicate::everything(),
            Self::Text(sql)
            | Self::Folded(sql)
            | Self::UserName(sql)
            | Self::Id(sql, _)
            | Self::Flag(sql)
            | Self::Instant(sql) => Predicate::Held(sql),
        }
    }

    /// There is a value that is not empty.
    pub(super) fn filled(&self) -> Predicate {
        match self {
            Self::Text(sql) | Self::Folded(sql) | Self::UserName(sql) => Predicate::Filled(sql),
            _ => self.held(),
        }
    }
}
