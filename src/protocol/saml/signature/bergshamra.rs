//! The first engine: bergshamra on a document of its own, held to what the gate saw.

use aws_lc_rs::digest::digest;
use bergshamra::DsigContext;
use bergshamra::KeysManager;
use bergshamra::VerifyResult;
use bergshamra::c14n::C14nMode;
use bergshamra::c14n::canonicalize_doc;
use bergshamra::dsig::verify::verify_all_document_with_source;
use bergshamra::keys::loader::load_spki_der;
use bergshamra::xml::Document;
use bergshamra::xml::NodeId;
use bergshamra::xml::NodeSet;
use bergshamra::xml::uppsala;
use roxmltree::Node;

use crate::protocol::saml::shape::Letter;
use crate::protocol::saml::signature::keys::PinnedKeys;
use crate::protocol::saml::signature_shape::Reference;

/// Where a verified signature stands and what it refers to.
struct Place {
    signature: NodeId,
    signed: NodeId,
}

/// The bytes hashed for the outermost signature, if every signature is by one of these keys.
pub(super) fn hashed_bytes(
    text: &str,
    letter: &Letter<'_, '_>,
    keys: &PinnedKeys,
) -> Option<String> {
    let document = uppsala::parse(text).ok()?;
    let context = DsigContext::new(manager(keys));
    let verdicts = verify_all_document_with_source(&context, &document, Some(text)).ok()?;
    let signed: Vec<Node<'_, '_>> = letter.signed_elements().collect();
    if verdicts.len() != signed.len() {
        return None;
    }
    let mut outermost = None;
    for (verdict, element) in verdicts.into_iter().zip(signed) {
        let place = place(&document, verdict, element.attribute("ID")?)?;
        let bytes = canonical(&document, &place, &Reference::of(element)?)?;
        outermost = outermost.or(Some(bytes));
    }
    String::from_utf8(outermost?).ok()
}

fn manager(keys: &PinnedKeys) -> KeysManager {
    let mut manager = KeysManager::new();
    let readable = |der: &[u8]| load_spki_der(der).ok();
    manager.add_keys(keys.iter().filter_map(|it| readable(&it.public_key_info)));
    manager
}

// One reference, hashed here, to the element that holds the signature and has the ID that the gate read.
fn place(document: &Document<'_>, verdict: VerifyResult, id: &str) -> Option<Place> {
    let VerifyResult::Valid {
        signature_node: signature,
        references,
        ..
    } = verdict
    else {
        return None;
    };
    let [reference] = references.as_slice() else {
        return None;
    };
    let signed = reference.resolved_node?;
    let is_own = document.parent(signature) == Some(signed);
    let is_named = reference.uri.strip_prefix('#') == Some(id);
    let place = Place { signature, signed };
    (is_own && is_named && reference.digest_verified).then_some(place)
}

// Hashed once more, because the engine keeps its bytes to itself and only hashed bytes may be read.
fn canonical(document: &Document<'_>, place: &Place, reference: &Reference) -> Option<Vec<u8>> {
    let mut nodes = NodeSet::tree_without_comments(place.signed, document);
    nodes.remove_id(place.signature);
    for inside in document.descendants(place.signature) {
        nodes.remove_id(inside);
    }
    let prefixes = &reference.prefixes;
    let bytes = canonicalize_doc(document, C14nMode::Exclusive, Some(&nodes), prefixes).ok()?;
    let hashed = digest(reference.algorithm, &bytes);
    (hashed.as_ref() == reference.digest.as_slice()).then_some(bytes)
}
