//! Which elements a response may contain, where, and how often: the schema of the Web Browser SSO Profile and nothing more.

use roxmltree::Document;
use roxmltree::Node;

use crate::protocol::saml::error::Check;
use crate::protocol::saml::error::Rejection;
use crate::protocol::saml::xml::describe;
use crate::protocol::saml::xml::is_space;

enum Content {
    /// Nothing but attributes.
    Empty,
    /// One piece of text.
    Text,
    /// The first once each, the second any number of times.
    Elements(&'static str, &'static str),
    /// Text, or one of the first, or any number of the second and of elements that are not SAML's.
    Value(&'static str, &'static str),
    /// Text, or elements that are not SAML's.
    Foreign,
    /// Whatever the IdP likes to report, which nobody reads.
    Anything,
}

use crate::protocol::saml::elements::Content::Anything;
use crate::protocol::saml::elements::Content::Elements;
use crate::protocol::saml::elements::Content::Empty;
use crate::protocol::saml::elements::Content::Foreign;
use crate::protocol::saml::elements::Content::Text;
use crate::protocol::saml::elements::Content::Value;

const RULES: &[(&str, Content)] = &[
    (
        "saml:AttributeValue",
        Value("saml:NameID", "saml:Attribute"),
    ),
    ("saml:Attribute", Elements("", "saml:AttributeValue")),
    ("saml:AttributeStatement", Elements("", "saml:Attribute")),
    (
        "samlp:Response",
        Elements(
            "saml:Issuer ds:Signature samlp:Status saml:Assertion saml:EncryptedAssertion",
            "",
        ),
    ),
    (
        "saml:EncryptedAssertion",
        Elements("xenc:EncryptedData xenc:EncryptedKey", ""),
    ),
    (
        "xenc:EncryptedData",
        Elements("xenc:EncryptionMethod ds:KeyInfo xenc:CipherData", ""),
    ),
    (
        "xenc:EncryptedKey",
        Elements(
            "xenc:EncryptionMethod ds:KeyInfo xenc:CipherData xenc:ReferenceList xenc:CarriedKeyName",
            "",
        ),
    ),
    (
        "xenc:EncryptionMethod",
        Elements("ds:DigestMethod xenc11:MGF", ""),
    ),
    ("xenc11:MGF", Empty),
    ("xenc:CipherData", Elements("xenc:CipherValue", "")),
    ("xenc:CipherValue", Text),
    ("xenc:ReferenceList", Elements("", "xenc:DataReference")),
    ("xenc:DataReference", Empty),
    ("xenc:CarriedKeyName", Text),
    (
        "samlp:Status",
        Elements(
            "samlp:StatusCode samlp:StatusMessage samlp:StatusDetail",
            "",
        ),
    ),
    ("samlp:StatusCode", Elements("samlp:StatusCode", "")),
    (
        "samlp:LogoutRequest",
        Elements("saml:Issuer ds:Signature saml:NameID", "samlp:SessionIndex"),
    ),
    ("samlp:SessionIndex", Text),
    (
        "samlp:LogoutResponse",
        Elements("saml:Issuer ds:Signature samlp:Status", ""),
    ),
    ("samlp:StatusMessage", Text),
    ("samlp:StatusDetail", Anything),
    (
        "saml:Assertion",
        Elements(
            "saml:Issuer ds:Signature saml:Subject saml:Conditions",
            "saml:AuthnStatement saml:AttributeStatement",
        ),
    ),
    ("saml:Issuer", Text),
    (
        "saml:Subject",
        Elements("saml:NameID", "saml:SubjectConfirmation"),
    ),
    ("saml:NameID", Text),
    (
        "saml:SubjectConfirmation",
        Elements("saml:SubjectConfirmationData", ""),
    ),
    ("saml:SubjectConfirmationData", Empty),
    (
        "saml:Conditions",
        Elements(
            "saml:OneTimeUse saml:ProxyRestriction",
            "saml:AudienceRestriction",
        ),
    ),
    ("saml:OneTimeUse", Empty),
    ("saml:ProxyRestriction", Elements("", "saml:Audience")),
    ("saml:AudienceRestriction", Elements("", "saml:Audience")),
    ("saml:Audience", Text),
    (
        "saml:AuthnStatement",
        Elements("saml:SubjectLocality saml:AuthnContext", ""),
    ),
    ("saml:SubjectLocality", Empty),
    (
        "saml:AuthnContext",
        Elements(
            "saml:AuthnContextClassRef saml:AuthnContextDeclRef",
            "saml:AuthenticatingAuthority",
        ),
    ),
    ("saml:AuthnContextClassRef", Text),
    ("saml:AuthnContextDeclRef", Text),
    ("saml:AuthenticatingAuthority", Text),
    (
        "ds:Signature",
        Elements("ds:SignedInfo ds:SignatureValue ds:KeyInfo", ""),
    ),
    (
        "ds:SignedInfo",
        Elements(
            "ds:CanonicalizationMethod ds:SignatureMethod ds:Reference",
            "",
        ),
    ),
    (
        "ds:CanonicalizationMethod",
        Elements("ec:InclusiveNamespaces", ""),
    ),
    ("ds:SignatureMethod", Empty),
    (
        "ds:Reference",
        Elements("ds:Transforms ds:DigestMethod ds:DigestValue", ""),
    ),
    ("ds:Transforms", Elements("", "ds:Transform")),
    ("ds:Transform", Elements("ec:InclusiveNamespaces", "")),
    ("ec:InclusiveNamespaces", Empty),
    ("ds:DigestMethod", Empty),
    ("ds:DigestValue", Text),
    ("ds:SignatureValue", Text),
    (
        "ds:KeyInfo",
        Elements("xenc:EncryptedKey", "ds:KeyName ds:KeyValue ds:X509Data"),
    ),
    ("ds:KeyName", Text),
    (
        "ds:KeyValue",
        Elements("ds:RSAKeyValue dsig11:ECKeyValue", ""),
    ),
    ("ds:RSAKeyValue", Elements("ds:Modulus ds:Exponent", "")),
    ("ds:Modulus", Text),
    ("ds:Exponent", Text),
    (
        "dsig11:ECKeyValue",
        Elements("dsig11:NamedCurve dsig11:PublicKey", ""),
    ),
    ("dsig11:NamedCurve", Empty),
    ("dsig11:PublicKey", Text),
    (
        "ds:X509Data",
        Elements(
            "",
            "ds:X509Certificate ds:X509SubjectName ds:X509IssuerSerial ds:X509SKI",
        ),
    ),
    ("ds:X509Certificate", Text),
    ("ds:X509SubjectName", Text),
    ("ds:X509SKI", Text),
    (
        "ds:X509IssuerSerial",
        Elements("ds:X509IssuerName ds:X509SerialNumber", ""),
    ),
    ("ds:X509IssuerName", Text),
    ("ds:X509SerialNumber", Text),
];

