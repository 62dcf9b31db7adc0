//! XML as a tree that can be cut, moved and written again, from a reader that forgives a lot:
//! several roots, comments, entities and document types are all taken in.

use std::collections::BTreeMap;

/// Where an element is: the index of each child from the document down.
pub type Place = Vec<usize>;

/// What stands in an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    Element(Element),
    Text(String),
    Comment(String),
    /// Processing instructions and document types, which mean nothing here.
    Markup(String),
}

/// An element with its names as they are written; namespaces are attributes like others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Node>,
}

/// Reads a text; what comes back has no name and holds the roots.
pub fn parse(text: &str) -> Option<Element> {
    let entities = entities(text);
    let mut open = vec![Element::default()];
    let mut rest = text;
    while let Some((before, markup)) = rest.split_once('<') {
        add_text(open.last_mut()?, before, &entities);
        rest = if let Some(body) = markup.strip_prefix("!--") {
            let (comment, after) = body.split_once("-->")?;
            let node = Node::Comment(comment.to_owned());
            open.last_mut()?.children.push(node);
            after
        } else if let Some(body) = markup.strip_prefix("![CDATA[") {
            let (text, after) = body.split_once("]]>")?;
            open.last_mut()?.children.push(Node::Text(text.to_owned()));
            after
        } else if markup.starts_with(['!', '?']) {
            let (markup, after) = markup.split_once(end_of_markup(markup))?;
            let node = Node::Markup(markup.to_owned());
            open.last_mut()?.children.push(node);
            after
        } else if let Some(closing) = markup.strip_prefix('/') {
            let (name, after) = closing.split_once('>')?;
            let done = open.pop().filter(|done| done.name == name.trim())?;
            open.last_mut()?.children.push(Node::Element(done));
            after
        } else {
            let (element, is_empty, after) = start_tag(markup, &entities)?;
            if is_empty {
                open.last_mut()?.children.push(Node::Element(element));
            } else {
                open.push(element);
            }
            after
        };
    }
    let document = open.pop()?;
    open.is_empty().then_some(document)
}

fn end_of_markup(markup: &str) -> &'static str {
    let before = markup.split_once('>').map_or(markup, |(before, _)| before);
    if markup.starts_with('!') && before.contains('[') {
        "]>"
    } else {
        ">"
    }
}

fn start_tag<'a>(
    markup: &'a str,
    entities: &BTreeMap<String, String>,
) -> Option<(Element, bool, &'a str)> {
    let is_end = |character: char| character.is_whitespace() || "/>".contains(character);
    let (name, mut rest) = markup.split_at_checked(markup.find(is_end)?)?;
    let mut element = Element {
        name: name.to_owned(),
        ..Element::default()
    };
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix("/>") {
            return Some((element, true, after));
        }
        if let Some(after) = rest.strip_prefix('>') {
            return Some((element, false, after));
        }
        let (name, value) = rest.split_once('=')?;
        let value = value.trim_start();
        let quote = value.chars().next().filter(|it| "'\"".contains(*it))?;
        let (value, after) = value.strip_prefix(quote)?.split_once(quote)?;
        let value: String = pieces(value, entities).concat();
        element.attributes.push((name.trim().to_owned(), value));
        rest = after;
    }
}

/// The internal entities that a document type declares.
fn entities(text: &str) -> BTreeMap<String, String> {
    let declarations = text.split("<!ENTITY ").skip(1);
    let read = |declaration: &str| {
        let (name, rest) = declaration.trim_start().split_once(' ')?;
        let (value, _) = rest.trim_start().strip_prefix('"')?.split_once('"')?;
        Some((name.to_owned(), value.to_owned()))
    };
    declarations.filter_map(read).collect()
}

fn add_text(element: &mut Element, text: &str, entities: &BTreeMap<String, String>) {
    let pieces = pieces(text, entities).into_iter();
    let pieces = pieces.filter(|piece| !piece.is_empty());
    element.children.extend(pieces.map(Node::Text));
}

