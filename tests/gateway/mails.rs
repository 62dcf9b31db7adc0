//! The outbox against an SMTP server of others (aiosmtpd): what is written arrives once, whoever fails.

use std::path::PathBuf;

use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;
use vestibule::domain::email::EmailAddress;
use vestibule::domain::id::RequestId;
use vestibule::domain::mail_template;
use vestibule::domain::mail_template::MailKind;
use vestibule::domain::mail_template::MailTemplate;
use vestibule::outbound::smtp::Mailer;
use vestibule::storage::organizations;
use vestibule::storage::project_settings;
use vestibule::use_cases::error::ManagementError;
use vestibule::use_cases::error::request::RequestError;
use vestibule::use_cases::mails;
use vestibule::use_cases::mails::Mail;
use vestibule::worker;

use crate::support::TestGateway;
use crate::support::mail_server::FROM;
use crate::support::mail_server::MailServer;
use crate::support::raw_sql::RawSql;

/// Writes a mail of an organization, or of none, into the outbox.
async fn queue(
    gateway: &TestGateway,
    (kind, to): (MailKind, &str),
    organization: Option<&Value>,
    secret: &str,
) -> Result<(), ManagementError> {
    let deployment = gateway.deployment.clone();
    let to = EmailAddress::parse(to).unwrap();
    let id = organization.map(|it| it["organization_id"].as_str().unwrap().parse().unwrap());
    let secret = secret.to_owned();
    let queued = gateway.storage.transaction(RequestId::fresh(), move |tx| {
        let project = &deployment.project_id;
        let organization = match id {
            Some(id) => organizations::find(tx, project, id)?,
            None => None,
        };
        let postage = mails::postage(tx, &deployment, &to)?;
        let mail = Mail {
            kind,
            organization: organization.as_ref(),
            member_name: "Zoë Œ",
            secret: &secret,
            login_link: None,
            minutes: 60,
        };
        mails::queue(tx, &deployment, postage, &mail)
    });
    queued.await
}

async fn queue_login(gateway: &TestGateway, to: &str) {
    let login = (mail_template::DISCOVERY, to);
    queue(gateway, login, None, "https://auth.test/link")
        .await
        .unwrap();
}

fn events(gateway: &TestGateway, kind: &str) -> Vec<Value> {
    let mut sql = RawSql::open(gateway.storage.database());
    let told = sql.texts(&format!(
        "SELECT after_change AS value FROM journal WHERE kind = '{kind}' ORDER BY id"
    ));
    told.iter()
        .map(|told| serde_json::from_str(told).unwrap())
        .collect()
}

fn waiting(gateway: &TestGateway) -> usize {
    let mut sql = RawSql::open(gateway.storage.database());
    sql.texts("SELECT id AS value FROM mails").len()
}

#[actix_web::test]
async fn a_mail_arrives_as_it_was_written_and_leaves_the_outbox() {
    let gateway = TestGateway::start().await;
    let server = MailServer::start(&[]).await;
    let mailer = server.mailer("", "");
    let logo = "https://cdn.acme.test/logo.png";
    let body = json!({ "organization_name": "Bücher & Söhne", "organization_logo_url": logo });
    let acme = gateway.organization(body).await;
    let link = format!(
        "https://auth.test/v1/magic_links/redirect?a=1&token={}",
        "x".repeat(200)
    );
    let to = "ana@BÜCHER.test";
    queue(&gateway, (mail_template::LOGIN, to), Some(&acme), &link)
        .await
        .unwrap();
    gateway.send_mails(&mailer).await;
    let taken = server.taken();
    assert_eq!(taken.len(), 1, "{taken:?}");
    let mail = &taken[0];
    assert_eq!(mail["defects"], json!([]));
    assert_eq!(mail["type"], "multipart/alternative");
    assert_eq!(mail["from"], "login@acme.test");
    assert_eq!(mail["to"], json!(["ana@xn--bcher-kva.test"]));
    assert_eq!(mail["addressee"], mail["to"]);
    assert!(mail["longest_line"].as_u64().unwrap() <= 998);
    let headers = &mail["headers"];
    assert_eq!(headers["From"], "Acme Sign-in <login@acme.test>");
    assert_eq!(headers["Subject"], "Sign in to Bücher & Söhne");
    assert_eq!(headers["Auto-Submitted"], "auto-generated");
    let id = headers["Message-ID"].as_str().unwrap();
    assert!(
        id.starts_with("<mail-test-") && id.ends_with("@acme.test>"),
        "{id}"
    );
    let (text, html) = (
        mail["text"].as_str().unwrap(),
        mail["html"].as_str().unwrap(),
    );
    assert!(
        text.contains(&link) && text.contains("Hello Zoë Œ,"),
        "{text}"
    );
    assert!(
        html.contains(&link.replace('&', "&amp;")) && html.contains(logo),
        "{html}"
    );
    assert!(html.contains("Bücher &amp; Söhne"), "{html}");

    gateway.send_mails(&mailer).await;
    assert_eq!((server.taken().len(), waiting(&gateway)), (1, 0));
    let told = json!({ "kind": "login", "attempts": 1 });
    assert_eq!(events(&gateway, "mail.sent"), [told]);
}

