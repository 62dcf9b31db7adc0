//! XML names of SAML and XML Signature, and the few ways in which elements are read and written.

use roxmltree::Node;

pub(super) const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
pub(super) const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
pub(super) const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
pub(super) const SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#";
pub(super) const SIGNATURE_11: &str = "http://www.w3.org/2009/xmldsig11#";
pub(super) const ENCRYPTION: &str = "http://www.w3.org/2001/04/xmlenc#";
pub(super) const ENCRYPTION_11: &str = "http://www.w3.org/2009/xmlenc11#";
pub(super) const EXCLUSIVE_C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
pub(super) const REDIRECT_BINDING: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
pub(super) const POST_BINDING: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";

/// The status of what worked.
pub(super) const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";

const LONGEST_QUOTE: usize = 120;

/// An element's namespace and local name.
pub(super) type Name = (&'static str, &'static str);

/// Whether `node` is an element of that name.
pub(super) fn is(node: Node<'_, '_>, name: Name) -> bool {
    node.is_element()
        && node.tag_name().name() == name.1
        && node.tag_name().namespace() == Some(name.0)
}

/// The child elements of that name.
pub(super) fn children<'a, 'input>(
    node: Node<'a, 'input>,
    name: Name,
) -> impl Iterator<Item = Node<'a, 'input>> {
    node.children().filter(move |child| is(*child, name))
}

/// The first child element of that name.
pub(super) fn child<'a, 'input>(node: Node<'a, 'input>, name: Name) -> Option<Node<'a, 'input>> {
    children(node, name).next()
}

/// All text directly inside an element, joined over comments, without surrounding white space.
pub(super) fn text(node: Node<'_, '_>) -> String {
    let pieces = node.children().filter(Node::is_text);
    let joined: String = pieces.filter_map(|piece| piece.text()).collect();
    joined.trim_matches(is_space).to_owned()
}

/// White space as XML has it, which is less than Unicode has.
pub(super) fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

/// `prefix:Name` with the customary prefix, whatever the document uses; without prefix for foreign namespaces.
pub(super) fn describe(node: Node<'_, '_>) -> String {
    let prefix = match node.tag_name().namespace() {
        Some(PROTOCOL) => "samlp:",
        Some(ASSERTION) => "saml:",
        Some(METADATA) => "md:",
        Some(SIGNATURE) => "ds:",
        Some(SIGNATURE_11) => "dsig11:",
        Some(ENCRYPTION) => "xenc:",
        Some(ENCRYPTION_11) => "xenc11:",
        Some(EXCLUSIVE_C14N) => "ec:",
        _ => "",
    };
    format!("{prefix}{}", node.tag_name().name())
}

/// Text as it may stand in an element or in a double-quoted attribute.
pub(super) fn escape(value: &str) -> String {
    value
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// A short, printable quotation of what somebody else wrote.
pub(super) fn brief(value: &str) -> String {
    let printable = |character: char| {
        if character.is_control() {
            ' '
        } else {
            character
        }
    };
    let mut quoted: String = value.chars().take(LONGEST_QUOTE).map(printable).collect();
    if value.chars().nth(LONGEST_QUOTE).is_some() {
        quoted.push('…');
    }
    quoted
}
