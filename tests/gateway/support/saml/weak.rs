//! Readers of SAML responses that are sound but for one weakness each: what deceives them is an
//! attack. Their signature checks are complete otherwise, and they know no rule of the profile.

use aws_lc_rs::signature;
use aws_lc_rs::signature::UnparsedPublicKey;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use x509_parser::parse_x509_certificate;

use super::canonical::canonical;
use super::canonical::namespaces;
use super::forge::World;
use super::opened::opened;
use super::resources;
use super::sign::Algorithm;
use super::sign::Digest;
use super::sign::SigningKey;
use super::sign::authenticated;
use super::sign::bare;
use super::sign::hashed;
use super::tree::Element;
use super::tree::Node;
use super::tree::Place;
use super::tree::parse;

/// What an attack does to a weak reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Harm {
    /// It takes the sender for this person.
    Identity(String),
    /// It reads from this address.
    Fetches(String),
    /// It makes so many bytes of a small document.
    Expands(usize),
    /// It runs a program of the sender's.
    Runs(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keys {
    Pinned,
    /// Those of every connection.
    Known,
    /// The certificate that the letter brings.
    Brought,
    /// The last certificate that it brings, if the first is the pinned one.
    BroughtBesidePinned,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Values {
    Verified,
    Unverified,
    /// An empty signature is none that could be wrong.
    EmptyPasses,
    UnknownAlgorithmPasses,
    /// Keyed by what everybody knows.
    Hmac,
    /// Of the length that the letter wishes.
    TruncatedHmac,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Digests {
    OfReference,
    FirstInDocument,
    /// The first node inside, a comment too.
    FirstNode,
    /// Of another SignedInfo than the signature is about.
    OfLastInfo,
    OfFirstInfo,
    Unchecked,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reads {
    Signed,
    FirstNamed,
    LastNamed,
    FirstInRoot,
    LastRoot,
    FirstRoot,
    /// By what is written, whatever the prefix means.
    Written,
    LastWithId,
    WithIdOfAnyNamespace,
    WithIdOfAnyCase,
}

#[derive(Clone, Copy, Debug)]
pub struct Reader {
    keys: Keys,
    values: Values,
    digests: Digests,
    reads: Reads,
    /// Only the first piece of a text.
    first_piece: bool,
    unsigned_passes: bool,
    /// What cannot be canonicalized is empty.
    void: bool,
}

/// A reader without a weakness in its signature checks.
pub const SOUND: Reader = Reader {
    keys: Keys::Pinned,
    values: Values::Verified,
    digests: Digests::OfReference,
    reads: Reads::Signed,
    first_piece: false,
    unsigned_passes: false,
    void: false,
};

const READERS: [(&str, Reader); 24] = [
    ("checks_no_profile", SOUND),
    (
        "trusts_any_known_key",
        Reader {
            keys: Keys::Known,
            ..SOUND
        },
    ),
    (
        "trusts_key_info",
        Reader {
            keys: Keys::Brought,
            ..SOUND
        },
    ),
    (
        "verifies_with_the_last_certificate",
        Reader {
            keys: Keys::BroughtBesidePinned,
            ..SOUND
        },
    ),
    (
        "verifies_no_value",
        Reader {
            values: Values::Unverified,
            ..SOUND
        },
    ),
    (
        "lets_empty_values_pass",
        Reader {
            values: Values::EmptyPasses,
            ..SOUND
        },
    ),
    (
        "lets_unknown_algorithms_pass",
        Reader {
            values: Values::UnknownAlgorithmPasses,
            ..SOUND
        },
    ),
    (
        "takes_the_certificate_for_a_secret",
        Reader {
            values: Values::Hmac,
            ..SOUND
        },
    ),
    (
        "lets_the_letter_shorten_the_hmac",
        Reader {
            values: Values::TruncatedHmac,
            ..SOUND
        },
    ),
    (
        "takes_the_first_digest",
        Reader {
            digests: Digests::FirstInDocument,
            ..SOUND
        },
    ),
    (
        "takes_a_comment_for_the_digest",
        Reader {
            digests: Digests::FirstNode,
            ..SOUND
        },
    ),
    (
        "takes_the_digest_of_the_last_info",
        Reader {
            digests: Digests::OfLastInfo,
            ..SOUND
        },
    ),
    (
        "takes_the_digest_of_the_first_info",
        Reader {
            digests: Digests::OfFirstInfo,
            ..SOUND
        },
    ),
    (
        "checks_no_digest",
        Reader {
            digests: Digests::Unchecked,
            ..SOUND
        },
    ),
    (
        "reads_the_first_assertion",
        Reader {
            reads: Reads::FirstNamed,
            ..SOUND
        },
    ),
    (
        "reads_the_last_assertion",
        Reader {
            reads: Reads::LastNamed,
            ..SOUND
        },
    ),
    (
        "reads_the_assertion_of_the_root",
        Reader {
            reads: Reads::FirstInRoot,
            ..SOUND
        },
    ),
    (
        "reads_the_last_root",
        Reader {
            reads: Reads::LastRoot,
            ..SOUND
        },
    ),
    (
        "reads_the_first_root",
        Reader {
            reads: Reads::FirstRoot,
            ..SOUND
        },
    ),
    (
        "reads_by_the_written_name",
        Reader {
            reads: Reads::Written,
            ..SOUND
        },
    ),
    (
        "reads_the_last_with_the_id",
        Reader {
            reads: Reads::LastWithId,
            ..SOUND
        },
    ),
    (
        "takes_ids_of_any_namespace",
        Reader {
            reads: Reads::WithIdOfAnyNamespace,
            ..SOUND
        },
    ),
    (
        "takes_ids_of_any_case",
        Reader {
            reads: Reads::WithIdOfAnyCase,
            ..SOUND
        },
    ),
    (
        "reads_the_first_piece_of_text",
        Reader {
            first_piece: true,
            ..SOUND
        },
    ),
];

/// What could be decrypted needs no signature, or one by whom it says.
const UNPROVEN: Reader = Reader {
    keys: Keys::Brought,
    unsigned_passes: true,
    ..SOUND
};
const UNSIGNED: Reader = Reader {
    unsigned_passes: true,
    ..SOUND
};
const VOID: Reader = Reader {
    void: true,
    ..SOUND
};

/// What the reader of that name does with a letter.
pub fn harm(reader: &str, xml: &str, world: &World) -> Option<Harm> {
    if reader == "takes_decryption_for_proof" {
        let inside = opened(&parse(xml)?, &world.reader.pkcs8)?;
        return UNPROVEN.identity(&inside, world).map(Harm::Identity);
    }
    if let Some(harm) = resources::harm(reader, xml) {
        return Some(harm);
    }
    let found = READERS.iter().find(|(name, _)| *name == reader);
    let reader = match (reader, found) {
        ("lets_unsigned_pass", _) => UNSIGNED,
        ("signs_nothing_when_it_cannot_canonicalize", _) => VOID,
        (_, Some((_, reader))) => *reader,
        (other, None) => {
            assert!(resources::READERS.contains(&other), "no reader {other}");
            return None;
        }
    };
    reader.identity(xml, world).map(Harm::Identity)
}

impl Reader {
    /// Whom this reader takes the sender of a letter for.
    pub fn identity(self, xml: &str, world: &World) -> Option<String> {
        let document = parse(xml)?;
        let signatures = document.places_of("Signature");
        let assertion = if signatures.is_empty() && self.unsigned_passes {
            document.places_of("Assertion").into_iter().next()?
        } else {
            let mut checked = signatures.into_iter();
            let signed = checked.find_map(|place| self.signed(&document, &place, world))?;
            self.chosen(&document, &signed)?
        };
        let subject = document.at(&assertion)?.child("Subject")?;
        Some(self.text(subject.child("NameID")?))
    }

    fn text(self, element: &Element) -> String {
        let texts = element.children.iter().filter_map(|child| match child {
            Node::Text(text) => Some(text.as_str()),
            _ => None,
        });
        texts
            .take(if self.first_piece { 1 } else { usize::MAX })
            .collect()
    }

    /// The assertion that is read, when the element at `signed` was found to be signed.
    fn chosen(self, document: &Element, signed: &Place) -> Option<Place> {
        let id = document.at(signed)?.attribute("ID")?.to_owned();
        let mut named = document.places_of("Assertion").into_iter();
        let root_of = |index: usize| {
            let mut named = document.places_of("Assertion").into_iter();
            let roots: Vec<usize> = roots(document);
            let wanted = *roots.get(if index == 0 { 0 } else { roots.len() - 1 })?;
            named.find(|place| place.first() == Some(&wanted))
        };
        let attribute_is = |place: &Place, is_id: fn(&str) -> bool| {
            let attributes = document.at(place).unwrap().attributes.iter();
            attributes
                .clone()
                .any(|(name, value)| is_id(name) && *value == id)
        };
        match self.reads {
            Reads::Signed => named.find(|place| place.starts_with(signed)),
            Reads::FirstNamed => named.next(),
            Reads::LastNamed => named.next_back(),
            Reads::FirstInRoot => named.find(|place| place.len() == 2),
            Reads::FirstRoot => root_of(0),
            Reads::LastRoot => root_of(1),
            Reads::Written => {
                named.find(|place| document.at(place).unwrap().name == "saml:Assertion")
            }
            Reads::LastWithId => named.rfind(|place| attribute_is(place, |name| name == "ID")),
            Reads::WithIdOfAnyNamespace => named.rfind(|place| {
                let is_id = |name: &str| {
                    let local = name.split_once(':').map_or(name, |(_, local)| local);
                    local.eq_ignore_ascii_case("id")
                };
                attribute_is(place, is_id)
            }),
            Reads::WithIdOfAnyCase => {
                named.rfind(|place| attribute_is(place, |name| name.eq_ignore_ascii_case("id")))
            }
        }
    }

    /// The element that a signature is about, if the signature holds.
    fn signed(self, document: &Element, place: &Place, world: &World) -> Option<Place> {
        let signature = document.at(place)?;
        let infos: Vec<usize> = indices(signature, "SignedInfo");
        let (first, last) = (*infos.first()?, *infos.last()?);
        let (about, digest_from) = match self.digests {
            Digests::OfLastInfo => (first, last),
            Digests::OfFirstInfo => (last, first),
            _ => (first, first),
        };
        let info_place = [place.as_slice(), &[about]].concat();
        let info = document.at(&info_place)?;
        let reference = document
            .at(&[place.as_slice(), &[digest_from]].concat())?
            .child("Reference")?;
        let id = reference.attribute("URI")?.strip_prefix('#')?;
        let target = super::sign::place_of(document, id)?;
        let inclusive = prefix_list(reference);
        let own = place.starts_with(&target).then_some(place.as_slice());
        let text = self.canonical(document, (&target, own), &inclusive)?;
        let method = reference.child("DigestMethod")?.attribute("Algorithm")?;
        let digest = hashed(Digest::of_uri(method)?, &text);
        if self.digests != Digests::Unchecked && digest != self.digest(document, reference)? {
            return None;
        }
        let message = self.canonical(document, (&info_place, None), &[])?;
        let holds = self.holds(signature, info, (&message, world));
        holds.then_some(target)
    }

    fn digest(self, document: &Element, reference: &Element) -> Option<String> {
        let element = match self.digests {
            Digests::FirstInDocument => {
                let first = document.places_of("DigestValue").into_iter().next()?;
                document.at(&first)?
            }
            _ => reference.child("DigestValue")?,
        };
        match (self.digests, element.children.first()?) {
            (Digests::FirstNode, Node::Comment(text)) => Some(text.clone()),
            _ => Some(SOUND.text(element)),
        }
    }

    fn canonical(
        self,
        document: &Element,
        place: (&[usize], Option<&[usize]>),
        inclusive: &[String],
    ) -> Option<String> {
        let is_relative = |uri: &String| !uri.is_empty() && !uri.contains(':');
        if namespaces(document, place.0).values().any(is_relative) {
            return self.void.then(String::new);
        }
        canonical(document, place, inclusive)
    }

    fn holds(self, signature: &Element, info: &Element, (message, world): (&str, &World)) -> bool {
        let value = signature.child("SignatureValue");
        let value = value.map(|it| SOUND.text(it)).unwrap_or_default();
        let value = STANDARD.decode(value.trim()).unwrap_or_default();
        let method = info.child("SignatureMethod");
        let uri = method.and_then(|it| it.attribute("Algorithm"));
        let algorithm = uri.and_then(Algorithm::of_uri);
        let pinned = &world.idp.certificate_pem;
        match (self.values, algorithm) {
            (Values::EmptyPasses, _) if value.is_empty() => true,
            (Values::Unverified, _)
            | (Values::UnknownAlgorithmPasses, None | Some(Algorithm::Nothing)) => true,
            (Values::Hmac, Some(Algorithm::HmacSha256)) => {
                value == authenticated(pinned, message.as_bytes())
            }
            (Values::TruncatedHmac, Some(Algorithm::HmacSha256)) => {
                let length = method.and_then(|it| it.child("HMACOutputLength"));
                let bits: Option<usize> = length.and_then(|it| SOUND.text(it).parse().ok());
                let whole = authenticated("a secret", message.as_bytes());
                bits.is_some_and(|bits| value.get(..bits / 8) == whole.get(..bits / 8))
            }
            (_, Some(algorithm)) => {
                let certificates = self.certificates(signature, world);
                let mut certificates = certificates.iter();
                certificates.any(|it| verifies(it, algorithm, (message, &value)))
            }
            (_, None) => false,
        }
    }

    /// The certificates that are believed, in bare base64.
    fn certificates(self, signature: &Element, world: &World) -> Vec<String> {
        let places = signature.places_of("X509Certificate").into_iter();
        let brought: Vec<String> = places
            .map(|place| SOUND.text(signature.at(&place).unwrap()))
            .collect();
        let pinned = bare(&world.idp.certificate_pem);
        match self.keys {
            Keys::Pinned => {
                let curves = world.curves.iter().map(SigningKey::bare_certificate);
                curves.chain([pinned]).collect()
            }
            Keys::Known => vec![pinned, bare(&world.neighbour.certificate_pem)],
            Keys::Brought => brought,
            Keys::BroughtBesidePinned if brought.first() == Some(&pinned) => {
                brought.last().cloned().into_iter().collect()
            }
            Keys::BroughtBesidePinned => Vec::new(),
        }
    }
}

/// Whether a key in bare base64 made this signature of a message.
pub fn verifies(certificate: &str, algorithm: Algorithm, (message, value): (&str, &[u8])) -> bool {
    let Ok(der) = STANDARD.decode(certificate) else {
        return false;
    };
    let Ok((_, certificate)) = parse_x509_certificate(&der) else {
        return false;
    };
    let by: &dyn signature::VerificationAlgorithm = match algorithm {
        Algorithm::RsaSha256 => &signature::RSA_PKCS1_2048_8192_SHA256,
        Algorithm::RsaSha384 => &signature::RSA_PKCS1_2048_8192_SHA384,
        Algorithm::RsaSha512 => &signature::RSA_PKCS1_2048_8192_SHA512,
        Algorithm::EcdsaSha256 => &signature::ECDSA_P256_SHA256_FIXED,
        Algorithm::EcdsaSha384 => &signature::ECDSA_P384_SHA384_FIXED,
        Algorithm::HmacSha256 | Algorithm::Nothing => return false,
    };
    let key = certificate.public_key().subject_public_key.data.to_vec();
    let key = UnparsedPublicKey::new(by, key);
    key.verify(message.as_bytes(), value).is_ok()
}

fn prefix_list(reference: &Element) -> Vec<String> {
    let places = reference.places_of("InclusiveNamespaces");
    let lists = places
        .iter()
        .filter_map(|place| reference.at(place)?.attribute("PrefixList"));
    lists
        .flat_map(str::split_whitespace)
        .map(str::to_owned)
        .collect()
}

fn indices(element: &Element, local_name: &str) -> Vec<usize> {
    let children = element.children.iter().enumerate();
    let named = children.filter(
        |(_, child)| matches!(child, Node::Element(element) if element.local_name() == local_name),
    );
    named.map(|(index, _)| index).collect()
}

fn roots(document: &Element) -> Vec<usize> {
    let children = document.children.iter().enumerate();
    children
        .filter(|(_, child)| matches!(child, Node::Element(_)))
        .map(|(index, _)| index)
        .collect()
}
