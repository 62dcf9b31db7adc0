//! What somebody who acts as a member may not do: whatever would outlast the session.

/// Whether an action on one of our own resources could let somebody in later, as this member or as
/// another. Known to be harmless is what is named here; what a project declares is its own affair.
pub fn outlasts_session((resource, action): (&str, &str)) -> bool {
    match resource {
        "stytch.sso" | "stytch.scim" | "stytch.custom-org-roles" => action != "get",
        "stytch.organization" => action.starts_with("update.settings."),
        "stytch.member" | "stytch.self" => !matches!(
            action,
            "search"
                | "delete"
                | "update.info.name"
                | "update.info.untrusted-metadata"
                | "revoke-sessions"
                | "get.connected-apps"
                | "revoke.connected-app"
        ),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_opens_a_way_in_outlasts_the_session() {
        let table = [
            (("stytch.self", "update.info.email"), true),
            (("stytch.self", "update.settings.mfa-enrolled"), true),
            (("stytch.self", "update.info.delete.mfa-totp"), true),
            (("stytch.self", "update.info.name"), false),
            (("stytch.member", "create"), true),
            (("stytch.member", "update.settings.roles"), true),
            (("stytch.member", "search"), false),
            (("stytch.sso", "update"), true),
            (("stytch.sso", "get"), false),
            (("stytch.scim", "create"), true),
            (("stytch.organization", "update.settings.mfa-policy"), true),
            (("stytch.organization", "update.info.name"), false),
            (("documents", "write"), false),
        ];
        for (action, expected) in table {
            assert_eq!(outlasts_session(action), expected, "{action:?}");
        }
    }
}
