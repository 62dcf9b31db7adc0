//! The URLs of members.

use actix_web::web;
use actix_web::web::delete;
use actix_web::web::get;
use actix_web::web::post;
use actix_web::web::put;

use crate::http::management::member_email;
use crate::http::management::member_factors;
use crate::http::management::members;
use crate::http::management::oidc_providers;
use crate::http::management::searches;

/// The URLs of these calls.
pub(crate) fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route(
            "/v1/b2b/organizations/members/search",
            post().to(searches::members),
        )
        .route(
            "/v1/b2b/organizations/members/dangerously_get/{member_id}",
            get().to(members::dangerously_get),
        )
        .route(
            "/v1/b2b/organizations/{organization_id}/members",
            post().to(members::create),
        )
        .route(
            "/v1/b2b/organizations/{organization_id}/member",
            get().to(members::get),
        )
        .route(
            "/v1/b2b/organizations/{organization_id}/members/{member_id}",
            put().to(members::update),
        )
        .route(
            "/v1/b2b/organizations/{organization_id}/members/{member_id}",
            delete().to(members::delete),
        )
        .route(
            "/v1/b2b/organizations/{organization_id}/members/{member_id}/reactivate",
            put().to(members::reactivate),
        )
        .route(
            "/v1/b2b/organizations/{organization_id}/members/{member_id}/unlink_retired_email",
            post().to(members::unlink_retired_email),
        )
        .route(
            "/v1/b2b/organizations/{organization_id}/members/{member_id}/start_email_update",
            post().to(member_email::start_email_update),
        )
        .route(
            "/v1/b2b/organizations/{organization_id}/members/{member_id}/external_id",
            delete().to(members::delete_external_id),
        )
        .route(
            "/v1/b2b/organizations/{organization_id}/members/mfa_phone_numbers/{member_id}",
            delete().to(member_factors::delete_mfa_phone_number),
        )
        .route(
            "/v1/b2b/organizations/{organization_id}/members/{member_id}/totp",
            delete().to(member_factors::delete_totp),
        )
        .route(
            "/v1/b2b/organizations/{organization_id}/members/{member_id}/oidc_providers",
            get().to(oidc_providers::list),
        )
        .route(
            "/v1/b2b/organizations/{organization_id}/members/passwords/{member_password_id}",
            delete().to(member_factors::delete_password),
        );
}