/// The text with its references resolved; what an entity of the document stands for is a piece of
/// its own.
fn pieces(text: &str, entities: &BTreeMap<String, String>) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut rest = text;
    while let Some((before, reference)) = rest.split_once('&') {
        let (name, after) = reference.split_once(';').unwrap_or((reference, ""));
        let last = pieces.last_mut().unwrap();
        last.push_str(before);
        match (character(name), entities.get(name)) {
            (Some(character), _) => last.push(character),
            (None, Some(value)) => pieces.extend([value.clone(), String::new()]),
            (None, None) => last.extend(["&", name, ";"]),
        }
        rest = after;
    }
    pieces.last_mut().unwrap().push_str(rest);
    pieces
}

fn character(name: &str) -> Option<char> {
    let number = |digits, radix| u32::from_str_radix(digits, radix).ok();
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = digits
                .strip_prefix('x')
                .map_or_else(|| number(digits, 10), |digits| number(digits, 16));
            char::from_u32(code?)
        }
    }
}

/// Text between tags.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('\r', "&#xD;")
}

/// The value of an attribute in double quotes.
pub fn escape_attribute(value: &str) -> String {
    value
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
        .replace('\t', "&#x9;")
        .replace('\n', "&#xA;")
        .replace('\r', "&#xD;")
}

impl Element {
    /// The name without its prefix.
    pub fn local_name(&self) -> &str {
        self.name
            .split_once(':')
            .map_or(self.name.as_str(), |(_, local)| local)
    }

    /// The prefix of the name; empty if it has none.
    pub fn prefix(&self) -> &str {
        self.name.split_once(':').map_or("", |(prefix, _)| prefix)
    }

    pub fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|child| match child {
            Node::Element(element) => Some(element),
            _ => None,
        })
    }

    /// The first child element of that local name.
    pub fn child(&self, local_name: &str) -> Option<&Element> {
        self.elements().find(|it| it.local_name() == local_name)
    }

    /// The element at a place below this one.
    pub fn at(&self, place: &[usize]) -> Option<&Element> {
        let Some((first, rest)) = place.split_first() else {
            return Some(self);
        };
        match self.children.get(*first)? {
            Node::Element(element) => element.at(rest),
            _ => None,
        }
    }

    pub fn at_mut(&mut self, place: &[usize]) -> Option<&mut Element> {
        let Some((first, rest)) = place.split_first() else {
            return Some(self);
        };
        match self.children.get_mut(*first)? {
            Node::Element(element) => element.at_mut(rest),
            _ => None,
        }
    }

    /// The places of all elements below this one, in the order of the document.
    pub fn places(&self) -> Vec<Place> {
        let mut found = Vec::new();
        self.collect(&mut Vec::new(), &mut found);
        found
    }

    fn collect(&self, here: &mut Place, found: &mut Vec<Place>) {
        for (index, child) in self.children.iter().enumerate() {
            if let Node::Element(element) = child {
                here.push(index);
                found.push(here.clone());
                element.collect(here, found);
                here.pop();
            }
        }
    }

    /// The places of the elements of that local name.
    pub fn places_of(&self, local_name: &str) -> Vec<Place> {
        let is_named = |place: &Place| self.at(place).unwrap().local_name() == local_name;
        self.places().into_iter().filter(is_named).collect()
    }

    /// The element as it would be written.
    pub fn written(&self) -> String {
        let inside: String = self.children.iter().map(Node::written).collect();
        if self.name.is_empty() {
            return inside;
        }
        let attribute =
            |(name, value): &(String, String)| format!(" {name}=\"{}\"", escape_attribute(value));
        let attributes: String = self.attributes.iter().map(attribute).collect();
        format!("<{0}{attributes}>{inside}</{0}>", self.name)
    }
}

impl Node {
    pub fn written(&self) -> String {
        match self {
            Self::Element(element) => element.written(),
            Self::Text(text) => escape(text),
            Self::Comment(text) => format!("<!--{text}-->"),
            Self::Markup(text) if text.starts_with('!') => format!("<{text}]>"),
            Self::Markup(text) => format!("<{text}>"),
        }
    }
}