#[actix_web::test]
async fn what_a_mail_holds_is_read_neither_in_the_database_nor_in_the_journal() {
    let gateway = TestGateway::start().await;
    let acme = gateway
        .organization(json!({ "organization_name": "Acme" }))
        .await;
    let code = (mail_template::ONE_TIME_PASSCODE, "ana@acme.test");
    queue(&gateway, code, Some(&acme), "918273").await.unwrap();
    let mut sql = RawSql::open(gateway.storage.database());
    let mut kept = sql.texts("SELECT letter AS value FROM mails");
    kept.extend(sql.texts("SELECT recent || address_hash AS value FROM mail_recipients"));
    kept.extend(sql.texts("SELECT coalesce(after_change, '') AS value FROM journal"));
    assert!(kept.len() >= 3, "{kept:?}");
    for text in &kept {
        assert!(!text.contains("918273") && !text.contains("ana@"), "{text}");
    }
    let letters = gateway.mails_to("ana@acme.test").await;
    assert!(letters[0].text.contains("918273"));
}

#[actix_web::test]
async fn mails_say_what_the_project_file_says() {
    let gateway = TestGateway::start().await;
    let acme = gateway
        .organization(json!({ "organization_name": "Acme" }))
        .await;
    let project = gateway.deployment.project_id.clone();
    let declared = gateway.storage.transaction(RequestId::fresh(), move |tx| {
        let mut settings = project_settings::find(tx, &project)?.unwrap_or_default();
        let template = MailTemplate {
            subject: "Willkommen bei {{ organization_name }}".to_owned(),
            html: "<p>{{ code }}</p>".to_owned(),
            text: "{{ code }}, {{ minutes }} Minuten".to_owned(),
        };
        let kind = mail_template::ONE_TIME_PASSCODE.name.to_owned();
        settings.mail_templates.insert(kind, template);
        project_settings::save(tx, &project, &settings)
    });
    declared.await.unwrap();
    let code = (mail_template::ONE_TIME_PASSCODE, "ana@acme.test");
    queue(&gateway, code, Some(&acme), "918273").await.unwrap();
    let login = (mail_template::LOGIN, "ben@acme.test");
    queue(&gateway, login, Some(&acme), "https://auth.test/link")
        .await
        .unwrap();
    let letters = gateway.mails_to("ana@acme.test").await;
    let said = (letters[0].subject.as_str(), letters[0].text.as_str());
    assert_eq!(said, ("Willkommen bei Acme", "918273, 60 Minuten"));
    let others = gateway.mails_to("ben@acme.test").await;
    assert_eq!(others[0].subject, "Sign in to Acme");
}

#[actix_web::test]
async fn two_hundred_that_are_asked_for_are_five_that_are_sent() {
    let gateway = TestGateway::start().await;
    let mut taken = 0;
    for asked in 0..200 {
        let discovery = (mail_template::DISCOVERY, "ana@acme.test");
        let outcome = queue(&gateway, discovery, None, "s").await;
        taken += usize::from(outcome.is_ok());
        if asked % 2 == 0 {
            gateway.wait(TimeDelta::seconds(2));
        }
    }
    assert_eq!(
        (taken, gateway.mails_to("ana@acme.test").await.len()),
        (5, 5)
    );
}

#[actix_web::test]
async fn a_mail_that_is_put_off_is_tried_again_and_one_that_is_refused_is_not() {
    let gateway = TestGateway::start().await;
    let server = MailServer::start(&[]).await;
    let mailer = server.mailer("", "");
    for to in ["later-2@acme.test", "refused@acme.test", "ana@acme.test"] {
        queue_login(&gateway, to).await;
    }
    let arrived = |server: &MailServer| -> Vec<String> {
        let taken = server.taken().into_iter();
        taken
            .map(|mail| mail["to"][0].as_str().unwrap().to_owned())
            .collect()
    };
    gateway.send_mails(&mailer).await;
    assert_eq!(arrived(&server), ["ana@acme.test"]);
    let failed = events(&gateway, "mail.failed");
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert_eq!(failed[0]["attempts"], 1);
    let reason = failed[0]["reason"].as_str().unwrap();
    assert!(
        reason.contains("5.1.1 nobody here by that name"),
        "{reason}"
    );
    for (seconds, expected) in [(4, 1), (2, 1), (29, 1), (2, 2), (3000, 2)] {
        gateway.wait(TimeDelta::seconds(seconds));
        gateway.send_mails(&mailer).await;
        assert_eq!(arrived(&server).len(), expected, "after {seconds} more");
    }
    assert_eq!(arrived(&server)[1], "later-2@acme.test");
    let sent = events(&gateway, "mail.sent");
    assert_eq!(sent[1]["attempts"], 3);
    assert_eq!(events(&gateway, "mail.failed").len(), 1);
}

