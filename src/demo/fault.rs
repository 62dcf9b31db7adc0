//! What the demo's identity provider can do wrong on purpose, each refused by a check of its own.

use chrono::TimeDelta;

use crate::demo::saml_response::ResponseDraft;
use crate::demo::saml_signature::KeyPair;
use crate::demo::saml_signature::SigningError;

/// A way in which an answer is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The answer ended an hour ago.
    Expired,
    /// The answer is for another application.
    WrongAudience,
    /// A letter of the signature was changed on the way.
    AlteredSignature,
    /// Nobody signed the answer.
    Unsigned,
    /// The answer was used before.
    Replayed,
    /// Somebody put a second assertion beside the signed one: signature wrapping.
    SecondAssertion,
}

impl Fault {
    /// All of them, in the order in which pages show them.
    pub(crate) const ALL: [Self; 6] = [
        Self::Expired,
        Self::WrongAudience,
        Self::AlteredSignature,
        Self::Unsigned,
        Self::Replayed,
        Self::SecondAssertion,
    ];

    /// The name in URLs.
    pub(crate) fn slug(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::WrongAudience => "wrong-audience",
            Self::AlteredSignature => "altered-signature",
            Self::Unsigned => "unsigned",
            Self::Replayed => "replayed",
            Self::SecondAssertion => "second-assertion",
        }
    }

    /// The name on pages.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Expired => "Expired",
            Self::WrongAudience => "Wrong audience",
            Self::AlteredSignature => "Altered signature",
            Self::Unsigned => "Unsigned",
            Self::Replayed => "Replayed",
            Self::SecondAssertion => "Second assertion",
        }
    }

    /// What is wrong, in one sentence.
    pub(crate) fn explanation(self) -> &'static str {
        match self {
            Self::Expired => "The answer was valid until an hour ago.",
            Self::WrongAudience => "The answer is meant for another application.",
            Self::AlteredSignature => "One letter of the signature was changed on the way.",
            Self::Unsigned => "Nobody has signed the answer.",
            Self::Replayed => "The answer was used before; somebody has kept a copy.",
            Self::SecondAssertion => {
                "An attacker has put an assertion of their own beside the signed one \
                 (signature wrapping)."
            }
        }
    }

    /// The fault with this name in URLs.
    pub(crate) fn find(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.slug() == slug)
    }
}

/// The answer as XML, made wrong if it is to be.
pub(crate) fn write(
    mut draft: ResponseDraft,
    fault: Option<Fault>,
    key: &KeyPair,
) -> Result<String, SigningError> {
    match fault {
        Some(Fault::Expired) => shift(&mut draft, -TimeDelta::hours(1)),
        Some(Fault::WrongAudience) => {
            draft.audiences = vec!["https://another-application.test/saml".to_owned()];
        }
        Some(Fault::Unsigned) => draft.sign_assertion = false,
        _ => {}
    }
    let xml = draft.to_xml(key)?;
    Ok(match fault {
        Some(Fault::AlteredSignature) => altered(&xml),
        Some(Fault::SecondAssertion) => wrapped(&xml, draft, key)?,
        _ => xml,
    })
}

fn shift(draft: &mut ResponseDraft, by: TimeDelta) {
    draft.issue_instant += by;
    for instant in [
        &mut draft.not_before,
        &mut draft.not_on_or_after,
        &mut draft.confirmation_not_on_or_after,
        &mut draft.authn_instant,
    ] {
        *instant = instant.map(|instant| instant + by);
    }
}

const SIGNATURE: &str = "<ds:SignatureValue>";
const ASSERTION: &str = "<saml:Assertion ";

fn altered(xml: &str) -> String {
    let Some((before, after)) = xml.split_once(SIGNATURE) else {
        return xml.to_owned();
    };
    let mut letters = after.chars();
    let other = match letters.next() {
        Some('A') => 'B',
        _ => 'A',
    };
    format!("{before}{SIGNATURE}{other}{}", letters.as_str())
}

/// The signed assertion stays as it is; before it stands one that makes its writer the boss.
fn wrapped(xml: &str, mut forged: ResponseDraft, key: &KeyPair) -> Result<String, SigningError> {
    forged.sign_assertion = false;
    forged.assertion_id = format!("{}f", forged.assertion_id);
    "boss@acme.test".clone_into(&mut forged.name_id);
    let forged = forged.to_xml(key)?;
    let assertion = forged
        .split_once(ASSERTION)
        .and_then(|(_, rest)| rest.rsplit_once("</samlp:Response>"))
        .map(|(assertion, _)| format!("{ASSERTION}{assertion}"));
    let (before, after) = xml.split_once(ASSERTION).ok_or(SigningError::Failed)?;
    let assertion = assertion.ok_or(SigningError::Failed)?;
    Ok(format!("{before}{assertion}{ASSERTION}{after}"))
}
