//! A role or an entitlement; they are only read.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::web::Path;

use crate::http::scim::caller::ScimRequest;
use crate::http::scim::error::ScimFailure;
use crate::http::scim::reply;
use crate::http::state::Gateway;
use crate::use_cases::provisioning::rights;
use crate::use_cases::provisioning::rights::Rights;

/// `GET /Roles/{id}`
pub(crate) async fn role(
    gateway: Data<Gateway>,
    request: ScimRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ScimFailure> {
    get(&gateway, &request, Rights::Roles, path.into_inner().1).await
}

/// `GET /Entitlements/{id}`
pub(crate) async fn entitlement(
    gateway: Data<Gateway>,
    request: ScimRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ScimFailure> {
    get(
        &gateway,
        &request,
        Rights::Entitlements,
        path.into_inner().1,
    )
    .await
}

async fn get(
    gateway: &Gateway,
    request: &ScimRequest,
    asked: Rights,
    id: String,
) -> Result<HttpResponse, ScimFailure> {
    let base_url = gateway.scim_base_url(request.connection_id);
    let full = gateway
        .scim_read(request, move |tx, caller| {
            rights::get(tx, caller, asked, (&id, &base_url))
        })
        .await?;
    let shown = request.projection(asked.kind());
    Ok(reply::json(
        StatusCode::OK,
        &shown.apply(&full, asked.kind()),
    ))
}
