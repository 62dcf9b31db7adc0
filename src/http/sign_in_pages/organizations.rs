//! `/login/organizations`: somebody has proven an address and chooses where to go, or creates an
//! organization where the project lets people do so.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use askama::Template;

use crate::http::pages::page_that_leads_away;
use crate::http::pages::same_origin::SameOrigin;
use crate::http::sign_in_pages::error::HostedError;
use crate::http::sign_in_pages::error::HostedRefusal;
use crate::http::sign_in_pages::flow::Flow;
use crate::http::sign_in_pages::form::Form;
use crate::http::sign_in_pages::next::go_on;
use crate::http::sign_in_pages::organization::monogram;
use crate::http::sign_in_pages::visitor::Visitor;
use crate::storage::Transaction;
use crate::use_cases::discovery::DiscoveredOrganization;
use crate::use_cases::discovery::Membership;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::organization::OrganizationError;
use crate::use_cases::hosted_sign_in::choice;

#[derive(Template)]
#[template(path = "sign_in/organizations.html")]
struct OrganizationsPage {
    flow: String,
    email: String,
    organizations: Vec<ShownOrganization>,
    may_create: bool,
    error: Option<&'static str>,
}

struct ShownOrganization {
    id: String,
    name: String,
    monogram: String,
    standing: &'static str,
}

impl ShownOrganization {
    fn new(found: &DiscoveredOrganization) -> Self {
        let organization = &found.organization.organization;
        Self {
            id: organization.id.to_string(),
            monogram: monogram(&organization.name),
            name: organization.name.clone(),
            standing: match &found.membership {
                Membership::Member(_) if found.first_factor_needed.is_some() => {
                    "asks for another way to sign in"
                }
                Membership::Member(_) => "you are a member",
                Membership::EligibleByDomain(_) | Membership::EligibleByOauthTenant { .. } => {
                    "you may join"
                }
            },
        }
    }
}

/// `GET /login/organizations`
pub(super) async fn show(visitor: Visitor) -> Result<HttpResponse, HostedRefusal> {
    let shown = async {
        let flow = visitor.flow()?;
        choices(&visitor, &flow, None).await
    };
    shown.await.map_err(|error| visitor.refused(error))
}

async fn choices(
    visitor: &Visitor,
    flow: &Flow,
    error: Option<&'static str>,
) -> Result<HttpResponse, HostedError> {
    let token = flow.proven.clone().ok_or(HostedError::NoFlow)?;
    let deployment = visitor.gateway.deployment.clone();
    let found = visitor.read(move |tx: &mut Transaction<'_>| choice::show(tx, &deployment, &token));
    let (found, may_create) = found.await?;
    let page = OrganizationsPage {
        flow: flow.id(),
        email: found.email_address.to_string(),
        organizations: found
            .organizations
            .iter()
            .map(ShownOrganization::new)
            .collect(),
        may_create,
        error,
    };
    let status = error.map_or(StatusCode::OK, |_| StatusCode::BAD_REQUEST);
    Ok(page_that_leads_away(status, &page, flow.leads_to()))
}

/// `POST /login/organizations`
pub(super) async fn take(
    visitor: Visitor,
    _: SameOrigin,
    body: Bytes,
) -> Result<HttpResponse, HostedRefusal> {
    let form = Form::read(&body);
    let taken = enter(&visitor, &form).await;
    taken.map_err(|error| visitor.refused(error))
}

async fn enter(visitor: &Visitor, form: &Form) -> Result<HttpResponse, HostedError> {
    let flow = visitor.flow_of(form)?;
    let token = flow.proven.clone().ok_or(HostedError::NoFlow)?;
    let (deployment, request) = (visitor.gateway.deployment.clone(), flow.request.clone());
    let chosen = form.get("organization").to_owned();
    let name = form.text("name").to_owned();
    let is_new = chosen.is_empty();
    let step = visitor.write(move |tx: &mut Transaction<'_>| {
        let place = (&*deployment, &request);
        if is_new {
            choice::make(tx, place, (&token, &name))
        } else {
            choice::take(tx, place, (&token, &chosen)).map(Some)
        }
    });
    match step.await {
        Ok(Some(step)) => go_on(visitor, flow, step).await,
        Ok(None) => Err(HostedError::MayNotCreate),
        Err(HostedError::Management(ManagementError::Organization(
            OrganizationError::Refused(_),
        ))) if is_new => {
            let error = "A name has 1 to 128 characters.";
            choices(visitor, &flow, Some(error)).await
        }
        Err(error) => Err(error),
    }
}
