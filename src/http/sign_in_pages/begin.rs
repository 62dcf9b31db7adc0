//! `/login`: somebody gives an e-mail address, and is led to where they sign in. The answer is the
//! same whether anybody knows the address: its domain alone says whether there is single sign-on.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use actix_web::web::Query;
use askama::Template;

use crate::http::pages::page_that_leads_away;
use crate::http::pages::same_origin::SameOrigin;
use crate::http::pages::see_other;
use crate::http::sign_in_pages::error::HostedError;
use crate::http::sign_in_pages::error::HostedRefusal;
use crate::http::sign_in_pages::flow::Chosen;
use crate::http::sign_in_pages::flow::Flow;
use crate::http::sign_in_pages::form::Form;
use crate::http::sign_in_pages::mailing;
use crate::http::sign_in_pages::mailing::Wanted;
use crate::http::sign_in_pages::provers;
use crate::http::sign_in_pages::visitor::Visitor;
use crate::storage::Transaction;
use crate::use_cases::hosted_sign_in::departures::Prover;
use crate::use_cases::hosted_sign_in::request;
use crate::use_cases::hosted_sign_in::request::HostedQuery;
use crate::use_cases::sign_in::error::SignInError;
use crate::use_cases::sso_discovery;

#[derive(Template)]
#[template(path = "sign_in/begin.html")]
struct BeginPage {
    flow: String,
    destination: String,
    email: String,
    error: Option<&'static str>,
    providers: Vec<(&'static str, &'static str)>,
}

/// `GET /login`
pub(super) async fn show(visitor: Visitor) -> Result<HttpResponse, HostedRefusal> {
    let shown = async {
        let flow = asked(&visitor).await?;
        let page = begin_page(&visitor, &flow, None);
        visitor.keeping(
            page_that_leads_away(StatusCode::OK, &page, flow.leads_to()),
            &flow,
        )
    };
    shown.await.map_err(|error| visitor.refused(error))
}

/// The flow that a page begins: of what the application asks for now, or has asked for before.
pub(super) async fn asked(visitor: &Visitor) -> Result<Flow, HostedError> {
    let query = Query::<HostedQuery>::from_query(visitor.request.query_string());
    let query = query.map_err(|error| SignInError::InvalidQuery(error.to_string()))?;
    let query = query.into_inner();
    if query == HostedQuery::default()
        && let Ok(known) = visitor.flow()
    {
        return Ok(known.again(visitor.now())?);
    }
    let deployment = visitor.gateway.deployment.clone();
    let checked =
        visitor.ask(move |tx: &mut Transaction<'_>| request::check(tx, &deployment, &query));
    Ok(Flow::new(checked.await?, visitor.now())?)
}

fn begin_page(visitor: &Visitor, flow: &Flow, error: Option<&'static str>) -> BeginPage {
    let providers = visitor.gateway.deployment.oauth_clients.keys();
    BeginPage {
        flow: flow.id(),
        destination: flow.destination(),
        email: flow.email.clone(),
        error,
        providers: providers.map(|it| (it.name(), it.title())).collect(),
    }
}

/// `POST /login`
pub(super) async fn take(
    visitor: Visitor,
    _: SameOrigin,
    body: Bytes,
) -> Result<HttpResponse, HostedRefusal> {
    let form = Form::read(&body);
    let led = lead(&visitor, &form).await;
    led.map_err(|error| visitor.refused(error))
}

async fn lead(visitor: &Visitor, form: &Form) -> Result<HttpResponse, HostedError> {
    let mut flow = visitor.flow_of(form)?.again(visitor.now())?;
    form.text("email").clone_into(&mut flow.email);
    let address = match mailing::address(&flow.email) {
        Ok(address) => address,
        Err(error) => {
            let page = begin_page(visitor, &flow, Some(error));
            let response = page_that_leads_away(StatusCode::BAD_REQUEST, &page, flow.leads_to());
            return visitor.keeping(response, &flow);
        }
    };
    let way = match form.get("way") {
        "code" => Some((Wanted::Code, "/login/code")),
        "link" => Some((Wanted::Link, "/login/sent")),
        _ => None,
    };
    if let Some((wanted, location)) = way {
        mailing::send(visitor, &flow, wanted);
        return visitor.keeping(see_other(location), &flow);
    }
    let project = visitor.gateway.project_id.clone();
    let fitting = visitor
        .read(move |tx: &mut Transaction<'_>| sso_discovery::of_claimant(tx, &project, &address))
        .await?;
    let Some(first) = fitting.first() else {
        mailing::send(visitor, &flow, Wanted::Code);
        return visitor.keeping(see_other("/login/code"), &flow);
    };
    let organization = &first.organization;
    flow.organization = Some(Chosen::from(organization));
    if fitting.len() == 1 || first.is_default {
        let (id, hint) = (first.connection.id, flow.hint());
        let prover = Prover::Connection(organization.id, id, hint);
        return provers::depart(visitor, &flow, &prover).await;
    }
    let location = format!("/o/{}?more=1", organization.slug);
    visitor.keeping(see_other(&location), &flow)
}
