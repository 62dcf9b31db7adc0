//! Cookies of ours: bound to the host behind https, and never told to a script.

use actix_web::HttpRequest;
use actix_web::cookie::Cookie;
use actix_web::cookie::SameSite;
use actix_web::cookie::time::Duration;
use actix_web::web::Data;

use crate::domain::secret::SecretHash;
use crate::http::state::Gateway;
use crate::use_cases::Deployment;

/// Over https browsers take a cookie of this prefix from the host itself alone, so that no sibling
/// of it plants one and has a person sign in as somebody else (RFC 6265bis §4.1.3.2).
pub(crate) fn full_name(deployment: &Deployment, name: &str) -> String {
    if is_https(deployment) {
        format!("__Host-{name}")
    } else {
        name.to_owned()
    }
}

/// Whether browsers reach us over https.
pub(crate) fn is_https(deployment: &Deployment) -> bool {
    deployment.public_url.starts_with("https://")
}

/// What a browser brings of a cookie.
pub(crate) fn brought(
    deployment: &Deployment,
    request: &HttpRequest,
    name: &str,
) -> Option<String> {
    let cookie = request.cookie(&full_name(deployment, name));
    cookie.map(|cookie| cookie.value().to_owned())
}

/// The secret in a cookie of a page of ours, hashed, as a request brings it.
pub(crate) fn presented(request: &HttpRequest, name: &str) -> Option<SecretHash> {
    let gateway = request.app_data::<Data<Gateway>>()?;
    let secret = brought(&gateway.deployment, request, name)?;
    Some(SecretHash::of(&secret))
}

/// A cookie for pages of ours: links from mails bring it along, forms of other sites do not.
pub(crate) fn of_page(
    deployment: &Deployment,
    name: &str,
    value: String,
    lifetime: Duration,
) -> Cookie<'static> {
    Cookie::build(full_name(deployment, name), value)
        .path("/")
        .http_only(true)
        .secure(is_https(deployment))
        .same_site(SameSite::Lax)
        .max_age(lifetime)
        .finish()
}

/// The same cookie, taken back.
pub(crate) fn taken_back(deployment: &Deployment, name: &str) -> Cookie<'static> {
    of_page(deployment, name, String::new(), Duration::ZERO)
}
