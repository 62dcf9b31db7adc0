//! Where signatures may stand and what they may say, settled before any engine runs (SAML core §5.4, XML Signature §4).

use aws_lc_rs::digest::Algorithm;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roxmltree::Node;

use crate::protocol::saml::algorithms;
use crate::protocol::saml::algorithms::KeyKind;
use crate::protocol::saml::error::Check;
use crate::protocol::saml::error::Rejection;
use crate::protocol::saml::xml::ASSERTION;
use crate::protocol::saml::xml::ENCRYPTION;
use crate::protocol::saml::xml::EXCLUSIVE_C14N;
use crate::protocol::saml::xml::Name;
use crate::protocol::saml::xml::SIGNATURE;
use crate::protocol::saml::xml::child;
use crate::protocol::saml::xml::describe;
use crate::protocol::saml::xml::is;
use crate::protocol::saml::xml::is_space;
use crate::protocol::saml::xml::text;

const SIGNED_INFO: Name = (SIGNATURE, "SignedInfo");
const SIGNATURE_VALUE: Name = (SIGNATURE, "SignatureValue");
const REFERENCE: [Name; 3] = [
    (SIGNATURE, "Transforms"),
    (SIGNATURE, "DigestMethod"),
    (SIGNATURE, "DigestValue"),
];

/// What is signed, and with which kind of key; `None` where there is no signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Signatures {
    pub(super) response: Option<KeyKind>,
    pub(super) assertion: Option<KeyKind>,
}

/// What the signature of an element says of the bytes that it hashed.
pub(super) struct Reference {
    pub(super) algorithm: &'static Algorithm,
    pub(super) digest: Vec<u8>,
    /// The prefixes that exclusive canonicalization treats as inclusive does.
    pub(super) prefixes: Vec<String>,
}

impl Reference {
    /// The one reference in the signature of an element that passed `check`.
    pub(super) fn of(signed: Node<'_, '_>) -> Option<Self> {
        let signature = child(signed, (SIGNATURE, "Signature"))?;
        let reference = child(child(signature, SIGNED_INFO)?, (SIGNATURE, "Reference"))?;
        let [transforms, method, value] = REFERENCE.map(|name| child(reference, name));
        let transform = elements(transforms?).pop()?;
        let inclusive = transform.first_element_child();
        let inclusive = inclusive.and_then(|it| it.attribute("PrefixList"));
        let prefixes = inclusive.unwrap_or_default().split(is_space);
        Some(Self {
            algorithm: algorithms::digest_algorithm(algorithm(method?))?,
            digest: STANDARD.decode(text(value?).replace(is_space, "")).ok()?,
            prefixes: prefixes
                .filter(|prefix| !prefix.is_empty())
                .map(str::to_owned)
                .collect(),
        })
    }
}

/// Finds the signatures of the Response and of its Assertion and refuses all others.
pub(super) fn check(
    response: Node<'_, '_>,
    assertion: Node<'_, '_>,
) -> Result<Signatures, Rejection> {
    let mut signatures = Signatures {
        response: None,
        assertion: None,
    };
    for signature in response
        .descendants()
        .filter(|node| is(*node, (SIGNATURE, "Signature")))
    {
        let slot = match signature.parent_element() {
            Some(parent) if parent == response => &mut signatures.response,
            Some(parent) if parent == assertion => &mut signatures.assertion,
            parent => return Err(misplaced(parent)),
        };
        if slot.is_some() {
            return Err(Check::RepeatedSignature.refuses("one signature", "another one"));
        }
        *slot = Some(check_signature(signature)?);
    }
    Ok(signatures)
}

fn misplaced(parent: Option<Node<'_, '_>>) -> Rejection {
    let received = parent.map_or_else(|| "the root".to_owned(), describe);
    Check::MisplacedSignature.refuses("after the Issuer of Response or Assertion", received)
}

fn check_signature(signature: Node<'_, '_>) -> Result<KeyKind, Rejection> {
    if let Some(odd) = signature.descendants().find(has_qualified_attribute) {
        return Err(structure(odd));
    }
    let parent = signature.parent_element();
    let follows_issuer = signature.prev_sibling_element().is_some_and(|issuer| {
        is(issuer, (ASSERTION, "Issuer")) && issuer.prev_sibling_element().is_none()
    });
    let parent = parent
        .filter(|_| follows_issuer)
        .ok_or_else(|| misplaced(parent))?;
    let parts = elements(signature);
    let (signed_info, value) = match parts.as_slice() {
        [info, value] => (*info, *value),
        [info, value, key_info] if is_key_info(*key_info) => (*info, *value),
        _ => return Err(structure(signature)),
    };
    if !is(signed_info, SIGNED_INFO) || !is(value, SIGNATURE_VALUE) || !is_base64(value, None) {
        return Err(structure(signature));
    }
    check_signed_info(signed_info, parent.attribute("ID").unwrap_or_default())
}