#[actix_web::test]
async fn a_mail_waits_for_its_server_as_long_as_its_link_is_good() {
    let gateway = TestGateway::start().await;
    let nobody = Mailer::new("smtp://127.0.0.1:1", FROM, None).unwrap();
    queue_login(&gateway, "ana@acme.test").await;
    let mut rounds = 0;
    while events(&gateway, "mail.failed").is_empty() {
        gateway.send_mails(&nobody).await;
        gateway.wait(TimeDelta::minutes(1));
        rounds += 1;
        assert!(rounds < 60);
    }
    // The next try would come after the hour for which the link is good.
    assert_eq!(events(&gateway, "mail.failed")[0]["attempts"], 6);
    assert!(rounds > 40, "{rounds}");
    let server = MailServer::start(&[]).await;
    gateway.send_mails(&server.mailer("", "")).await;
    assert_eq!(server.taken().len(), 0);
    gateway.wait(TimeDelta::hours(1));
    let forget = vestibule::use_cases::cleanup::forget_expired;
    gateway
        .storage
        .transaction(RequestId::fresh(), forget)
        .await
        .unwrap();
    assert_eq!(waiting(&gateway), 0);
}

#[actix_web::test]
async fn a_mail_whose_taker_died_is_sent_by_another_when_its_lease_has_ended() {
    let gateway = TestGateway::start().await;
    let server = MailServer::start(&[]).await;
    let mailer = server.mailer("", "");
    queue_login(&gateway, "ana@acme.test").await;
    let deployment = gateway.deployment.clone();
    let claimed = gateway
        .storage
        .transaction(RequestId::fresh(), move |tx| mails::claim(tx, &deployment));
    let claimed = claimed.await.unwrap().unwrap();
    gateway.send_mails(&mailer).await;
    gateway.wait(TimeDelta::seconds(89));
    gateway.send_mails(&mailer).await;
    assert_eq!(server.taken().len(), 0);
    gateway.wait(TimeDelta::seconds(2));
    gateway.send_mails(&mailer).await;
    let taken = server.taken();
    assert_eq!(taken.len(), 1);
    let id = taken[0]["headers"]["Message-ID"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(id.contains(&claimed.id.to_string()), "{id}");
}

#[actix_web::test]
async fn nodes_share_the_outbox_and_send_each_mail_once() {
    const MAILS: usize = 40;
    let gateway = TestGateway::start().await;
    let other = gateway.another_node();
    let server = MailServer::start(&[]).await;
    for number in 0..MAILS {
        queue_login(&gateway, &format!("member-{number}@acme.test")).await;
    }
    let (mine, others) = (server.mailer("", ""), server.mailer("", ""));
    let never = || false;
    let deployment = &gateway.deployment;
    for _ in 0..5 {
        tokio::join!(
            worker::mails::run(&gateway.storage, deployment, &mine, &never),
            worker::mails::run(&other.storage, deployment, &others, &never),
        );
    }
    let mut taken: Vec<String> = server
        .taken()
        .iter()
        .map(|mail| mail["to"][0].as_str().unwrap().to_owned())
        .collect();
    taken.sort();
    assert_eq!(taken.len(), MAILS);
    taken.dedup();
    assert_eq!((taken.len(), waiting(&gateway)), (MAILS, 0));
}

#[actix_web::test]
async fn a_wrong_password_delays_all_mail_and_loses_none() {
    let gateway = TestGateway::start().await;
    let server = MailServer::start(&[("PASSWORD", "right")]).await;
    queue_login(&gateway, "ana@acme.test").await;
    gateway
        .send_mails(&server.mailer("vestibule:wrong@", ""))
        .await;
    assert_eq!(server.taken().len(), 0);
    assert!(events(&gateway, "mail.failed").is_empty());
    gateway.wait(TimeDelta::seconds(6));
    gateway
        .send_mails(&server.mailer("vestibule:right@", ""))
        .await;
    assert_eq!(server.taken()[0]["authenticated"], true);
}

#[actix_web::test]
async fn a_server_that_cannot_prove_itself_gets_no_mail() {
    let gateway = TestGateway::start().await;
    let pair = rcgen_pair();
    let files = [
        ("CERT_FILE", pair.0.to_str().unwrap()),
        ("KEY_FILE", pair.1.to_str().unwrap()),
    ];
    let with_tls = MailServer::start(&files).await;
    let without = MailServer::start(&[]).await;
    queue_login(&gateway, "ana@acme.test").await;
    for server in [&with_tls, &without] {
        gateway
            .send_mails(&server.mailer("", "?tls=required"))
            .await;
        assert_eq!(server.taken().len(), 0);
        gateway.wait(TimeDelta::seconds(31));
    }
    assert_eq!(waiting(&gateway), 1);
    gateway.wait(TimeDelta::seconds(120));
    gateway.send_mails(&without.mailer("", "?tls=none")).await;
    assert_eq!(without.taken().len(), 1);
    let _ = (std::fs::remove_file(&pair.0), std::fs::remove_file(&pair.1));
}

#[actix_web::test]
async fn a_server_that_a_private_authority_vouches_for_gets_its_mail_over_tls() {
    let gateway = TestGateway::start().await;
    let (authority, pair) = private_authority();
    let (other, _) = private_authority();
    let files = [
        ("CERT_FILE", pair.0.to_str().unwrap()),
        ("KEY_FILE", pair.1.to_str().unwrap()),
        ("PASSWORD", "right"),
    ];
    let server = MailServer::start(&files).await;
    queue_login(&gateway, "ana@acme.test").await;
    for stranger in [None, Some(other.as_str())] {
        let mailer = server.mailer_believing("vestibule:right@", "?tls=required", stranger);
        gateway.send_mails(&mailer).await;
        assert_eq!(server.taken().len(), 0);
        gateway.wait(TimeDelta::seconds(31));
    }
    let ours = Some(authority.as_str());
    let mailer = server.mailer_believing("vestibule:right@", "?tls=required", ours);
    gateway.send_mails(&mailer).await;
    let taken = server.taken();
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0]["tls"], true);
    assert_eq!(taken[0]["authenticated"], true);
    let _ = (std::fs::remove_file(&pair.0), std::fs::remove_file(&pair.1));
}

