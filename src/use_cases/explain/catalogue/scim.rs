//! What helps when a request of a directory is refused.

crate::use_cases::explain::remedy::remedies! {
    TOKEN = "scim_token", ItAdmin:
        "The bearer token was missing, unknown or expired, or belongs to another connection.",
        "Make a new token and put it into the provisioning settings of the identity provider.",
        "identity provider: SCIM token · here: token of the directory connection";
    UNIQUENESS = "scim_uniqueness", ItAdmin:
        "Another record has the value already, and it may be there only once.",
        "Find the record that has the value, and match it or change it; the detail names the attribute.",
        "identity provider: attribute mapping and matching rules";
    VALUE = "scim_value", ItAdmin:
        "The request does not say what it means in the way that SCIM demands; the detail names the attribute.",
        "Correct the attribute mapping at the identity provider.",
        "identity provider: attribute mapping of the SCIM application";
    MISSING = "scim_missing", ItAdmin:
        "The record that the request is about is not there (any more).",
        "Have the identity provider provision the person or group anew (restart provisioning).",
        "identity provider: provisioning of the person or group";
    VERSION = "scim_version", ItAdmin:
        "The record has changed since the directory last read it.",
        "Nothing, if the directory tries again by itself; most do.",
        "identity provider: its next cycle";
    FORBIDDEN = "scim_forbidden", OrganizationAdmin:
        "The directory may not do this to the member: it is kept for break glass, managed elsewhere, or the last administrator.",
        "Make somebody else an administrator, or lift break glass from the member, and let the directory try again.",
        "organization: the member's roles and break glass";
    LINKED = "scim_member_held", OrganizationAdmin:
        "A member with this address exists and may not be taken over by the directory.",
        "Add the domain to those of the organization, lift break glass from the member, or change its address.",
        "organization: email_allowed_domains, the member";
    RATE = "scim_rate", ItAdmin:
        "The directory sends more requests than it may in this time.",
        "Nothing: it is told when to go on, and most directories do.",
        "identity provider: its next cycle";
    SIZE = "scim_size", ItAdmin:
        "The request is larger than any that is accepted.",
        "Have the identity provider send smaller requests, or fewer operations in each.",
        "identity provider: batch size of provisioning";
    UNSUPPORTED = "scim_unsupported", ItAdmin:
        "The request asks for something that this server does not offer.",
        "Turn the option off at the identity provider; what is offered is at /ServiceProviderConfig.",
        "identity provider: options of the SCIM application";
    OURS = "scim_our_failure", Operator:
        "Something failed in this server.",
        "Look for the request in the server's log.",
        "server: its log";
}
