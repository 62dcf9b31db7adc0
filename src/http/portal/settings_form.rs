//! What the form about settings asks.

use crate::domain::authentication_settings::AuthMethod;
use crate::domain::authentication_settings::AuthenticationSettings;
use crate::domain::authentication_settings::Door;
use crate::domain::authentication_settings::Methods;
use crate::domain::authentication_settings::MfaMethod;
use crate::domain::authentication_settings::MfaPolicy;

/// One possible answer.
pub(crate) struct Choice {
    /// The name of the field.
    pub(crate) name: &'static str,
    /// What is sent for it.
    pub(crate) value: &'static str,
    /// What people read.
    pub(crate) label: &'static str,
    /// Whether it is so now.
    pub(crate) is_chosen: bool,
}

/// One question with its answers.
pub(crate) struct Group {
    /// The question.
    pub(crate) legend: &'static str,
    /// What it means.
    pub(crate) help: &'static str,
    /// `radio` or `checkbox`.
    pub(crate) kind: &'static str,
    /// What goes with it: nothing, the list of domains, or that of connections.
    pub(crate) with: &'static str,
    /// The answers.
    pub(crate) choices: Vec<Choice>,
}

/// The boxes of the ways to sign in.
pub(super) const METHODS: [(&str, AuthMethod, &str); 9] = [
    (
        "method_sso",
        AuthMethod::Sso,
        "Single sign-on with your identity provider",
    ),
    (
        "method_magic_link",
        AuthMethod::MagicLink,
        "A link sent by e-mail",
    ),
    (
        "method_email_otp",
        AuthMethod::EmailOtp,
        "A code sent by e-mail",
    ),
    ("method_password", AuthMethod::Password, "A password"),
    ("method_google_oauth", AuthMethod::GoogleOauth, "Google"),
    (
        "method_microsoft_oauth",
        AuthMethod::MicrosoftOauth,
        "Microsoft",
    ),
    ("method_slack_oauth", AuthMethod::SlackOauth, "Slack"),
    ("method_github_oauth", AuthMethod::GithubOauth, "GitHub"),
    ("method_hubspot_oauth", AuthMethod::HubspotOauth, "HubSpot"),
];

/// The boxes of the second factors.
pub(super) const FACTORS: [(&str, MfaMethod, &str); 2] = [
    ("factor_totp", MfaMethod::Totp, "An authenticator app"),
    (
        "factor_sms_otp",
        MfaMethod::SmsOtp,
        "A code sent to a phone",
    ),
];

/// The questions, with the answers as they are now.
pub(crate) fn groups(now: &AuthenticationSettings) -> Vec<Group> {
    vec![
        methods(now),
        by_single_sign_on(now),
        by_address(now),
        invites(now),
        policy(now),
        factors(now),
    ]
}

fn by_single_sign_on(now: &AuthenticationSettings) -> Group {
    Group {
        legend: "Who joins by single sign-on",
        help: "Somebody who comes from your identity provider for the first time.",
        kind: "radio",
        with: "connections",
        choices: doors(
            "sso_jit_provisioning",
            now.sso_jit_provisioning,
            &[
                ("ALL_ALLOWED", Door::AllAllowed, "Everybody whom it lets in"),
                (
                    "RESTRICTED",
                    Door::Restricted,
                    "Only through the connections ticked here",
                ),
                (
                    "NOT_ALLOWED",
                    Door::NotAllowed,
                    "Nobody: they have to be invited or come from the directory",
                ),
            ],
        ),
    }
}

fn by_address(now: &AuthenticationSettings) -> Group {
    Group {
        legend: "Who joins by an e-mail address",
        help: "Somebody who proves an address by a link or code.",
        kind: "radio",
        with: "",
        choices: doors(
            "email_jit_provisioning",
            now.email_jit_provisioning,
            &[
                (
                    "RESTRICTED",
                    Door::Restricted,
                    "People of the domains below",
                ),
                ("NOT_ALLOWED", Door::NotAllowed, "Nobody"),
            ],
        ),
    }
}

fn invites(now: &AuthenticationSettings) -> Group {
    Group {
        legend: "Who may be invited",
        help: "",
        kind: "radio",
        with: "domains",
        choices: doors(
            "email_invites",
            now.email_invites,
            &[
                ("ALL_ALLOWED", Door::AllAllowed, "Everybody"),
                (
                    "RESTRICTED",
                    Door::Restricted,
                    "People of the domains below",
                ),
                ("NOT_ALLOWED", Door::NotAllowed, "Nobody"),
            ],
        ),
    }
}

fn methods(now: &AuthenticationSettings) -> Group {
    let is_open = now.auth_methods == Methods::AllAllowed;
    Group {
        legend: "Allowed ways to sign in",
        help: "Untick what your people must not use. People marked as “break glass” may always use all.",
        kind: "checkbox",
        with: "",
        choices: METHODS
            .iter()
            .map(|(name, method, label)| Choice {
                name,
                value: "on",
                label,
                is_chosen: is_open || now.allowed_auth_methods.contains(method),
            })
            .collect(),
    }
}

fn policy(now: &AuthenticationSettings) -> Group {
    let choice = |value, policy, label| Choice {
        name: "mfa_policy",
        value,
        label,
        is_chosen: now.mfa_policy == policy,
    };
    Group {
        legend: "A second factor",
        help: "Something besides the sign-in itself, like a code from an app.",
        kind: "radio",
        with: "",
        choices: vec![
            choice(
                "OPTIONAL",
                MfaPolicy::Optional,
                "Only for those who have set one up",
            ),
            choice(
                "REQUIRED_FOR_ALL",
                MfaPolicy::RequiredForAll,
                "For everybody",
            ),
        ],
    }
}

fn factors(now: &AuthenticationSettings) -> Group {
    let is_open = now.mfa_methods == Methods::AllAllowed;
    Group {
        legend: "Allowed second factors",
        help: "",
        kind: "checkbox",
        with: "",
        choices: FACTORS
            .iter()
            .map(|(name, method, label)| Choice {
                name,
                value: "on",
                label,
                is_chosen: is_open || now.allowed_mfa_methods.contains(method),
            })
            .collect(),
    }
}

fn doors(
    name: &'static str,
    now: Door,
    choices: &[(&'static str, Door, &'static str)],
) -> Vec<Choice> {
    let choices = choices.iter().map(|(value, door, label)| Choice {
        name,
        value,
        label,
        is_chosen: *door == now,
    });
    choices.collect()
}
