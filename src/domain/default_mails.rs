//! What the mails of a project say when it declares nothing else.

use crate::domain::mail_template::EMAIL_UPDATE;
use crate::domain::mail_template::INVITE;
use crate::domain::mail_template::MailKind;
use crate::domain::mail_template::MailTemplate;
use crate::domain::mail_template::ONE_TIME_PASSCODE;
use crate::domain::mail_template::RESET_PASSWORD;
use crate::domain::mail_template::SIGNUP;

const PAGE: &str = include_str!("default_mails/page.html");
const BUTTON: &str = include_str!("default_mails/button.html");
const CODE: &str = include_str!("default_mails/code.html");
const LOGIN: &str = include_str!("default_mails/login.html");
const LOGO: &str = include_str!("default_mails/logo.html");

/// What there is to say: a default mail leaves out what is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Whether the mail is one organization's.
    pub organization: bool,
    /// Whether that has a logo.
    pub logo: bool,
    /// Whether the reader has a name.
    pub name: bool,
    /// Whether there is a link that signs in besides.
    pub login_link: bool,
}

struct Words {
    heading: &'static str,
    sentence: &'static str,
    label: &'static str,
    footnote: &'static str,
}

/// The default mail of a kind.
pub fn template(kind: MailKind, known: Known) -> MailTemplate {
    let words = words(kind, known.organization);
    let greeting = if known.name {
        "Hello {{ member_name }},"
    } else {
        "Hello,"
    };
    let action = if kind == ONE_TIME_PASSCODE {
        CODE
    } else {
        BUTTON
    };
    let html = PAGE
        .replace("[logo]", if known.logo { LOGO } else { "" })
        .replace("[action]", action.trim_end())
        .replace("[login]", if known.login_link { LOGIN } else { "" })
        .replace("[heading]", words.heading)
        .replace("[greeting]", greeting)
        .replace("[sentence]", words.sentence)
        .replace("[label]", words.label)
        .replace("[footnote]", words.footnote);
    let asked = kind.required;
    let (sentence, footnote) = (words.sentence, words.footnote);
    let login = if known.login_link { LOGIN_IN_TEXT } else { "" };
    MailTemplate {
        subject: words.heading.to_owned(),
        html,
        text: format!("{greeting}\n\n{sentence}\n\n{{{{ {asked} }}}}\n\n{login}{footnote}\n"),
    }
}

const LOGIN_IN_TEXT: &str = "Or sign in without a new password:\n\n{{ login_link }}\n\n";
const UNASKED: &str = "If you did not ask for this mail, leave it: nothing happens without you.";
const FOR_YOU_ALONE: &str =
    "It is for you alone: do not pass it on. If you did not ask for it, leave it.";

fn words(kind: MailKind, of_organization: bool) -> Words {
    let heading = |own, other| if of_organization { own } else { other };
    let told = |heading, sentence, label, footnote| Words {
        heading,
        sentence,
        label,
        footnote,
    };
    match kind {
        ONE_TIME_PASSCODE => told(
            heading(
                "Your code for {{ organization_name }}",
                "Your code to sign in",
            ),
            "This is your code to sign in. It is good once, for {{ time }}.",
            "",
            "Nobody asks you for it but the page where you sign in. If you did not ask for it, \
             leave it.",
        ),
        INVITE => told(
            "You are invited to {{ organization_name }}",
            "Somebody at {{ organization_name }} has invited you. The invitation is good for \
             {{ time }}.",
            "Accept the invitation",
            "If you do not know {{ organization_name }}, leave this mail: nothing happens \
             without you.",
        ),
        SIGNUP => told(
            "Confirm your address for {{ organization_name }}",
            "This link confirms your address and signs you in. It is good once, for {{ time }}.",
            "Confirm and sign in",
            UNASKED,
        ),
        RESET_PASSWORD => told(
            heading(
                "Set a new password for {{ organization_name }}",
                "Set a new password",
            ),
            "This link lets you set a new password. It is good once, for {{ time }}.",
            "Set a new password",
            FOR_YOU_ALONE,
        ),
        EMAIL_UPDATE => told(
            "Confirm your new address for {{ organization_name }}",
            "This link makes {{ email_address }} your address. It is good once, for {{ time }}.",
            "Confirm the address",
            UNASKED,
        ),
        _ => told(
            heading("Sign in to {{ organization_name }}", "Sign in"),
            "This link signs you in. It is good once, for {{ time }}.",
            "Sign in",
            FOR_YOU_ALONE,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::mail_template::DISCOVERY;
    use crate::domain::mail_template::MAIL_KINDS;
    use crate::domain::placeholder;

    #[test]
    fn every_kind_has_a_default_that_says_what_it_is_for_and_no_more_than_is_known() {
        for kind in MAIL_KINDS {
            for organization in [true, false] {
                let known = Known {
                    organization,
                    logo: organization,
                    name: organization,
                    login_link: kind == RESET_PASSWORD,
                };
                let mail = template(kind, known);
                for body in [&mail.html, &mail.text] {
                    assert!(placeholder::names(body).unwrap().contains(&kind.required));
                    assert!(!body.contains('['), "{}: {body}", kind.name);
                    let names = placeholder::names(body).unwrap();
                    assert_eq!(names.contains(&"login_link"), known.login_link);
                }
                let whole = format!("{}{}{}", mail.subject, mail.html, mail.text);
                let for_anybody = kind == DISCOVERY || kind == ONE_TIME_PASSCODE;
                if !organization && for_anybody {
                    assert!(!whole.contains("organization_"), "{whole}");
                    assert!(!whole.contains("member_name"), "{whole}");
                }
            }
        }
    }
}
