//! Readers that do what a letter asks before they know who wrote it.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::DeflateDecoder;

use super::tree::Element;
use super::tree::parse;
use super::weak::Harm;

pub const READERS: [&str; 9] = [
    "inflates_whatever_comes",
    "follows_cipher_references",
    "loads_external_entities",
    "resolves_any_reference",
    "follows_includes",
    "follows_retrieval_methods",
    "follows_style_sheets",
    "expands_entities",
    "runs_transforms_first",
];

/// The harm that the reader of that name comes to; none if it is another reader.
pub fn harm(reader: &str, xml: &str) -> Option<Harm> {
    let document = parse(xml).unwrap_or_default();
    let fetches = |url: Option<String>| url.map(Harm::Fetches);
    match reader {
        "loads_external_entities" => fetches(quoted_after(xml, "SYSTEM ")),
        "follows_style_sheets" => fetches(quoted_after(xml, "href=")),
        "resolves_any_reference" => {
            let uri = attribute_of(&document, "Reference", "URI");
            fetches(uri.filter(|uri| !uri.starts_with('#')))
        }
        "follows_includes" => fetches(attribute_of(&document, "include", "href")),
        "follows_retrieval_methods" => fetches(attribute_of(&document, "RetrievalMethod", "URI")),
        "follows_cipher_references" => fetches(attribute_of(&document, "CipherReference", "URI")),
        "inflates_whatever_comes" => inflated(xml).map(Harm::Expands),
        "expands_entities" => Some(Harm::Expands(expanded(xml))),
        "runs_transforms_first" => transforms(&document),
        _ => None,
    }
}

fn quoted_after(text: &str, mark: &str) -> Option<String> {
    let (_, rest) = text.split_once(mark)?;
    let (url, _) = rest.strip_prefix('"')?.split_once('"')?;
    Some(url.to_owned())
}

fn attribute_of(document: &Element, element: &str, attribute: &str) -> Option<String> {
    let places = document.places_of(element);
    let found = document.at(places.first()?)?.attribute(attribute)?;
    Some(found.to_owned())
}

fn transforms(document: &Element) -> Option<Harm> {
    let places = document.places_of("Transform");
    let mut uris = places
        .iter()
        .filter_map(|place| document.at(place)?.attribute("Algorithm"));
    let programs = ["xslt", "xpath"];
    let found = uris.find(|uri| programs.iter().any(|it| uri.to_lowercase().contains(it)));
    found.map(|uri| Harm::Runs(uri.to_owned()))
}

/// How many bytes a document unpacks to that came in base64, deflated.
fn inflated(packed: &str) -> Option<usize> {
    let packed = STANDARD.decode(packed).ok()?;
    let mut unpacked = DeflateDecoder::new(packed.as_slice());
    let size = std::io::copy(&mut unpacked, &mut std::io::sink()).ok()?;
    usize::try_from(size).ok()
}

/// How many bytes the references of the document stand for, counted without making them.
fn expanded(xml: &str) -> usize {
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    let declared = |text: &str, sizes: &BTreeMap<&str, usize>| -> usize {
        let references = text.split('&').skip(1);
        let names = references.filter_map(|it| it.split_once(';').map(|(name, _)| name));
        let expanded: usize = names.filter_map(|name| sizes.get(name)).sum();
        text.len() + expanded
    };
    for declaration in xml.split("<!ENTITY ").skip(1) {
        let parts = declaration.split_once(' ');
        let value = parts.and_then(|(name, rest)| Some((name, rest.split('"').nth(1)?)));
        if let Some((name, value)) = value {
            let size = declared(value, &sizes);
            sizes.insert(name, size);
        }
    }
    let (_, content) = xml.rsplit_once("]>").unwrap_or(("", xml));
    declared(content, &sizes)
}
