//! Where a browser goes once somebody has proven something.

use actix_web::HttpResponse;

use crate::http::pages::see_other;
use crate::http::sign_in_pages::error::HostedError;
use crate::http::sign_in_pages::flow::Chosen;
use crate::http::sign_in_pages::flow::Flow;
use crate::http::sign_in_pages::flow::ended;
use crate::http::sign_in_pages::visitor::Visitor;
use crate::storage::Transaction;
use crate::use_cases::hosted_sign_in::Place;
use crate::use_cases::hosted_sign_in::Step;
use crate::use_cases::hosted_sign_in::choice;
use crate::use_cases::sign_in::error::SignInError;

/// The answer to a step: to the application, or to the page of what is owed.
pub(super) async fn go_on(
    visitor: &Visitor,
    mut flow: Flow,
    step: Step,
) -> Result<HttpResponse, HostedError> {
    flow.link = None;
    flow.application = None;
    let step = match step {
        Step::Choose(token) => only_one(visitor, &flow, token).await?,
        other => other,
    };
    let location = match step {
        Step::Done(url) => {
            let mut response = see_other(&url);
            let spent = ended(&visitor.gateway.deployment);
            let added = response.add_cookie(&spent);
            added.map_err(|error| HostedError::Internal(error.to_string()))?;
            return Ok(response);
        }
        Step::Refused(refusal) => return Err(SignInError::Policy(refusal).into()),
        Step::SecondFactor(place) => {
            owe(&mut flow, place);
            "/login/second-factor".to_owned()
        }
        Step::FirstFactor(place) => {
            let slug = place.slug.clone();
            owe(&mut flow, place);
            flow.member = None;
            format!("/o/{slug}?more=1")
        }
        Step::Choose(token) => {
            flow.proven = Some(token);
            flow.member = None;
            "/login/organizations".to_owned()
        }
    };
    visitor.keeping(see_other(&location), &flow)
}

fn owe(flow: &mut Flow, place: Place) {
    flow.proven = Some(place.token);
    flow.member = Some(place.member_id);
    flow.organization = Some(Chosen {
        id: place.organization_id,
        slug: place.slug,
    });
}

/// Where there is one organization to choose and none can be made, nobody is asked.
async fn only_one(visitor: &Visitor, flow: &Flow, token: String) -> Result<Step, HostedError> {
    let (deployment, request) = (visitor.gateway.deployment.clone(), flow.request.clone());
    visitor
        .write(move |tx: &mut Transaction<'_>| {
            choice::take_only(tx, (&deployment, &request), &token)
        })
        .await
}
