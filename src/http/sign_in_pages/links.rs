//! `/login/link` and `/invite`: where the links in mails lead. Opening one uses nothing up, since
//! scanners of mail open each; the button does.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use actix_web::web::Query;
use askama::Template;

use crate::domain::secret::SecretHash;
use crate::http::pages::page_that_leads_away;
use crate::http::pages::same_origin::SameOrigin;
use crate::http::refused;
use crate::http::sign_in_pages::begin::asked;
use crate::http::sign_in_pages::error::HostedError;
use crate::http::sign_in_pages::error::HostedRefusal;
use crate::http::sign_in_pages::flow::Chosen;
use crate::http::sign_in_pages::flow::Flow;
use crate::http::sign_in_pages::form::Form;
use crate::http::sign_in_pages::next::go_on;
use crate::http::sign_in_pages::organization::monogram;
use crate::http::sign_in_pages::visitor::Visitor;
use crate::storage::Transaction;
use crate::use_cases::hosted_sign_in;
use crate::use_cases::hosted_sign_in::departures::Return;
use crate::use_cases::hosted_sign_in::links;
use crate::use_cases::hosted_sign_in::links::ShownLink;
use crate::use_cases::refusals::kept::Refused;
use crate::use_cases::sign_in::error::SignInError;

#[derive(Template)]
#[template(path = "sign_in/link.html")]
struct LinkPage {
    flow: String,
    name: String,
    monogram: String,
    email: String,
    is_invitation: bool,
    destination: String,
}

/// `GET /login/link`, `GET /invite`
pub(super) async fn show(visitor: Visitor) -> Result<HttpResponse, HostedRefusal> {
    let shown = async {
        let (flow, link) = followed(&visitor).await?;
        let page = link_page(&flow, link);
        visitor.keeping(
            page_that_leads_away(StatusCode::OK, &page, flow.leads_to()),
            &flow,
        )
    };
    shown.await.map_err(|error| visitor.refused(error))
}

/// The flow that goes on with the link of a mail, and what that link is. What was proven before in
/// this browser counts on.
pub(super) async fn followed(visitor: &Visitor) -> Result<(Flow, ShownLink), HostedError> {
    let given = Query::<Return>::from_query(visitor.request.query_string());
    let given = given.map_err(|error| SignInError::InvalidQuery(error.to_string()))?;
    let given = (given.stytch_token_type.clone(), given.token.clone());
    let known = visitor.flow().ok();
    let mut flow = if given.1.is_empty() {
        // Reloaded after a form was refused.
        known.ok_or(SignInError::LinkNotFound)?
    } else {
        let mut flow = asked(visitor).await?;
        let same = known.filter(|known| known.request == flow.request);
        flow.proven = same.and_then(|known| known.proven);
        flow.link = Some(given);
        flow
    };
    let link = flow.link.clone().ok_or(SignInError::LinkNotFound)?;
    let deployment = visitor.gateway.deployment.clone();
    let token = link.1.clone();
    let found = visitor
        .read(move |tx: &mut Transaction<'_>| links::show(tx, &deployment, (&link.0, &link.1)));
    let Some(found) = found.await? else {
        refused::keep(
            &visitor.gateway,
            visitor.request_id,
            Refused::Link(SecretHash::of(&token)),
        );
        return Err(SignInError::LinkNotFound.into());
    };
    flow.organization = found.organization.as_ref().map(Chosen::from);
    found.email_address.clone_into(&mut flow.email);
    Ok((flow, found))
}

fn link_page(flow: &Flow, link: ShownLink) -> LinkPage {
    let name = link.organization.map(|it| it.name).unwrap_or_default();
    LinkPage {
        flow: flow.id(),
        monogram: monogram(&name),
        name,
        email: link.email_address,
        is_invitation: link.is_invitation,
        destination: flow.destination(),
    }
}

/// `POST /login/link`, `POST /invite`
pub(super) async fn take(
    visitor: Visitor,
    _: SameOrigin,
    body: Bytes,
) -> Result<HttpResponse, HostedRefusal> {
    let form = Form::read(&body);
    let taken = async {
        let flow = visitor.flow_of(&form)?;
        let link = flow.link.clone().ok_or(SignInError::LinkNotFound)?;
        let deployment = visitor.gateway.deployment.clone();
        let (request, proven) = (flow.request.clone(), flow.proven.clone());
        let step = visitor.write(move |tx: &mut Transaction<'_>| {
            let wishes = hosted_sign_in::wishes(proven.clone());
            let link = (link.0.as_str(), link.1.as_str());
            links::take(tx, (&deployment, &request), link, &wishes)
        });
        go_on(&visitor, flow, step.await?).await
    };
    taken.await.map_err(|error| visitor.refused(error))
}
