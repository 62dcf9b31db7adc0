//! Exclusive XML Canonicalization 1.0 without comments, over trees.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::tree::Element;
use super::tree::Node;
use super::tree::escape;
use super::tree::escape_attribute;

/// Prefixes and what they stand for; the empty prefix is the default namespace.
type Namespaces = BTreeMap<String, String>;

/// The bytes of the element at `place`, without the element at `left_out`; the prefixes of
/// `inclusive` are rendered wherever they are in scope.
pub fn canonical(
    document: &Element,
    (place, left_out): (&[usize], Option<&[usize]>),
    inclusive: &[String],
) -> Option<String> {
    let mut scope = Namespaces::new();
    let mut element = document;
    declare(&mut scope, element);
    for index in place {
        element = element.at(&[*index])?;
        declare(&mut scope, element);
    }
    let writer = Writer {
        left_out,
        inclusive,
    };
    let mut out = String::new();
    let mut here = place.to_vec();
    writer.write(element, (&mut here, &scope, &Namespaces::new()), &mut out);
    Some(out)
}

/// What the prefixes mean at a place.
pub fn namespaces(document: &Element, place: &[usize]) -> BTreeMap<String, String> {
    let mut scope = Namespaces::new();
    let mut element = Some(document);
    for index in place {
        element = element.and_then(|element| element.at(&[*index]));
        if let Some(element) = element {
            declare(&mut scope, element);
        }
    }
    scope
}

fn declare(scope: &mut Namespaces, element: &Element) {
    for (name, value) in &element.attributes {
        if name == "xmlns" {
            scope.insert(String::new(), value.clone());
        } else if let Some(prefix) = name.strip_prefix("xmlns:") {
            scope.insert(prefix.to_owned(), value.clone());
        }
    }
}

fn is_declaration(name: &str) -> bool {
    name == "xmlns" || name.starts_with("xmlns:")
}

struct Writer<'a> {
    left_out: Option<&'a [usize]>,
    inclusive: &'a [String],
}

impl Writer<'_> {
    fn write(
        &self,
        element: &Element,
        (here, scope, rendered): (&mut Vec<usize>, &Namespaces, &Namespaces),
        out: &mut String,
    ) {
        let mut rendered = rendered.clone();
        out.extend(["<", &element.name]);
        for prefix in self.used(element, scope) {
            let uri = scope.get(&prefix).cloned().unwrap_or_default();
            let before = rendered.insert(prefix.clone(), uri.clone());
            let is_known = before.as_ref() == Some(&uri) || (before.is_none() && uri.is_empty());
            if !is_known && prefix != "xml" {
                let colon = if prefix.is_empty() { "" } else { ":" };
                out.extend([
                    " xmlns",
                    colon,
                    &prefix,
                    "=\"",
                    &escape_attribute(&uri),
                    "\"",
                ]);
            }
        }
        for (name, value) in sorted_attributes(element, scope) {
            out.extend([" ", name, "=\"", &escape_attribute(value), "\""]);
        }
        out.push('>');
        for (index, child) in element.children.iter().enumerate() {
            here.push(index);
            match child {
                Node::Element(child) if self.left_out != Some(here.as_slice()) => {
                    let mut scope = scope.clone();
                    declare(&mut scope, child);
                    self.write(child, (here, &scope, &rendered), out);
                }
                Node::Text(text) => out.push_str(&escape(text)),
                _ => {}
            }
            here.pop();
        }
        out.extend(["</", &element.name, ">"]);
    }

    /// The prefixes to render, in the order of canonical XML.
    fn used(&self, element: &Element, scope: &Namespaces) -> BTreeSet<String> {
        let mut used = BTreeSet::from([element.prefix().to_owned()]);
        for (name, _) in &element.attributes {
            if let Some((prefix, _)) = name.split_once(':')
                && !is_declaration(name)
            {
                used.insert(prefix.to_owned());
            }
        }
        let inclusive = self.inclusive.iter();
        used.extend(inclusive.filter(|it| scope.contains_key(*it)).cloned());
        used
    }
}

/// Attributes by namespace, then by local name.
fn sorted_attributes<'a>(element: &'a Element, scope: &Namespaces) -> Vec<(&'a str, &'a str)> {
    let plain = element
        .attributes
        .iter()
        .filter(|(name, _)| !is_declaration(name));
    let mut attributes: Vec<(&str, &str)> = plain
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let key = |name: &str| match name.split_once(':') {
        Some((prefix, local)) => (
            scope.get(prefix).cloned().unwrap_or_default(),
            local.to_owned(),
        ),
        None => (String::new(), name.to_owned()),
    };
    attributes.sort_by_key(|(name, _)| key(name));
    attributes
}
