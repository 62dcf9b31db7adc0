//! A member asks for another address, and proves it by a link or a code (contract 8).

use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Path;
use serde::Deserialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::email::EmailAddress;
use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::management::member_json::MemberAnswer;
use crate::http::state::Gateway;
use crate::use_cases::members::email_update;
use crate::use_cases::members::email_update::EmailUpdate;

/// This call, as the API's description shows it.
#[derive(OpenApi)]
#[openapi(paths(start_email_update))]
pub(crate) struct Calls;

/// An address that a member wants.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(crate) struct StartEmailUpdateBody {
    /// The new address.
    #[schema(value_type = Option<String>)]
    email_address: Option<EmailAddress>,
    /// Where the link leads; one of the project's login URLs.
    login_redirect_url: Option<String>,
    /// `EMAIL_MAGIC_LINK`, as when nothing is said, or `EMAIL_OTP`: then a code is mailed, which
    /// `otps.email.authenticate` takes with the new address.
    delivery_method: Option<DeliveryMethod>,
}

/// How the address is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum DeliveryMethod {
    EmailMagicLink,
    EmailOtp,
}

/// Sends a link or a code to the address that a member wants. The member has it once that is
/// authenticated, within five minutes; until then it keeps the old one.
#[utoipa::path(post, path = "/v1/b2b/organizations/{organization_id}/members/{member_id}/start_email_update", operation_id = "organizations.members.startEmailUpdate", tag = "members",
    params(
        ("organization_id" = String, Path, description = "An id, an external id or a slug."),
        ("member_id" = String, Path, description = "An id or an external id.")),
    request_body = StartEmailUpdateBody,
    responses((status = 200, body = MemberAnswer)))]
pub(crate) async fn start_email_update(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<(String, String)>,
    body: JsonBody<StartEmailUpdateBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let deployment = gateway.deployment.clone();
    let started = gateway.write_as(caller, move |tx, caller| {
        let body = body.get()?;
        let url = body.login_redirect_url.clone();
        let asked = EmailUpdate {
            email_address: body.email_address.clone(),
            redirect_url: url.filter(|url| !url.is_empty()),
            by_code: body.delivery_method == Some(DeliveryMethod::EmailOtp),
        };
        let place = (caller, &*deployment);
        email_update::start_email_update(tx, place, (&named.0, &named.1), &asked)
    });
    Ok(success(request_id, &MemberAnswer::new(&started.await?)))
}
