//! Why a response was refused: one check per rule, each with what it wanted and what it got.

use std::fmt;

use crate::protocol::saml::xml::brief;

macro_rules! checks {
    ($($name:ident, $code:literal, $error_type:literal, $rule:literal;)+) => {
        /// The rules of which a response can break one.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Check {
            $(#[doc = $rule] $name,)+
        }

        impl Check {
            /// Every check, in the order in which a response meets them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The stable name of the check, for logs and the portal.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// The contract's `error_type` for a response that fails this check.
            pub fn error_type(self) -> &'static str {
                match self { $(Self::$name => concat!($error_type, "_saml_response"),)+ }
            }

            /// The rule in words.
            pub fn rule(self) -> &'static str {
                match self { $(Self::$name => $rule,)+ }
            }
        }
    };
}

checks! {
    NoCertificates, "no_verification_certificate", "invalid_signature", "the connection must have at least one verification certificate";
    UnreadableCertificate, "unreadable_certificate", "invalid_signature", "a verification certificate must be a readable X.509 certificate";
    WeakCertificateKey, "weak_certificate_key", "invalid_signature", "a verification certificate must hold an RSA key of 2048 to 8192 bits or an EC key on P-256 or P-384";
    TooLarge, "response_too_large", "invalid", "the response must not exceed the size limit";
    NotBase64, "response_not_base64", "invalid_xml", "the response must be base64";
    NotUtf8, "response_not_utf8", "invalid_xml", "the response must be UTF-8 and declare no other encoding";
    DoctypePresent, "doctype_present", "invalid_xml", "the document must have no document type declaration";
    CommentPresent, "comment_present", "invalid_xml", "the document must contain no comments";
    ProcessingInstructionPresent, "processing_instruction_present", "invalid_xml", "the document must contain no processing instructions";
    CdataPresent, "cdata_present", "invalid_xml", "the document must contain no CDATA sections";
    TooDeep, "document_too_deep", "invalid_xml", "elements must not be nested too deep";
    TooManyElements, "too_many_elements", "invalid_xml", "the document must not have too many elements";
    TooManyAttributes, "too_many_attributes", "invalid_xml", "an element must not have too many XML attributes";
    TooManyNamespaces, "too_many_namespaces", "invalid_xml", "not too many namespace declarations may be in scope";
    NotWellFormed, "not_well_formed", "invalid_xml", "the document must be well-formed XML";
    UnexpectedRoot, "unexpected_root", "invalid", "the root element must be samlp:Response";
    MissingId, "missing_id", "invalid", "Response and Assertion must have an ID";
    MalformedId, "malformed_id", "invalid", "an ID must be an XML name without a colon, and stand where SAML puts it";
    DuplicateId, "duplicate_id", "invalid", "an ID must occur once";
    NamespacedId, "namespaced_id", "invalid", "an ID attribute must have no namespace";
    ReboundPrefix, "rebound_prefix", "invalid", "a namespace prefix of SAML or XML Signature must keep its meaning";
    RelativeNamespace, "relative_namespace", "invalid", "a namespace must be an absolute URI";
    EncryptedAssertion, "encrypted_assertion", "invalid", "a connection without a key for encrypted assertions must get plain ones";
    Status, "status_not_success", "failed", "the top-level status code must be Success";
    AssertionCount, "assertion_count", "invalid", "the response must contain exactly one assertion";
    Unsigned, "unsigned", "missing_signature", "the Response or the Assertion must be signed";
    MisplacedSignature, "misplaced_signature", "invalid_signature", "a signature must stand right after the Issuer of the Response or of the Assertion";
    RepeatedSignature, "repeated_signature", "invalid_signature", "Response and Assertion must each have one signature at most";
    SignatureStructure, "signature_structure", "invalid_signature", "a signature must consist of one SignedInfo with one Reference, one SignatureValue and an optional KeyInfo";
    CanonicalizationMethod, "canonicalization_method", "invalid_signature", "the canonicalization must be exclusive and without comments";
    SignatureMethod, "signature_method", "invalid_signature", "the signature algorithm must be RSA or ECDSA with SHA-2";
    DigestMethod, "digest_method", "invalid_signature", "the digest algorithm must be SHA-256, SHA-384 or SHA-512";
    ReferenceUri, "reference_uri", "invalid_signature", "a signature must refer to the element that contains it";
    Transforms, "transforms", "invalid_signature", "the transforms must be enveloped-signature, then exclusive canonicalization";
    UnexpectedElement, "unexpected_element", "invalid", "only the elements of the Web Browser SSO Profile may occur, each in its place";
    UnexpectedText, "unexpected_text", "invalid", "text may stand only in elements that hold a value, in one piece";
    ResponseNotSigned, "response_not_signed", "missing_signature", "this connection wants the Response signed";
    AssertionNotSigned, "assertion_not_signed", "missing_signature", "this connection wants the Assertion signed";
    Signature, "signature_invalid", "invalid_signature", "every signature must verify with a certificate of the connection";
    EnginesDisagree, "engines_disagree", "invalid_signature", "every signature engine must accept the signature, over the same bytes";
    SignedContent, "signed_content_differs", "invalid_signature", "the signed bytes must say the same as the document";
    EncryptedKeyCount, "encrypted_key_count", "invalid", "the encrypted assertion must come with one EncryptedKey, inside its EncryptedData or beside it";
    EncryptionStructure, "encryption_structure", "invalid", "EncryptedData and EncryptedKey must each have one EncryptionMethod and one CipherValue in base64";
    KeyTransport, "key_transport", "invalid", "the EncryptedKey must use RSA-OAEP, with SHA-1 or SHA-256 for both digest and mask";
    EncryptionMethod, "encryption_method", "invalid", "the assertion must be encrypted with AES-GCM or AES-CBC, 128 or 256 bits";
    CipherWithoutIntegrity, "cipher_without_integrity", "invalid", "AES-CBC must stand in a signed Response; AES-GCM may stand in any";
    Decryption, "decryption_failed", "invalid", "the assertion must be encrypted to a key of the connection and unaltered";
    DecryptedContent, "decrypted_content", "invalid", "what was encrypted must be one Assertion that stands on its own";
    MissingElement, "missing_element", "invalid", "a required element or XML attribute must be present";
    MalformedInstant, "malformed_instant", "invalid", "an instant must be an xs:dateTime with a time zone";
    TooManyValues, "too_many_values", "invalid", "the assertion must not have too many attribute values";
    NameIdTooLong, "name_id_too_long", "invalid", "the NameID must not be too long";
    Version, "version", "invalid", "Response and Assertion must be of version 2.0";
    Issuer, "issuer", "invalid", "the Assertion must be issued by the IdP of the connection";
    ResponseIssuer, "response_issuer", "invalid", "the Response must be issued by the IdP of the connection";
    Destination, "destination", "invalid", "the Destination must be the ACS URL of the connection";
    DestinationMissing, "destination_missing", "invalid", "a signed Response must name its Destination";
    InResponseTo, "in_response_to", "unsolicited", "Response and SubjectConfirmation must answer the open request";
    InResponseToMissing, "in_response_to_missing", "unsolicited", "Response and SubjectConfirmation must name the request they answer";
    Unsolicited, "unknown_request", "unsolicited", "an IdP-initiated response must not claim to answer a request";
    IssuedInFuture, "issued_in_future", "not_yet_valid", "the Response and the Assertion must not be issued in the future";
    ConditionsMissing, "conditions_missing", "invalid", "the Assertion must have Conditions with NotOnOrAfter";
    NotBefore, "not_before", "not_yet_valid", "the Assertion must be valid already";
    NotOnOrAfter, "not_on_or_after", "expired", "the Assertion must still be valid";
    Lifetime, "lifetime_too_long", "invalid", "the Assertion must not be valid for more than 24 hours";
    AudienceMissing, "audience_missing", "invalid_audience", "the Conditions must have an AudienceRestriction";
    Audience, "audience", "invalid_audience", "every AudienceRestriction must contain the audience of the connection";
    BearerMissing, "bearer_confirmation_missing", "invalid", "the Subject must have a bearer SubjectConfirmation with its data";
    RecipientMissing, "recipient_missing", "invalid", "the bearer confirmation must name its Recipient";
    Recipient, "recipient", "invalid", "the Recipient must be the ACS URL of the connection";
    ConfirmationWithoutEnd, "confirmation_without_end", "invalid", "the bearer confirmation must have NotOnOrAfter";
    ConfirmationNotBefore, "confirmation_not_before", "not_yet_valid", "the bearer confirmation must be valid already";
    ConfirmationNotOnOrAfter, "confirmation_not_on_or_after", "expired", "the bearer confirmation must still be valid";
    AuthnStatementMissing, "authn_statement_missing", "invalid", "the Assertion must have an AuthnStatement";
    AuthnInFuture, "authn_in_future", "not_yet_valid", "the person must not have signed in in the future";
    AuthnContext, "authn_context", "invalid", "the person must have signed in in the way that the connection asks for";
    AuthnTooOld, "authn_too_old", "expired", "where the connection asks for it, the person must have proven themselves anew";
    SessionEnded, "session_ended", "expired", "the session at the IdP must not have ended";
    IdpInitiatedAge, "idp_initiated_too_old", "expired", "an IdP-initiated response must have been issued within the last five minutes";
    QueryParameters, "query_parameters", "invalid", "a query must hold one SAML message and each of its parameters once, under its plain name";
    NotDeflate, "not_deflate", "invalid", "a message in a query must be compressed by DEFLATE";
    UnexpectedMessage, "unexpected_message", "invalid", "the root element must be the logout message that its parameter names";
    LogoutIssuer, "logout_issuer", "invalid", "a logout message must be issued by the IdP of the connection";
    LogoutDestination, "logout_destination", "invalid", "the Destination of a logout message must be the logout URL of the connection";
    LogoutAge, "logout_age", "expired", "a logout message must have been issued within the last five minutes and not have ended";
    UnknownLogout, "unknown_logout", "unsolicited", "a LogoutResponse must answer an open LogoutRequest of the connection";
    LogoutUsed, "logout_used", "duplicate", "a LogoutRequest may be used once";
}

