//! Mail domains that an organization proves by a DNS record: list, claim, check, release.

use actix_web::HttpResponse;
use actix_web::web;
use actix_web::web::Data;
use actix_web::web::Path;
use actix_web::web::delete;
use actix_web::web::get;
use actix_web::web::post;
use serde::Deserialize;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::domain_proof::DomainProof;
use crate::domain::domain_proof::Look;
use crate::domain::domain_proof::ProofStatus;
use crate::domain::session_token::timestamp;
use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::state::Gateway;
use crate::use_cases::domains;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(list, claim, check, release))]
pub(crate) struct Calls;

/// The URLs of these calls.
pub(super) fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route(
            "/v1/b2b/organizations/{organization_id}/domains",
            get().to(list),
        )
        .route(
            "/v1/b2b/organizations/{organization_id}/domains",
            post().to(claim),
        )
        .route(
            "/v1/b2b/organizations/{organization_id}/domains/{domain}/check",
            post().to(check),
        )
        .route(
            "/v1/b2b/organizations/{organization_id}/domains/{domain}",
            delete().to(release),
        );
}

/// The body of a claim.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct DomainClaimBody {
    /// A domain that one organization can own, like example.com.
    domain: String,
}

/// A mail domain that an organization has claimed.
#[derive(Serialize, ToSchema)]
#[schema(as = Domain)]
pub(crate) struct DomainJson {
    /// The domain, in lower case and with A-labels.
    domain: String,
    /// `waiting` until the record is seen twice, then `verified`; `suspended` after three days without it.
    status: ProofStatus,
    /// The TXT record that proves it.
    record: DomainRecordJson,
    /// How many daily looks in a row have missed the record of a verified domain.
    misses: i32,
    last_look: Option<LookJson>,
    /// When the record was first seen, RFC 3339, UTC; a second sight a minute later proves the domain.
    seen_at: Option<String>,
    /// RFC 3339, UTC.
    verified_at: Option<String>,
    /// RFC 3339, UTC.
    created_at: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = DomainRecord)]
struct DomainRecordJson {
    name: String,
    value: String,
}

/// What the DNS said when the record was last looked up.
#[derive(Serialize, ToSchema)]
#[schema(as = DomainLook)]
struct LookJson {
    /// RFC 3339, UTC.
    at: String,
    resolvers_asked: usize,
    resolvers_answered: usize,
    resolvers_that_saw_it: usize,
    /// Other texts under the record's name, at most five.
    found_instead: Vec<String>,
    /// Whether another organization holds the domain, so that the record, although it was seen
    /// twice, proves nothing here.
    held_elsewhere: bool,
}

#[derive(Serialize, ToSchema)]
struct DomainAnswer {
    domain: DomainJson,
}

#[derive(Serialize, ToSchema)]
struct DomainsAnswer {
    domains: Vec<DomainJson>,
}

#[derive(Serialize, ToSchema)]
struct DomainReleased {
    domain: String,
}

impl DomainJson {
    /// As calls answer it.
    pub(crate) fn new(proof: &DomainProof) -> Self {
        Self {
            domain: proof.domain.clone(),
            status: proof.status,
            record: DomainRecordJson {
                name: proof.record_name(),
                value: proof.record_value(),
            },
            misses: proof.misses,
            last_look: proof.last_look.as_ref().map(LookJson::new),
            seen_at: proof.seen_at.map(timestamp),
            verified_at: proof.verified_at.map(timestamp),
            created_at: timestamp(proof.created_at),
        }
    }
}

impl LookJson {
    fn new(look: &Look) -> Self {
        Self {
            at: timestamp(look.at),
            resolvers_asked: look.resolvers_asked,
            resolvers_answered: look.resolvers_answered,
            resolvers_that_saw_it: look.resolvers_that_saw_it,
            found_instead: look.found_instead.clone(),
            held_elsewhere: look.held_elsewhere,
        }
    }
}

fn answer(proof: &DomainProof) -> DomainAnswer {
    DomainAnswer {
        domain: DomainJson::new(proof),
    }
}

/// Lists the mail domains that an organization has claimed.
#[utoipa::path(get, path = "/v1/b2b/organizations/{organization_id}/domains", operation_id = "organizations.domains.list", tag = "organizations",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug.")),
    responses((status = 200, body = DomainsAnswer)))]
pub(crate) async fn list(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let found = gateway.read_as(caller, move |tx, caller| domains::list(tx, caller, &named));
    let domains = found.await?.iter().map(DomainJson::new).collect();
    Ok(success(request_id, &DomainsAnswer { domains }))
}

/// Claims a mail domain: the answer says which TXT record proves it. A domain that is claimed
/// already keeps its record.
#[utoipa::path(post, path = "/v1/b2b/organizations/{organization_id}/domains", operation_id = "organizations.domains.claim", tag = "organizations",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug.")),
    request_body = DomainClaimBody,
    responses((status = 200, body = DomainAnswer)))]
pub(crate) async fn claim(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<String>,
    body: JsonBody<DomainClaimBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let claimed = gateway.write_as(caller, move |tx, caller| {
        domains::claim(tx, caller, (&named, &body.get()?.domain))
    });
    Ok(success(request_id, &answer(&claimed.await?)))
}

/// Looks the record of a claimed domain up at once; sixty times an hour for one organization.
#[utoipa::path(post, path = "/v1/b2b/organizations/{organization_id}/domains/{domain}/check", operation_id = "organizations.domains.check", tag = "organizations",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug."),
        ("domain" = String, Path)),
    responses((status = 200, body = DomainAnswer)))]
pub(crate) async fn check(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let place = path.clone();
    let deployment = gateway.deployment.clone();
    let expected = gateway.write_as(caller.clone(), move |tx, caller| {
        domains::begin_check(tx, (&deployment, caller), (&place.0, &place.1))
    });
    let proof = expected.await?;
    let look = gateway
        .txt_resolvers
        .look(&proof, gateway.clock.now())
        .await;
    let project = gateway.project_id.clone();
    let taken = gateway.write_as(caller, move |tx, caller| {
        domains::expect(tx, caller, (&path.0, &path.1))?;
        domains::take(tx, (&project, &proof), &look)?;
        domains::expect(tx, caller, (&path.0, &path.1))
    });
    Ok(success(request_id, &answer(&taken.await?)))
}

/// Gives a claimed domain up; if it was verified, it counts no longer.
#[utoipa::path(delete, path = "/v1/b2b/organizations/{organization_id}/domains/{domain}", operation_id = "organizations.domains.release", tag = "organizations",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug."),
        ("domain" = String, Path)),
    responses((status = 200, body = DomainReleased)))]
pub(crate) async fn release(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let domain = path.1.clone();
    let released = gateway.write_as(caller, move |tx, caller| {
        domains::release(tx, caller, (&path.0, &path.1))
    });
    released.await?;
    Ok(success(request_id, &DomainReleased { domain }))
}
