//! The rules of the Web Browser SSO Profile (SAML profiles §4.1.4), applied at a given instant.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;

use crate::protocol::saml::Expected;
use crate::protocol::saml::attributes::Attributes;
use crate::protocol::saml::error::Check;
use crate::protocol::saml::error::Rejection;
use crate::protocol::saml::response::Conditions;
use crate::protocol::saml::response::Confirmation;
use crate::protocol::saml::response::Envelope;
use crate::protocol::saml::response::NameId;
use crate::protocol::saml::response::Reading;
use crate::protocol::saml::response::SignIn;
use crate::protocol::saml::response::Statement;
use crate::protocol::saml::signature_shape::Signatures;

const LARGEST_SKEW: TimeDelta = TimeDelta::seconds(300);
const LONGEST_UNASKED_AGE: TimeDelta = TimeDelta::minutes(5);
const LONGEST_LIFETIME: TimeDelta = TimeDelta::hours(24);

/// What a connection's IdP vouches for, after every check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    /// The assertion's ID, which may be used once per connection.
    pub id: String,
    /// The IdP's entity id.
    pub issuer: String,
    /// Who signed in.
    pub name_id: NameId,
    /// The request that was answered; `None` if the IdP began.
    pub in_response_to: Option<String>,
    /// What else the IdP says of the person.
    pub attributes: Attributes,
    /// The IdP's name for its session.
    pub session_index: Option<String>,
    /// When the person proved who they are.
    pub authn_instant: DateTime<Utc>,
    /// How they proved it, as a URI.
    pub authn_context_class: Option<String>,
    /// When the IdP's session ends, which also bounds ours.
    pub session_not_on_or_after: Option<DateTime<Utc>>,
    /// The first instant, clock skew included, at which the assertion is refused anyway.
    pub not_on_or_after: DateTime<Utc>,
}

struct Moment {
    now: DateTime<Utc>,
    skew: TimeDelta,
}

impl Moment {
    fn is_past(&self, end: DateTime<Utc>) -> bool {
        self.now - self.skew >= end
    }

    fn is_future(&self, start: DateTime<Utc>) -> bool {
        self.now + self.skew < start
    }

    fn not_before(&self, check: Check, start: DateTime<Utc>) -> Result<(), Rejection> {
        if self.is_future(start) {
            Err(check.refuses(format!("at the latest {}", self.now + self.skew), start))
        } else {
            Ok(())
        }
    }

    fn not_on_or_after(&self, check: Check, end: DateTime<Utc>) -> Result<(), Rejection> {
        if self.is_past(end) {
            Err(check.refuses(format!("later than {}", self.now - self.skew), end))
        } else {
            Ok(())
        }
    }
}

/// Applies every rule and returns what may be believed.
pub(super) fn check(
    reading: Reading,
    expected: &Expected,
    now: DateTime<Utc>,
) -> Result<Assertion, Rejection> {
    let skew = expected.clock_skew.clamp(TimeDelta::zero(), LARGEST_SKEW);
    let moment = Moment { now, skew };
    let Reading {
        signatures,
        envelope,
        statement,
    } = reading;
    check_wanted(signatures, expected)?;
    check_origin(&envelope, &statement, signatures, expected)?;
    check_destination(&envelope, signatures, expected)?;
    moment.not_before(Check::IssuedInFuture, envelope.issue_instant)?;
    moment.not_before(Check::IssuedInFuture, statement.issue_instant)?;
    if expected.in_response_to.is_none() {
        check_unasked_age(&statement, &moment)?;
    }
    let conditions_end = check_conditions(statement.conditions.as_ref(), expected, &moment)?;
    check_answers(envelope.in_response_to.as_deref(), expected)?;
    let confirmation_end = check_bearers(&statement.bearer_confirmations, expected, &moment)?;
    let session_end = check_sign_ins(&statement.sign_ins, &moment)?;
    let missing = || Check::AuthnStatementMissing.refuses("at least one", 0);
    let sign_in = statement.sign_ins.into_iter().next().ok_or_else(missing)?;
    check_asked(&sign_in, expected, skew)?;
    Ok(Assertion {
        id: statement.id,
        issuer: statement.issuer,
        name_id: statement.name_id,
        in_response_to: expected.in_response_to.clone(),
        attributes: statement.attributes,
        session_index: sign_in.session_index,
        authn_instant: sign_in.instant,
        authn_context_class: sign_in.context_class,
        session_not_on_or_after: session_end,
        not_on_or_after: conditions_end.max(confirmation_end) + skew,
    })
}

