//! The public listener as a whole: every URL, and what is around each of them.

use actix_web::App;
use actix_web::Error;
use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::body::MessageBody;
use actix_web::dev::ServiceFactory;
use actix_web::dev::ServiceRequest;
use actix_web::dev::ServiceResponse;
use actix_web::error::QueryPayloadError;
use actix_web::middleware::from_fn;
use actix_web::web;
use actix_web::web::Data;
use actix_web::web::QueryConfig;

use crate::http::caller::request_id;
use crate::http::client_address::TrustedProxies;
use crate::http::management::error::ApiError;
use crate::http::management::error::refuse;
use crate::http::middleware::accompany;
use crate::http::ops::metrics::Metrics;
use crate::http::pages::compress::compress;
use crate::http::rate_limit::RateLimits;
use crate::http::rate_limit::hold;
use crate::http::routes;
use crate::http::scim::request_log::record;
use crate::http::state::Gateway;
use crate::use_cases::error::request::RequestError;

/// What all threads of the public listener share.
#[derive(Clone)]
pub struct PublicSite {
    gateway: Data<Gateway>,
    rate_limits: Option<Data<RateLimits>>,
    trusted_proxies: Data<TrustedProxies>,
    metrics: Data<Metrics>,
}

impl PublicSite {
    /// A site for this gateway; rates are held if the gateway says so.
    pub fn new(gateway: Gateway) -> Self {
        let rates = gateway.rate_limits.as_ref();
        let rate_limits = rates.map(|rates| Data::new(RateLimits::new(rates)));
        let metrics = Metrics::beside(gateway.request_log.clone());
        let trusted_proxies = Data::new(gateway.trusted_proxies.clone());
        Self {
            gateway: Data::new(gateway),
            rate_limits,
            trusted_proxies,
            metrics: Data::new(metrics),
        }
    }

    /// Its counters.
    pub fn metrics(&self) -> Data<Metrics> {
        self.metrics.clone()
    }

    /// The application of one thread, with more routes if there are any.
    pub fn app(
        &self,
        more: &dyn Fn(&mut web::ServiceConfig),
    ) -> App<
        impl ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<impl MessageBody + use<>>,
            Error = Error,
            InitError = (),
        > + use<>,
    > {
        let shared = |configuration: &mut web::ServiceConfig| {
            configuration.app_data(self.gateway.clone());
            configuration.app_data(self.metrics.clone());
            configuration.app_data(self.trusted_proxies.clone());
            configuration.app_data(QueryConfig::default().error_handler(invalid_query));
            if let Some(rate_limits) = &self.rate_limits {
                configuration.app_data(rate_limits.clone());
            }
        };
        App::new()
            .configure(shared)
            .configure(routes)
            .configure(more)
            .default_service(web::to(route_not_found))
            .wrap(from_fn(compress))
            .wrap(from_fn(hold))
            .wrap(from_fn(record))
            .wrap(from_fn(refuse))
            .wrap(from_fn(accompany))
    }
}

fn invalid_query(error: QueryPayloadError, request: &HttpRequest) -> Error {
    let reason = error.to_string();
    let refused = ApiError::of(request_id(request));
    refused(RequestError::InvalidQuery(reason).into()).into()
}

async fn route_not_found(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let refused = ApiError::of(request_id(&request));
    Err(refused(RequestError::RouteNotFound.into()))
}
