//! What a document must look like apart from its signatures: one rule each, with the reader that
//! knows all of them but that one.

use std::collections::BTreeSet;

use chrono::DateTime;

use super::canonical::namespaces;
use super::sign::ENVELOPED;
use super::sign::EXCLUSIVE;
use super::tree::Element;
use super::tree::Node;
use super::tree::Place;

type Rule = fn(&Element, &str) -> bool;

const LONGEST: usize = 192 * 1024;
const MOST_ELEMENTS: usize = 20_000;
const MOST_ATTRIBUTES: usize = 40;
const MOST_NAMESPACES: usize = 64;
const MOST_VALUES: usize = 1_000;
const DEEPEST: usize = 40;

pub const RULES: [(&str, Rule); 23] = [
    ("takes_any_root", |document, _| {
        let roots: Vec<&str> = document.elements().map(Element::local_name).collect();
        roots == ["Response"]
    }),
    ("believes_any_declared_encoding", |_, text| {
        let declared = text.split_once("?>").map_or("", |(before, _)| before);
        !declared.contains("encoding=") || declared.contains("\"UTF-8\"")
    }),
    ("takes_comments", |_, text| !text.contains("<!--")),
    ("takes_document_types", |_, text| {
        !text.contains("<!DOCTYPE")
    }),
    ("takes_text_after_the_root", |_, text| {
        text.trim_end().ends_with('>')
    }),
    ("takes_text_between_elements", |document, _| {
        each(document, |it, _| !mixes(it))
    }),
    ("takes_extensions", |document, _| {
        document.places_of("Extensions").is_empty()
    }),
    ("takes_repeated_attributes", |document, _| {
        each(document, |it, _| {
            let names: BTreeSet<&String> = it.attributes.iter().map(|(name, _)| name).collect();
            names.len() == it.attributes.len()
        })
    }),
    ("takes_undeclared_prefixes", |document, _| {
        each(document, |it, place| {
            it.prefix().is_empty() || namespaces(document, place).contains_key(it.prefix())
        })
    }),
    ("takes_any_instant", |document, _| {
        each(document, |it, _| {
            let instant = it.attribute("IssueInstant");
            instant.is_none_or(|it| DateTime::parse_from_rfc3339(it).is_ok())
        })
    }),
    ("takes_a_second_value", |document, _| {
        signatures(document, |it, _| count(it, "SignatureValue") == 1)
    }),
    ("takes_objects", |document, _| {
        signatures(document, |it, _| count(it, "Object") == 0)
    }),
    ("takes_signatures_anywhere", |document, _| {
        signatures(document, |_, place| stands_early(document, place))
    }),
    ("takes_signatures_of_others", |document, _| {
        signatures(document, |it, place| {
            is_about_its_parent(document, it, place)
        })
    }),
    ("takes_any_transform", |document, _| {
        signatures(document, |it, _| transforms_are_usual(it))
    }),
    ("takes_any_canonicalization", |document, _| {
        algorithms(document, "CanonicalizationMethod", |it| it == EXCLUSIVE)
    }),
    ("takes_sha_1_digests", |document, _| {
        let sha_1 = "http://www.w3.org/2000/09/xmldsig#sha1";
        signatures(document, |it, _| {
            algorithms(it, "DigestMethod", |it| it != sha_1)
        })
    }),
    ("takes_any_number_of_bytes", |_, text| text.len() <= LONGEST),
    ("takes_any_number_of_elements", |document, _| {
        document.places().len() <= MOST_ELEMENTS
    }),
    ("takes_any_number_of_attributes", |document, _| {
        each(document, |it, _| it.attributes.len() <= MOST_ATTRIBUTES)
    }),
    ("takes_any_number_of_namespaces", |document, _| {
        each(document, |_, place| {
            namespaces(document, place).len() <= MOST_NAMESPACES
        })
    }),
    ("takes_any_number_of_values", |document, _| {
        document.places_of("AttributeValue").len() <= MOST_VALUES
    }),
    ("takes_any_depth", |document, _| {
        document.places().iter().all(|place| place.len() <= DEEPEST)
    }),
];

/// Whether every rule holds but the one that a reader does not know.
pub fn hold(unknown_to: &str, document: &Element, text: &str) -> bool {
    let mut known = RULES.iter().filter(|(reader, _)| *reader != unknown_to);
    known.all(|(_, rule)| rule(document, text))
}

fn each(document: &Element, is_right: impl Fn(&Element, &Place) -> bool) -> bool {
    let mut places = document.places().into_iter();
    places.all(|place| document.at(&place).is_some_and(|it| is_right(it, &place)))
}

fn signatures(document: &Element, is_right: impl Fn(&Element, &Place) -> bool) -> bool {
    each(document, |it, place| {
        it.local_name() != "Signature" || is_right(it, place)
    })
}

fn algorithms(element: &Element, name: &str, is_right: impl Fn(&str) -> bool) -> bool {
    let places = element.places_of(name);
    let mut named = places
        .iter()
        .filter_map(|place| element.at(place)?.attribute("Algorithm"));
    named.all(is_right)
}

fn count(element: &Element, local_name: &str) -> usize {
    element
        .elements()
        .filter(|it| it.local_name() == local_name)
        .count()
}

/// Words beside elements; values and the like may be anything.
fn mixes(element: &Element) -> bool {
    let is_word = |node: &Node| matches!(node, Node::Text(text) if !text.trim().is_empty());
    element.elements().next().is_some() && element.children.iter().any(is_word)
}

fn parent<'a>(document: &'a Element, place: &Place) -> Option<&'a Element> {
    let (_, above) = place.split_last()?;
    document.at(above)
}

/// First, or after the Issuer.
fn stands_early(document: &Element, place: &Place) -> bool {
    let names = parent(document, place)
        .into_iter()
        .flat_map(Element::elements);
    let before = names
        .map(Element::local_name)
        .take_while(|name| *name != "Signature");
    before.into_iter().all(|name| name == "Issuer")
}

fn is_about_its_parent(document: &Element, signature: &Element, place: &Place) -> bool {
    let reference = signature
        .child("SignedInfo")
        .and_then(|info| info.child("Reference"));
    let about = reference.and_then(|it| it.attribute("URI")?.strip_prefix('#'));
    let target = about.and_then(|id| super::sign::place_of(document, id));
    let own = parent(document, place).and_then(|it| it.attribute("ID"));
    target.is_none() || about == own
}

fn transforms_are_usual(signature: &Element) -> bool {
    let info = signature.child("SignedInfo");
    let references = info.into_iter().flat_map(Element::elements);
    let mut references = references.filter(|it| it.local_name() == "Reference");
    references.all(|reference| {
        let transforms = reference
            .child("Transforms")
            .into_iter()
            .flat_map(Element::elements);
        let transforms: Vec<&Element> = transforms.collect();
        let named: Vec<&str> = transforms
            .iter()
            .filter_map(|it| it.attribute("Algorithm"))
            .collect();
        let mut inside = transforms.iter().flat_map(|it| it.elements());
        named == [ENVELOPED, EXCLUSIVE] && inside.all(|it| it.local_name() == "InclusiveNamespaces")
    })
}
