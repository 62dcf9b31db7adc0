//! A form of ours was sent from a page of ours: browsers say so themselves in `Sec-Fetch-Site`, and
//! older ones in `Origin`. Nobody else's page can have a person send a form unknowingly.

use std::future::Ready;
use std::future::ready;

use actix_web::FromRequest;
use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::ResponseError;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;
use actix_web::http::header::ORIGIN;
use actix_web::web::Data;

use crate::http::pages::Refused;
use crate::http::pages::page;
use crate::http::state::Gateway;

/// The proof. Every handler of a form takes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SameOrigin;

/// There is no proof.
#[derive(Debug)]
pub(crate) struct SentFromElsewhere;

impl std::fmt::Display for SentFromElsewhere {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the form was sent from another site")
    }
}

impl ResponseError for SentFromElsewhere {
    fn status_code(&self) -> StatusCode {
        StatusCode::FORBIDDEN
    }

    fn error_response(&self) -> HttpResponse {
        let refused = Refused {
            title: "This did not come from here",
            reason: "The form was sent from another site, or by a browser that does not say from \
                     where. Nothing was changed.",
            fix: "Open the page again on this site and send the form from there.",
        };
        page(self.status_code(), &refused)
    }
}

impl FromRequest for SameOrigin {
    type Error = SentFromElsewhere;
    type Future = Ready<Result<Self, SentFromElsewhere>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let gateway = request.app_data::<Data<Gateway>>();
        let ours = gateway.map(|gateway| gateway.deployment.public_url.as_str());
        ready(if is_from(request.headers(), ours) {
            Ok(Self)
        } else {
            Err(SentFromElsewhere)
        })
    }
}

fn is_from(headers: &HeaderMap, ours: Option<&str>) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match text("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => ours.is_some() && text(ORIGIN.as_str()) == ours,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderName;
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn only_pages_of_ours_send_our_forms() {
        let ours = "https://sso.acme.test";
        for (site, origin, is_proof) in [
            (Some("same-origin"), None, true),
            (Some("same-origin"), Some("null"), true),
            (None, Some(ours), true),
            (Some("same-site"), Some(ours), false),
            (Some("cross-site"), Some(ours), false),
            (Some("none"), None, false),
            (None, Some("https://sso.acme.test.evil.test"), false),
            (None, Some("http://sso.acme.test"), false),
            (None, Some("null"), false),
            (None, None, false),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in [("sec-fetch-site", site), ("origin", origin)] {
                if let Some(value) = value {
                    headers.insert(
                        HeaderName::from_static(name),
                        HeaderValue::from_static(value),
                    );
                }
            }
            assert_eq!(
                is_from(&headers, Some(ours)),
                is_proof,
                "{site:?} {origin:?}"
            );
        }
    }
}
