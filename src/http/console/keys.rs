//! What opens the APIs: the project's secrets and public tokens, and the keys that sign JWTs.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use crate::domain::project::fresh_secret;
use crate::http::console::error::ConsoleRefusal;
use crate::http::console::frame::Frame;
use crate::http::console::frame::Place;
use crate::http::console::frame::minute;
use crate::http::console::session::OperatorSession;
use crate::http::pages::form::PageForm;
use crate::http::pages::page;
use crate::http::pages::same_origin::SameOrigin;
use crate::http::pages::see_other;
use crate::http::state::Gateway;
use crate::storage::Transaction;
use crate::use_cases::console_error::ConsoleError;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::operator_error::OperatorError;
use crate::use_cases::project_keys;
use crate::use_cases::project_keys::KeyOrigin;
use crate::use_cases::project_keys::NewKey;
use crate::use_cases::project_keys::ProjectKey;
use crate::use_cases::project_keys::ProjectKeyKind;
use crate::use_cases::project_keys::Revocation;
use crate::use_cases::signing_keys;

/// What a new secret is called.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Named {
    name: String,
}

struct KeyLine {
    id: String,
    name: String,
    last_four: String,
    origin: &'static str,
    /// Commands know the configuration and revoke what came from it.
    is_of_start: bool,
    made: String,
}

struct SigningLine {
    id: String,
    signs: bool,
    from: String,
    until: String,
}

#[derive(Template)]
#[template(path = "console/keys.html")]
struct KeysPage {
    frame: Frame,
    project: String,
    secrets: Vec<KeyLine>,
    public_tokens: Vec<KeyLine>,
    signing: Vec<SigningLine>,
    made: Option<String>,
    refused: Option<String>,
}

fn look(tx: &mut Transaction<'_>, caller: &ProjectCaller) -> Result<KeysPage, ConsoleError> {
    let project = &caller.project_id;
    let mut lines = |kind| -> Result<Vec<KeyLine>, ConsoleError> {
        let keys = project_keys::list(tx, project, kind)?;
        Ok(keys.iter().map(key_line).collect())
    };
    let secrets = lines(ProjectKeyKind::Secret)?;
    let public_tokens = lines(ProjectKeyKind::PublicToken)?;
    let (keys, signing) = signing_keys::list(tx, project)?;
    let signing = keys.iter().map(|key| SigningLine {
        id: key.id.to_string(),
        signs: signing == Some(key.id),
        from: minute(key.term.signs_from),
        until: key
            .term
            .verifies_until
            .map_or_else(|| "–".to_owned(), minute),
    });
    Ok(KeysPage {
        frame: Frame(Place::Keys),
        project: project.to_string(),
        secrets,
        public_tokens,
        signing: signing.collect(),
        made: None,
        refused: None,
    })
}

fn key_line(key: &ProjectKey) -> KeyLine {
    KeyLine {
        id: key.id(),
        name: key.name.clone(),
        last_four: key.last_four.clone(),
        origin: key.origin.name(),
        is_of_start: key.origin == KeyOrigin::Start,
        made: minute(key.created_at),
    }
}

/// Shows them; never what they open with.
pub(super) async fn show(
    gateway: Data<Gateway>,
    session: OperatorSession,
) -> Result<HttpResponse, ConsoleRefusal> {
    let shown = gateway.console_read(&session, look).await?;
    Ok(page(StatusCode::OK, &shown))
}

/// Makes a secret, which is shown once.
pub(super) async fn make(
    gateway: Data<Gateway>,
    session: OperatorSession,
    _proof: SameOrigin,
    form: PageForm<Named>,
) -> Result<HttpResponse, ConsoleRefusal> {
    let refused = ConsoleRefusal::of(session.request_id);
    let secret = fresh_secret();
    let secret = secret.map_err(|error| refused(ManagementError::from(error).into()))?;
    let (given, name) = (secret.clone(), form.0.name);
    let make = move |tx: &mut Transaction<'_>, caller: &ProjectCaller| {
        let key = NewKey {
            kind: ProjectKeyKind::Secret,
            origin: KeyOrigin::Command,
            name: &name,
            secret: &given,
        };
        project_keys::create(tx, &caller.project_id, &key)?;
        look(tx, caller)
    };
    let shown = KeysPage {
        made: Some(secret),
        ..gateway.console_write(&session, make).await?
    };
    Ok(page(StatusCode::OK, &shown))
}

/// Takes a secret away, as long as another one is left.
pub(super) async fn revoke(
    gateway: Data<Gateway>,
    session: OperatorSession,
    named: Path<String>,
    _proof: SameOrigin,
) -> Result<HttpResponse, ConsoleRefusal> {
    let asked = Revocation {
        id: named.into_inner(),
        force: false,
        configured: None,
    };
    let revoke = move |tx: &mut Transaction<'_>, caller: &ProjectCaller| {
        let place = (&caller.project_id, ProjectKeyKind::Secret);
        let keys = project_keys::list(tx, place.0, place.1)?;
        // What the configuration gives is not known here, and the next start would bring it back.
        let is_of_start = |key: &&ProjectKey| key.origin == KeyOrigin::Start;
        if keys
            .iter()
            .filter(is_of_start)
            .any(|key| key.id() == asked.id)
        {
            return Err(OperatorError::GivenByConfiguration.into());
        }
        Ok(project_keys::revoke(tx, place, &asked)?)
    };
    let Err(refusal) = gateway.console_write(&session, revoke).await else {
        return Ok(see_other("/console/keys"));
    };
    let Some(reason) = refusal.about_input() else {
        return Err(refusal);
    };
    let shown = KeysPage {
        refused: Some(reason),
        ..gateway.console_read(&session, look).await?
    };
    Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &shown))
}
