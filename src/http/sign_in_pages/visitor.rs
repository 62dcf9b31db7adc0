//! Who visits a hosted page: a browser, with the sign-in that it has under way.

use std::future::Ready;
use std::future::ready;
use std::time::Duration;
use std::time::Instant;

use actix_web::FromRequest;
use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::cookie::Cookie;
use actix_web::dev::Payload;
use actix_web::web::Data;
use chrono::DateTime;
use chrono::Utc;

use crate::domain::id::RequestId;
use crate::http::caller::request_id;
use crate::http::pages::cookies;
use crate::http::refused;
use crate::http::sign_in_pages::error::HostedError;
use crate::http::sign_in_pages::error::HostedRefusal;
use crate::http::sign_in_pages::flow::Flow;
use crate::http::sign_in_pages::form::Form;
use crate::http::state::Gateway;
use crate::storage::Transaction;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::sign_in::error::SignInError;

const LAST: &str = "vestibule_last_method";
const LAST_DAYS: i64 = 180;
/// No wrong answer comes sooner, so that how much was looked at cannot be told from the time.
const PACE: Duration = Duration::from_millis(250);

/// A browser on a hosted page.
pub(super) struct Visitor {
    pub(super) gateway: Data<Gateway>,
    pub(super) request: HttpRequest,
    pub(super) request_id: RequestId,
    began: Instant,
}

impl FromRequest for Visitor {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let gateway = request.app_data::<Data<Gateway>>().cloned();
        let visitor = gateway.map(|gateway| Self {
            gateway,
            request: request.clone(),
            request_id: request_id(request),
            began: Instant::now(),
        });
        ready(visitor.ok_or_else(|| actix_web::error::ErrorInternalServerError("no gateway")))
    }
}

impl Visitor {
    pub(super) fn now(&self) -> DateTime<Utc> {
        self.gateway.clock.now()
    }

    /// The project's own side, as use cases want it named.
    pub(super) fn caller(&self) -> ProjectCaller {
        ProjectCaller {
            project_id: self.gateway.project_id.clone(),
        }
    }

    /// The sign-in that is under way.
    pub(super) fn flow(&self) -> Result<Flow, HostedError> {
        Flow::of(&self.gateway.deployment, &self.request, self.now()).ok_or(HostedError::NoFlow)
    }

    /// The same, which must be the one that a form belongs to.
    pub(super) fn flow_of(&self, form: &Form) -> Result<Flow, HostedError> {
        let flow = self.flow()?;
        if flow.id() == form.get("flow") {
            Ok(flow)
        } else {
            Err(HostedError::OtherFlow)
        }
    }

    /// Runs a use case that only reads.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        use_case: impl Fn(&mut Transaction<'_>) -> Result<T, ManagementError> + Send + 'static,
    ) -> Result<T, HostedError> {
        let answer = self.gateway.storage.read(self.request_id, use_case);
        Ok(answer.await.map_err(|error| self.noted(error))?)
    }

    /// Runs a use case.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        use_case: impl Fn(&mut Transaction<'_>) -> Result<T, ManagementError> + Send + 'static,
    ) -> Result<T, HostedError> {
        let answer = self.gateway.storage.transaction(self.request_id, use_case);
        Ok(answer.await.map_err(|error| self.noted(error))?)
    }

    /// An error without what is to be kept of it.
    fn noted(&self, error: ManagementError) -> ManagementError {
        refused::noted(&self.gateway, self.request_id, error)
    }

    /// Runs a part of a browser's leg that only reads.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        use_case: impl Fn(&mut Transaction<'_>) -> Result<T, SignInError> + Send + 'static,
    ) -> Result<T, HostedError> {
        let answer = self.gateway.storage.read(self.request_id, use_case);
        Ok(answer.await?)
    }

    /// Runs a part of a browser's leg.
    pub(super) async fn leave<T: Send + 'static>(
        &self,
        use_case: impl Fn(&mut Transaction<'_>) -> Result<T, SignInError> + Send + 'static,
    ) -> Result<T, HostedError> {
        let answer = self.gateway.storage.transaction(self.request_id, use_case);
        Ok(answer.await?)
    }

    /// A refusal on its way to this browser.
    pub(super) fn refused(&self, error: impl Into<HostedError>) -> HostedRefusal {
        HostedRefusal {
            error: error.into(),
            request_id: self.request_id,
        }
    }

    /// Keeps how far the person has come.
    pub(super) fn keeping(
        &self,
        mut response: HttpResponse,
        flow: &Flow,
    ) -> Result<HttpResponse, HostedError> {
        let cookie = flow.cookie(&self.gateway.deployment)?;
        add(&mut response, &cookie)?;
        Ok(response)
    }

    /// Keeps by which method the person signs in here.
    pub(super) fn remembering(
        &self,
        mut response: HttpResponse,
        method: &str,
    ) -> Result<HttpResponse, HostedError> {
        let lifetime = actix_web::cookie::time::Duration::days(LAST_DAYS);
        let deployment = &self.gateway.deployment;
        let cookie = cookies::of_page(deployment, LAST, method.to_owned(), lifetime);
        add(&mut response, &cookie)?;
        Ok(response)
    }

    /// The method of the last time.
    pub(super) fn last_method(&self) -> String {
        cookies::brought(&self.gateway.deployment, &self.request, LAST).unwrap_or_default()
    }

    /// Waits until a wrong answer may be told.
    pub(super) async fn pace(&self) {
        tokio::time::sleep(PACE.saturating_sub(self.began.elapsed())).await;
    }
}

fn add(response: &mut HttpResponse, cookie: &Cookie<'static>) -> Result<(), HostedError> {
    let failed = |error: actix_web::error::HttpError| HostedError::Internal(error.to_string());
    response.add_cookie(cookie).map_err(failed)
}