fn is_key_info(node: Node<'_, '_>) -> bool {
    is(node, (SIGNATURE, "KeyInfo")) && child(node, (ENCRYPTION, "EncryptedKey")).is_none()
}

// Readers disagree on whether `x:Algorithm` is an Algorithm.
fn has_qualified_attribute(node: &Node<'_, '_>) -> bool {
    node.attributes().any(|it| it.namespace().is_some())
}

fn check_signed_info(signed_info: Node<'_, '_>, signed_id: &str) -> Result<KeyKind, Rejection> {
    let parts = elements(signed_info);
    let [canonicalization, method, reference] = parts.as_slice() else {
        return Err(structure(signed_info));
    };
    let names = [
        (*canonicalization, "CanonicalizationMethod"),
        (*method, "SignatureMethod"),
        (*reference, "Reference"),
    ];
    if names
        .iter()
        .any(|(node, name)| !is(*node, (SIGNATURE, name)))
    {
        return Err(structure(signed_info));
    }
    if algorithm(*canonicalization) != EXCLUSIVE_C14N {
        let received = algorithm(*canonicalization);
        return Err(Check::CanonicalizationMethod.refuses(EXCLUSIVE_C14N, received));
    }
    let uri = algorithm(*method);
    let kind = algorithms::signature_key(uri)
        .filter(|_| !method.has_children())
        .ok_or_else(|| Check::SignatureMethod.refuses("RSA or ECDSA with SHA-2", uri))?;
    check_reference(*reference, signed_id)?;
    Ok(kind)
}

fn check_reference(reference: Node<'_, '_>, signed_id: &str) -> Result<(), Rejection> {
    let wanted = format!("#{signed_id}");
    let uri = reference.attribute("URI").unwrap_or("no URI");
    if uri != wanted || signed_id.is_empty() {
        return Err(Check::ReferenceUri.refuses(wanted, uri));
    }
    let parts = elements(reference);
    let [transforms, method, value] = parts.as_slice() else {
        return Err(structure(reference));
    };
    if parts
        .iter()
        .zip(REFERENCE)
        .any(|(part, name)| !is(*part, name))
    {
        return Err(structure(reference));
    }
    check_transforms(*transforms)?;
    let uri = algorithm(*method);
    let digest = algorithms::digest_algorithm(uri)
        .ok_or_else(|| Check::DigestMethod.refuses("SHA-256, SHA-384 or SHA-512", uri))?;
    if is_base64(*value, Some(digest.output_len())) {
        Ok(())
    } else {
        Err(structure(*value))
    }
}

fn check_transforms(transforms: Node<'_, '_>) -> Result<(), Rejection> {
    let parts = elements(transforms);
    let uris: Vec<&str> = parts.iter().map(|part| algorithm(*part)).collect();
    let is_plain = parts
        .iter()
        .zip([0, 1])
        .all(|(part, most)| elements(*part).len() <= most);
    let are_named = parts.iter().all(|part| is(*part, (SIGNATURE, "Transform")));
    if uris == [algorithms::ENVELOPED, EXCLUSIVE_C14N] && is_plain && are_named {
        return Ok(());
    }
    Err(Check::Transforms.refuses("enveloped-signature, xml-exc-c14n#", uris.join(", ")))
}

fn structure(element: Node<'_, '_>) -> Rejection {
    let found: Vec<String> = elements(element).into_iter().map(describe).collect();
    let received = format!("{} with [{}]", describe(element), found.join(", "));
    Check::SignatureStructure.refuses("the parts in their order, with base64 values", received)
}

fn elements<'a, 'input>(node: Node<'a, 'input>) -> Vec<Node<'a, 'input>> {
    node.children().filter(Node::is_element).collect()
}

fn algorithm<'a>(node: Node<'a, '_>) -> &'a str {
    node.attribute("Algorithm").unwrap_or_default()
}

fn is_base64(node: Node<'_, '_>, length: Option<usize>) -> bool {
    let decoded = STANDARD.decode(text(node).replace(is_space, ""));
    decoded.is_ok_and(|bytes| match length {
        Some(length) => bytes.len() == length,
        None => !bytes.is_empty(),
    })
}