/// Refuses every element and every text that is not where the profile has it.
pub(super) fn check(document: &Document<'_>) -> Result<(), Rejection> {
    let mut pending = vec![document.root_element()];
    while let Some(element) = pending.pop() {
        let Some(content) = rule(element) else {
            return Err(out_of_place(element));
        };
        check_text(element, content)?;
        if matches!(content, Anything) {
            continue;
        }
        for child in element.children().filter(Node::is_element) {
            if !may_stand(child, content) {
                return Err(out_of_place(child));
            }
            pending.push(child);
        }
    }
    Ok(())
}

fn rule(element: Node<'_, '_>) -> Option<&'static Content> {
    let name = describe(element);
    if is_foreign(&name) {
        return Some(&Foreign);
    }
    RULES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, content)| content)
}

// Only those of SAML, XML Signature and XML Encryption are described with a prefix.
fn is_foreign(name: &str) -> bool {
    !name.contains(':')
}

fn out_of_place(element: Node<'_, '_>) -> Rejection {
    let parent = element
        .parent_element()
        .map_or_else(|| "the root".to_owned(), describe);
    let received = format!("{} in {parent}", describe(element));
    Check::UnexpectedElement.refuses("an element of the profile in its place", received)
}

fn may_stand(child: Node<'_, '_>, content: &Content) -> bool {
    let name = describe(child);
    let is_among = |names: &str| names.split(' ').any(|known| known == name);
    match content {
        Empty | Text => false,
        Anything => true,
        Foreign => is_foreign(&name),
        Value(only, repeated) => {
            let is_only = is_among(only) && is_only_element(child);
            is_only || is_among(repeated) || is_foreign(&name)
        }
        Elements(once, repeated) => {
            is_among(repeated) || (is_among(once) && is_first_of_its_name(child))
        }
    }
}

