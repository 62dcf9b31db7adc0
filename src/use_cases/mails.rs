//! Mails: asked for within the limits of an address, written in the transaction that they are about,
//! and taken out of the outbox by whoever sends them.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde_json::json;

use crate::domain::email::EmailAddress;
use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::id::MailId;
use crate::domain::letter::Letter;
use crate::domain::letter::Occasion;
use crate::domain::mail_template::MailKind;
use crate::domain::organization::Organization;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::journal;
use crate::storage::mail_recipients;
use crate::storage::mails;
use crate::storage::mails::KeptMail;
use crate::storage::mails::NewMail;
use crate::storage::project_settings;
use crate::use_cases::Deployment;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::request::RequestError;

/// For how long a mail is whoever's took it; then it counts as not sent.
const LEASE: TimeDelta = TimeDelta::seconds(90);
/// How long after each failure the next try comes; after the last one there is none.
const PAUSES: [TimeDelta; 7] = [
    TimeDelta::seconds(5),
    TimeDelta::seconds(30),
    TimeDelta::minutes(2),
    TimeDelta::minutes(10),
    TimeDelta::minutes(30),
    TimeDelta::hours(1),
    TimeDelta::hours(2),
];

/// Leave to send one mail to an address: asked for first, whether or not there is anybody to
/// write to, so that nobody learns from the limit who is known.
#[derive(Debug)]
pub struct Postage(EmailAddress);

/// What a mail is about.
#[derive(Clone, Copy, Debug)]
pub struct Mail<'a> {
    /// Its kind.
    pub kind: MailKind,
    /// Whose it is, if it is one organization's.
    pub organization: Option<&'a Organization>,
    /// The reader's name; may be empty.
    pub member_name: &'a str,
    /// The link or the code, whichever the kind is for.
    pub secret: &'a str,
    /// A link that signs in without what the mail is for.
    pub login_link: Option<&'a str>,
    /// For how many minutes that is good.
    pub minutes: i64,
}

/// A mail that its taker has to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// What it says.
    pub letter: Letter,
    /// When it was written.
    pub written_at: DateTime<Utc>,
    /// The same however often it is sent.
    pub id: MailId,
    taken: KeptMail,
}

/// Counts one more mail for an address, unless it has had too many lately.
pub fn postage(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    to: &EmailAddress,
) -> Result<Postage, ManagementError> {
    let project = deployment.project_id.as_str();
    let place = format!("{project}\0{}", to.folded());
    let hash = deployment.master_key.token_for("mail recipient", &place);
    let recent = mail_recipients::find(tx, &hash)?.unwrap_or_default();
    let more = recent.with_one_more(tx.now);
    let more = more.map_err(RequestError::TooManyRequests)?;
    mail_recipients::save(tx, &hash, &more)?;
    Ok(Postage(to.clone()))
}

/// Writes a mail into the outbox; it is sent when the transaction has been committed.
pub fn queue(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    Postage(to): Postage,
    mail: &Mail<'_>,
) -> Result<(), ManagementError> {
    let project_id = &deployment.project_id;
    let declared = project_settings::find_mail_template(tx, (project_id, mail.kind))?;
    let occasion = Occasion {
        kind: mail.kind,
        to: &to,
        organization: mail.organization,
        member_name: mail.member_name,
        secret: mail.secret,
        login_link: mail.login_link,
        minutes: mail.minutes,
    };
    let id = MailId::fresh();
    let letter = serde_json::to_vec(&occasion.letter(declared.as_ref()));
    let letter = letter.map_err(|error| ManagementError::Internal(error.to_string()))?;
    let letter = deployment
        .master_key
        .seal(&letter, &place(deployment, id))?;
    let new = NewMail {
        id,
        project_id,
        organization_id: mail.organization.map(|it| it.id),
        kind: mail.kind.name,
        letter: &letter,
        expires_at: tx.now + TimeDelta::minutes(mail.minutes),
    };
    Ok(mails::insert(tx, &new)?)
}

