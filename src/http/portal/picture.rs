//! The picture of where roles come from: boxes in three columns, and lines from one to the next.

use std::collections::HashMap;

use crate::use_cases::explain::graph::Column;
use crate::use_cases::explain::graph::Graph;
use crate::use_cases::explain::sentences::plain;

/// With more than so many boxes in a column nobody sees anything any more.
const MOST_IN_A_COLUMN: usize = 30;
const BOX_WIDTH: u32 = 210;
const BOX_HEIGHT: u32 = 36;
const ROW: u32 = 52;
const COLUMN: u32 = 290;
const TOP: u32 = 30;
const LONGEST_LABEL: usize = 24;

/// A picture as the page draws it.
pub(super) struct Picture {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) boxes: Vec<Drawn>,
    pub(super) lines: Vec<Line>,
    /// The same as rows: from, to, and whether it decides.
    pub(super) table: Vec<(String, String, bool)>,
}

/// A box.
pub(super) struct Drawn {
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) text_x: u32,
    pub(super) text_y: u32,
    pub(super) label: String,
    pub(super) whole: String,
}

/// A line between two boxes.
pub(super) struct Line {
    pub(super) path: String,
    pub(super) decides: bool,
}

/// Draws a graph; none if there is nothing in it, or too much.
pub(super) fn of(graph: &Graph) -> Option<Picture> {
    let columns = [Column::Source, Column::Rule, Column::Role];
    let longest = columns
        .iter()
        .map(|column| graph.column(*column).count())
        .max()?;
    if longest == 0 || longest > MOST_IN_A_COLUMN {
        return None;
    }
    let rows = u32::try_from(longest).ok()?;
    let (mut boxes, mut places) = (Vec::new(), HashMap::new());
    let mut x = 4;
    for column in columns {
        let count = u32::try_from(graph.column(column).count()).ok()?;
        let mut y = TOP + (rows - count) * ROW / 2;
        for node in graph.column(column) {
            let whole = plain(&node.label);
            boxes.push(Drawn {
                x,
                y,
                text_x: x + 12,
                text_y: y + 23,
                label: cut(&whole),
                whole: whole.clone(),
            });
            places.insert(node.id.as_str(), (x, y + BOX_HEIGHT / 2, whole));
            y += ROW;
        }
        x += COLUMN;
    }
    let (mut lines, mut table) = (Vec::new(), Vec::new());
    for edge in &graph.edges {
        let (from, to) = (
            places.get(edge.from.as_str())?,
            places.get(edge.to.as_str())?,
        );
        let (start, middle) = (from.0 + BOX_WIDTH, (from.0 + BOX_WIDTH + to.0) / 2);
        lines.push(Line {
            path: format!(
                "M{start} {} C{middle} {} {middle} {} {} {}",
                from.1, from.1, to.1, to.0, to.1
            ),
            decides: edge.decides,
        });
        table.push((from.2.clone(), to.2.clone(), edge.decides));
    }
    // What decides is drawn over the rest.
    lines.sort_by_key(|line| line.decides);
    Some(Picture {
        width: 2 * COLUMN + BOX_WIDTH + 8,
        height: TOP + rows * ROW,
        boxes,
        lines,
        table,
    })
}

fn cut(label: &str) -> String {
    if label.chars().count() <= LONGEST_LABEL {
        return label.to_owned();
    }
    let kept = label.chars().take(LONGEST_LABEL - 1);
    kept.chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::use_cases::explain::graph::Column;
    use crate::use_cases::explain::graph::Edge;
    use crate::use_cases::explain::graph::Graph;
    use crate::use_cases::explain::graph::Node;

    fn graph(rules: usize) -> Graph {
        let node = |id: String, column| Node {
            label: id.clone(),
            id,
            column,
        };
        let mut nodes = vec![node("s".to_owned(), Column::Source)];
        let mut edges = Vec::new();
        for rule in 0..rules {
            nodes.push(node(format!("rule {rule}"), Column::Rule));
            edges.push(Edge {
                from: "s".to_owned(),
                to: format!("rule {rule}"),
                decides: rule == 0,
            });
        }
        Graph { nodes, edges }
    }

    #[test]
    fn boxes_stand_apart_and_what_decides_is_drawn_last() {
        let picture = of(&graph(3)).unwrap();
        let mut places: Vec<_> = picture.boxes.iter().map(|it| (it.x, it.y)).collect();
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), 4);
        assert!(picture.lines.last().unwrap().decides && !picture.lines[0].decides);
        assert!(picture.boxes.iter().all(|it| it.y + 36 <= picture.height));
        assert!(of(&graph(0)).is_some() && of(&graph(31)).is_none());
        assert!(of(&Graph::default()).is_none());
    }
}
