//! The portal's home page: what is set up, what is left, and what went wrong last.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;

use crate::domain::id::ConnectionId;
use crate::http::pages::page;
use crate::http::pages::shortened;
use crate::http::portal::error::PortalRefusal;
use crate::http::portal::frame::Frame;
use crate::http::portal::frame::Place;
use crate::http::portal::instant::Told;
use crate::http::portal::session::PortalSession;
use crate::http::portal::strip;
use crate::http::portal::strip::Strip;
use crate::http::state::Gateway;
use crate::use_cases::portal_home;
use crate::use_cases::portal_home::Fault;
use crate::use_cases::portal_home::PortalHome;
use crate::use_cases::portal_home::Progress;

#[derive(Template)]
#[template(path = "portal/home.html")]
struct HomePage {
    frame: Frame,
    done: usize,
    items: [Item; 4],
    fault: Option<FaultCard>,
    refused: (i64, bool),
    strip: Option<Strip>,
    last_sync: Option<String>,
    is_lasting: bool,
}

struct Item {
    label: &'static str,
    path: &'static str,
    about: String,
    badge: (&'static str, &'static str),
}

struct FaultCard {
    title: &'static str,
    cause: String,
    fix: String,
    path: String,
}

fn badge(progress: Progress) -> (&'static str, &'static str) {
    match progress {
        Progress::Nothing => ("off", "to do"),
        Progress::Begun => ("warn", "begun"),
        Progress::Done => ("good", "done"),
    }
}

fn items(home: &PortalHome) -> [Item; 4] {
    let item = |label, path, about: &str, progress| Item {
        label,
        path,
        about: about.to_owned(),
        badge: badge(progress),
    };
    let domains = match (home.domains.as_slice(), home.unproven.as_slice()) {
        ([], []) => "Shows that your company owns the addresses of its people.".to_owned(),
        (known, []) => shortened(&known.join(", ")),
        (_, left) => format!(
            "The DNS record is missing for {}.",
            shortened(&left.join(", "))
        ),
    };
    let directory = match home.last_sync {
        None => "Who joins and who leaves is known here by itself.".to_owned(),
        Some(at) => format!("Heard from last on {}.", Told::at(at).text),
    };
    [
        item(
            "Prove your domain",
            "/portal/domains",
            &domains,
            home.domain,
        ),
        item(
            "Connect sign-in",
            "/portal/sso",
            "Your people sign in with your company's identity provider.",
            home.sign_in,
        ),
        item(
            "Connect your directory",
            "/portal/directory",
            &directory,
            home.directory,
        ),
        item(
            "Say who may do what",
            "/portal/roles",
            "Groups of your company give roles in the application.",
            home.roles,
        ),
    ]
}

fn card(fault: &Fault) -> FaultCard {
    match fault {
        Fault::SignIn(at, told) => {
            let connection = told.connection.parse::<ConnectionId>().ok();
            let sides = match (told.expected.as_str(), told.received.as_str()) {
                ("", "") => String::new(),
                (expected, "") => format!(" Expected: {}.", shortened(expected)),
                ("", received) => format!(" Received: {}.", shortened(received)),
                (expected, received) => {
                    let (expected, received) = (shortened(expected), shortened(received));
                    format!(" Expected: {expected}. Received: {received}.")
                }
            };
            FaultCard {
                title: "The last sign-in was refused",
                cause: format!(
                    "{}: the check {} failed.{sides}",
                    Told::at(*at).text,
                    shortened(&told.check)
                ),
                fix: "compare both values, change the one that is wrong, and test the sign-in."
                    .to_owned(),
                path: connection.map_or("/portal/sso".to_owned(), |id| format!("/portal/sso/{id}")),
            }
        }
        Fault::Directory(request) => FaultCard {
            title: "The last request of your directory was refused",
            cause: format!(
                "{} {}: {}",
                request.method,
                shortened(&request.path),
                shortened(request.detail.as_deref().unwrap_or("no reason was given"))
            ),
            fix: "look at the log, which has what was sent and what was answered.".to_owned(),
            path: "/portal/log".to_owned(),
        },
    }
}

/// Shows the home page.
pub(super) async fn show(
    gateway: Data<Gateway>,
    session: PortalSession,
) -> Result<HttpResponse, PortalRefusal> {
    let looked = gateway.portal_read(&session, |tx, caller| {
        let home = portal_home::look(tx, caller)?;
        Ok((
            Frame::new(caller, Place::Home),
            home,
            caller.link().is_lasting,
        ))
    });
    let (frame, home, is_lasting) = looked.await?;
    let shown = HomePage {
        frame,
        done: home.done(),
        items: items(&home),
        fault: home.fault.as_ref().map(card),
        refused: home.refused(),
        strip: strip::of(&home.days),
        last_sync: home.last_sync.map(|at| Told::at(at).text),
        is_lasting,
    };
    Ok(page(StatusCode::OK, &shown))
}