/// An authority's certificate in PEM; a certificate that it vouches for and its key, as files.
fn private_authority() -> (String, (PathBuf, PathBuf)) {
    let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    authority
        .distinguished_name
        .push(rcgen::DnType::CommonName, "Acme's own authority");
    let key = rcgen::KeyPair::generate().unwrap();
    let pem = authority.self_signed(&key).unwrap().pem();
    let issuer = rcgen::Issuer::new(authority, key);
    let key = rcgen::KeyPair::generate().unwrap();
    let server = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = server.signed_by(&key, &issuer).unwrap();
    (pem, as_files(&certificate.pem(), &key.serialize_pem()))
}

/// A certificate that nobody vouches for, and its key, as files.
fn rcgen_pair() -> (PathBuf, PathBuf) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    as_files(&made.cert.pem(), &made.signing_key.serialize_pem())
}

fn as_files(certificate: &str, key: &str) -> (PathBuf, PathBuf) {
    let name = uuid::Uuid::new_v4();
    let file = |ending: &str, pem: &str| {
        let path = std::env::temp_dir().join(format!("{name}.{ending}"));
        std::fs::write(&path, pem).unwrap();
        path
    };
    (file("crt", certificate), file("key", key))
}

#[actix_web::test]
async fn an_address_gets_few_mails_whatever_they_are_for() {
    let gateway = TestGateway::start().await;
    let acme = gateway
        .organization(json!({ "organization_name": "Acme" }))
        .await;
    let refused = |outcome: Result<(), ManagementError>| match outcome {
        Ok(()) => 0,
        Err(ManagementError::Request(RequestError::TooManyRequests(seconds))) => seconds,
        Err(other) => panic!("{other:?}"),
    };
    let mut waits = Vec::new();
    for (kind, organization) in [
        (mail_template::DISCOVERY, None),
        (mail_template::INVITE, Some(&acme)),
        (mail_template::ONE_TIME_PASSCODE, Some(&acme)),
        (mail_template::RESET_PASSWORD, Some(&acme)),
        (mail_template::LOGIN, Some(&acme)),
        (mail_template::LOGIN, Some(&acme)),
    ] {
        let to = (kind, "Ana@acme.test");
        waits.push(refused(queue(&gateway, to, organization, "s").await));
        gateway.wait(TimeDelta::seconds(1));
    }
    assert_eq!(waits[..5], [0; 5]);
    assert!((590..=600).contains(&waits[5]), "{waits:?}");
    let other = (mail_template::LOGIN, "ben@acme.test");
    assert_eq!(refused(queue(&gateway, other, Some(&acme), "s").await), 0);
    assert_eq!(refused(queue(&gateway, other, Some(&acme), "s").await), 1);
    gateway.wait(TimeDelta::seconds(waits[5].try_into().unwrap()));
    let again = (mail_template::LOGIN, "ana@acme.test");
    assert_eq!(refused(queue(&gateway, again, Some(&acme), "s").await), 0);
}
