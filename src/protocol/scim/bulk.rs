//! In which order the operations of a bulk request are done (RFC 7644 §3.7).
//!
//! Operations are done as they come, except that one which creates a resource comes before those
//! which refer to it. Operations that refer to each other in a circle are one step.

use crate::protocol::scim::bulk_references::references;
use crate::protocol::scim::bulk_request::BulkRequest;
use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::operation::Method;
use crate::protocol::scim::operation::Operation;
use serde_json::Map;
use serde_json::Value;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::collections::HashSet;

/// What is done for a bulk request, step by step.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// After how many failed operations to stop; `None` to go on to the end.
    pub fail_on_errors: Option<u64>,
    /// The steps, each of which needs only what those before it made.
    pub steps: Vec<Step>,
}

/// What can only be done as a whole.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// An operation by itself.
    Single(Entry),
    /// Operations that create resources which refer to each other.
    Circle(Vec<Entry>),
}

/// An operation of a bulk request.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its place in the request.
    pub position: usize,
    /// The method, as it is echoed.
    pub method: Option<String>,
    /// The client's name for the resource.
    pub bulk_id: Option<String>,
    /// What is to be done, or why it cannot be.
    pub operation: Result<Operation, ScimError>,
}

impl Plan {
    /// Puts the operations of a request into order.
    pub fn of(request: BulkRequest) -> Result<Self, ScimError> {
        let entries = request.operations.into_iter().enumerate();
        let mut entries: Vec<Entry> = entries
            .map(|(position, value)| Entry::read(position, value))
            .collect();
        refuse_repeated_names(&entries)?;
        let edges = edges(&mut entries);
        let mut entries: HashMap<usize, Entry> = entries.into_iter().enumerate().collect();
        let steps = Circles::of(&edges).into_iter().filter_map(|members| {
            let is_circle = members
                .iter()
                .any(|member| edges.get(*member).is_some_and(|to| to.contains(member)))
                || members.len() > 1;
            let mut step: Vec<Entry> = members
                .iter()
                .filter_map(|member| entries.remove(member))
                .collect();
            if is_circle {
                Some(Step::Circle(step))
            } else {
                step.pop().map(Step::Single)
            }
        });
        Ok(Self {
            steps: steps.collect(),
            fail_on_errors: request.fail_on_errors,
        })
    }
}

impl Entry {
    fn read(position: usize, value: Value) -> Self {
        let fields = match value {
            Value::Object(fields) => fields.into_iter(),
            _ => Map::new().into_iter(),
        };
        let fields: Map<String, Value> = fields
            .map(|(name, value)| (name.to_ascii_lowercase(), value))
            .collect();
        let text = |name: &str| {
            let text = fields.get(name).and_then(Value::as_str);
            text.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        Self {
            position,
            method: text("method"),
            bulk_id: text("bulkid"),
            operation: operation(&text, fields.get("data").cloned()),
        }
    }

    /// Whether a resource is made here that others may refer to.
    fn makes(&self) -> Option<&str> {
        let operation = self.operation.as_ref().ok()?;
        let is_post = operation.method == Method::Post;
        self.bulk_id.as_deref().filter(|_| is_post)
    }
}

fn operation(
    text: &impl Fn(&str) -> Option<String>,
    data: Option<Value>,
) -> Result<Operation, ScimError> {
    let method = text("method").as_deref().and_then(Method::parse);
    let Some(method) = method.filter(|method| *method != Method::Get) else {
        return Err(ScimError::InvalidSyntax(
            "`method` of an operation must be \"POST\", \"PUT\", \"PATCH\" or \"DELETE\""
                .to_owned(),
        ));
    };
    let path = text("path").ok_or_else(|| {
        ScimError::InvalidPath("an operation needs a `path`, such as \"/Users\"".to_owned())
    })?;
    let operation = Operation::read(method, &path, data)?;
    if operation.endpoint == "Bulk" {
        return Err(ScimError::InvalidPath(
            "a bulk request cannot hold another one; list all operations in one".to_owned(),
        ));
    }
    if method != Method::Post {
        return Ok(operation.of_version(text("version")));
    }
    match text("bulkid") {
        Some(_) => Ok(operation),
        None => Err(ScimError::InvalidValue(
            "a POST needs a `bulkId`: any name that no other operation of the request has"
                .to_owned(),
        )),
    }
}

fn refuse_repeated_names(entries: &[Entry]) -> Result<(), ScimError> {
    let mut seen = HashSet::new();
    let mut given = entries.iter().filter_map(|entry| entry.bulk_id.as_deref());
    match given.find(|name| !seen.insert(*name)) {
        None => Ok(()),
        Some(repeated) => Err(ScimError::InvalidValue(format!(
            "the `bulkId` \"{}\" is used more than once; nothing was done",
            repeated.chars().take(100).collect::<String>()
        ))),
    }
}

/// Which operations each operation needs. One that refers to what no operation makes can only fail.
fn edges(entries: &mut [Entry]) -> Vec<BTreeSet<usize>> {
    let makers: HashMap<String, usize> = entries
        .iter()
        .filter_map(|entry| Some((entry.makes()?.to_owned(), entry.position)))
        .collect();
    let mut edges = Vec::with_capacity(entries.len());
    for entry in entries {
        let named = entry.operation.as_ref().map(references);
        let mut needed = BTreeSet::new();
        for name in named.unwrap_or_default() {
            match makers.get(&name) {
                Some(maker) => {
                    needed.insert(*maker);
                }
                None => entry.operation = Err(nobody_makes(&name)),
            }
        }
        edges.push(needed);
    }
    edges
}

fn nobody_makes(name: &str) -> ScimError {
    let name: String = name.chars().take(100).collect();
    ScimError::InvalidValue(format!(
        "\"bulkId:{name}\" refers to nothing: no POST of this request that can be read has the \
         `bulkId` \"{name}\""
    ))
}

/// Tarjan's search for circles, which finds what is needed before what needs it.
struct Circles<'e> {
    edges: &'e [BTreeSet<usize>],
    numbers: HashMap<usize, usize>,
    open: Vec<usize>,
    is_open: HashSet<usize>,
    found: Vec<BTreeSet<usize>>,
}

impl<'e> Circles<'e> {
    fn of(edges: &'e [BTreeSet<usize>]) -> Vec<BTreeSet<usize>> {
        let mut search = Self {
            edges,
            numbers: HashMap::new(),
            open: Vec::new(),
            is_open: HashSet::new(),
            found: Vec::new(),
        };
        for start in 0..edges.len() {
            if !search.numbers.contains_key(&start) {
                search.visit(start);
            }
        }
        search.found
    }

    /// The lowest number that can be reached. As deep as there are operations, which is not deep.
    fn visit(&mut self, node: usize) -> usize {
        let number = self.numbers.len();
        self.numbers.insert(node, number);
        self.open.push(node);
        self.is_open.insert(node);
        let mut lowest = number;
        for next in self.edges.get(node).into_iter().flatten() {
            match self.numbers.get(next) {
                None => lowest = lowest.min(self.visit(*next)),
                Some(seen) if self.is_open.contains(next) => lowest = lowest.min(*seen),
                Some(_) => {}
            }
        }
        if lowest == number {
            let mut circle = BTreeSet::new();
            while !circle.contains(&node)
                && let Some(member) = self.open.pop()
            {
                self.is_open.remove(&member);
                circle.insert(member);
            }
            self.found.push(circle);
        }
        lowest
    }
}

#[cfg(test)]
mod tests;
