//! Single sign-on in the portal: the connections there are, and the tiles to begin another one.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use crate::http::pages::form::PageForm;
use crate::http::pages::page;
use crate::http::pages::same_origin::SameOrigin;
use crate::http::pages::see_other;
use crate::http::pages::shortened;
use crate::http::portal::error::PortalRefusal;
use crate::http::portal::frame::Frame;
use crate::http::portal::frame::Place;
use crate::http::portal::guides;
use crate::http::portal::guides::GUIDES;
use crate::http::portal::guides::Guide;
use crate::http::portal::session::PortalSession;
use crate::http::state::Gateway;
use crate::use_cases::connections::Naming;
use crate::use_cases::error::request::RequestError;
use crate::use_cases::portal_sso;
use crate::use_cases::portal_sso::TestedConnection;

#[derive(Template)]
#[template(path = "portal/sso.html")]
struct SsoPage {
    frame: Frame,
    connections: Vec<Row>,
    guides: &'static [Guide],
}

struct Row {
    id: String,
    name: String,
    monogram: &'static str,
    kind: &'static str,
    state: (&'static str, &'static str),
    test: (&'static str, &'static str),
}

impl Row {
    fn new(found: &TestedConnection) -> Self {
        let connection = &found.connection;
        let guide = guides::of(connection);
        let name = match connection.display_name.as_str() {
            "" => guide.map_or("Connection", |guide| guide.label),
            name => name,
        };
        Self {
            id: connection.id.to_string(),
            name: shortened(name),
            monogram: guide.map_or("ID", |guide| guide.monogram),
            kind: if connection.saml().is_some() {
                "SAML"
            } else {
                "OpenID Connect"
            },
            state: state(found),
            test: match &found.test {
                None => ("off", "not tested"),
                Some((_, report)) if report.passed => ("good", "test passed"),
                Some(_) => ("bad", "test failed"),
            },
        }
    }
}

/// What state a connection is in: a kind of badge and its words.
pub(super) fn state(found: &TestedConnection) -> (&'static str, &'static str) {
    let connection = &found.connection;
    if connection.is_active() {
        ("good", "on")
    } else if connection.is_filled_in() {
        ("warn", "off")
    } else {
        ("note", "being set up")
    }
}

/// Shows the connections and the tiles.
pub(super) async fn show(
    gateway: Data<Gateway>,
    session: PortalSession,
) -> Result<HttpResponse, PortalRefusal> {
    let found = gateway.portal_read(&session, |tx, caller| {
        let found = portal_sso::list(tx, caller)?;
        Ok((Frame::new(caller, Place::SignIn), found))
    });
    let (frame, found) = found.await?;
    let shown = SsoPage {
        frame,
        connections: found.iter().map(Row::new).collect(),
        guides: &GUIDES,
    };
    Ok(page(StatusCode::OK, &shown))
}

/// Which tile was chosen.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chosen {
    guide: String,
}

/// Begins a connection.
pub(super) async fn create(
    gateway: Data<Gateway>,
    session: PortalSession,
    _proof: SameOrigin,
    form: PageForm<Chosen>,
) -> Result<HttpResponse, PortalRefusal> {
    let chosen = guides::by_key(&form.0.guide);
    let made = gateway.portal_write(&session, move |tx, caller| {
        let guide = chosen.ok_or_else(|| {
            let reason = "choose one of the identity providers on the page".to_owned();
            RequestError::InvalidBody("guide".to_owned(), reason)
        })?;
        let naming = Naming {
            display_name: Some(guide.label.to_owned()),
            identity_provider: Some(guide.provider.to_owned()),
        };
        portal_sso::create(tx, caller, (guide.kind, &naming))
    });
    Ok(see_other(&format!("/portal/sso/{}", made.await?.id)))
}
