use super::*;
use crate::domain::mail_template::DISCOVERY;
use crate::domain::mail_template::INVITE;
use crate::domain::mail_template::LOGIN;
use crate::domain::mail_template::MAIL_KINDS;
use crate::domain::mail_template::ONE_TIME_PASSCODE;
use crate::domain::organization_draft::OrganizationDraft;
use crate::domain::project::ProjectId;

fn organization(name: &str, logo_url: &str) -> Organization {
    let draft = OrganizationDraft {
        organization_name: Some(name.to_owned()),
        organization_logo_url: Some(logo_url.to_owned()),
        ..OrganizationDraft::default()
    };
    let now = chrono::DateTime::UNIX_EPOCH;
    Organization::create(ProjectId::new("project-test-1"), &draft, now).unwrap()
}

fn letter(kind: MailKind, organization: Option<&Organization>) -> Letter {
    let to = EmailAddress::parse("ana@acme.test").unwrap();
    let occasion = Occasion {
        kind,
        to: &to,
        organization,
        member_name: "Ana",
        secret: "https://auth.test/x?a=1&b=2",
        login_link: None,
        minutes: 60,
    };
    occasion.letter(None)
}

#[test]
fn a_letter_names_organization_and_reader_and_shows_the_link_twice() {
    let acme = organization("Acme", "https://acme.test/logo.png");
    let letter = letter(LOGIN, Some(&acme));
    assert_eq!(letter.subject, "Sign in to Acme");
    assert!(letter.html.contains("src=\"https://acme.test/logo.png\""));
    assert_eq!(letter.html.matches("a=1&amp;b=2").count(), 3);
    assert!(letter.text.contains("\nhttps://auth.test/x?a=1&b=2\n"));
    for body in [&letter.html, &letter.text] {
        assert!(
            body.contains("Hello Ana,") && body.contains("1 hour"),
            "{body}"
        );
        assert!(!body.contains("{{"), "{body}");
    }
}

#[test]
fn what_people_call_themselves_is_neither_markup_nor_a_header() {
    let name = "<b>\"Eve\"</b>\r\nBcc: all@acme.test\u{202e}";
    let mut eve = organization("Eve", "");
    eve.name = name.to_owned();
    let letter = letter(INVITE, Some(&eve));
    assert_eq!(
        letter.subject,
        "You are invited to <b>\"Eve\"</b>  Bcc: all@acme.test"
    );
    assert!(
        letter
            .html
            .contains("&lt;b&gt;&quot;Eve&quot;&lt;/b&gt;  Bcc:")
    );
    assert!(!letter.html.contains("<b>"));
    eve.name = "x".repeat(500);
    let to = EmailAddress::parse("ana@acme.test").unwrap();
    let occasion = Occasion {
        kind: INVITE,
        to: &to,
        organization: Some(&eve),
        member_name: "",
        secret: "s",
        login_link: None,
        minutes: 1,
    };
    assert_eq!(occasion.letter(None).subject.chars().count(), MAX_SUBJECT);
}

#[test]
fn only_logos_by_https_are_shown() {
    for (url, shown) in [
        ("https://acme.test/logo.png", true),
        ("http://acme.test/logo.png", false),
        ("data:image/png;base64,AAAA", false),
        ("javascript:alert(1)", false),
        ("//acme.test/logo.png", false),
        ("", false),
    ] {
        let mut acme = organization("Acme", "");
        acme.logo_url = url.to_owned();
        let html = letter(LOGIN, Some(&acme)).html;
        assert_eq!(html.contains("<img"), shown, "{url}");
    }
}

#[test]
fn a_template_of_the_project_is_used_where_everything_in_it_is_known() {
    let template = MailTemplate {
        subject: "{{ organization_name }} calls".to_owned(),
        html: "<p>{{ code }} {{ minutes }}</p>".to_owned(),
        text: "{{ code }}".to_owned(),
    };
    let to = EmailAddress::parse("ana@acme.test").unwrap();
    let acme = organization("A & B", "");
    let occasion = |organization| Occasion {
        kind: ONE_TIME_PASSCODE,
        to: &to,
        organization,
        member_name: "",
        secret: "123456",
        login_link: None,
        minutes: 10,
    };
    let own = occasion(Some(&acme)).letter(Some(&template));
    assert_eq!(
        (own.subject.as_str(), own.html.as_str()),
        ("A & B calls", "<p>123456 10</p>")
    );
    let other = occasion(None).letter(Some(&template));
    assert_eq!(other.subject, "Your code to sign in");
    assert!(other.text.contains("\n123456\n") && other.html.contains(">123456<"));
}

#[test]
fn every_kind_has_a_letter() {
    let acme = organization("Acme", "");
    for kind in MAIL_KINDS {
        let letter = letter(kind, Some(&acme));
        assert!(letter.html.starts_with("<!doctype html>"), "{}", kind.name);
    }
    assert_eq!(letter(DISCOVERY, None).subject, "Sign in");
}

#[test]
fn minutes_are_told_in_words() {
    for (minutes, told) in [
        (1, "1 minute"),
        (90, "90 minutes"),
        (60, "1 hour"),
        (120, "2 hours"),
        (1440, "1 day"),
        (10080, "7 days"),
    ] {
        assert_eq!(in_words(minutes), told);
    }
}