fn check_wanted(signatures: Signatures, expected: &Expected) -> Result<(), Rejection> {
    if expected.want_response_signed && signatures.response.is_none() {
        return Err(Check::ResponseNotSigned.refuses("a signed Response", "a signed Assertion"));
    }
    if expected.want_assertion_signed && signatures.assertion.is_none() {
        return Err(Check::AssertionNotSigned.refuses("a signed Assertion", "a signed Response"));
    }
    Ok(())
}

fn check_origin(
    envelope: &Envelope,
    statement: &Statement,
    signatures: Signatures,
    expected: &Expected,
) -> Result<(), Rejection> {
    for version in [&envelope.version, &statement.version] {
        if version != "2.0" {
            return Err(Check::Version.refuses("2.0", version));
        }
    }
    let idp = &expected.idp_entity_id;
    if &statement.issuer != idp {
        return Err(Check::Issuer.refuses(idp, &statement.issuer));
    }
    match &envelope.issuer {
        Some(issuer) if issuer != idp => Err(Check::ResponseIssuer.refuses(idp, issuer)),
        None if signatures.response.is_some() => Err(Check::ResponseIssuer.refuses(idp, "none")),
        _ => Ok(()),
    }
}

fn check_destination(
    envelope: &Envelope,
    signatures: Signatures,
    expected: &Expected,
) -> Result<(), Rejection> {
    let wanted = || expected.acs_urls.join(" or ");
    match &envelope.destination {
        Some(url) if expected.acs_urls.contains(url) => Ok(()),
        Some(url) => Err(Check::Destination.refuses(wanted(), url)),
        None if signatures.response.is_some() => {
            Err(Check::DestinationMissing.refuses(wanted(), "none"))
        }
        None => Ok(()),
    }
}

fn check_answers(in_response_to: Option<&str>, expected: &Expected) -> Result<(), Rejection> {
    match (expected.in_response_to.as_deref(), in_response_to) {
        (Some(wanted), Some(id)) if wanted == id => Ok(()),
        (None, None) => Ok(()),
        (Some(wanted), Some(id)) => Err(Check::InResponseTo.refuses(wanted, id)),
        (Some(wanted), None) => Err(Check::InResponseToMissing.refuses(wanted, "none")),
        (None, Some(id)) => Err(Check::Unsolicited.refuses("none", id)),
    }
}

// Nobody waits for a response that nobody asked for, so one that was kept for later is refused.
fn check_unasked_age(statement: &Statement, moment: &Moment) -> Result<(), Rejection> {
    let end = statement.issue_instant + LONGEST_UNASKED_AGE;
    if moment.is_past(end) {
        let earliest = moment.now - moment.skew - LONGEST_UNASKED_AGE;
        let wanted = format!("issued after {earliest}");
        return Err(Check::IdpInitiatedAge.refuses(wanted, statement.issue_instant));
    }
    Ok(())
}

