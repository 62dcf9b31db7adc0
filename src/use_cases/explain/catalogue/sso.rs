//! What helps when the answer of an identity provider is refused.

crate::use_cases::explain::remedy::remedies! {
    CERTIFICATE = "idp_certificate", ItAdmin:
        "The connection has no usable certificate to check the identity provider's signature with.",
        "Copy the present signing certificate, or the metadata address, of the identity provider into the connection.",
        "identity provider: signing certificate · here: certificates of the connection";
    SIGNATURE = "idp_signature", ItAdmin:
        "The signature is of a key that the connection does not know, or the answer was changed on its way. Most often the identity provider has a new certificate.",
        "Copy the present signing certificate of the identity provider into the connection, or let the connection follow its metadata.",
        "identity provider: signing certificate · here: certificates of the connection";
    UNSIGNED = "idp_must_sign", ItAdmin:
        "The answer is not signed where this connection wants a signature.",
        "Have the identity provider sign the response or the assertion, as the rule says.",
        "identity provider: signing options of the application";
    SIGNATURE_FORM = "signature_form", ItAdmin:
        "The signature is made in a way that is not safe, or not allowed by the standard.",
        "Choose RSA or ECDSA with SHA-256 and exclusive canonicalization at the identity provider.",
        "identity provider: signature algorithm of the application";
    DOCUMENT = "not_a_saml_answer", ItAdmin:
        "The document is not one that a sound identity provider sends: a broken plug-in, a proxy that rewrites it, or a forgery.",
        "Sign in again. If it stays so, ask the maker of the identity provider, and give them the rule and the values.",
        "identity provider: its SAML plug-in or version";
    INCOMPLETE = "incomplete_assertion", ItAdmin:
        "The answer lacks something that the standard demands, or has it in another form.",
        "Use the identity provider's ordinary SAML 2.0 application, without templates of one's own for the assertion.",
        "identity provider: type and template of the application";
    ENCRYPTION = "encryption", ItAdmin:
        "The assertion is encrypted in a way, or to a key, that the connection cannot open.",
        "Give the identity provider the encryption certificate of this connection anew, or turn encryption off there.",
        "identity provider: assertion encryption · here: encryption keys of the connection";
    IDP_REFUSED = "idp_refused", ItAdmin:
        "The identity provider itself refused the person.",
        "Assign the person to the application, or see in the identity provider's own log why it refused.",
        "identity provider: assignments of the application";
    ISSUER = "idp_issuer", ItAdmin:
        "The answer names another identity provider than the connection does.",
        "Make the entity ID (SAML) or issuer (OpenID) of the connection that of the identity provider, letter by letter.",
        "here: entity ID or issuer of the connection";
    AUDIENCE = "audience", ItAdmin:
        "The answer is made out for another application.",
        "Set the audience (entity ID of the service provider, or client ID) at the identity provider to the value wanted.",
        "identity provider: audience or client ID of the application";
    ADDRESS = "acs_url", ItAdmin:
        "The answer is addressed to another address than this connection's.",
        "Set the ACS URL (single sign-on URL, reply URL) at the identity provider to the value wanted.",
        "identity provider: ACS URL of the application";
    BEGIN_AGAIN = "begin_again", Person:
        "The answer belongs to no sign-in that is still open, or was used before: a reloaded page, the back button, or more than ten minutes.",
        "Begin the sign-in again in the application, in one window.",
        "the application: its sign-in page";
    COOKIE = "cookie", Person:
        "The browser that came back is not the one that began, or it refuses cookies.",
        "Begin again in one browser that accepts cookies of this site.",
        "browser: cookies";
    CLOCK = "clock_ahead", ItAdmin:
        "The identity provider's clock is ahead of this server's.",
        "Set the clocks by NTP; a small difference can be allowed with the clock skew of the connection.",
        "identity provider: its clock · here: clock skew of the connection";
    EXPIRED = "answer_expired", Person:
        "The answer had ended when it came: it took too long, or the clocks differ.",
        "Sign in again. If it stays so, the clocks of identity provider and server have to be set by NTP.",
        "the application: its sign-in page · identity provider: its clock";
    STRENGTH = "authentication_strength", ItAdmin:
        "The person did not prove themselves in the way, or as freshly, as the connection asks for.",
        "Have the identity provider ask for the method that the connection wants, or change what the connection asks for.",
        "identity provider: sign-on policy · here: requests of the connection";
    IDP_INITIATED = "idp_initiated", ItAdmin:
        "The sign-in began at the identity provider, and the connection does not allow that.",
        "Begin in the application, or allow sign-ins that begin at the identity provider.",
        "here: idp_initiated_auth_disabled of the connection";
    ATTRIBUTES = "attribute_mapping", ItAdmin:
        "Something that the connection needs to know of the person did not come, or came in another form.",
        "Send the attribute or claim that is wanted, or map another one in the connection.",
        "identity provider: attribute statements or claims · here: attribute mapping of the connection";
    EMAIL_UNVERIFIED = "email_unverified", ItAdmin:
        "The identity provider says that the person's address is not verified.",
        "Verify the address at the identity provider.",
        "identity provider: the person's profile";
    OIDC_CLIENT = "oidc_client", ItAdmin:
        "The identity provider did not take the code: client ID, client secret or redirect URL differ, or the secret has ended.",
        "Compare client ID, secret and redirect URL of both sides, and make a new secret if the old one has ended.",
        "identity provider: credentials of the application · here: client ID and secret of the connection";
    OIDC_KEYS = "oidc_keys", ItAdmin:
        "The token is signed with a key or an algorithm that the identity provider does not publish, or that is not safe.",
        "Check the JWKS address of the connection, and that the application signs ID tokens with RS256 or ES256.",
        "identity provider: signing of ID tokens · here: JWKS URL of the connection";
    OIDC_TOKEN = "oidc_token", ItAdmin:
        "What the identity provider's endpoints answered is not what OpenID Connect says.",
        "Check that authorization, token and userinfo URL of the connection are those of one and the same provider.",
        "here: URLs of the connection";
    OIDC_DISCOVERY = "oidc_discovery", ItAdmin:
        "The identity provider's discovery document cannot be used.",
        "Set the issuer to the exact address below which /.well-known/openid-configuration is.",
        "here: issuer of the connection";
    UNREACHABLE = "provider_unreachable", ItAdmin:
        "The identity provider did not answer this server, or not in time.",
        "See that the provider's addresses can be reached from the internet, and try again.",
        "identity provider: network and status page";
    LINK = "application_link", Operator:
        "The link that led here is not one that can be followed: the application made it wrong.",
        "Correct how the application makes its sign-in link: public token, connection or organization, and a registered redirect URL.",
        "the application: its sign-in link · project: redirect URLs";
    NOT_SET_UP = "connection_not_set_up", ItAdmin:
        "The organization has no connection that is set up completely, or several and none is the default.",
        "Complete the connection, or make one the default.",
        "here: connections of the organization";
    OAUTH = "oauth_provider", Operator:
        "The sign-in with this provider is not offered, or the provider did not say who the person is.",
        "Check client, scopes and permissions of the application at the provider.",
        "server: OAuth clients of the configuration · provider: the application's permissions";
    LOGOUT = "logout_message", ItAdmin:
        "A message that should have ended sessions was not believed.",
        "Check the single logout settings: address, issuer and signing certificate.",
        "identity provider: single logout of the application";
    OURS = "our_failure", Operator:
        "Something failed in this server.",
        "Look for the request in the server's log.",
        "server: its log";
}
