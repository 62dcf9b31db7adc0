//! A case of `fixtures/saml`: how a response is drafted and signed, what is done to it afterwards,
//! and what must come of it. `fixtures/saml/README.md` explains the files.

use std::path::Path;
use std::path::PathBuf;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde::Deserialize;
use vestibule::demo::saml_response::ResponseDraft;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/saml");

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Case {
    pub about: String,
    /// Where the attack is described.
    pub source: String,
    /// `assertion`, `response`, `both` or `none`.
    pub signed: Option<String>,
    /// `idp`, `stranger` or `neighbour`, whose key another connection trusts.
    pub by: Option<String>,
    /// Algorithm, digest and such; without it the built-in identity provider signs.
    pub manner: Option<MannerOf>,
    /// How the assertion is encrypted to us, if it is.
    pub encrypted: Option<Sealing>,
    /// Who signs in at the identity provider.
    pub person: Option<String>,
    pub draft: Draft,
    pub steps: Vec<Step>,
    /// The check that must refuse it; none for a response that must be accepted.
    pub check: Option<String>,
    /// The weak reader that it deceives.
    pub fools: Option<String>,
    /// Why no weak reader can show that it does harm.
    pub because: Option<String>,
}

/// How a case is signed; what is not said is as usual.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MannerOf {
    pub algorithm: Option<String>,
    pub digest: Option<String>,
    pub prefix: Option<String>,
    pub inclusive: Vec<String>,
    pub canonicalization: Option<String>,
    pub no_key_info: bool,
    pub instead: Vec<Instead>,
}

/// What is written in a signature instead of something else, before it is made.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Instead {
    /// The text that is left out, or where it begins.
    pub of: String,
    /// Where it ends, if it is longer.
    pub to: String,
    pub with: String,
}

/// How something is encrypted; what is not said is as usual.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sealing {
    /// `aes128-gcm`, `aes256-gcm`, `aes128-cbc` or `aes256-cbc`.
    pub cipher: Option<String>,
    /// `mgf1p`, `sha1` or `sha256`.
    pub transport: Option<String>,
    pub key_is_beside: bool,
    /// To a stranger, not to us.
    pub to_stranger: bool,
}

/// What the draft says instead of what is right; instants in seconds from now.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Draft {
    response_id: Option<String>,
    version: Option<String>,
    issuer: Option<String>,
    response_issuer: Option<String>,
    destination: Option<String>,
    in_response_to: Option<String>,
    status: Option<String>,
    name_id: Option<String>,
    name_id_format: Option<String>,
    confirmation_method: Option<String>,
    recipient: Option<String>,
    confirmation_in_response_to: Option<String>,
    audiences: Option<Vec<String>>,
    issue_instant: Option<i64>,
    confirmation_not_on_or_after: Option<i64>,
    not_before: Option<i64>,
    not_on_or_after: Option<i64>,
    authn_instant: Option<i64>,
    session_not_on_or_after: Option<i64>,
    /// How many values one more attribute has.
    values: Option<usize>,
    /// Fields that are left out.
    without: Vec<String>,
}

/// One thing that is done to the signed response; a step does what its first field says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Step {
    /// Replaces this text, which must be there, by `with`; the first time, or in `all` places.
    pub replace: Option<String>,
    pub with: String,
    pub all: bool,
    /// The piece that is changed; the document unless told.
    #[serde(rename = "in")]
    pub inside: Option<String>,
    /// Names the text from `from` to the next `to`.
    pub keep: Option<String>,
    pub from: String,
    pub to: String,
    /// Names the text `be`, so many `times` over.
    #[serde(rename = "let")]
    pub name: Option<String>,
    pub be: String,
    pub times: Option<usize>,
    /// Makes this the document.
    pub document: Option<String>,
    /// Names the digest that the element with the ID `of` has now.
    pub digest: Option<String>,
    pub of: String,
    /// Names the signature of the identity provider over the text `over`.
    pub signature: Option<String>,
    pub over: String,
    /// Signs the element with this ID, with the key of `by`, as `manner` says.
    pub sign: Option<String>,
    pub by: Option<String>,
    pub manner: MannerOf,
    /// Names what `text` is when it is encrypted.
    pub encrypt: Option<String>,
    pub text: String,
    pub sealing: Sealing,
    /// Cuts the last ciphertext of the document to so many bytes.
    pub truncate: Option<usize>,
    /// Changes a bit of this byte of the last ciphertext, counted from the end.
    pub flip: Option<usize>,
    /// Encrypts the key of the first ciphertext anew, with RSA 1.5.
    pub rewrap: bool,
    /// Posts the document in this form: `latin-1`, `utf-16`, `url-safe` or `without-padding`.
    pub posted: Option<String>,
    /// Posts these characters instead of the document in base64.
    pub form: Option<String>,
    /// Posts these bytes in base64 instead of the document.
    pub bytes: Option<Vec<u8>>,
    /// Posts the document deflated, as the other binding has it.
    pub deflate: bool,
}

