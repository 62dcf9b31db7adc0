//! The PHC string format: `$scheme$v=..$name=value,..$salt$digest`, salt and digest in base64
//! without padding.

use std::fmt;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::GeneralPurpose;
use base64::engine::GeneralPurposeConfig;

/// Takes what other libraries write: with padding or without.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Reads base64 as libraries of passwords write it.
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    LENIENT.decode(text).ok()
}

/// Base64 without padding.
pub fn to_base64(bytes: &[u8]) -> String {
    LENIENT.encode(bytes)
}

/// A hash with all that is needed to make it again.
#[derive(Clone, PartialEq, Eq)]
pub struct Phc {
    /// Which function made it.
    pub scheme: String,
    /// The version of the function, where there are several.
    pub version: Option<u32>,
    /// What the function was given beside password and salt.
    pub parameters: Vec<(String, String)>,
    /// The salt.
    pub salt: Vec<u8>,
    /// What came out.
    pub digest: Vec<u8>,
}

impl Phc {
    /// A hash without parameters and version.
    pub fn new(scheme: &str, salt: Vec<u8>, digest: Vec<u8>) -> Self {
        Self {
            scheme: scheme.to_owned(),
            version: None,
            parameters: Vec::new(),
            salt,
            digest,
        }
    }

    /// The same with one more parameter.
    pub fn with(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.parameters.push((name.to_owned(), value.to_string()));
        self
    }

    /// Reads the format.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix('$')?.split('$').peekable();
        let scheme = parts.next().filter(|scheme| !scheme.is_empty())?;
        let version = match parts.peek().and_then(|part| part.strip_prefix("v=")) {
            Some(version) => Some(version.parse().ok()?),
            None => None,
        };
        if version.is_some() {
            parts.next();
        }
        let parameters = match parts.peek() {
            Some(part) if part.contains('=') => parameters(parts.next()?)?,
            _ => Vec::new(),
        };
        let salt = from_base64(parts.next()?)?;
        let digest = from_base64(parts.next()?)?;
        parts.next().is_none().then(|| Self {
            scheme: scheme.to_owned(),
            version,
            parameters,
            salt,
            digest,
        })
    }

    /// A parameter as it is written.
    pub fn text(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// A parameter that is a number.
    pub fn number(&self, name: &str) -> Option<u32> {
        self.text(name)?.parse().ok()
    }
}

fn parameters(part: &str) -> Option<Vec<(String, String)>> {
    let pairs = part.split(',').map(|pair| pair.split_once('='));
    pairs
        .map(|pair| pair.map(|(name, value)| (name.to_owned(), value.to_owned())))
        .collect()
}

impl fmt::Display for Phc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${}", self.scheme)?;
        if let Some(version) = self.version {
            write!(f, "$v={version}")?;
        }
        for (number, (name, value)) in self.parameters.iter().enumerate() {
            let before = if number == 0 { '$' } else { ',' };
            write!(f, "{before}{name}={value}")?;
        }
        write!(f, "${}${}", to_base64(&self.salt), to_base64(&self.digest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_again() {
        for text in [
            "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$AAECAwQFBgc",
            "$scrypt$ln=14,r=8,p=1$c2FsdA$AAECAw",
            "$sha1$before=YQ,after=$$AAECAw",
        ] {
            let phc = Phc::parse(text).unwrap();
            assert_eq!(phc.to_string(), text);
        }
        let old = Phc::parse("$argon2i$m=8,t=1,p=1$c2FsdHNhbHQ$AAEC").unwrap();
        assert_eq!((old.version, old.number("m")), (None, Some(8)));
        assert_eq!(old.salt, b"saltsalt");
    }

    #[test]
    fn what_is_not_the_format_is_refused() {
        for text in [
            "",
            "argon2id",
            "$",
            "$argon2id$v=x$m=8$c2FsdA$AAEC",
            "$argon2id$v=19$m=8$c2FsdA",
            "$argon2id$v=19$m=8$c2FsdA$AAEC$more",
            "$argon2id$v=19$m=8,t$c2FsdA$AAEC",
            "$argon2id$v=19$m=8$sa lt$AAEC",
        ] {
            assert!(Phc::parse(text).is_none(), "{text}");
        }
    }
}
