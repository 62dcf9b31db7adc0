//! The portal's pages about e-mail domains: claim one, add its record, see it proven.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web;
use actix_web::web::Data;
use actix_web::web::Query;
use actix_web::web::get;
use actix_web::web::post;
use askama::Template;
use serde::Deserialize;

use crate::domain::domain_proof::DomainProof;
use crate::domain::domain_proof::Look;
use crate::domain::domain_proof::MISSES_TO_SUSPEND;
use crate::domain::domain_proof::ProofStatus;
use crate::http::pages::form::PageForm;
use crate::http::pages::page;
use crate::http::pages::same_origin::SameOrigin;
use crate::http::pages::see_other;
use crate::http::portal::error::PortalRefusal;
use crate::http::portal::frame::Frame;
use crate::http::portal::frame::Place;
use crate::http::portal::instant::Told;
use crate::http::portal::session::PortalSession;
use crate::http::state::Gateway;
use crate::use_cases::domains;

const HERE: &str = "/portal/domains";

/// The URLs of these pages.
pub(super) fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route("/portal/domains", get().to(show))
        .route("/portal/domains", post().to(claim))
        .route("/portal/domains/state", get().to(state))
        .route("/portal/domains/check", post().to(check))
        .route("/portal/domains/release", post().to(release));
}

/// A domain as a form or an address names it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Named {
    domain: String,
}

/// A claimed domain as the page tells it.
struct Shown {
    domain: String,
    kind: &'static str,
    state: &'static str,
    is_waiting: bool,
    is_verified: bool,
    record_name: String,
    record_value: String,
    since: Option<Told>,
    sight: String,
    looked_at: Option<Told>,
    found_instead: Vec<String>,
    is_held_elsewhere: bool,
}

#[derive(Template)]
#[template(path = "portal/domains.html")]
struct DomainsPage {
    frame: Frame,
    proofs: Vec<Shown>,
    fault: Option<String>,
    wanted: String,
}

#[derive(Template)]
#[template(path = "portal/domain_state.html")]
struct DomainState {
    proof: Shown,
}

impl Shown {
    fn new(proof: &DomainProof) -> Self {
        let (kind, state) = match proof.status {
            ProofStatus::Waiting | ProofStatus::Suspended if proof.seen_at.is_some() => {
                ("note", "Seen once, checking again")
            }
            ProofStatus::Waiting => ("note", "Waiting for the record"),
            ProofStatus::Verified if proof.misses > 0 => ("warn", "Verified, record missing"),
            ProofStatus::Verified => ("good", "Verified"),
            ProofStatus::Suspended => ("bad", "Suspended"),
        };
        let look = proof.last_look.as_ref();
        Self {
            domain: proof.domain.clone(),
            kind,
            state,
            is_waiting: proof.status != ProofStatus::Verified,
            is_verified: proof.status == ProofStatus::Verified && proof.misses == 0,
            record_name: proof.record_name(),
            record_value: proof.record_value(),
            since: proof.verified_at.map(Told::at),
            sight: look.map_or_else(|| "Not looked up yet.".to_owned(), |it| sight(proof, it)),
            looked_at: look.map(|look| Told::at(look.at)),
            found_instead: look.map_or_else(Vec::new, |look| look.found_instead.clone()),
            is_held_elsewhere: look.is_some_and(|look| look.held_elsewhere),
        }
    }
}

/// What the last look saw, in a sentence.
fn sight(proof: &DomainProof, look: &Look) -> String {
    let missed = match proof.misses {
        0 => String::new(),
        misses => format!(" Missed {misses} of {MISSES_TO_SUSPEND} days in a row."),
    };
    if look.resolvers_answered == 0 {
        return format!("No DNS resolver gave an answer.{missed}");
    }
    let (seen, asked) = (look.resolvers_that_saw_it, look.resolvers_asked);
    let resolvers = if asked == 1 { "resolver" } else { "resolvers" };
    format!("Seen by {seen} of {asked} {resolvers}.{missed}")
}

/// Shows all domains.
pub(super) async fn show(
    gateway: Data<Gateway>,
    session: PortalSession,
) -> Result<HttpResponse, PortalRefusal> {
    shown(&gateway, &session, None).await
}

async fn shown(
    gateway: &Gateway,
    session: &PortalSession,
    fault: Option<(String, String)>,
) -> Result<HttpResponse, PortalRefusal> {
    let found = gateway.portal_read(session, |tx, caller| {
        let proofs = domains::list(tx, caller, &caller.organization_id())?;
        Ok((Frame::new(caller, Place::Domains), proofs))
    });
    let (frame, proofs) = found.await?;
    let status = match fault {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let (fault, wanted) = fault.unzip();
    let shown = DomainsPage {
        frame,
        proofs: proofs.iter().map(Shown::new).collect(),
        fault,
        wanted: wanted.unwrap_or_default(),
    };
    Ok(page(status, &shown))
}

/// Shows how far one domain is, for a page that looks again by itself.
pub(super) async fn state(
    gateway: Data<Gateway>,
    session: PortalSession,
    named: Query<Named>,
) -> Result<HttpResponse, PortalRefusal> {
    let found = gateway.portal_read(&session, move |tx, caller| {
        domains::expect(tx, caller, (&caller.organization_id(), &named.domain))
    });
    let proof = Shown::new(&found.await?);
    Ok(page(StatusCode::OK, &DomainState { proof }))
}

/// Claims a domain.
pub(super) async fn claim(
    gateway: Data<Gateway>,
    session: PortalSession,
    _proof: SameOrigin,
    form: PageForm<Named>,
) -> Result<HttpResponse, PortalRefusal> {
    let wanted = form.0.domain.clone();
    let claimed = gateway.portal_write(&session, move |tx, caller| {
        domains::claim(tx, caller, (&caller.organization_id(), &form.0.domain))
    });
    match claimed.await {
        Ok(_) => Ok(see_other(HERE)),
        Err(refusal) => match refusal.about_input() {
            Some(fault) => shown(&gateway, &session, Some((fault, wanted))).await,
            None => Err(refusal),
        },
    }
}

/// Looks the record of a domain up at once.
pub(super) async fn check(
    gateway: Data<Gateway>,
    session: PortalSession,
    _proof: SameOrigin,
    form: PageForm<Named>,
) -> Result<HttpResponse, PortalRefusal> {
    let deployment = gateway.deployment.clone();
    let expected = gateway.portal_write(&session, move |tx, caller| {
        let named = (&*caller.organization_id(), &*form.0.domain);
        domains::begin_check(tx, (&deployment, caller), named)
    });
    let proof = expected.await?;
    let look = gateway
        .txt_resolvers
        .look(&proof, gateway.clock.now())
        .await;
    let taken = gateway.portal_write(&session, move |tx, caller| {
        caller.demand(domains::NEEDED)?;
        domains::take(tx, (caller.project_id(), &proof), &look)
    });
    taken.await?;
    Ok(see_other(HERE))
}

/// Gives a domain up.
pub(super) async fn release(
    gateway: Data<Gateway>,
    session: PortalSession,
    _proof: SameOrigin,
    form: PageForm<Named>,
) -> Result<HttpResponse, PortalRefusal> {
    let released = gateway.portal_write(&session, move |tx, caller| {
        domains::release(tx, caller, (&caller.organization_id(), &form.0.domain))
    });
    released.await?;
    Ok(see_other(HERE))
}
