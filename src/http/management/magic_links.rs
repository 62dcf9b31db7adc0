//! Links in mails: sent to people, and redeemed by the application (contract 4.3).

use actix_web::HttpResponse;
use actix_web::web;
use actix_web::web::Data;
use actix_web::web::post;
use serde::Deserialize;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::email::EmailAddress;
use crate::domain::member::changes::MemberDraft;
use crate::domain::metadata::Metadata;
use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::management::magic_link_sign_in;
use crate::http::management::member_json::MemberAnswer;
use crate::http::state::Gateway;
use crate::use_cases::magic_links::discovery;
use crate::use_cases::magic_links::discovery::DiscoverySend;
use crate::use_cases::magic_links::login;
use crate::use_cases::magic_links::login::LinkWish;
use crate::use_cases::magic_links::login::LoginOrSignup;
use crate::use_cases::members::invite;
use crate::use_cases::members::invite::Invitation;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(login_or_signup, invite_by_mail, send_discovery))]
pub(crate) struct Calls;

/// The URLs of links.
pub(crate) fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route(
            "/v1/b2b/magic_links/email/login_or_signup",
            post().to(login_or_signup),
        )
        .route(
            "/v1/b2b/magic_links/email/invite",
            post().to(invite_by_mail),
        )
        .route(
            "/v1/b2b/magic_links/email/discovery/send",
            post().to(send_discovery),
        )
        .route(
            "/v1/b2b/magic_links/authenticate",
            post().to(magic_link_sign_in::authenticate_link),
        )
        .route(
            "/v1/b2b/magic_links/discovery/authenticate",
            post().to(magic_link_sign_in::discover),
        );
}

/// A link for somebody who comes to one organization.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(crate) struct LoginOrSignupBody {
    /// An id, an external id or a slug.
    organization_id: Option<String>,
    #[schema(value_type = Option<String>)]
    email_address: Option<EmailAddress>,
    /// Where the link of an active member leads; one of the project's login URLs.
    login_redirect_url: Option<String>,
    /// Where the link of anybody else leads; one of the project's signup URLs.
    signup_redirect_url: Option<String>,
    /// PKCE: the S256 challenge whose verifier will come with the token.
    pkce_code_challenge: Option<String>,
    /// How long the link of an active member works, 5 to 10080; 60 when nothing is said.
    login_expiration_minutes: Option<i64>,
    /// How long the link of anybody else works, 5 to 10080; 60 when nothing is said.
    signup_expiration_minutes: Option<i64>,
}

/// An invitation.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(crate) struct InviteBody {
    /// An id, an external id or a slug.
    organization_id: Option<String>,
    #[schema(value_type = Option<String>)]
    email_address: Option<EmailAddress>,
    /// Where the link leads; one of the project's invite URLs.
    invite_redirect_url: Option<String>,
    /// Who invites, by id or external id.
    invited_by_member_id: Option<String>,
    name: Option<String>,
    #[schema(value_type = Option<Object>)]
    trusted_metadata: Option<Metadata>,
    #[schema(value_type = Option<Object>)]
    untrusted_metadata: Option<Metadata>,
    /// The roles that the member has besides those of everybody.
    roles: Option<Vec<String>>,
    /// How long the link works, 5 to 10080; a week when nothing is said.
    invite_expiration_minutes: Option<i64>,
}

/// A link for somebody who has not chosen an organization.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(crate) struct DiscoverySendBody {
    #[schema(value_type = Option<String>)]
    email_address: Option<EmailAddress>,
    /// Where the link leads; one of the project's discovery URLs.
    discovery_redirect_url: Option<String>,
    /// PKCE: the S256 challenge whose verifier will come with the token.
    pkce_code_challenge: Option<String>,
    /// How long the link works, 5 to 10080; 60 when nothing is said.
    discovery_expiration_minutes: Option<i64>,
}

#[derive(Serialize, ToSchema)]
struct LinkSent {
    #[serde(flatten)]
    member: MemberAnswer,
    /// Whether the member is new.
    member_created: bool,
}