/// The cases of a folder, each with the name of its file.
pub fn cases(folder: &str) -> Vec<(String, Case)> {
    let mut files = Vec::new();
    collect(&Path::new(FOLDER).join(folder), &mut files);
    files.sort();
    let read = |file: PathBuf| {
        let name = file.strip_prefix(FOLDER).unwrap().display().to_string();
        let text = std::fs::read_to_string(&file).unwrap();
        let case: Case = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, case)
    };
    files.into_iter().map(read).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

impl Draft {
    /// Changes a right draft; `filled` resolves the names of pieces in a text.
    pub fn apply(
        &self,
        draft: &mut ResponseDraft,
        now: DateTime<Utc>,
        filled: impl Fn(&str) -> String,
    ) {
        let texts = [
            (&self.response_id, &mut draft.response_id),
            (&self.version, &mut draft.version),
            (&self.issuer, &mut draft.issuer),
            (&self.name_id, &mut draft.name_id),
            (&self.name_id_format, &mut draft.name_id_format),
            (&self.confirmation_method, &mut draft.confirmation_method),
        ];
        for (told, field) in texts {
            if let Some(told) = told {
                *field = filled(told);
            }
        }
        let optional = [
            (&self.response_issuer, &mut draft.response_issuer),
            (&self.destination, &mut draft.destination),
            (&self.in_response_to, &mut draft.in_response_to),
            (&self.status, &mut draft.status),
            (&self.recipient, &mut draft.recipient),
            (
                &self.confirmation_in_response_to,
                &mut draft.confirmation_in_response_to,
            ),
        ];
        for (told, field) in optional {
            if let Some(told) = told {
                *field = Some(filled(told));
            }
        }
        if let Some(audiences) = &self.audiences {
            draft.audiences = audiences.iter().map(|it| filled(it)).collect();
        }
        if let Some(count) = self.values {
            let values = vec!["x".to_owned(); count];
            draft.attributes.push(("many".to_owned(), values));
        }
        self.set_instants(draft, now);
        self.leave_out(draft);
    }

    fn set_instants(&self, draft: &mut ResponseDraft, now: DateTime<Utc>) {
        let at = |offset: i64| now + TimeDelta::seconds(offset);
        if let Some(offset) = self.issue_instant {
            draft.issue_instant = at(offset);
        }
        let optional = [
            (
                self.confirmation_not_on_or_after,
                &mut draft.confirmation_not_on_or_after,
            ),
            (self.not_before, &mut draft.not_before),
            (self.not_on_or_after, &mut draft.not_on_or_after),
            (self.authn_instant, &mut draft.authn_instant),
            (
                self.session_not_on_or_after,
                &mut draft.session_not_on_or_after,
            ),
        ];
        for (told, field) in optional {
            if let Some(offset) = told {
                *field = Some(at(offset));
            }
        }
    }

    fn leave_out(&self, draft: &mut ResponseDraft) {
        for field in &self.without {
            match field.as_str() {
                "response_issuer" => draft.response_issuer = None,
                "destination" => draft.destination = None,
                "in_response_to" => draft.in_response_to = None,
                "status" => draft.status = None,
                "name_id" => draft.name_id.clear(),
                "recipient" => draft.recipient = None,
                "confirmation_in_response_to" => draft.confirmation_in_response_to = None,
                "confirmation_not_on_or_after" => draft.confirmation_not_on_or_after = None,
                "conditions" => draft.has_conditions = false,
                "not_before" => draft.not_before = None,
                "not_on_or_after" => draft.not_on_or_after = None,
                "audiences" => draft.audiences.clear(),
                "authn_statement" => draft.authn_instant = None,
                other => panic!("nothing to leave out is called {other}"),
            }
        }
    }
}