impl Check {
    /// The refusal of a response that wanted `expected` and brought `received`.
    pub(crate) fn refuses(
        self,
        expected: impl fmt::Display,
        received: impl fmt::Display,
    ) -> Rejection {
        Rejection {
            check: self,
            expected: brief(&expected.to_string()),
            received: brief(&received.to_string()),
        }
    }
}

/// A refused response: the failed check, what it wanted, what it got; never the document itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The rule that was broken.
    pub check: Check,
    /// What the rule wanted, shortened.
    pub expected: String,
    /// What the response brought, shortened and without control characters.
    pub received: String,
}

impl Rejection {
    /// The stable name of the failed check.
    pub fn code(&self) -> &'static str {
        self.check.code()
    }

    /// The contract's `error_type`.
    pub fn error_type(&self) -> &'static str {
        self.check.error_type()
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}: expected {}, received {}",
            self.check.rule(),
            self.expected,
            self.received
        )
    }
}

impl std::error::Error for Rejection {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_error_types_are_those_of_the_contract() {
        let contract = [
            "unsolicited_saml_response",
            "invalid_saml_response",
            "expired_saml_response",
            "not_yet_valid_saml_response",
            "failed_saml_response",
            "invalid_audience_saml_response",
            "invalid_signature_saml_response",
            "missing_signature_saml_response",
            "invalid_xml_saml_response",
            "duplicate_saml_response",
        ];
        let mut codes = std::collections::HashSet::new();
        for check in Check::ALL {
            assert!(codes.insert(check.code()), "{} twice", check.code());
            assert!(contract.contains(&check.error_type()), "{check:?}");
        }
    }

    #[test]
    fn the_administrators_page_names_every_rule() {
        let page = include_str!("../../../docs/sso-saml.md");
        for check in Check::ALL {
            let row = format!("| `{}` | {} | ", check.code(), check.rule());
            assert!(page.contains(&row), "docs/sso-saml.md has no row {row}");
        }
    }

    #[test]
    fn long_and_multi_line_values_are_shortened() {
        let rejection = Check::Issuer.refuses("https://idp", format!("a\r\nb{}", "x".repeat(500)));
        assert!(rejection.received.starts_with("a  bxx"));
        assert!(rejection.received.chars().count() <= 121);
    }
}
