//! The picture of a member's roles: sources at the left, roles at the right, an edge for each gift.

use askama::Template;
use askama::filters::HtmlSafe;
use serde_json::Value;

use crate::demo::explain::Names;
use crate::demo::explain::edges;

const ROW: usize = 52;
const LONGEST: usize = 30;

/// The picture, with its words.
#[derive(Template)]
#[template(path = "demo/graph.html")]
pub(crate) struct Graph {
    sources: Vec<Node>,
    roles: Vec<Node>,
    edges: Vec<Edge>,
    height: usize,
    sentences: Vec<String>,
}

struct Node {
    text: String,
    below: String,
    y: usize,
}

struct Edge {
    from: usize,
    to: usize,
    is_group: bool,
}

/// It escapes what it is made of itself.
impl HtmlSafe for Graph {}

impl Graph {
    /// The roles of a member, as the product tells them.
    pub(crate) fn of(member: &Value, names: &Names) -> Self {
        let mut graph = Self {
            sources: Vec::new(),
            roles: Vec::new(),
            edges: Vec::new(),
            height: 0,
            sentences: Vec::new(),
        };
        for edge in edges(member, names) {
            let from = place(&mut graph.sources, &edge.source, &edge.through);
            let to = place(&mut graph.roles, &edge.role, "");
            graph.edges.push(Edge {
                from,
                to,
                is_group: edge.source.starts_with("group "),
            });
            graph.sentences.push(edge.sentence());
        }
        graph.height = graph.sources.len().max(graph.roles.len()).max(1) * ROW + 8;
        graph
    }
}

/// The middle of the box with these words, which is made if there is none.
fn place(boxes: &mut Vec<Node>, text: &str, below: &str) -> usize {
    let (text, below) = (shortened(text), shortened(below));
    let mut known = boxes.iter();
    if let Some(known) = known.find(|known| known.text == text && known.below == below) {
        return known.y + ROW / 2 - 4;
    }
    let y = boxes.len() * ROW + 4;
    boxes.push(Node { text, below, y });
    y + ROW / 2 - 4
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let short: String = text.chars().take(LONGEST).collect();
    format!("{short}…")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_source_and_each_role_is_drawn_once_and_escaped() {
        let group = |group: &str| {
            json!({ "type": "sso_connection_group",
                    "details": { "connection_id": "c", "group": group } })
        };
        let member = json!({ "roles": [
            { "role_id": "editor", "sources": [group("<b>eng")] },
            { "role_id": "viewer", "sources": [group("<b>eng"), group(&"x".repeat(99))] },
        ]});
        let graph = Graph::of(&member, &Names::new());
        assert_eq!(
            (graph.sources.len(), graph.roles.len(), graph.edges.len()),
            (2, 2, 3)
        );
        let html = graph.render().unwrap();
        assert!(
            html.contains("group &#60;b&#62;eng") && !html.contains("<b>"),
            "{html}"
        );
        assert!(!html.contains("style="), "{html}");
    }
}
