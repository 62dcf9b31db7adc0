//! What somebody who acts as a member must be allowed to do for what they ask of a member
//! (contract 5.4).

use crate::domain::member::changes::MemberDraft;
use crate::domain::member::changes::MemberUpdate;

/// Who may do a thing to a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberRight {
    /// A member whose roles allow this action on `stytch.member`.
    Action(&'static str),
    /// The same, and whoever may do it to themselves by `stytch.self`.
    OnOneself(&'static str),
    /// As with `Action`, but nobody to themselves.
    OnOthers(&'static str),
    /// Whoever may search members, and everybody themselves: to be shown what is there.
    Sight,
    /// The backend alone: no action stands for it.
    Backend,
    /// The backend alone: trusted metadata, which has a refusal of its own.
    TrustedMetadata,
}

use MemberRight::Action;
use MemberRight::Backend;
use MemberRight::OnOneself;
use MemberRight::OnOthers;
use MemberRight::Sight;
use MemberRight::TrustedMetadata;

/// To create a member, and to bring one back.
pub const CREATE: MemberRight = Action("create");
/// To give or bring back what method rules do not bind.
pub const BREAKGLASS: MemberRight = Action("update.settings.is-breakglass");
/// To give roles, by hand or by an address that brings them.
pub const ROLES: MemberRight = Action("update.settings.roles");
/// To delete one.
pub const DELETE: MemberRight = Action("delete");
/// To take away the name by which the application knows one.
pub const DELETE_EXTERNAL_ID: MemberRight = Backend;
/// To take another address once it is proven; the backend alone gives one without proof.
pub const PROVE_EMAIL: MemberRight = OnOneself("update.info.email");
/// To free an address that one gave up.
pub const UNLINK_RETIRED_EMAIL: MemberRight = OnOneself("update.info.unlink.retired-email");
/// To take the number for codes away.
pub const DELETE_MFA_PHONE: MemberRight = OnOneself("update.info.delete.mfa-phone");
/// To take the authenticator application away.
pub const DELETE_TOTP: MemberRight = OnOneself("update.info.delete.mfa-totp");
/// To take the password away.
pub const DELETE_PASSWORD: MemberRight = OnOneself("update.info.delete.password");

macro_rules! rights_of {
    ($function:ident, $body:ident, $doc:literal, [$($field:ident => $right:expr,)*]) => {
        #[doc = $doc]
        fn $function(body: &$body) -> Vec<MemberRight> {
            // Every field is named, so a new one does not compile until it has its line.
            let $body { $($field,)* } = body;
            let given = [$($field.is_some().then_some($right).flatten(),)*];
            given.into_iter().flatten().collect()
        }
    };
}

// Roles and break glass are not for oneself, or anybody could become an administrator. How the
// application knows a member is for the application to say.
rights_of! { update_fields, MemberUpdate, "A right for each field that is given.", [
    trusted_metadata => Some(TrustedMetadata),
    email_address => Some(OnOthers("update.info.email")),
    unlink_email => None,
    name => Some(OnOneself("update.info.name")),
    untrusted_metadata => Some(OnOneself("update.info.untrusted-metadata")),
    is_breakglass => Some(BREAKGLASS),
    mfa_phone_number => Some(OnOneself("update.info.mfa-phone")),
    mfa_enrolled => Some(OnOneself("update.settings.mfa-enrolled")),
    default_mfa_method => Some(OnOneself("update.settings.default-mfa-method")),
    roles => Some(ROLES),
    preserve_existing_sessions => None,
    external_id => Some(Backend),
] }

// Who may create members may not thereby create administrators.
rights_of! { draft_fields, MemberDraft, "A right for each field that asks for more than `create`.", [
    trusted_metadata => Some(TrustedMetadata),
    email_address => None,
    name => None,
    untrusted_metadata => None,
    create_member_as_pending => None,
    is_breakglass => Some(BREAKGLASS),
    mfa_phone_number => None,
    mfa_enrolled => None,
    roles => Some(ROLES),
    external_id => Some(Backend),
] }

/// What an update needs; one that names nothing shows the member all the same.
pub fn of_update(update: &MemberUpdate) -> Vec<MemberRight> {
    let needed = update_fields(update);
    if needed.is_empty() {
        vec![Sight]
    } else {
        needed
    }
}

/// What a new member needs.
pub fn of_draft(draft: &MemberDraft) -> Vec<MemberRight> {
    let mut needed = vec![CREATE];
    needed.extend(draft_fields(draft));
    needed
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use serde_json::json;

    fn update(body: Value) -> Vec<MemberRight> {
        of_update(&serde_json::from_value(body).unwrap())
    }

    #[test]
    fn each_field_given_needs_its_right() {
        let table = [
            (json!({}), vec![Sight]),
            (
                json!({ "preserve_existing_sessions": true, "unlink_email": true }),
                vec![Sight],
            ),
            (
                json!({ "name": "Ana" }),
                vec![OnOneself("update.info.name")],
            ),
            (
                json!({ "roles": [], "mfa_enrolled": false }),
                vec![
                    OnOneself("update.settings.mfa-enrolled"),
                    Action("update.settings.roles"),
                ],
            ),
            (
                json!({ "trusted_metadata": {}, "email_address": "ana@acme.test" }),
                vec![TrustedMetadata, OnOthers("update.info.email")],
            ),
        ];
        for (body, expected) in table {
            assert_eq!(update(body.clone()), expected, "{body}");
        }
    }

    #[test]
    fn to_create_members_is_not_to_create_administrators() {
        let draft = json!({ "email_address": "ana@acme.test", "roles": ["stytch_admin"], "is_breakglass": true });
        let draft: MemberDraft = serde_json::from_value(draft).unwrap();
        let (breakglass, roles) = ("update.settings.is-breakglass", "update.settings.roles");
        assert_eq!(
            of_draft(&draft),
            [CREATE, Action(breakglass), Action(roles)]
        );
    }
}
