//! What helps when a check on a SAML message or on an OpenID answer fails: a line for each remedy,
//! with the checks that it is for.

use crate::protocol::oidc::Rejection;
use crate::protocol::saml::Check;
use crate::use_cases::explain::catalogue::sso;
use crate::use_cases::explain::remedy::Remedy;

/// A match without a wildcard, written as a table.
macro_rules! remedies_by {
    ($(#[$doc:meta])* $name:ident($kind:ident); $($remedy:ident for $($variant:ident)+;)+) => {
        $(#[$doc])*
        pub(super) fn $name(failed: &$kind) -> Remedy {
            match failed {
                $($($kind::$variant { .. } => sso::$remedy,)+)+
            }
        }
    };
}

remedies_by! {
    /// What helps when a SAML message fails a check.
    of_saml(Check);
    CERTIFICATE for NoCertificates UnreadableCertificate WeakCertificateKey;
    SIGNATURE for Signature EnginesDisagree SignedContent;
    UNSIGNED for Unsigned ResponseNotSigned AssertionNotSigned;
    SIGNATURE_FORM for MisplacedSignature RepeatedSignature SignatureStructure
        CanonicalizationMethod SignatureMethod DigestMethod ReferenceUri Transforms;
    DOCUMENT for TooLarge NotBase64 NotUtf8 DoctypePresent CommentPresent
        ProcessingInstructionPresent CdataPresent TooDeep TooManyElements TooManyAttributes
        TooManyNamespaces NotWellFormed UnexpectedRoot MissingId MalformedId DuplicateId
        NamespacedId ReboundPrefix RelativeNamespace AssertionCount UnexpectedElement UnexpectedText
        QueryParameters NotDeflate UnexpectedMessage;
    ENCRYPTION for EncryptedAssertion EncryptedKeyCount EncryptionStructure KeyTransport
        EncryptionMethod CipherWithoutIntegrity Decryption DecryptedContent;
    IDP_REFUSED for Status;
    INCOMPLETE for MissingElement MalformedInstant TooManyValues NameIdTooLong Version
        ConditionsMissing Lifetime BearerMissing ConfirmationWithoutEnd AuthnStatementMissing;
    ISSUER for Issuer ResponseIssuer LogoutIssuer;
    AUDIENCE for AudienceMissing Audience;
    ADDRESS for Destination DestinationMissing Recipient RecipientMissing LogoutDestination;
    BEGIN_AGAIN for InResponseTo InResponseToMissing Unsolicited;
    CLOCK for IssuedInFuture NotBefore ConfirmationNotBefore AuthnInFuture;
    EXPIRED for NotOnOrAfter ConfirmationNotOnOrAfter SessionEnded IdpInitiatedAge;
    STRENGTH for AuthnContext AuthnTooOld;
    LOGOUT for LogoutAge UnknownLogout LogoutUsed;
}

remedies_by! {
    /// What helps when an OpenID answer fails a check.
    of_oidc(Rejection);
    OIDC_DISCOVERY for IssuerUrl DiscoveryMalformed DiscoveryIssuer EndpointMissing EndpointUrl;
    OIDC_KEYS for AlgorithmsUnsupported JwksMalformed HeaderRefused AlgorithmRefused KeyUnknown
        KeyAmbiguous KeyUnusable SignatureInvalid AssertionAlgorithm;
    BEGIN_AGAIN for StateMissing StateUnknown NonceMissing NonceMismatch CodeVerifier;
    ISSUER for ResponseIssuer Issuer Tenant InitiatedIssuer;
    IDP_REFUSED for AuthorizationRefused;
    OIDC_CLIENT for CodeRefused;
    OIDC_TOKEN for CodeMissing TokenResponse IdTokenMissing IdTokenMalformed AccessTokenHash
        UserinfoMalformed UserinfoSubject IssuedAtMissing ExpiryMissing SessionExpiry;
    AUDIENCE for Audience ExtraAudience AuthorizedParty;
    ATTRIBUTES for SubjectMissing ObjectIdMissing EmailMissing NameMissing GroupsLeftOut;
    EMAIL_UNVERIFIED for EmailUnverified;
    CLOCK for IssuedInFuture;
    EXPIRED for Expired SessionEnded;
    OURS for AssertionUnsigned;
}
