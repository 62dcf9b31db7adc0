//! Readers of SAML responses that are sound but for one weakness each: what deceives them is an
//! attack. Their signature checks are complete otherwise, and they know no rule of the profile.

use aws_lc_rs::signature;
use aws_lc_rs::signature::UnparsedPublicKey;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use x509_parser::parse_x509_certificate;

use super::canonical::canonical;
use super::canonical::namespaces;
use super::decoded;
use super::forge::Letter;
use super::forge::World;
use super::opened;
use super::opened::Fault;
use super::opened::Opener;
use super::opened::opened;
use super::resources;
use super::rules;
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
    /// It says what went wrong with a secret, and so is an oracle.
    Tells(Fault),
    /// It falls over.
    Falls,
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
    /// What follows the bytes that a key makes is nothing.
    Longer,
    /// As the key makes them, whatever the algorithm is called.
    ByKey,
}

/// What a signature may be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    Id,
    /// The whole document and XPointers too.
    AnyUri,
    /// Without a reference, the element around it.
    Around,
}

/// Whom an assertion names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    Whole,
    /// Only the first piece of its text.
    FirstPiece,
    /// As much as fits in its column, without the spaces at the end.
    Cut,
    /// The address, where there is no name.
    OrAddress,
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
    about: About,
    name: Name,
    unsigned_passes: bool,
    /// What cannot be canonicalized is empty.
    void: bool,
}

/// As long as a name may be.
const COLUMN: usize = 1_024;

/// A reader without a weakness in its signature checks.
pub const SOUND: Reader = Reader {
    keys: Keys::Pinned,
    values: Values::Verified,
    digests: Digests::OfReference,
    reads: Reads::Signed,
    about: About::Id,
    name: Name::Whole,
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
            name: Name::FirstPiece,
            ..SOUND
        },
    ),
];

/// Readers that know the rules of documents and of encryption besides.
const COMPLETE: [(&str, Reader); 7] = [
    (
        "takes_longer_values",
        Reader {
            values: Values::Longer,
            ..SOUND
        },
    ),
    (
        "takes_the_algorithm_from_the_key",
        Reader {
            values: Values::ByKey,
            ..SOUND
        },
    ),
    (
        "follows_any_reference",
        Reader {
            about: About::AnyUri,
            ..SOUND
        },
    ),
    (
        "needs_no_reference",
        Reader {
            about: About::Around,
            ..SOUND
        },
    ),
    (
        "cuts_names",
        Reader {
            name: Name::Cut,
            ..SOUND
        },
    ),
    (
        "takes_an_address_for_the_name",
        Reader {
            name: Name::OrAddress,
            ..SOUND
        },
    ),
    ("sound", SOUND),
];
/// Those whose weakness is to change a document before they check it.
const MENDERS: [&str; 2] = ["finishes_what_is_open", "leaves_out_repeated_signatures"];

/// Whether the reader of that name knows all rules but one.
pub fn is_complete(reader: &str) -> bool {
    COMPLETE.iter().any(|(name, _)| *name == reader)
        || rules::RULES.iter().any(|(name, _)| *name == reader)
        || [&opened::READERS[..], &decoded::READERS, &MENDERS]
            .concat()
            .contains(&reader)
}

/// Whom a reader that knows every rule, but for its one weakness, takes the sender for.
pub fn complete(reader: &str, letter: &Letter, world: &World) -> Option<String> {
    let text = mended(reader, decoded::text(reader, &letter.form_value)?)?;
    let is_right =
        |text: &str| parse(text).is_some_and(|document| rules::hold(reader, &document, text));
    let opener = Opener {
        reader,
        pkcs8: &world.reader.pkcs8,
    };
    let plain = opener.in_place(&text).ok().filter(|_| is_right(&text))?;
    let found = COMPLETE.iter().find(|(name, _)| *name == reader);
    let verifier = found.map_or(SOUND, |(_, verifier)| *verifier);
    let is_alone = reader == "takes_an_id_twice";
    let is_right = is_alone || is_right(&plain);
    let around = || verifier.identity_around((&text, &plain), world);
    let person = verifier.identity(&plain, world).or_else(around);
    person.filter(|_| is_right)
}