#[derive(Serialize, ToSchema)]
struct DiscoverySent {}

fn given(text: Option<&String>) -> Option<String> {
    text.filter(|text| !text.is_empty()).cloned()
}

impl LoginOrSignupBody {
    fn asked(&self) -> LoginOrSignup {
        LoginOrSignup {
            email_address: self.email_address.clone(),
            login: LinkWish {
                redirect_url: given(self.login_redirect_url.as_ref()),
                minutes: self.login_expiration_minutes,
            },
            signup: LinkWish {
                redirect_url: given(self.signup_redirect_url.as_ref()),
                minutes: self.signup_expiration_minutes,
            },
            pkce_code_challenge: given(self.pkce_code_challenge.as_ref()),
        }
    }
}

impl InviteBody {
    fn asked(&self) -> Invitation {
        Invitation {
            draft: MemberDraft {
                email_address: self.email_address.clone(),
                name: self.name.clone(),
                trusted_metadata: self.trusted_metadata.clone(),
                untrusted_metadata: self.untrusted_metadata.clone(),
                roles: self.roles.clone(),
                ..MemberDraft::default()
            },
            invited_by: given(self.invited_by_member_id.as_ref()),
            redirect_url: given(self.invite_redirect_url.as_ref()),
            minutes: self.invite_expiration_minutes,
        }
    }
}

/// Sends a link to an address inside one organization: a member comes back by it, somebody new
/// joins where the organization lets them. The project has one template for each kind of mail, so
/// template ids change nothing.
#[utoipa::path(post, path = "/v1/b2b/magic_links/email/login_or_signup", operation_id = "magicLinks.email.loginOrSignup", tag = "magic_links",
    request_body = LoginOrSignupBody,
    responses((status = 200, body = LinkSent)))]
pub(crate) async fn login_or_signup(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<LoginOrSignupBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let deployment = gateway.deployment.clone();
    let sent = gateway.write(caller, move |tx, caller| {
        let body = body.get()?;
        let organization = body.organization_id.clone().unwrap_or_default();
        login::login_or_signup(tx, (caller, &deployment), &organization, &body.asked())
    });
    let (view, member_created) = sent.await?;
    let answer = LinkSent {
        member: MemberAnswer::new(&view),
        member_created,
    };
    Ok(success(request_id, &answer))
}

/// Invites somebody by mail; inviting again before they come sends another mail.
#[utoipa::path(post, path = "/v1/b2b/magic_links/email/invite", operation_id = "magicLinks.email.invite", tag = "magic_links",
    request_body = InviteBody,
    responses((status = 200, body = MemberAnswer)))]
pub(crate) async fn invite_by_mail(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<InviteBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let deployment = gateway.deployment.clone();
    let invited = gateway.write_as(caller, move |tx, caller| {
        let body = body.get()?;
        let organization = body.organization_id.clone().unwrap_or_default();
        invite::invite(tx, (caller, &deployment), &organization, &body.asked())
    });
    Ok(success(request_id, &MemberAnswer::new(&invited.await?)))
}

/// Sends a link to somebody who has not chosen an organization; the answer is the same for whoever
/// is a member somewhere and for whoever is not.
#[utoipa::path(post, path = "/v1/b2b/magic_links/email/discovery/send", operation_id = "magicLinks.email.discovery.send", tag = "magic_links",
    request_body = DiscoverySendBody,
    responses((status = 200, body = DiscoverySent)))]
pub(crate) async fn send_discovery(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<DiscoverySendBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let deployment = gateway.deployment.clone();
    let sent = gateway.write(caller, move |tx, caller| {
        let body = body.get()?;
        let asked = DiscoverySend {
            email_address: body.email_address.clone(),
            redirect_url: given(body.discovery_redirect_url.as_ref()),
            minutes: body.discovery_expiration_minutes,
            pkce_code_challenge: given(body.pkce_code_challenge.as_ref()),
        };
        discovery::send(tx, (caller, &deployment), &asked)
    });
    sent.await?;
    Ok(success(request_id, &DiscoverySent {}))
}
