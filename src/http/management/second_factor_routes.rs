//! The URLs of second factors, and of the end of a lock.

use actix_web::web;
use actix_web::web::get;
use actix_web::web::post;

use crate::http::management::member_factors;
use crate::http::management::recovery_codes;
use crate::http::management::sms_codes;
use crate::http::management::totps;

/// The URLs of these calls.
pub(crate) fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route("/v1/b2b/totp", post().to(totps::create))
        .route("/v1/b2b/totp/authenticate", post().to(totps::authenticate))
        .route("/v1/b2b/totp/migrate", post().to(totps::migrate))
        .route("/v1/b2b/otps/sms/send", post().to(sms_codes::send))
        .route(
            "/v1/b2b/otps/sms/authenticate",
            post().to(sms_codes::authenticate),
        )
        .route(
            "/v1/b2b/recovery_codes/recover",
            post().to(recovery_codes::recover),
        )
        .route(
            "/v1/b2b/recovery_codes/rotate",
            post().to(recovery_codes::rotate),
        )
        .route(
            "/v1/b2b/recovery_codes/{organization_id}/{member_id}",
            get().to(recovery_codes::get),
        )
        .route(
            "/v1/b2b/organizations/{organization_id}/members/{member_id}/unlock",
            post().to(member_factors::unlock),
        );
}
