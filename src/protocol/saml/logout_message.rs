//! Single logout as an IdP sends it: read from signed octets only (SAML profiles §4.4).

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use roxmltree::Node;

use crate::protocol::saml::elements;
use crate::protocol::saml::error::Check;
use crate::protocol::saml::error::Rejection;
use crate::protocol::saml::gate;
use crate::protocol::saml::redirect;
use crate::protocol::saml::redirect::Query;
use crate::protocol::saml::response;
use crate::protocol::saml::response::NameId;
use crate::protocol::saml::shape;
use crate::protocol::saml::shape::Letter;
use crate::protocol::saml::signature;
use crate::protocol::saml::signature::PinnedKeys;
use crate::protocol::saml::signature_shape;
use crate::protocol::saml::xml::ASSERTION;
use crate::protocol::saml::xml::PROTOCOL;
use crate::protocol::saml::xml::SIGNATURE;
use crate::protocol::saml::xml::child;
use crate::protocol::saml::xml::children;
use crate::protocol::saml::xml::describe;
use crate::protocol::saml::xml::is;
use crate::protocol::saml::xml::text;

const LONGEST_AGE: TimeDelta = TimeDelta::minutes(5);
const LARGEST_SKEW: TimeDelta = TimeDelta::seconds(300);
const MOST_SESSION_INDEXES: usize = 100;

/// What one connection demands of a logout message.
#[derive(Debug, Clone)]
pub struct LogoutExpected {
    /// The connection's verification certificates, as PEM.
    pub certificates: Vec<String>,
    /// The entity id of the connection's IdP.
    pub idp_entity_id: String,
    /// The connection's own URL for logout messages.
    pub url: String,
    /// How far the IdP's clock may be off, 300 seconds at most.
    pub clock_skew: TimeDelta,
}

/// A logout message that a pinned key of the IdP has signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogoutMessage {
    /// The IdP wants sessions ended.
    Request {
        /// Its ID, which may be used once.
        id: String,
        /// Whose sessions.
        name_id: NameId,
        /// Which of them; all if empty.
        session_indexes: Vec<String>,
        /// The first instant at which the request is refused anyway.
        not_on_or_after: DateTime<Utc>,
    },
    /// The IdP answers a request of ours.
    Response {
        /// The request.
        in_response_to: String,
        /// Whether every session of the person has ended, as far as the IdP knows.
        is_success: bool,
    },
}

/// Reads the query of the HTTP-Redirect binding, as it came, and gives the `RelayState` with it.
pub fn verify_logout_query(
    raw_query: &str,
    expected: &LogoutExpected,
    now: DateTime<Utc>,
) -> Result<(LogoutMessage, String), Rejection> {
    let query = Query::parse(raw_query)?;
    redirect::verify(&query, &expected.certificates)?;
    let xml = query.inflated()?;
    let document = gate::parse(&xml)?;
    let root = document.root_element();
    if child(root, (SIGNATURE, "Signature")).is_some() {
        let received = describe(root);
        return Err(Check::MisplacedSignature.refuses("a signature in the query", received));
    }
    check_shape(&document, query.is_request())?;
    Ok((read(root, expected, now)?, query.relay_state()))
}

/// Reads the form field of the HTTP-POST binding: `SAMLRequest` if that is what came.
pub fn verify_logout_form(
    form_value: &str,
    is_request: bool,
    expected: &LogoutExpected,
    now: DateTime<Utc>,
) -> Result<LogoutMessage, Rejection> {
    let keys = PinnedKeys::of(&expected.certificates)?;
    let xml = gate::decode(form_value)?;
    let document = gate::parse(&xml)?;
    check_shape(&document, is_request)?;
    let root = document.root_element();
    let letter = Letter {
        response: root,
        assertion: root,
        signatures: signature_shape::check(root, root)?,
    };
    let signed = signature::verify(&xml, &letter, &keys)?;
    let document = gate::parse(signed.text())?;
    check_shape(&document, is_request)?;
    read(document.root_element(), expected, now)
}

fn check_shape(document: &roxmltree::Document<'_>, is_request: bool) -> Result<(), Rejection> {
    let root = document.root_element();
    let wanted = if is_request {
        "LogoutRequest"
    } else {
        "LogoutResponse"
    };
    if !is(root, (PROTOCOL, wanted)) {
        let wanted = format!("samlp:{wanted}");
        return Err(Check::UnexpectedMessage.refuses(wanted, describe(root)));
    }
    shape::ids(document)?;
    shape::check_namespaces(document)?;
    elements::check(document)
}

fn read(
    root: Node<'_, '_>,
    expected: &LogoutExpected,
    now: DateTime<Utc>,
) -> Result<LogoutMessage, Rejection> {
    let id = response::required(root, "ID")?;
    let version = response::required(root, "Version")?;
    if version != "2.0" {
        return Err(Check::Version.refuses("2.0", version));
    }
    let issuer = child(root, (ASSERTION, "Issuer"))
        .map(text)
        .unwrap_or_default();
    if issuer != expected.idp_entity_id {
        return Err(Check::LogoutIssuer.refuses(&expected.idp_entity_id, issuer));
    }
    let destination = response::required(root, "Destination")?;
    if destination != expected.url {
        return Err(Check::LogoutDestination.refuses(&expected.url, destination));
    }
    let end = check_age(root, expected, now)?;
    if is(root, (PROTOCOL, "LogoutRequest")) {
        return read_request(root, id, end);
    }
    Ok(LogoutMessage::Response {
        in_response_to: response::required(root, "InResponseTo")?,
        is_success: shape::check_status(root).is_ok(),
    })
}

fn check_age(
    root: Node<'_, '_>,
    expected: &LogoutExpected,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, Rejection> {
    let skew = expected.clock_skew.clamp(TimeDelta::zero(), LARGEST_SKEW);
    let issued = response::required_instant(root, "IssueInstant")?;
    let given = response::instant(root, "NotOnOrAfter")?;
    let end = given.map_or(issued + LONGEST_AGE, |end| end.min(issued + LONGEST_AGE)) + skew;
    if now >= end || now + skew < issued {
        let wanted = format!("issued within five minutes of {now}");
        return Err(Check::LogoutAge.refuses(wanted, issued));
    }
    Ok(end)
}

fn read_request(
    root: Node<'_, '_>,
    id: String,
    not_on_or_after: DateTime<Utc>,
) -> Result<LogoutMessage, Rejection> {
    let named = child(root, (ASSERTION, "NameID"));
    let missing = || Check::MissingElement.refuses("NameID", "samlp:LogoutRequest without it");
    let name_id = response::name_id(named.ok_or_else(missing)?)?;
    let indexes = children(root, (PROTOCOL, "SessionIndex"));
    let session_indexes: Vec<String> = indexes.map(text).collect();
    if session_indexes.len() > MOST_SESSION_INDEXES {
        let limit = format!("at most {MOST_SESSION_INDEXES}");
        return Err(Check::TooManyValues.refuses(limit, session_indexes.len()));
    }
    Ok(LogoutMessage::Request {
        id,
        name_id,
        session_indexes,
        not_on_or_after,
    })
}

#[cfg(test)]
mod tests;
