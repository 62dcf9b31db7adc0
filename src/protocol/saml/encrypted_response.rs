//! Responses with an encrypted assertion: signed outside, inside or both, each signature over the bytes that its signer saw
//! (SAML core §6.1, SAML profiles §4.1.4.5).

use crate::protocol::saml::decryption;
use crate::protocol::saml::decryption::DecryptionKey;
use crate::protocol::saml::encrypted_shape::Sealed;
use crate::protocol::saml::error::Check;
use crate::protocol::saml::error::Rejection;
use crate::protocol::saml::gate;
use crate::protocol::saml::response;
use crate::protocol::saml::response::Reading;
use crate::protocol::saml::shape;
use crate::protocol::saml::shape::Letter;
use crate::protocol::saml::signature::SignedXml;
use crate::protocol::saml::signature::Verifier;
use crate::protocol::saml::xml::ASSERTION;
use crate::protocol::saml::xml::child;
use crate::protocol::saml::xml::describe;
use crate::protocol::saml::xml::is;

/// Verifies what is signed around the ciphertext, decrypts, and verifies what is signed inside.
pub(super) fn read(
    text: &str,
    letter: &Letter<'_, '_>,
    (pinned, secret): (Verifier<'_>, &[DecryptionKey]),
) -> Result<Reading, Rejection> {
    let outer = letter.signatures.response;
    let around = outer.map(|_| pinned.verify(text, letter));
    let around = around.transpose()?;
    let opened = opened(
        around.as_ref().map_or(text, SignedXml::text),
        around.is_some(),
        secret,
    )?;
    let document = gate::parse(&opened)?;
    let mut plain = shape::check(&document)?;
    if plain.signatures.assertion.is_none() && outer.is_some() {
        plain.signatures = letter.signatures;
        return response::read_text(&opened, &plain);
    }
    let signed = pinned.verify(&opened, &plain)?;
    let mut reading = response::read(&signed, &plain)?;
    reading.signatures.response = outer;
    Ok(reading)
}

/// The document with its assertion in the place of the ciphertext, which is read from signed bytes where there are any.
fn opened(text: &str, is_signed: bool, secret: &[DecryptionKey]) -> Result<String, Rejection> {
    let document = gate::parse(text)?;
    let encrypted = child(document.root_element(), (ASSERTION, "EncryptedAssertion"));
    let missing = || Check::DecryptedContent.refuses("an EncryptedAssertion", "none");
    let encrypted = encrypted.ok_or_else(missing)?;
    let assertion = decryption::decrypt(&Sealed::read(encrypted, is_signed)?, secret)?;
    let inside = gate::parse(&assertion)?;
    let root = inside.root_element();
    if !is(root, (ASSERTION, "Assertion")) {
        return Err(Check::DecryptedContent.refuses("saml:Assertion", describe(root)));
    }
    let taken = shape::ids(&document)?;
    if let Some(again) = shape::ids(&inside)?.intersection(&taken).next() {
        return Err(Check::DuplicateId.refuses("an ID used once", again));
    }
    let place = encrypted.range();
    let (before, after) = (text.get(..place.start), text.get(place.end..));
    let around = [before.ok_or_else(missing)?, after.ok_or_else(missing)?];
    Ok(around.join(text_of(&assertion)))
}

// The declaration of a document may not stand within another.
fn text_of(assertion: &str) -> &str {
    match assertion.split_once("?>") {
        Some((declaration, after)) if declaration.starts_with("<?xml") => after,
        _ => assertion,
    }
}

#[cfg(test)]
mod tests;
