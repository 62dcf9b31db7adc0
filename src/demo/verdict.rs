//! The product's own checks on a SAML answer, one line each, as far as they came.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;

use crate::demo::exchanges::SamlExchange;
use crate::protocol::saml::Check;
use crate::protocol::saml::Expected;
use crate::protocol::saml::Rejection;
use crate::protocol::saml::verify;

/// What a line says of its rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The answer keeps it.
    Kept,
    /// The answer breaks it.
    Broken,
    /// Another rule was broken before.
    NotReached,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// What came of it.
    pub(crate) outcome: Outcome,
    /// The rule in words.
    pub(crate) rule: &'static str,
    /// What it wanted and what it got, if it was broken.
    pub(crate) difference: Option<(String, String)>,
}

/// The checks that tell the story; any other that fails is put among them.
const TOLD: [Check; 17] = [
    Check::NotWellFormed,
    Check::DoctypePresent,
    Check::AssertionCount,
    Check::Unsigned,
    Check::SignatureMethod,
    Check::DigestMethod,
    Check::ReferenceUri,
    Check::Signature,
    Check::EnginesDisagree,
    Check::SignedContent,
    Check::Issuer,
    Check::Destination,
    Check::InResponseTo,
    Check::NotOnOrAfter,
    Check::Audience,
    Check::Recipient,
    Check::AuthnStatementMissing,
];

/// The verdict on an answer, line by line.
pub(crate) fn verdict(exchange: &SamlExchange, origin: &str, certificate: &str) -> Vec<Line> {
    let refused = verify(
        &exchange.form_value,
        &expected(exchange, origin, certificate),
        exchange.at,
    );
    lines(refused.err().as_ref())
}

fn expected(exchange: &SamlExchange, origin: &str, certificate: &str) -> Expected {
    let idp = exchange.company.idp_path();
    Expected {
        certificates: vec![certificate.to_owned()],
        decryption_keys: Vec::new(),
        idp_entity_id: format!("{origin}{idp}/saml/metadata"),
        acs_urls: vec![exchange.acs_url.clone()],
        audiences: vec![exchange.audience.clone()],
        in_response_to: Some(exchange.request_id.clone()),
        clock_skew: TimeDelta::seconds(60),
        want_response_signed: false,
        want_assertion_signed: false,
        authn_context: None,
        authenticated_since: None,
    }
}

fn lines(refused: Option<&Rejection>) -> Vec<Line> {
    let failed = refused.map(|refused| refused.check);
    let mut lines = Vec::new();
    let mut is_over = false;
    let told = Check::ALL.iter().copied();
    for check in told.filter(|check| TOLD.contains(check) || failed == Some(*check)) {
        let is_broken = failed == Some(check);
        let outcome = match (is_broken, is_over) {
            (true, _) => Outcome::Broken,
            (false, true) => Outcome::NotReached,
            (false, false) => Outcome::Kept,
        };
        is_over |= is_broken;
        let difference = refused.filter(|_| is_broken);
        lines.push(Line {
            outcome,
            rule: check.rule(),
            difference: difference.map(|it| (it.expected.clone(), it.received.clone())),
        });
    }
    lines
}

/// What a form carries, for people to read: one element a line, and no more of a long value than
/// its beginning.
pub(crate) fn pretty_form_value(value: &str) -> String {
    let decoded = STANDARD.decode(value).unwrap_or_default();
    pretty(&String::from_utf8_lossy(&decoded))
}

const LONGEST_LINE: usize = 400;

/// XML for people to read.
pub(crate) fn pretty(xml: &str) -> String {
    let mut depth: usize = 0;
    let mut text = String::new();
    for line in xml.replace("><", ">\n<").lines() {
        let closes = line.starts_with("</");
        if closes {
            depth = depth.saturating_sub(1);
        }
        text.push_str(&"  ".repeat(depth));
        text.extend(line.chars().take(LONGEST_LINE));
        if line.chars().count() > LONGEST_LINE {
            text.push('…');
        }
        text.push('\n');
        let opens = line.starts_with('<') && !line.starts_with("<?") && !line.ends_with("/>");
        if opens && !line.contains("</") {
            depth += 1;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_after_a_broken_rule_was_not_looked_at() {
        let outcomes =
            |lines: Vec<Line>| -> Vec<Outcome> { lines.iter().map(|line| line.outcome).collect() };
        assert_eq!(outcomes(lines(None)), [Outcome::Kept; 17]);
        let refused = Rejection {
            check: Check::Lifetime,
            expected: "24 hours".to_owned(),
            received: "25".to_owned(),
        };
        let lines = lines(Some(&refused));
        assert_eq!(lines.len(), 18);
        let broken = lines
            .iter()
            .position(|line| line.outcome == Outcome::Broken);
        let broken = broken.unwrap();
        assert_eq!(
            lines[broken].difference,
            Some(("24 hours".to_owned(), "25".to_owned()))
        );
        assert!(
            lines[..broken]
                .iter()
                .all(|line| line.outcome == Outcome::Kept)
        );
        assert!(
            lines[broken + 1..]
                .iter()
                .all(|line| line.outcome == Outcome::NotReached)
        );
    }

    #[test]
    fn xml_is_told_one_element_a_line() {
        let told = pretty("<a x=\"1\"><b>text</b><c/><d><e></e></d></a>");
        let wanted = "<a x=\"1\">\n  <b>text</b>\n  <c/>\n  <d>\n    <e>\n    </e>\n  </d>\n</a>\n";
        assert_eq!(told, wanted);
        assert!(pretty(&"x".repeat(1000)).chars().count() < 410);
    }
}
