//! What a form brings, as browsers encode it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use actix_web::FromRequest;
use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::ResponseError;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use actix_web::web::Query;
use serde::de::DeserializeOwned;

use crate::http::pages::Refused;
use crate::http::pages::page;

/// The fields of a form.
#[derive(Debug)]
pub(crate) struct PageForm<T>(pub(crate) T);

/// The form could not be read.
#[derive(Debug)]
pub(crate) struct UnreadableForm(String);

impl fmt::Display for UnreadableForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl ResponseError for UnreadableForm {
    fn status_code(&self) -> StatusCode {
        StatusCode::BAD_REQUEST
    }

    fn error_response(&self) -> HttpResponse {
        let refused = Refused {
            title: "The form could not be read",
            reason: &self.0,
            fix: "Go back, open the page again and send the form from there.",
        };
        page(self.status_code(), &refused)
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for PageForm<T> {
    type Error = UnreadableForm;
    type Future = Pin<Box<dyn Future<Output = Result<Self, UnreadableForm>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = Bytes::from_request(request, payload);
        Box::pin(async move {
            let body = body.await;
            let body = body.map_err(|error| UnreadableForm(error.to_string()))?;
            read(&body).map(Self).map_err(UnreadableForm)
        })
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    let text = std::str::from_utf8(body).map_err(|_| "the form is not UTF-8".to_owned())?;
    let fields = Query::<T>::from_query(text).map_err(|error| error.to_string())?;
    Ok(fields.into_inner())
}