fn check_conditions(
    conditions: Option<&Conditions>,
    expected: &Expected,
    moment: &Moment,
) -> Result<DateTime<Utc>, Rejection> {
    let missing = |what: &str| Check::ConditionsMissing.refuses("Conditions NotOnOrAfter", what);
    let conditions = conditions.ok_or_else(|| missing("no Conditions"))?;
    let end = conditions
        .not_on_or_after
        .ok_or_else(|| missing("no NotOnOrAfter"))?;
    if let Some(start) = conditions.not_before {
        moment.not_before(Check::NotBefore, start)?;
    }
    moment.not_on_or_after(Check::NotOnOrAfter, end)?;
    if moment.is_future(end - LONGEST_LIFETIME) {
        let latest = moment.now + moment.skew + LONGEST_LIFETIME;
        return Err(Check::Lifetime.refuses(format!("at the latest {latest}"), end));
    }
    check_audiences(&conditions.audiences, expected)?;
    Ok(end)
}

fn check_audiences(restrictions: &[Vec<String>], expected: &Expected) -> Result<(), Rejection> {
    let wanted = || expected.audiences.join(" or ");
    if restrictions.is_empty() {
        return Err(Check::AudienceMissing.refuses(wanted(), "no AudienceRestriction"));
    }
    let omits_us = |them: &&Vec<String>| !them.iter().any(|it| expected.audiences.contains(it));
    match restrictions.iter().find(omits_us) {
        Some(others) => Err(Check::Audience.refuses(wanted(), others.join(", "))),
        None => Ok(()),
    }
}

// One confirmation that holds is enough; if none does, the last one's failure is the most telling.
fn check_bearers(
    confirmations: &[Confirmation],
    expected: &Expected,
    moment: &Moment,
) -> Result<DateTime<Utc>, Rejection> {
    let mut outcome = Err(Check::BearerMissing.refuses("a bearer confirmation", "none"));
    for confirmation in confirmations {
        outcome = check_bearer(confirmation, expected, moment);
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}

fn check_bearer(
    confirmation: &Confirmation,
    expected: &Expected,
    moment: &Moment,
) -> Result<DateTime<Utc>, Rejection> {
    let wanted = expected.acs_urls.join(" or ");
    match &confirmation.recipient {
        None => return Err(Check::RecipientMissing.refuses(wanted, "none")),
        Some(url) if !expected.acs_urls.contains(url) => {
            return Err(Check::Recipient.refuses(wanted, url));
        }
        Some(_) => {}
    }
    let missing = || Check::ConfirmationWithoutEnd.refuses("NotOnOrAfter", "none");
    let end = confirmation.not_on_or_after.ok_or_else(missing)?;
    moment.not_on_or_after(Check::ConfirmationNotOnOrAfter, end)?;
    if let Some(start) = confirmation.not_before {
        moment.not_before(Check::ConfirmationNotBefore, start)?;
    }
    check_answers(confirmation.in_response_to.as_deref(), expected)?;
    Ok(end)
}

fn check_sign_ins(
    sign_ins: &[SignIn],
    moment: &Moment,
) -> Result<Option<DateTime<Utc>>, Rejection> {
    let mut first_end = None;
    for sign_in in sign_ins {
        moment.not_before(Check::AuthnInFuture, sign_in.instant)?;
        if let Some(end) = sign_in.session_not_on_or_after {
            moment.not_on_or_after(Check::SessionEnded, end)?;
            first_end = Some(first_end.map_or(end, |earlier: DateTime<Utc>| earlier.min(end)));
        }
    }
    Ok(first_end)
}

// Whoever holds the browser can take out of an unsigned request what was asked of the IdP.
fn check_asked(sign_in: &SignIn, expected: &Expected, skew: TimeDelta) -> Result<(), Rejection> {
    if let Some(wanted) = &expected.authn_context
        && sign_in.context_class.as_ref() != Some(wanted)
    {
        let received = sign_in.context_class.as_deref().unwrap_or("none");
        return Err(Check::AuthnContext.refuses(wanted, received));
    }
    match expected.authenticated_since {
        Some(since) if sign_in.instant + skew < since => {
            Err(Check::AuthnTooOld.refuses(format!("since {since}"), sign_in.instant))
        }
        _ => Ok(()),
    }
}