/// Where a letter is sealed.
fn place(deployment: &Deployment, id: MailId) -> String {
    format!("{}/mails/letter/{id}", deployment.project_id.as_str())
}

/// Whether there is a mail to take.
pub fn is_any_due(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
) -> Result<bool, ManagementError> {
    Ok(mails::find_due(tx, &deployment.project_id)?.is_some())
}

/// Takes the mail that waits longest, so that of several nodes one sends it; none if none waits.
pub fn claim(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
) -> Result<Option<Due>, ManagementError> {
    tx.concerns(None);
    while let Some(kept) = mails::find_due(tx, &deployment.project_id)? {
        let attempts = kept.attempts + 1;
        if !mails::plan(tx, (&kept, attempts), Some(tx.now + LEASE))? {
            continue;
        }
        let taken = KeptMail { attempts, ..kept };
        if let Some(letter) = open(deployment, &taken) {
            return Ok(Some(Due {
                letter,
                written_at: taken.created_at,
                id: taken.id,
                taken,
            }));
        }
        give_up(tx, &taken, "it was sealed with another master key")?;
    }
    Ok(None)
}

fn open(deployment: &Deployment, mail: &KeptMail) -> Option<Letter> {
    let place = place(deployment, mail.id);
    let letter = deployment.master_key.open(&mail.letter, &place).ok()?;
    serde_json::from_slice(&letter).ok()
}

/// A mail was handed over: it leaves the outbox.
pub fn sent(tx: &mut Transaction<'_>, due: &Due) -> Result<(), ManagementError> {
    // What is gone by now went with its organization, whose journal is closed.
    if mails::delete(tx, due.id)? {
        let told = json!({ "kind": due.taken.kind, "attempts": due.taken.attempts });
        tell(tx, &due.taken, EventKind::MailSent, told)?;
    }
    Ok(())
}

/// A mail was not taken, for a reason that may pass: it is tried again later, as long as what it
/// holds is good.
pub fn delayed(tx: &mut Transaction<'_>, due: &Due, reason: &str) -> Result<(), ManagementError> {
    let failures = usize::try_from(due.taken.attempts - 1).unwrap_or_default();
    let next = PAUSES.get(failures).map(|pause| tx.now + *pause);
    match next.filter(|next| *next < due.taken.expires_at) {
        Some(next) => {
            mails::plan(tx, (&due.taken, due.taken.attempts), Some(next))?;
            Ok(())
        }
        None => Ok(give_up(tx, &due.taken, reason)?),
    }
}

/// A mail was refused for good.
pub fn failed(tx: &mut Transaction<'_>, due: &Due, reason: &str) -> Result<(), ManagementError> {
    Ok(give_up(tx, &due.taken, reason)?)
}

/// Nobody takes it any more; it stays until what it holds has ended.
fn give_up(tx: &mut Transaction<'_>, mail: &KeptMail, reason: &str) -> Result<(), StorageError> {
    if mails::plan(tx, (mail, mail.attempts), None)? {
        let told = json!({ "kind": mail.kind, "attempts": mail.attempts, "reason": reason });
        tell(tx, mail, EventKind::MailFailed, told)?;
    }
    Ok(())
}

fn tell(
    tx: &mut Transaction<'_>,
    mail: &KeptMail,
    kind: EventKind,
    told: serde_json::Value,
) -> Result<(), StorageError> {
    if let Some(organization) = mail.organization_id {
        tx.enter(organization)?;
    }
    let change = Change {
        organization_id: mail.organization_id,
        kind,
        object_id: mail.id.to_string(),
        before: None,
        after: Some(told),
    };
    journal::append(tx, &change)
}

/// The letters in the outbox, the newest first, with when they were written.
pub fn outbox(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    most: i64,
) -> Result<Vec<(DateTime<Utc>, Letter)>, ManagementError> {
    let kept = mails::list(tx, (&deployment.project_id, most))?;
    let opened = kept.iter().filter_map(|mail| {
        let letter = open(deployment, mail)?;
        Some((mail.created_at, letter))
    });
    Ok(opened.collect())
}
