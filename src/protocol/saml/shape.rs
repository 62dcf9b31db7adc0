//! The shape of a response: one assertion, identifiers that mean one thing, signatures only where they belong.

use std::collections::HashMap;
use std::collections::HashSet;

use roxmltree::Document;
use roxmltree::Node;

use crate::protocol::saml::elements;
use crate::protocol::saml::error::Check;
use crate::protocol::saml::error::Rejection;
use crate::protocol::saml::signature_shape;
use crate::protocol::saml::signature_shape::Signatures;
use crate::protocol::saml::xml::ASSERTION;
use crate::protocol::saml::xml::ENCRYPTION;
use crate::protocol::saml::xml::Name;
use crate::protocol::saml::xml::PROTOCOL;
use crate::protocol::saml::xml::SIGNATURE;
use crate::protocol::saml::xml::SUCCESS;
use crate::protocol::saml::xml::child;
use crate::protocol::saml::xml::describe;
use crate::protocol::saml::xml::is;
use crate::protocol::saml::xml::text;

const MESSAGES: [Name; 4] = [
    (PROTOCOL, "Response"),
    (ASSERTION, "Assertion"),
    (PROTOCOL, "LogoutRequest"),
    (PROTOCOL, "LogoutResponse"),
];

/// A document of the right shape, not yet verified.
pub(super) struct Letter<'a, 'input> {
    pub(super) response: Node<'a, 'input>,
    /// The Assertion, or the EncryptedAssertion.
    pub(super) assertion: Node<'a, 'input>,
    pub(super) signatures: Signatures,
}

impl<'a, 'input> Letter<'a, 'input> {
    /// Whether the assertion has still to be decrypted.
    pub(super) fn is_encrypted(&self) -> bool {
        is(self.assertion, (ASSERTION, "EncryptedAssertion"))
    }

    /// What is signed, in the order of the document.
    pub(super) fn signed_elements(&self) -> impl Iterator<Item = Node<'a, 'input>> {
        let response = self.signatures.response.map(|_| self.response);
        let assertion = self.signatures.assertion.map(|_| self.assertion);
        response.into_iter().chain(assertion)
    }
}

/// Checks everything that can be said of the document without cryptography.
pub(super) fn check<'a, 'input>(
    document: &'a Document<'input>,
) -> Result<Letter<'a, 'input>, Rejection> {
    let response = document.root_element();
    if !is(response, (PROTOCOL, "Response")) {
        return Err(Check::UnexpectedRoot.refuses("samlp:Response", describe(response)));
    }
    ids(document)?;
    check_namespaces(document)?;
    let assertion = only_assertion(response)?;
    for element in [response, assertion] {
        let is_encrypted = is(element, (ASSERTION, "EncryptedAssertion"));
        if element.attribute("ID").is_none() && !is_encrypted {
            return Err(Check::MissingId.refuses("an ID", describe(element)));
        }
    }
    let signatures = signature_shape::check(response, assertion)?;
    elements::check(document)?;
    Ok(Letter {
        response,
        assertion,
        signatures,
    })
}

fn only_assertion<'a, 'input>(response: Node<'a, 'input>) -> Result<Node<'a, 'input>, Rejection> {
    let names = ["Assertion", "EncryptedAssertion"];
    let is_assertion = |node: Node<'_, '_>| names.iter().any(|name| is(node, (ASSERTION, name)));
    let mut assertions = response.descendants().filter(|node| is_assertion(*node));
    match (assertions.next(), assertions.count()) {
        (Some(assertion), 0) => Ok(assertion),
        (Some(_), more) => Err(Check::AssertionCount.refuses(1, more + 1)),
        (None, _) => {
            check_status(response)?;
            Err(Check::AssertionCount.refuses(1, 0))
        }
    }
}

/// The top-level status must be Success; the report quotes the codes and the IdP's own words.
pub(super) fn check_status(response: Node<'_, '_>) -> Result<(), Rejection> {
    let status = child(response, (PROTOCOL, "Status"));
    let code = |node| child(node, (PROTOCOL, "StatusCode"));
    let value = |node: Node<'_, '_>| node.attribute("Value").unwrap_or_default().to_owned();
    let top = status.and_then(code);
    let top_value = top.map(value).unwrap_or_default();
    if top_value == SUCCESS {
        return Ok(());
    }
    let second = top.and_then(code).map(value).unwrap_or_default();
    let message = status.and_then(|status| child(status, (PROTOCOL, "StatusMessage")));
    let words = [top_value, second, message.map(text).unwrap_or_default()];
    let received = words
        .iter()
        .filter(|word| !word.is_empty())
        .map(|word| last_part(word));
    let received = received.collect::<Vec<_>>().join(", ");
    let received = if received.is_empty() {
        "no status code".to_owned()
    } else {
        received
    };
    Err(Check::Status.refuses("Success", received))
}

fn last_part(word: &str) -> &str {
    word.strip_prefix("urn:oasis:names:tc:SAML:2.0:status:")
        .unwrap_or(word)
}

/// The identifiers of a document, each once. Engines differ in which attributes they take for identifiers, so all
/// candidates share one name space here.
pub(super) fn ids<'a>(document: &'a Document<'_>) -> Result<HashSet<&'a str>, Rejection> {
    let mut seen = HashSet::new();
    for node in document.descendants().filter(Node::is_element) {
        let ids = node
            .attributes()
            .filter(|it| it.name().eq_ignore_ascii_case("id"));
        for attribute in ids {
            let id = attribute.value();
            if attribute.namespace().is_some() {
                return Err(Check::NamespacedId.refuses("an ID without namespace", describe(node)));
            }
            if !is_ncname(id) || !is_in_place(node, attribute.name()) {
                let received = format!("{}=\"{id}\" on {}", attribute.name(), describe(node));
                return Err(Check::MalformedId.refuses("an ID of Response or Assertion", received));
            }
            if !seen.insert(id) {
                return Err(Check::DuplicateId.refuses("an ID used once", id));
            }
        }
    }
    Ok(seen)
}

fn is_in_place(node: Node<'_, '_>, attribute: &str) -> bool {
    match attribute {
        "ID" => MESSAGES.iter().any(|name| is(node, *name)),
        "Id" => [Some(SIGNATURE), Some(ENCRYPTION)].contains(&node.tag_name().namespace()),
        _ => false,
    }
}

fn is_ncname(value: &str) -> bool {
    let is_start = |character: char| character.is_alphabetic() || character == '_';
    let is_part = |character: char| character.is_alphanumeric() || "_-.".contains(character);
    value.starts_with(is_start) && value.chars().all(is_part)
}

pub(super) fn check_namespaces(document: &Document<'_>) -> Result<(), Rejection> {
    let mut meanings: HashMap<&str, &str> = HashMap::new();
    for node in document.descendants().filter(Node::is_element) {
        for namespace in node.namespaces() {
            let uri = namespace.uri();
            if !uri.is_empty() && !uri.contains(':') {
                return Err(Check::RelativeNamespace.refuses("an absolute URI", uri));
            }
            let Some(prefix) = namespace.name() else {
                continue;
            };
            let meaning = *meanings.entry(prefix).or_insert(uri);
            let is_ours = |uri: &str| [PROTOCOL, ASSERTION, SIGNATURE, ENCRYPTION].contains(&uri);
            if meaning != uri && (is_ours(meaning) || is_ours(uri)) {
                return Err(Check::ReboundPrefix.refuses(meaning, uri));
            }
        }
    }
    Ok(())
}
