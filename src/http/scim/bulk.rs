//! `/Bulk` (RFC 7644 §3.7).

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;

use crate::http::scim::body::ScimBytes;
use crate::http::scim::caller::ScimRequest;
use crate::http::scim::error::ScimFailure;
use crate::http::scim::reply;
use crate::http::state::Gateway;
use crate::protocol::scim::bulk::Plan;
use crate::protocol::scim::bulk_request::BulkRequest;
use crate::protocol::scim::bulk_response::bulk_response;
use crate::use_cases::provisioning::bulk;

/// `POST /Bulk`
pub(crate) async fn run(
    gateway: Data<Gateway>,
    request: ScimRequest,
    body: ScimBytes,
) -> Result<HttpResponse, ScimFailure> {
    // So large a body is parsed only for those who have proven themselves.
    gateway.scim_read(&request, |_, _| Ok(())).await?;
    let asked = body.get().and_then(|bytes| BulkRequest::parse(bytes));
    let asked = asked.map_err(ScimFailure::of(request.request_id))?;
    let (connection, count) = (request.connection_id, asked.operations.len());
    let admitted = request.throttle.admit_operations(connection, count);
    admitted.map_err(ScimFailure::of(request.request_id))?;
    let plan = Plan::of(asked).map_err(ScimFailure::of(request.request_id))?;
    let base_url = gateway.scim_base_url(request.connection_id);
    let results = gateway
        .scim_write(&request, move |tx, caller| {
            bulk::run(tx, caller, &plan, &base_url)
        })
        .await?;
    Ok(reply::json(StatusCode::OK, &bulk_response(results)))
}
