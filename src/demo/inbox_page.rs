//! The mails that reach the people of the demo, and a form that has one sent.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web;
use actix_web::web::Data;
use actix_web::web::Form;
use actix_web::web::Query;
use askama::Template;
use askama::filters::HtmlSafe;
use serde::Deserialize;
use serde_json::json;

use crate::demo::inbox::Mail;
use crate::demo::page::is_own;
use crate::demo::page::missing;
use crate::demo::page::nothing_new;
use crate::demo::page::one_moment;
use crate::demo::page::page;
use crate::demo::page::see;
use crate::demo::page::trouble;
use crate::demo::page::unusable;
use crate::demo::stage::Ready;
use crate::demo::stage::Stage;

const INBOX_PATH: &str = "/demo/inbox";

#[derive(Template)]
#[template(path = "demo/inbox.html")]
struct InboxPage<'p> {
    ready: &'p Ready,
    mails: Mails,
}

/// The part of the page that keeps itself up to date.
#[derive(Template)]
#[template(path = "demo/mails.html")]
struct Mails {
    arrived: u64,
    mails: Vec<(Mail, Vec<Piece>)>,
}

/// A piece of a mail's text.
enum Piece {
    Words(String),
    Link(String),
}

#[derive(Debug, Deserialize)]
struct Wanted {
    company: String,
    email: String,
    kind: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Seen {
    seen: Option<u64>,
}

/// Mounts the page.
pub(crate) fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route("/inbox", web::get().to(show))
        .route("/inbox/mails", web::get().to(mails))
        .route("/inbox/send", web::post().to(send));
}

/// It escapes what it is made of itself.
impl HtmlSafe for Mails {}

impl Mails {
    fn of(stage: &Stage) -> Self {
        let (arrived, mails) = stage.inbox.mails();
        let with_pieces = |mail: Mail| {
            let pieces = pieces(&mail.text, &stage.origin);
            (mail, pieces)
        };
        let mails = mails.into_iter().map(with_pieces).collect();
        Self { arrived, mails }
    }
}

/// Only links to the product itself can be followed.
fn pieces(text: &str, origin: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for word in text.split_inclusive(char::is_whitespace) {
        let link = word.trim_end();
        if link
            .strip_prefix(origin)
            .is_some_and(|rest| rest.starts_with('/'))
        {
            pieces.push(Piece::Link(link.to_owned()));
            pieces.push(Piece::Words(
                word.chars().skip(link.chars().count()).collect(),
            ));
        } else if let Some(Piece::Words(words)) = pieces.last_mut() {
            words.push_str(word);
        } else {
            pieces.push(Piece::Words(word.to_owned()));
        }
    }
    pieces
}

async fn show(stage: Data<Stage>) -> HttpResponse {
    let Some(ready) = stage.ready() else {
        return one_moment();
    };
    let mails = Mails::of(&stage);
    page(StatusCode::OK, &InboxPage { ready, mails })
}

async fn mails(stage: Data<Stage>, seen: Query<Seen>) -> HttpResponse {
    let mails = Mails::of(&stage);
    if Some(mails.arrived) == seen.seen {
        return nothing_new();
    }
    page(StatusCode::OK, &mails)
}

async fn send(stage: Data<Stage>, wanted: Form<Wanted>, request: HttpRequest) -> HttpResponse {
    if !is_own(&request, &stage.origin) {
        return unusable("This form was not sent by a page of the demo.");
    }
    let found = stage
        .ready()
        .and_then(|it| Some((it, it.company(&wanted.company)?)));
    let Some((ready, company)) = found else {
        return missing("There is no such company.");
    };
    let path = match wanted.kind.as_str() {
        "invite" => "/v1/b2b/magic_links/email/invite",
        _ => "/v1/b2b/magic_links/email/login_or_signup",
    };
    let body = json!({
        "organization_id": company.organization_id,
        "email_address": wanted.email,
    });
    match ready.api.post(path, &body).await {
        Ok(_) => see(INBOX_PATH),
        Err(error) => trouble(&error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_links_to_the_product_can_be_followed() {
        let origin = "http://127.0.0.1:8080";
        let text =
            format!("Hello Ana,\n{origin}/v1/x?y=1\nor http://evil.test/ {origin}.evil.test/ now");
        let links: Vec<_> = pieces(&text, origin)
            .into_iter()
            .filter_map(|piece| match piece {
                Piece::Link(link) => Some(link),
                Piece::Words(_) => None,
            })
            .collect();
        assert_eq!(links, [format!("{origin}/v1/x?y=1")]);
        let together: String = pieces(&text, origin)
            .into_iter()
            .map(|piece| match piece {
                Piece::Link(it) | Piece::Words(it) => it,
            })
            .collect();
        assert_eq!(together, text);
    }
}
