//! A member's roles with what made them so, as answers and commands show them.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::event::Event;
use crate::domain::id::ConnectionId;
use crate::domain::id::EventId;
use crate::domain::id::MemberId;
use crate::domain::id::OrganizationId;
use crate::domain::rbac::Permission;
use crate::domain::session_token::timestamp;
use crate::use_cases::explain::graph;
use crate::use_cases::explain::graph::Edge;
use crate::use_cases::explain::graph::Node;
use crate::use_cases::explain::lacking::LackedRole;
use crate::use_cases::explain::lacking::Way;
use crate::use_cases::explain::member::FactExplanation;
use crate::use_cases::explain::member::MemberExplanation;
use crate::use_cases::explain::member::RoleExplanation;
use crate::use_cases::explain::member::SourceExplanation;

/// Why a member has the roles that it has, and what it would take to have the others.
#[derive(Serialize, ToSchema)]
#[schema(as = MemberExplanation)]
pub(crate) struct MemberExplanationJson {
    organization_id: OrganizationId,
    member_id: MemberId,
    email_address: String,
    /// `pending`, `invited`, `active` or `deleted`.
    status: &'static str,
    /// What ended the membership of a deleted member; null if the journal does not tell.
    ended_by: Option<CauseJson>,
    roles: Vec<RoleJson>,
    /// The declared roles that it has not.
    lacked_roles: Vec<LackedRoleJson>,
    graph: GraphJson,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ExplainedRole)]
struct RoleJson {
    role_id: String,
    description: String,
    /// Whether a policy declares it; a role that none declares allows nothing.
    is_declared: bool,
    permissions: Vec<Permission>,
    sources: Vec<SourceJson>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ExplainedSource)]
struct SourceJson {
    /// As in the `roles` of a member.
    r#type: &'static str,
    #[schema(value_type = Object)]
    details: Value,
    connection_name: Option<String>,
    group_name: Option<String>,
    /// All of it in words.
    sentence: String,
    /// Since when it gives the role; null: since before the journal.
    since: Option<String>,
    /// Whether it gave the role first, of those that give it now.
    decides: bool,
    /// What has to be true for it, each with what made it so.
    facts: Vec<FactJson>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ExplainedFact)]
struct FactJson {
    sentence: String,
    /// Null: it was so before the journal.
    event: Option<CauseJson>,
}

/// An entry of the journal, and who caused it.
#[derive(Serialize, ToSchema)]
#[schema(as = ExplainedEvent)]
struct CauseJson {
    event_id: EventId,
    occurred_at: String,
    kind: String,
    object_id: String,
    actor: String,
    actor_id: Option<String>,
    request_id: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = LackedRole)]
struct LackedRoleJson {
    role_id: String,
    description: String,
    /// Any of these would give it.
    ways: Vec<WayJson>,
    /// How many others there are.
    more_ways: usize,
}

#[derive(Serialize, ToSchema)]
#[schema(as = WayToRole)]
struct WayJson {
    r#type: &'static str,
    connection_id: Option<ConnectionId>,
    sentence: String,
}

/// Where roles come from, by which group or rule, and to which role.
#[derive(Serialize, ToSchema)]
#[schema(as = RoleGraph)]
struct GraphJson {
    nodes: Vec<NodeJson>,
    edges: Vec<EdgeJson>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = RoleGraphNode)]
struct NodeJson {
    id: String,
    /// `source`, `rule` or `role`.
    column: &'static str,
    label: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = RoleGraphEdge)]
struct EdgeJson {
    from: String,
    to: String,
    /// Whether it is of a source that gave a role first.
    decides: bool,
}

impl MemberExplanationJson {
    pub(crate) fn new(explained: &MemberExplanation) -> Self {
        let graph = graph::of(explained);
        let member = &explained.standing.member;
        Self {
            organization_id: explained.organization.id,
            member_id: member.id,
            email_address: member.email_address.to_string(),
            status: member.status.name(),
            ended_by: explained.ended_by.as_ref().map(CauseJson::new),
            roles: explained.roles.iter().map(RoleJson::new).collect(),
            lacked_roles: explained.lacked.iter().map(LackedRoleJson::new).collect(),
            graph: GraphJson {
                nodes: graph.nodes.iter().map(NodeJson::new).collect(),
                edges: graph.edges.iter().map(EdgeJson::new).collect(),
            },
        }
    }
}

impl RoleJson {
    fn new(role: &RoleExplanation) -> Self {
        Self {
            role_id: role.role_id.clone(),
            description: role.description.clone(),
            is_declared: role.is_declared,
            permissions: role.permissions.clone(),
            sources: role.sources.iter().map(SourceJson::new).collect(),
        }
    }
}

impl SourceJson {
    fn new(source: &SourceExplanation) -> Self {
        Self {
            r#type: source.source.type_name(),
            details: source.source.details(),
            connection_name: source.connection_name.clone(),
            group_name: source.group_name.clone(),
            sentence: source.sentence.clone(),
            since: source.since.map(timestamp),
            decides: source.decides,
            facts: source.facts.iter().map(FactJson::new).collect(),
        }
    }
}

impl FactJson {
    fn new(fact: &FactExplanation) -> Self {
        Self {
            sentence: fact.sentence.clone(),
            event: fact.event.as_ref().map(CauseJson::new),
        }
    }
}

impl CauseJson {
    fn new(event: &Event) -> Self {
        Self {
            event_id: event.id,
            occurred_at: timestamp(event.occurred_at),
            kind: event.kind.clone(),
            object_id: event.object_id.clone(),
            actor: event.actor.clone(),
            actor_id: event.actor_id.clone(),
            request_id: event.request_id.clone(),
        }
    }
}

impl LackedRoleJson {
    fn new(role: &LackedRole) -> Self {
        let way = |way: &Way| WayJson {
            r#type: way.kind,
            connection_id: way.connection_id,
            sentence: way.sentence.clone(),
        };
        Self {
            role_id: role.role_id.clone(),
            description: role.description.clone(),
            ways: role.ways.iter().map(way).collect(),
            more_ways: role.more_ways,
        }
    }
}

impl NodeJson {
    fn new(node: &Node) -> Self {
        Self {
            id: node.id.clone(),
            column: node.column.name(),
            label: node.label.clone(),
        }
    }
}

impl EdgeJson {
    fn new(edge: &Edge) -> Self {
        Self {
            from: edge.from.clone(),
            to: edge.to.clone(),
            decides: edge.decides,
        }
    }
}
