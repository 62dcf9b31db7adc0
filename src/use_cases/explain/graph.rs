//! The same explanation as a picture: where roles come from → the group or rule → the role.

use std::collections::BTreeSet;

use crate::domain::rbac;
use crate::domain::roles::RoleSource;
use crate::use_cases::explain::member::MemberExplanation;
use crate::use_cases::explain::member::SourceExplanation;

/// Which column of the picture something stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// Where roles come from.
    Source,
    /// By which group or rule.
    Rule,
    /// The roles.
    Role,
}

impl Column {
    /// The word on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Rule => "rule",
            Self::Role => "role",
        }
    }
}

/// Something in the picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its name among the edges.
    pub id: String,
    /// Where it stands.
    pub column: Column,
    /// What is written on it.
    pub label: String,
}

/// A line of the picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Where it begins.
    pub from: String,
    /// Where it ends.
    pub to: String,
    /// Whether it is of a source that gave a role first.
    pub decides: bool,
}

/// The picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    /// What is in it, column by column.
    pub nodes: Vec<Node>,
    /// What leads to what.
    pub edges: Vec<Edge>,
}

/// The picture of an explanation.
pub fn of(explanation: &MemberExplanation) -> Graph {
    let mut graph = Graph::default();
    for role in &explanation.roles {
        let role_node = graph.node(Column::Role, (&role.role_id, &role.role_id));
        for source in &role.sources {
            let ((origin, origin_label), (rule, rule_label)) = ends(source, &role.role_id);
            let origin = graph.node(Column::Source, (&origin, &origin_label));
            let rule = graph.node(Column::Rule, (&rule, &rule_label));
            graph.edge(&origin, &rule, source.decides);
            graph.edge(&rule, &role_node, source.decides);
        }
    }
    graph.nodes.sort_by_key(|node| node.column);
    graph
}

type Named = (String, String);

/// Where a source begins and by which group or rule it gives its role: id and label of both.
fn ends(source: &SourceExplanation, role: &str) -> (Named, Named) {
    let connection = source.source.connection_id().map(|id| id.to_string());
    let connection = connection.unwrap_or_default();
    let name = source.connection_name.clone().unwrap_or_default();
    let group = source.group_name.clone().unwrap_or_default();
    let named = |id: &str, label: &str| (id.to_owned(), label.to_owned());
    let by_connection = (connection.clone(), name);
    match &source.source {
        RoleSource::DirectAssignment if role == rbac::MEMBER_ROLE => (
            named("membership", "Membership"),
            named("everyone", "every member"),
        ),
        RoleSource::DirectAssignment => (named("hand", "By hand"), named("given", "given by hand")),
        RoleSource::EmailAssignment(domain) => (
            named("email", "E-mail address"),
            (format!("domain {domain}"), format!("everybody at {domain}")),
        ),
        RoleSource::SsoConnection(_) => (
            by_connection,
            (
                format!("{connection} all"),
                "everybody who signs in".to_owned(),
            ),
        ),
        RoleSource::ScimConnection(_) => (
            by_connection,
            (format!("{connection} all"), "everybody in it".to_owned()),
        ),
        RoleSource::SsoConnectionGroup(_, id) => {
            (by_connection, (format!("{connection} group {id}"), group))
        }
        RoleSource::ScimConnectionGroup(_, id) => {
            (by_connection, (format!("{connection} group {id}"), group))
        }
        RoleSource::LastAdmin(_) => (
            by_connection,
            (
                format!("{connection} last"),
                "last administrator".to_owned(),
            ),
        ),
    }
}

impl Graph {
    fn node(&mut self, column: Column, (id, label): (&str, &str)) -> String {
        let id = format!("{} {id}", column.name());
        if self.nodes.iter().all(|node| node.id != id) {
            self.nodes.push(Node {
                id: id.clone(),
                column,
                label: label.to_owned(),
            });
        }
        id
    }

    fn edge(&mut self, from: &str, to: &str, decides: bool) {
        let known = self
            .edges
            .iter_mut()
            .find(|it| it.from == from && it.to == to);
        match known {
            Some(edge) => edge.decides |= decides,
            None => self.edges.push(Edge {
                from: from.to_owned(),
                to: to.to_owned(),
                decides,
            }),
        }
    }

    /// Those of a column.
    pub fn column(&self, column: Column) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(move |node| node.column == column)
    }

    /// The ids of what an edge that decides touches.
    pub fn decisive(&self) -> BTreeSet<&str> {
        let edges = self.edges.iter().filter(|edge| edge.decides);
        edges
            .flat_map(|edge| [edge.from.as_str(), edge.to.as_str()])
            .collect()
    }
}
