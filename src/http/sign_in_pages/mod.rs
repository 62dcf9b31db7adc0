//! The hosted pages: people sign in here, and go to the application with a token that its backend
//! redeems. Every page works without scripts, and nothing is decided here.

use actix_web::web;

mod begin;
mod codes;
mod enrolment;
pub(crate) mod error;
mod flow;
mod form;
mod links;
mod mailing;
mod next;
mod organization;
mod organizations;
mod passwords;
mod provers;
mod second_factor;
mod visitor;

/// The URLs that people visit.
pub fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route("/login", web::get().to(begin::show))
        .route("/login", web::post().to(begin::take))
        .route("/o/{slug}", web::get().to(organization::show))
        .route("/o/{slug}", web::post().to(organization::take))
        .route(
            "/login/sso/{connection_id}",
            web::post().to(provers::by_sso),
        )
        .route(
            "/login/oauth/{provider}",
            web::post().to(provers::by_provider),
        )
        .route("/login/return", web::get().to(provers::come_back))
        .route("/login/sent", web::get().to(codes::sent))
        .route("/login/code", web::get().to(codes::show))
        .route("/login/code", web::post().to(codes::take))
        .route("/login/link", web::get().to(links::show))
        .route("/login/link", web::post().to(links::take))
        .route("/invite", web::get().to(links::show))
        .route("/invite", web::post().to(links::take))
        .route("/login/password", web::get().to(passwords::show))
        .route("/login/password", web::post().to(passwords::take))
        .route("/login/organizations", web::get().to(organizations::show))
        .route("/login/organizations", web::post().to(organizations::take))
        .route("/login/second-factor", web::get().to(second_factor::show))
        .route("/login/second-factor", web::post().to(second_factor::take))
        .route(
            "/login/second-factor/message",
            web::post().to(second_factor::send),
        )
        .route(
            "/login/second-factor/application",
            web::get().to(enrolment::show),
        )
        .route(
            "/login/second-factor/application",
            web::post().to(enrolment::begin),
        );
}
