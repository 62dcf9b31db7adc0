//! The portal's home page: what is set up and what is left.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;

use crate::http::pages::page;
use crate::http::portal::error::PortalRefusal;
use crate::http::portal::frame::Frame;
use crate::http::portal::frame::Place;
use crate::http::portal::session::PortalSession;
use crate::http::state::Gateway;

#[derive(Template)]
#[template(path = "portal/home.html")]
struct HomePage {
    frame: Frame,
}

/// Shows the home page.
pub(super) async fn show(
    gateway: Data<Gateway>,
    session: PortalSession,
) -> Result<HttpResponse, PortalRefusal> {
    let frame = gateway.portal_read(&session, |_, caller| Ok(Frame::new(caller, Place::Home)));
    let shown = HomePage {
        frame: frame.await?,
    };
    Ok(page(StatusCode::OK, &shown))
}
