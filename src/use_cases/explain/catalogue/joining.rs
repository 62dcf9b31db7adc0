//! What helps when a proven person may not enter: the organization's rules, second factors, locks.

crate::use_cases::explain::remedy::remedies! {
    JIT_OFF = "jit_off", OrganizationAdmin:
        "The person is no member, and single sign-on may not create members here.",
        "Invite or create the member first, or let single sign-on create members.",
        "organization: sso_jit_provisioning";
    JIT_CONNECTION = "jit_connection", OrganizationAdmin:
        "The person is no member, and this connection is not one of those that may create members.",
        "Add the connection to those that may create members, or create the member first.",
        "organization: sso_jit_provisioning_allowed_connections";
    EMAIL_JIT_OFF = "email_jit_off", OrganizationAdmin:
        "Nobody with this address is a member, and people may not join by their address.",
        "Invite the person, or let people of the organization's domains join.",
        "organization: email_jit_provisioning";
    EMAIL_DOMAIN = "email_domain", OrganizationAdmin:
        "Nobody with this address is a member, and its domain is none whose people may join.",
        "Add the domain to those of the organization, or invite the person.",
        "organization: email_allowed_domains";
    OAUTH_TENANT_OFF = "oauth_tenant_off", OrganizationAdmin:
        "The person is no member, and people may not join by their workspace.",
        "Invite the person, or let people of a workspace join.",
        "organization: oauth_tenant_jit_provisioning";
    OAUTH_TENANT = "oauth_tenant", OrganizationAdmin:
        "The person is no member, and none of their workspaces is one whose people may join.",
        "Add the workspace to those of the organization, or invite the person.",
        "organization: allowed_oauth_tenants";
    DIRECTORY_REMOVED = "directory_removed", ItAdmin:
        "The organization's directory has removed the person's access. No sign-in brings it back.",
        "Make the person active in the directory, or assign them to the provisioning application again.",
        "identity provider: assignments of the SCIM application";
    MEMBER_DELETED = "member_deleted", OrganizationAdmin:
        "The membership was removed, and a sign-in does not bring it back.",
        "Reactivate the member.",
        "organization: its members";
    METHOD = "method", OrganizationAdmin:
        "The organization does not allow this way to sign in.",
        "Sign in in another way, or add the method to those that the organization allows.",
        "organization: allowed_auth_methods";
    EMAIL_TAKEN = "email_taken", OrganizationAdmin:
        "Another member has the address, and the identity provider's word is not enough to take it over.",
        "Prove the domain for the organization, change the other member's address, or delete that member.",
        "organization: email_allowed_domains, its members";
    EMAIL_RETIRED = "email_retired", OrganizationAdmin:
        "Another member had the address before and gave it up; it stays theirs until it is unlinked.",
        "Unlink the retired address from that member.",
        "organization: the other member's retired addresses";
    DOMAIN_CLAIMED = "domain_claimed", Operator:
        "Another organization has claimed the domain of the address.",
        "Settle which organization the domain belongs to, and remove it from the other.",
        "organizations: claimed domains";
    SECOND_FACTOR = "second_factor", Person:
        "The second factor that was given is not right, or not of this time.",
        "Try the newest code; without the device, use a recovery code or ask an administrator to remove the factor.",
        "the person's authenticator application or phone";
    FACTOR_METHOD = "factor_method", OrganizationAdmin:
        "The organization does not allow this second factor.",
        "Use another one, or allow the method.",
        "organization: allowed_mfa_methods";
    FACTOR_ORDER = "factor_order", Operator:
        "The second factor came without a first one that counts for this member.",
        "Have the application pass on the session or the intermediate session that it was given.",
        "the application: how it finishes a sign-in";
    WRONG_PASSWORD = "wrong_password", Person:
        "The password is not the member's, or the member has none.",
        "Type it again, or ask for a link to set a new one.",
        "the sign-in page: I forgot my password";
    WRONG_CODE = "wrong_code", Person:
        "The code is not the one that was mailed last, or that one is over.",
        "Use the code of the last mail, within its minutes, or ask for another one.",
        "the person's mail";
    LINK_OVER = "link_over", Person:
        "The link of a mail came back after its time.",
        "Ask for another mail and use its link in time; the application says how long links work.",
        "the person's mail; the application: how long its links work";
    LINK_USED = "link_used", Person:
        "The link of a mail came a second time, and it works once; what scans mails may have used it before its person.",
        "Ask for another mail and use its newest link once; where scanners use links up, let the application redeem one only after a click.",
        "the person's mail; the application: when it redeems links";
    VERIFIER = "verifier", Operator:
        "The sign-in was ended by another browser or backend than the one that began it, or its PKCE verifier was lost.",
        "Begin again in one browser; the application has to keep the code verifier of each sign-in until it ends, and to send it only where there was a challenge.",
        "the application: its PKCE code verifier";
    LOCKED = "locked", OrganizationAdmin:
        "Too many wrong secrets were given for this member, so none is looked at for a while.",
        "Wait until the lock ends, or unlock the member.",
        "organization: the member's lock";
}