fn is_first_of_its_name(child: Node<'_, '_>) -> bool {
    let mut earlier = child.prev_siblings().skip(1);
    !earlier.any(|sibling| sibling.tag_name() == child.tag_name() && sibling.is_element())
}

fn is_only_element(child: Node<'_, '_>) -> bool {
    let parent = child.parent_element();
    parent.is_some_and(|it| it.children().filter(Node::is_element).count() == 1)
}

fn check_text(element: Node<'_, '_>, content: &Content) -> Result<(), Rejection> {
    let pieces = element.children().filter(Node::is_text);
    let pieces: Vec<&str> = pieces.filter_map(|piece| piece.text()).collect();
    let has_words = pieces.iter().any(|piece| !piece.chars().all(is_space));
    let is_refused = match content {
        Anything => false,
        Text => pieces.len() > 1,
        Foreign | Value(..) => has_words && element.first_element_child().is_some(),
        Empty | Elements(..) => has_words,
    };
    if is_refused {
        Err(Check::UnexpectedText.refuses("one value, or elements only", describe(element)))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::saml::xml::ASSERTION;
    use crate::protocol::saml::xml::PROTOCOL;
    use crate::protocol::saml::xml::SIGNATURE;

    fn refusal(inside: &str) -> Option<Check> {
        let text = format!(
            "<p:Response xmlns:p=\"{PROTOCOL}\" xmlns:a=\"{ASSERTION}\" xmlns:d=\"{SIGNATURE}\">{inside}</p:Response>"
        );
        let document = Document::parse(&text).unwrap();
        check(&document).err().map(|rejection| rejection.check)
    }

    #[test]
    fn only_known_elements_in_their_places_pass() {
        let table = [
            (
                "<a:Issuer>x</a:Issuer> <p:Status><p:StatusCode/></p:Status>",
                None,
            ),
            (
                "<p:Status><p:StatusDetail><x>y</x></p:StatusDetail></p:Status>",
                None,
            ),
            (
                "<a:Assertion><a:AttributeStatement><a:Attribute><a:AttributeValue><a:NameID>x</a:NameID></a:AttributeValue></a:Attribute></a:AttributeStatement></a:Assertion>",
                None,
            ),
            (
                "<a:Assertion><g/></a:Assertion>",
                Some(Check::UnexpectedElement),
            ),
            ("<p:Extensions/>", Some(Check::UnexpectedElement)),
            (
                "<a:Issuer>x</a:Issuer><a:Issuer>y</a:Issuer>",
                Some(Check::UnexpectedElement),
            ),
            (
                "<a:Issuer>x<a:Issuer/></a:Issuer>",
                Some(Check::UnexpectedElement),
            ),
            ("<Issuer>x</Issuer>", Some(Check::UnexpectedElement)),
            ("<p:Issuer>x</p:Issuer>", Some(Check::UnexpectedElement)),
            (
                "<d:Signature><d:Object/></d:Signature>",
                Some(Check::UnexpectedElement),
            ),
            (
                "<a:Assertion>words<a:Issuer/></a:Assertion>",
                Some(Check::UnexpectedText),
            ),
        ];
        for (inside, refused) in table {
            assert_eq!(refusal(inside), refused, "{inside}");
        }
    }

    #[test]
    fn what_a_value_holds_is_text_a_name_attributes_or_foreign() {
        let table = [
            (" <g xmlns='urn:g'><h>x</h> <h/></g><g/>", None),
            (
                "<a:Attribute><a:AttributeValue>x</a:AttributeValue></a:Attribute>",
                None,
            ),
            ("<g>x<h/></g>", Some(Check::UnexpectedText)),
            ("x<g/>", Some(Check::UnexpectedText)),
            ("<a:NameID>x</a:NameID><g/>", Some(Check::UnexpectedElement)),
            ("<a:Assertion/>", Some(Check::UnexpectedElement)),
            ("<g><a:Issuer/></g>", Some(Check::UnexpectedElement)),
            ("<g><d:Signature/></g>", Some(Check::UnexpectedElement)),
        ];
        for (value, refused) in table {
            let inside = format!(
                "<a:Assertion><a:AttributeStatement><a:Attribute><a:AttributeValue>{value}</a:AttributeValue></a:Attribute></a:AttributeStatement></a:Assertion>"
            );
            assert_eq!(refusal(&inside), refused, "{value}");
        }
    }
}
