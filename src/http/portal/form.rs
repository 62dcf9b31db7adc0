//! What a form of the portal brings.

use std::future::Future;
use std::pin::Pin;

use actix_web::FromRequest;
use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::web::Bytes;
use actix_web::web::Query;
use serde::de::DeserializeOwned;

use crate::http::caller::request_id;
use crate::http::portal::error::PortalRefusal;
use crate::use_cases::error::request::RequestError;

/// The fields of a form, as browsers encode them.
#[derive(Debug)]
pub(crate) struct PortalForm<T>(pub(crate) T);

impl<T: DeserializeOwned + 'static> FromRequest for PortalForm<T> {
    type Error = PortalRefusal;
    type Future = Pin<Box<dyn Future<Output = Result<Self, PortalRefusal>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let refused = PortalRefusal::of(request_id(request));
        let body = Bytes::from_request(request, payload);
        Box::pin(async move {
            let read = match body.await {
                Ok(body) => read(&body),
                Err(error) => Err(error.to_string()),
            };
            let invalid = |reason| refused(RequestError::InvalidQuery(reason).into());
            read.map(Self).map_err(invalid)
        })
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    let text = std::str::from_utf8(body).map_err(|_| "the form is not UTF-8".to_owned())?;
    let fields = Query::<T>::from_query(text).map_err(|error| error.to_string())?;
    Ok(fields.into_inner())
}
