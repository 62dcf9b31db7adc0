//! What goes by, for the request log of its connection: noted while it is answered, kept later.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Instant;

use actix_web::Error;
use actix_web::HttpMessage;
use actix_web::HttpRequest;
use actix_web::body::BoxBody;
use actix_web::body::MessageBody;
use actix_web::dev::ServiceRequest;
use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::IF_MATCH;
use actix_web::http::header::USER_AGENT;
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use actix_web::web::Data;
use chrono::TimeDelta;

use crate::domain::id::ScimRequestId;
use crate::http::caller::request_id;
use crate::http::scim::caller::connection_id;
use crate::http::scim::caller::header;
use crate::http::state::Gateway;
use crate::protocol::scim::departure::Departure;
use crate::protocol::scim::schemas::Schemas;
use crate::use_cases::credentials::ScimCaller;
use crate::use_cases::scim_requests;
use crate::use_cases::scim_requests::seen::Proof;
use crate::use_cases::scim_requests::seen::SeenBody;
use crate::use_cases::scim_requests::seen::SeenRequest;

/// What has been noted of one request that came with credentials, or should have.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace(Arc<Mutex<Noted>>);

#[derive(Debug, Default)]
struct Noted {
    body: Bytes,
    proof: Option<(Arc<Schemas>, Vec<Departure>)>,
}

impl Trace {
    /// That of this request; it is begun when it is asked for.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let mut extensions = request.extensions_mut();
        if let Some(begun) = extensions.get::<Self>() {
            return begun.clone();
        }
        let trace = Self::default();
        extensions.insert(trace.clone());
        trace
    }

    /// The body has arrived.
    pub(crate) fn received(&self, body: &Bytes) {
        self.noted().body = body.clone();
    }

    /// The client was proven and the request worked on; a later time counts when it is run again.
    pub(crate) fn worked_on(&self, caller: &ScimCaller) {
        self.noted().proof = Some((caller.schemas.clone(), caller.departures.list()));
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Offers what was noted of a request to the log, with the answer.
pub(crate) async fn record<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let began = Instant::now();
    let response = next.call(request).await?.map_into_boxed_body();
    let trace = response.request().extensions().get::<Trace>().cloned();
    let Some(trace) = trace else {
        return Ok(response);
    };
    let (request, answer) = response.into_parts();
    let (answer, body) = answer.into_parts();
    let is_kept = is_kept(&request, &trace, answer.status()).await;
    let body = match body.try_into_bytes() {
        Ok(bytes) if is_kept => {
            offer(&request, (&trace, began), (answer.status(), &bytes));
            BoxBody::new(bytes)
        }
        Ok(bytes) => BoxBody::new(bytes),
        Err(body) => body,
    };
    Ok(ServiceResponse::new(request, answer.set_body(body)))
}

/// Requests of proven clients are kept, and refused credentials now and then, where there is such
/// a connection: whoever makes addresses up leaves no trace.
async fn is_kept(request: &HttpRequest, trace: &Trace, status: StatusCode) -> bool {
    if trace.noted().proof.is_some() {
        return true;
    }
    let known = request
        .app_data::<Data<Gateway>>()
        .zip(connection_id(request));
    let Some((gateway, connection)) = known.filter(|_| status == StatusCode::UNAUTHORIZED) else {
        return false;
    };
    let now = gateway.clock.now();
    if !gateway.request_log.note_refused(connection, now) {
        return false;
    }
    let (id, served) = (request_id(request), gateway.project_id.clone());
    let known = gateway.storage.read(id, move |tx| {
        scim_requests::has_log(tx, &served, connection)
    });
    known.await.unwrap_or(false)
}

fn offer(
    request: &HttpRequest,
    (trace, began): (&Trace, Instant),
    (status, answered): (StatusCode, &Bytes),
) {
    let known = request
        .app_data::<Data<Gateway>>()
        .zip(connection_id(request));
    let Some((gateway, connection_id)) = known else {
        return;
    };
    let noted = trace.noted();
    let proof = noted.proof.as_ref().map(|(schemas, departures)| Proof {
        schemas: schemas.clone(),
        departures: departures.clone(),
        sent: SeenBody::of(&noted.body),
        answered: SeenBody::of(answered),
    });
    let took = began.elapsed();
    let base = format!("/v1/b2b/scim/{connection_id}");
    let path = request.path();
    gateway.request_log.offer(SeenRequest {
        id: ScimRequestId::fresh(),
        connection_id,
        occurred_at: gateway.clock.now() - TimeDelta::from_std(took).unwrap_or_default(),
        request_id: request_id(request),
        method: request.method().to_string(),
        path: path.strip_prefix(&base).unwrap_or(path).to_owned(),
        query: request.query_string().to_owned(),
        user_agent: header(request, &USER_AGENT).unwrap_or_default(),
        if_match: header(request, &IF_MATCH),
        status: status.as_u16(),
        millis: u32::try_from(took.as_millis()).unwrap_or(u32::MAX),
        proof,
    });
}
