//! A site of others on a free port of loopback: fixed answers by path, and what it was asked.

use std::collections::HashMap;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::Mutex;

use actix_web::App;
use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::HttpServer;
use actix_web::http::StatusCode;
use actix_web::web;

#[derive(Default)]
struct State {
    answers: HashMap<String, (u16, String)>,
    requests: Vec<String>,
}

type Shared = Arc<Mutex<State>>;

/// The site; every path is answered with 404 until it is set.
pub struct StubSite {
    pub origin: String,
    shared: Shared,
    server: actix_web::dev::ServerHandle,
}

impl StubSite {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let shared = Shared::default();
        let data = web::Data::from(shared.clone());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .default_service(web::to(answer))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .unwrap()
        .run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self {
            origin,
            shared,
            server: handle,
        }
    }

    /// Sets the answer of a path; gives its URL.
    pub fn set(&self, path: &str, status: u16, body: impl Into<String>) -> String {
        let mut shared = self.shared.lock().unwrap();
        shared
            .answers
            .insert(path.to_owned(), (status, body.into()));
        format!("{}{path}", self.origin)
    }

    /// The paths that were asked for so far.
    pub fn requests(&self) -> Vec<String> {
        self.shared.lock().unwrap().requests.clone()
    }
}

async fn answer(shared: web::Data<Mutex<State>>, request: HttpRequest) -> HttpResponse {
    let mut shared = shared.lock().unwrap();
    shared.requests.push(request.path().to_owned());
    let (status, body) = shared
        .answers
        .get(request.path())
        .cloned()
        .unwrap_or_default();
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::NOT_FOUND);
    HttpResponse::build(status)
        .insert_header(("location", "https://elsewhere.test/"))
        .body(body)
}

impl Drop for StubSite {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}
