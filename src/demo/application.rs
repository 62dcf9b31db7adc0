//! The sample application: where sign-ins return, and what it knows of who is signed in.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::cookie::Cookie;
use actix_web::cookie::SameSite;
use actix_web::http::StatusCode;
use actix_web::web;
use actix_web::web::Data;
use actix_web::web::Query;
use askama::Template;
use serde::Deserialize;
use serde_json::json;

use crate::demo::DemoError;
use crate::demo::api_client::text;
use crate::demo::drawer::Drawer;
use crate::demo::page::is_own;
use crate::demo::page::nothing_new;
use crate::demo::page::one_moment;
use crate::demo::page::page;
use crate::demo::page::see;
use crate::demo::page::unusable;
use crate::demo::record::Who;
use crate::demo::saml_idp::SamlIdp;
use crate::demo::stage::Ready;
use crate::demo::stage::Stage;
use crate::demo::standing::Standing;

const APPLICATION_PATH: &str = "/demo/app";
/// Where sign-ins return.
pub const RETURN_PATH: &str = "/demo/app/return";

const COOKIE: &str = "demo_session";

/// Who is signed in.
#[derive(Template)]
#[template(path = "demo/application.html")]
struct SignedInPage {
    standing: Standing,
    drawer: Drawer,
}

/// Nobody is signed in.
#[derive(Template)]
#[template(path = "demo/signed_out.html")]
struct SignedOutPage<'p> {
    ready: &'p Ready,
    refused: Option<String>,
    has_ended: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Return {
    token: String,
    stytch_token_type: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Seen {
    seen: String,
    ended: Option<String>,
}

/// Mounts the application.
pub(crate) fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route("/app", web::get().to(show))
        .route("/app/return", web::get().to(arrive))
        .route("/app/standing", web::get().to(standing))
        .route("/app/sign-out", web::post().to(sign_out));
}

async fn show(
    stage: Data<Stage>,
    idp: Data<SamlIdp>,
    request: HttpRequest,
    seen: Query<Seen>,
) -> HttpResponse {
    let Some(ready) = stage.ready() else {
        return one_moment();
    };
    let Some(session) = request.cookie(COOKIE) else {
        return signed_out(ready, None, seen.ended.is_some());
    };
    match Standing::of(ready, session.value(), &stage.names()).await {
        Ok(Some(standing)) => {
            let drawer = Drawer::of(&stage, &standing, idp.certificate());
            page(StatusCode::OK, &SignedInPage { standing, drawer })
        }
        Ok(None) => {
            let mut response = signed_out(ready, None, true);
            forget(&mut response);
            response
        }
        Err(error) => signed_out(ready, Some(error.to_string()), false),
    }
}

fn signed_out(ready: &Ready, refused: Option<String>, has_ended: bool) -> HttpResponse {
    let status = match refused {
        Some(_) => StatusCode::BAD_REQUEST,
        None => StatusCode::OK,
    };
    let signed_out = SignedOutPage {
        ready,
        refused,
        has_ended,
    };
    page(status, &signed_out)
}

async fn arrive(stage: Data<Stage>, back: Query<Return>) -> HttpResponse {
    let Some(ready) = stage.ready() else {
        return one_moment();
    };
    match redeem(ready, &back).await {
        Ok(session) => {
            let mut response = see(APPLICATION_PATH);
            let cookie = cookie(session);
            // A cookie that cannot be set leaves nobody signed in, which the next page says.
            let _ = response.add_cookie(&cookie);
            response
        }
        Err(error) => signed_out(ready, Some(error.to_string()), false),
    }
}

/// Redeems the token of a return, as an application's server does, and gives its session.
pub(crate) async fn redeem_sso(ready: &Ready, token: &str) -> Result<serde_json::Value, DemoError> {
    let body = json!({ "sso_token": token, "session_duration_minutes": 60 });
    ready.api.post("/v1/b2b/sso/authenticate", &body).await
}

async fn redeem(ready: &Ready, back: &Return) -> Result<String, DemoError> {
    let answer = if back.stytch_token_type.contains("magic_links") {
        let body = json!({ "magic_links_token": back.token, "session_duration_minutes": 60 });
        ready
            .api
            .post("/v1/b2b/magic_links/authenticate", &body)
            .await?
    } else {
        redeem_sso(ready, &back.token).await?
    };
    Ok(text(&answer, "/session_token")?.to_owned())
}

fn cookie(session: String) -> Cookie<'static> {
    Cookie::build(COOKIE, session)
        .path(APPLICATION_PATH)
        .http_only(true)
        .same_site(SameSite::Lax)
        .finish()
}

fn forget(response: &mut HttpResponse) {
    let mut cookie = cookie(String::new());
    cookie.make_removal();
    let _ = response.add_cookie(&cookie);
}

/// Asked again and again by an open page: what has changed, or that the session is over.
async fn standing(stage: Data<Stage>, request: HttpRequest, seen: Query<Seen>) -> HttpResponse {
    let (Some(ready), Some(session)) = (stage.ready(), request.cookie(COOKIE)) else {
        return over();
    };
    match Standing::of(ready, session.value(), &stage.names()).await {
        Ok(Some(standing)) if standing.mark == seen.seen => nothing_new(),
        Ok(Some(standing)) => page(StatusCode::OK, &standing),
        Ok(None) => {
            let note = "An open page asks for its session: it is over, so the page signs out";
            stage.record.note(Who::Application, note);
            let mut response = over();
            forget(&mut response);
            response
        }
        Err(_) => nothing_new(),
    }
}

fn over() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("HX-Redirect", "/demo/app?ended=1"))
        .finish()
}

async fn sign_out(stage: Data<Stage>, request: HttpRequest) -> HttpResponse {
    if !is_own(&request, &stage.origin) {
        return unusable("This form was not sent by a page of the demo.");
    }
    if let (Some(ready), Some(session)) = (stage.ready(), request.cookie(COOKIE)) {
        let body = json!({ "session_token": session.value() });
        // A session that is over already needs no end.
        let _ = ready.api.post("/v1/b2b/sessions/revoke", &body).await;
    }
    let mut response = see(APPLICATION_PATH);
    forget(&mut response);
    response
}
