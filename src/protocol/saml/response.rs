//! Reads the statements of a response, from signed bytes only; what was not signed serves as cross-check.

use chrono::DateTime;
use chrono::Utc;
use roxmltree::Node;

use crate::protocol::saml::attributes::Attributes;
use crate::protocol::saml::error::Check;
use crate::protocol::saml::error::Rejection;
use crate::protocol::saml::gate;
use crate::protocol::saml::shape;
use crate::protocol::saml::shape::Letter;
use crate::protocol::saml::signature::SignedXml;
use crate::protocol::saml::signature_shape::Signatures;
use crate::protocol::saml::xml::ASSERTION;
use crate::protocol::saml::xml::child;
use crate::protocol::saml::xml::children;
use crate::protocol::saml::xml::describe;
use crate::protocol::saml::xml::text;

const MOST_VALUES: usize = 1_000;
const LONGEST_NAME_ID: usize = 1_024;

/// The subject's identifier and the format the IdP says it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameId {
    /// The identifier.
    pub value: String,
    /// The format URI, if one was given.
    pub format: Option<String>,
    /// The domain in which the IdP has named the person, if one was given.
    pub name_qualifier: Option<String>,
    /// The service provider, or group of them, that the name is for, if one was given.
    pub sp_name_qualifier: Option<String>,
}

/// Everything that the profile looks at.
pub(super) struct Reading {
    pub(super) signatures: Signatures,
    pub(super) envelope: Envelope,
    pub(super) statement: Statement,
}

/// The attributes of the Response; unsigned if only the Assertion was signed.
#[derive(PartialEq)]
pub(super) struct Envelope {
    pub(super) version: String,
    pub(super) issue_instant: DateTime<Utc>,
    pub(super) issuer: Option<String>,
    pub(super) destination: Option<String>,
    pub(super) in_response_to: Option<String>,
}

/// The content of the Assertion.
#[derive(PartialEq)]
pub(super) struct Statement {
    pub(super) id: String,
    pub(super) version: String,
    pub(super) issue_instant: DateTime<Utc>,
    pub(super) issuer: String,
    pub(super) name_id: NameId,
    pub(super) bearer_confirmations: Vec<Confirmation>,
    pub(super) conditions: Option<Conditions>,
    pub(super) sign_ins: Vec<SignIn>,
    pub(super) attributes: Attributes,
}

/// The data of one bearer `SubjectConfirmation`.
#[derive(PartialEq)]
pub(super) struct Confirmation {
    pub(super) recipient: Option<String>,
    pub(super) in_response_to: Option<String>,
    pub(super) not_before: Option<DateTime<Utc>>,
    pub(super) not_on_or_after: Option<DateTime<Utc>>,
}

/// The `Conditions`, one list of audiences per restriction.
#[derive(PartialEq)]
pub(super) struct Conditions {
    pub(super) not_before: Option<DateTime<Utc>>,
    pub(super) not_on_or_after: Option<DateTime<Utc>>,
    pub(super) audiences: Vec<Vec<String>>,
}

/// One `AuthnStatement`.
#[derive(PartialEq)]
pub(super) struct SignIn {
    pub(super) instant: DateTime<Utc>,
    pub(super) session_index: Option<String>,
    pub(super) session_not_on_or_after: Option<DateTime<Utc>>,
    pub(super) context_class: Option<String>,
}

/// Reads the signed bytes and demands that they say what the gate's document says.
pub(super) fn read(signed: &SignedXml, letter: &Letter<'_, '_>) -> Result<Reading, Rejection> {
    read_text(signed.text(), letter)
}

/// Reads the text of the outermost signed element, which somebody has vouched for.
pub(super) fn read_text(signed: &str, letter: &Letter<'_, '_>) -> Result<Reading, Rejection> {
    let document = gate::parse(signed)?;
    let root = document.root_element();
    let differs = |received: String| Check::SignedContent.refuses("the same content", received);
    let (response, assertion) = if letter.signatures.response.is_some() {
        (
            root,
            child(root, (ASSERTION, "Assertion")).ok_or_else(|| differs(describe(root)))?,
        )
    } else {
        (letter.response, root)
    };
    for (read, seen) in [(response, letter.response), (assertion, letter.assertion)] {
        let is_same = read.tag_name() == seen.tag_name()
            && read.attribute("ID").is_some()
            && read.attribute("ID") == seen.attribute("ID");
        if !is_same {
            return Err(differs(describe(read)));
        }
    }
    shape::check_status(response)?;
    let (envelope, statement) = (envelope(response)?, statement(assertion)?);
    if envelope != self::envelope(letter.response)?
        || statement != self::statement(letter.assertion)?
    {
        return Err(differs("a document that says something else".to_owned()));
    }
    Ok(Reading {
        signatures: letter.signatures,
        envelope,
        statement,
    })
}

fn envelope(response: Node<'_, '_>) -> Result<Envelope, Rejection> {
    Ok(Envelope {
        version: required(response, "Version")?,
        issue_instant: required_instant(response, "IssueInstant")?,
        issuer: child(response, (ASSERTION, "Issuer")).map(text),
        destination: optional(response, "Destination").filter(|it| !it.is_empty()),
        in_response_to: optional(response, "InResponseTo"),
    })
}

