//! Mutations that know what a response is made of: elements are moved, copied, wrapped and renamed,
//! texts and attributes altered, each chosen by the bytes that are given.

use super::tree::Element;
use super::tree::Node;
use super::tree::Place;
use super::tree::parse;

const MOST_MUTATIONS: usize = 8;
/// Larger documents only slow the search down.
const LARGEST: usize = 96 * 1024;

const NAMES: [&str; 10] = [
    "samlp:Extensions",
    "samlp:StatusDetail",
    "saml:Advice",
    "saml:Assertion",
    "saml:EncryptedAssertion",
    "saml:AttributeValue",
    "saml:NameID",
    "ds:Object",
    "ds:Signature",
    "x:Response",
];
const PREFIXES: [&str; 6] = ["saml", "samlp", "ds", "x", "xml", ""];
const NAMESPACES: [&str; 6] = [
    "urn:oasis:names:tc:SAML:2.0:assertion",
    "urn:oasis:names:tc:SAML:2.0:protocol",
    "http://www.w3.org/2000/09/xmldsig#",
    "urn:x",
    "1",
    "",
];
const ID_NAMES: [&str; 5] = ["ID", "Id", "id", "xml:id", "x:ID"];
const WORDS: [&str; 8] = [
    "",
    " ",
    "eva@acme.test",
    "urn:oasis:names:tc:SAML:2.0:status:Success",
    "2.0",
    "https://elsewhere.test",
    "2999-01-01T00:00:00Z",
    "&e;",
];

struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next byte; zero when there is none left.
    fn next(&mut self) -> usize {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        usize::from(*first)
    }

    fn one_of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.next() % all.len().max(1))
    }
}

/// The seed, changed as the bytes say; `evil` is a forged assertion that may be put in.
pub fn mutated(seed: &str, evil: &str, bytes: &[u8]) -> String {
    let mut bytes = Bytes(bytes);
    let mut document = parse(seed).unwrap();
    let evil = parse(evil).unwrap().children;
    for _ in 0..MOST_MUTATIONS {
        if bytes.is_empty() || document.written().len() > LARGEST {
            break;
        }
        mutate(&mut document, &evil, &mut bytes);
    }
    document.written()
}

fn mutate(document: &mut Element, evil: &[Node], bytes: &mut Bytes<'_>) {
    let kind = bytes.next() % 14;
    let places = document.places();
    let Some(place) = bytes.one_of(&places).cloned() else {
        return;
    };
    match kind {
        0 => {
            if let Some(node) = removed(document, &place) {
                insert(document, node, bytes);
            }
        }
        1 => {
            let copy = document.at(&place).cloned();
            insert(document, Node::Element(copy.unwrap_or_default()), bytes);
        }
        2 => wrap(document, &place, bytes),
        3 => drop(removed(document, &place)),
        4 => {
            for node in evil {
                insert(document, node.clone(), bytes);
            }
        }
        5 => {
            let other = bytes.one_of(&places).cloned().unwrap_or_default();
            swap(document, &place, &other);
        }
        6 => unwrap(document, &place),
        _ => {
            if let Some(element) = document.at_mut(&place) {
                alter(element, kind, bytes);
            }
        }
    }
}

/// Changes that stay inside one element.
fn alter(element: &mut Element, kind: usize, bytes: &mut Bytes<'_>) {
    let word = |bytes: &mut Bytes<'_>| (*bytes.one_of(&WORDS).unwrap()).to_owned();
    match kind {
        7 => {
            let prefix = bytes.one_of(&PREFIXES).unwrap();
            let local = element.local_name().to_owned();
            element.name = match *prefix {
                "" => local,
                prefix => format!("{prefix}:{local}"),
            };
        }
        8 => element.children.push(Node::Text(word(bytes))),
        9 => split(element, bytes),
        10 => {
            let index = bytes.next() % element.attributes.len().max(1);
            let word = word(bytes);
            if let Some((_, value)) = element.attributes.get_mut(index) {
                *value = word;
            }
        }
        11 => {
            let index = bytes.next() % element.attributes.len().max(1);
            if index < element.attributes.len() {
                element.attributes.remove(index);
            }
        }
        12 => {
            let prefix = bytes.one_of(&PREFIXES).unwrap();
            let name = format!("xmlns:{prefix}");
            let name = name.trim_end_matches(':').to_owned();
            let uri = bytes.one_of(&NAMESPACES).unwrap();
            element.attributes.retain(|(known, _)| *known != name);
            element.attributes.push((name, (*uri).to_owned()));
        }
        _ => {
            let name = bytes.one_of(&ID_NAMES).unwrap();
            let id = ["_evil", "_r", "_a"][bytes.next() % 3];
            let pair = ((*name).to_owned(), id.to_owned());
            element.attributes.push(pair);
        }
    }
}

/// Puts a comment, an instruction or a word into the middle of a text.
fn split(element: &mut Element, bytes: &mut Bytes<'_>) {
    let wedge = match bytes.next() % 4 {
        0 => Node::Comment("x".to_owned()),
        1 => Node::Markup("?x?".to_owned()),
        2 => Node::Text("x".to_owned()),
        _ => Node::Text(String::new()),
    };
    let at = bytes.next();
    let texts = element
        .children
        .iter()
        .position(|it| matches!(it, Node::Text(_)));
    let Some((index, Node::Text(text))) =
        texts.map(|index| (index, element.children[index].clone()))
    else {
        element.children.push(wedge);
        return;
    };
    let at = at % (text.chars().count() + 1);
    let before: String = text.chars().take(at).collect();
    let after: String = text.chars().skip(at).collect();
    let pieces = [Node::Text(before), wedge, Node::Text(after)];
    element.children.splice(index..=index, pieces);
}

fn insert(document: &mut Element, node: Node, bytes: &mut Bytes<'_>) {
    let places = document.places();
    let parent = bytes.one_of(&places).cloned().unwrap_or_default();
    let index = bytes.next();
    if let Some(parent) = document.at_mut(&parent) {
        let index = index % (parent.children.len() + 1);
        parent.children.insert(index, node);
    }
}

fn removed(document: &mut Element, place: &Place) -> Option<Node> {
    let (last, parent) = place.split_last()?;
    // The root stays, or there would be nothing left to change.
    if parent.is_empty() {
        return None;
    }
    Some(document.at_mut(parent)?.children.remove(*last))
}

fn wrap(document: &mut Element, place: &Place, bytes: &mut Bytes<'_>) {
    let name = *bytes.one_of(&NAMES).unwrap();
    if let Some(element) = document.at_mut(place) {
        let inner = std::mem::take(element);
        name.clone_into(&mut element.name);
        element.children = vec![Node::Element(inner)];
    }
}

fn unwrap(document: &mut Element, place: &Place) {
    let Some((last, parent)) = place.split_last() else {
        return;
    };
    if parent.is_empty() {
        return;
    }
    if let Some(parent) = document.at_mut(parent)
        && let Node::Element(element) = parent.children.remove(*last)
    {
        parent.children.splice(*last..*last, element.children);
    }
}

fn swap(document: &mut Element, one: &Place, other: &Place) {
    if one.starts_with(other) || other.starts_with(one) {
        return;
    }
    let (Some(first), Some(second)) = (document.at(one).cloned(), document.at(other).cloned())
    else {
        return;
    };
    for (place, element) in [(one, second), (other, first)] {
        if let Some(slot) = document.at_mut(place) {
            *slot = element;
        }
    }
}