fn mended(reader: &str, text: String) -> Option<String> {
    match reader {
        "finishes_what_is_open" => Some(format!("{text}</samlp:Response>")),
        "leaves_out_repeated_signatures" => {
            let mut document = parse(&text)?;
            for place in document.places_of("Signature").into_iter().skip(1) {
                let (index, above) = place.split_last()?;
                document.at_mut(above)?.children.remove(*index);
            }
            Some(document.written())
        }
        _ => Some(text),
    }
}

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
pub fn harm(reader: &str, letter: &Letter, world: &World) -> Option<Harm> {
    let opener = Opener {
        reader: "",
        pkcs8: &world.reader.pkcs8,
    };
    let xml = letter.xml.as_str();
    let plain = opener.in_place(xml);
    match reader {
        "takes_decryption_for_proof" => {
            let inside = opened(&parse(xml)?, &world.reader.pkcs8)?;
            return UNPROVEN.identity(&inside, world).map(Harm::Identity);
        }
        "tells_faults_of_decryption_apart" => {
            let tells = plain.err().filter(|fault| *fault != Fault::Structure);
            return tells.map(Harm::Tells);
        }
        "cuts_without_looking" => return opened::falls_over(xml).then_some(Harm::Falls),
        "lets_the_letter_shorten_the_hmac" => return guessed(xml, world).map(Harm::Identity),
        _ if is_complete(reader) => return complete(reader, letter, world).map(Harm::Identity),
        _ => {}
    }
    let xml = plain.as_deref().unwrap_or(xml);
    let found = resources::harm(reader, &letter.xml).or_else(|| resources::harm(reader, xml));
    if found.is_some() {
        return found;
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

/// Whom a reader takes the sender of one of 256 letters for, each with another byte as its value.
fn guessed(xml: &str, world: &World) -> Option<String> {
    let found = READERS
        .iter()
        .find(|(name, _)| *name == "lets_the_letter_shorten_the_hmac");
    let (_, reader) = found?;
    let mut document = parse(xml)?;
    let place = document.places_of("SignatureValue").into_iter().next()?;
    (0..=u8::MAX).find_map(|byte| {
        let value = document.at_mut(&place)?;
        value.children = vec![Node::Text(STANDARD.encode([byte]))];
        reader.identity(&document.written(), world)
    })
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
        self.named(document.at(&assertion)?)
    }

    /// Whom this reader takes the sender for when the signature is around the ciphertext.
    fn identity_around(self, (sealed, plain): (&str, &str), world: &World) -> Option<String> {
        let document = parse(sealed)?;
        let signature = document.places_of("Signature").into_iter().next()?;
        let signed = self.signed(&document, &signature, world)?;
        let is_around = signed.len() == 1 && sealed != plain;
        let plain = parse(plain).filter(|_| is_around)?;
        let assertion = plain.places_of("Assertion").into_iter().next()?;
        self.named(plain.at(&assertion)?)
    }

    fn named(self, assertion: &Element) -> Option<String> {
        let name = assertion.child("Subject")?.child("NameID");
        let is_named = name.is_some_and(|name| !self.text(name).is_empty());
        match (self.name, name) {
            (Name::OrAddress, _) if !is_named => {
                let value = assertion.places_of("AttributeValue").into_iter().next()?;
                Some(self.text(assertion.at(&value)?))
            }
            (Name::Cut, Some(name)) => {
                let cut: String = self.text(name).chars().take(COLUMN).collect();
                Some(cut.trim_end().to_owned())
            }
            (_, name) => {
                let name = name.map(|name| self.text(name));
                name.filter(|it| it.len() <= COLUMN)
            }
        }
    }

    fn text(self, element: &Element) -> String {
        let texts = element.children.iter().filter_map(|child| match child {
            Node::Text(text) => Some(text.as_str()),
            _ => None,
        });
        texts
            .take(if self.name == Name::FirstPiece {
                1
            } else {
                usize::MAX
            })
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
        let from = document.at(&[place.as_slice(), &[digest_from]].concat())?;
        if self.about == About::Around && from.child("Reference").is_none() {
            let message = self.canonical(document, (&info_place, None), &[])?;
            let (_, around) = place.split_last()?;
            let holds = self.holds(signature, info, (&message, world));
            return holds.then(|| around.to_vec());
        }
        let reference = from.child("Reference")?;
        let target = self.target(document, reference.attribute("URI")?)?;
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

    fn target(self, document: &Element, uri: &str) -> Option<Place> {
        let pointed = uri.strip_prefix("#xpointer(id('");
        let pointed = pointed.and_then(|it| it.strip_suffix("'))"));
        match (self.about, pointed) {
            (About::AnyUri, _) if uri.is_empty() => roots(document).first().map(|it| vec![*it]),
            (About::AnyUri, Some(id)) => super::sign::place_of(document, id),
            _ => super::sign::place_of(document, uri.strip_prefix('#')?),
        }
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
        let (value, algorithm) = match self.values {
            Values::Longer => (value.get(..256).unwrap_or_default().to_vec(), algorithm),
            Values::ByKey => (value, Some(Algorithm::RsaSha256)),
            _ => (value, algorithm),
        };
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