fn statement(assertion: Node<'_, '_>) -> Result<Statement, Rejection> {
    let subject = part(assertion, "Subject")?;
    Ok(Statement {
        id: required(assertion, "ID")?,
        version: required(assertion, "Version")?,
        issue_instant: required_instant(assertion, "IssueInstant")?,
        issuer: text(part(assertion, "Issuer")?),
        name_id: name_id(part(subject, "NameID")?)?,
        bearer_confirmations: bearer_confirmations(subject)?,
        conditions: child(assertion, (ASSERTION, "Conditions"))
            .map(conditions)
            .transpose()?,
        sign_ins: children(assertion, (ASSERTION, "AuthnStatement"))
            .map(sign_in)
            .collect::<Result<_, _>>()?,
        attributes: attributes(assertion)?,
    })
}

pub(super) fn name_id(node: Node<'_, '_>) -> Result<NameId, Rejection> {
    let value = text(node);
    if value.is_empty() {
        return Err(Check::MissingElement.refuses("a NameID", "an empty NameID"));
    }
    if value.len() > LONGEST_NAME_ID {
        let limit = format!("at most {LONGEST_NAME_ID} bytes");
        return Err(Check::NameIdTooLong.refuses(limit, value.len()));
    }
    Ok(NameId {
        value,
        format: optional(node, "Format"),
        name_qualifier: optional(node, "NameQualifier"),
        sp_name_qualifier: optional(node, "SPNameQualifier"),
    })
}

fn bearer_confirmations(subject: Node<'_, '_>) -> Result<Vec<Confirmation>, Rejection> {
    let confirmations = children(subject, (ASSERTION, "SubjectConfirmation"));
    let bearers = confirmations
        .filter(|it| it.attribute("Method") == Some("urn:oasis:names:tc:SAML:2.0:cm:bearer"));
    let data = bearers.filter_map(|it| child(it, (ASSERTION, "SubjectConfirmationData")));
    data.map(|data| {
        Ok(Confirmation {
            recipient: optional(data, "Recipient"),
            in_response_to: optional(data, "InResponseTo"),
            not_before: instant(data, "NotBefore")?,
            not_on_or_after: instant(data, "NotOnOrAfter")?,
        })
    })
    .collect()
}

fn conditions(node: Node<'_, '_>) -> Result<Conditions, Rejection> {
    let audiences = |restriction| children(restriction, (ASSERTION, "Audience")).map(text);
    Ok(Conditions {
        not_before: instant(node, "NotBefore")?,
        not_on_or_after: instant(node, "NotOnOrAfter")?,
        audiences: children(node, (ASSERTION, "AudienceRestriction"))
            .map(|restriction| audiences(restriction).collect())
            .collect(),
    })
}

fn sign_in(node: Node<'_, '_>) -> Result<SignIn, Rejection> {
    let context = child(node, (ASSERTION, "AuthnContext"));
    let class = context.and_then(|it| child(it, (ASSERTION, "AuthnContextClassRef")));
    Ok(SignIn {
        instant: required_instant(node, "AuthnInstant")?,
        session_index: optional(node, "SessionIndex"),
        session_not_on_or_after: instant(node, "SessionNotOnOrAfter")?,
        context_class: class.map(text),
    })
}

fn attributes(assertion: Node<'_, '_>) -> Result<Attributes, Rejection> {
    let statements = children(assertion, (ASSERTION, "AttributeStatement"));
    let mut read = Attributes::default();
    let mut count = 0;
    for node in statements.flat_map(|it| children(it, (ASSERTION, "Attribute"))) {
        let name = required(node, "Name")?;
        let values: Vec<String> = children(node, (ASSERTION, "AttributeValue"))
            .flat_map(values)
            .collect();
        count += values.len();
        if count > MOST_VALUES {
            return Err(Check::TooManyValues.refuses(format!("at most {MOST_VALUES}"), count));
        }
        read.add(name, optional(node, "FriendlyName"), values);
    }
    Ok(read)
}

/// What an AttributeValue says: its text, or that of each innermost element in it.
fn values<'a, 'input: 'a>(value: Node<'a, 'input>) -> impl Iterator<Item = String> + 'a {
    let elements = value.descendants().filter(Node::is_element);
    let innermost = elements.filter(|it| it.first_element_child().is_none());
    innermost.map(text)
}

fn part<'a, 'input>(
    node: Node<'a, 'input>,
    name: &'static str,
) -> Result<Node<'a, 'input>, Rejection> {
    let missing = || Check::MissingElement.refuses(name, format!("{} without it", describe(node)));
    child(node, (ASSERTION, name)).ok_or_else(missing)
}

fn optional(node: Node<'_, '_>, name: &str) -> Option<String> {
    node.attribute(name).map(str::to_owned)
}

pub(super) fn required(node: Node<'_, '_>, name: &str) -> Result<String, Rejection> {
    let missing = || Check::MissingElement.refuses(name, format!("{} without it", describe(node)));
    optional(node, name).ok_or_else(missing)
}

pub(super) fn instant(node: Node<'_, '_>, name: &str) -> Result<Option<DateTime<Utc>>, Rejection> {
    let Some(written) = node.attribute(name) else {
        return Ok(None);
    };
    let parsed = DateTime::parse_from_rfc3339(written.trim());
    let wanted = format!("{name} such as 2030-01-31T12:00:00Z");
    let parsed = parsed.map_err(|_| Check::MalformedInstant.refuses(wanted, written))?;
    Ok(Some(parsed.with_timezone(&Utc)))
}

pub(super) fn required_instant(node: Node<'_, '_>, name: &str) -> Result<DateTime<Utc>, Rejection> {
    let missing = || Check::MissingElement.refuses(name, format!("{} without it", describe(node)));
    instant(node, name)?.ok_or_else(missing)
}
