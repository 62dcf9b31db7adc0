//! The way of a finished sign-in to the application: a token in the redirect, worth nothing without
//! the project's secret, that `magic_links/authenticate` turns into a session.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;

use crate::domain::event::Actor;
use crate::domain::factor::Factor;
use crate::domain::id::ConnectionId;
use crate::domain::id::EmailId;
use crate::domain::id::MemberId;
use crate::domain::magic_link;
use crate::domain::member::Member;
use crate::domain::organization::Organization;
use crate::domain::scope::OrgScope;
use crate::domain::secret;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::members;
use crate::storage::one_time_tokens;
use crate::storage::one_time_tokens::TokenKind;
use crate::storage::organizations;
use crate::use_cases::Deployment;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::magic_link::MagicLinkError;
use crate::use_cases::hosted_sign_in::Place;
use crate::use_cases::hosted_sign_in::request::HostedRequest;
use crate::use_cases::intermediate_sessions;
use crate::use_cases::magic_links::MAGIC_LINKS;
use crate::use_cases::magic_links::authenticate::PresentedLink;
use crate::use_cases::magic_links::authenticate::check_verifier;
use crate::use_cases::magic_links::authenticate::hash;
use crate::use_cases::magic_links::authenticate::use_up;
use crate::use_cases::refusals::kept::Refused;
use crate::use_cases::refusals::turned_away::TurnedAway;
use crate::use_cases::sign_in::entry;
use crate::use_cases::sign_in::entry::Admission;
use crate::use_cases::sign_in::entry::Proof;
use crate::use_cases::sign_in::entry::SignInWishes;
use crate::use_cases::sign_in::redeem::proving;

/// As long as the token of a sign-in with an identity provider.
const MINUTES: i64 = 5;

/// What a member has proven, and to which browser of the application it goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct HandedOver {
    member_id: MemberId,
    factors: Vec<Factor>,
    ends_no_later_than: Option<DateTime<Utc>>,
    pkce_code_challenge: Option<String>,
}

/// Uses an intermediate session up and gives the application's URL with a token for what it stood
/// for.
pub fn hand_over(
    tx: &mut Transaction<'_>,
    request: &HostedRequest,
    place: &Place,
) -> Result<String, ManagementError> {
    let project = &request.project_id;
    let kept = intermediate_sessions::find(tx, project, &place.token)?;
    let organization = organizations::find(tx, project, place.organization_id)?;
    let organization = organization.ok_or(MagicLinkError::Unusable)?;
    intermediate_sessions::consume(tx, &place.token)?;
    let content = HandedOver {
        member_id: place.member_id,
        factors: kept.factors,
        ends_no_later_than: kept.ends_no_later_than,
        pkce_code_challenge: request.pkce_code_challenge.clone(),
    };
    let token = secret::fresh_token()?;
    let scope = organization.scope();
    let kept_at = (&scope, TokenKind::HandedOver);
    let expires_at = tx.now + TimeDelta::minutes(MINUTES);
    one_time_tokens::insert(tx, kept_at, &SecretHash::of(&token), &content, expires_at)?;
    let mut more = vec![("slug", organization.slug.as_str())];
    more.extend(request.state.as_deref().map(|state| ("state", state)));
    let target = &request.redirect_url;
    magic_link::with_token(target, &more, (MAGIC_LINKS, &token))
        .ok_or_else(|| ManagementError::Internal(format!("no URL: {target}")))
}

/// What was proven through a connection counts while it is in use.
fn check_connections(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    factors: &[Factor],
) -> Result<(), ManagementError> {
    for factor in factors.iter().filter_map(Factor::as_sso) {
        let proving = proving(tx, organization, factor.connection_id)?;
        proving.ok_or(MagicLinkError::Unusable)?;
    }
    Ok(())
}

/// The live tokens of an organization that rest on a connection: by their hashes, what was proven.
pub(crate) fn resting_on(
    tx: &mut Transaction<'_>,
    (scope, connection): (&OrgScope, ConnectionId),
) -> Result<Vec<(String, Vec<Factor>)>, StorageError> {
    let place = (scope, TokenKind::HandedOver, connection);
    let found = one_time_tokens::resting_on::<HandedOver>(tx, place)?;
    let told = found.into_iter().map(|(hash, kept)| (hash, kept.factors));
    Ok(told.collect())
}

/// Uses a token up and lets its member in under the rules as they stand now.
pub(crate) fn redeem(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&ProjectCaller, &Deployment),
    presented: &PresentedLink,
    wishes: &SignInWishes,
) -> Result<(Admission, EmailId), ManagementError> {
    let (hash, kind) = (hash(presented)?, TokenKind::HandedOver);
    let found = one_time_tokens::find::<HandedOver>(tx, kind, &hash)?;
    let unknown = || {
        // A link, perhaps, that is over: no token is handed over twice for long.
        ManagementError::from(MagicLinkError::Unusable).noted(Refused::Link(hash.clone()))
    };
    let (organization_id, kept) = found.ok_or_else(unknown)?;
    let organization = organizations::find(tx, &caller.project_id, organization_id)?;
    let organization = organization.ok_or(MagicLinkError::Unusable)?;
    let challenge = kept.pkce_code_challenge.as_deref();
    let checked = check_verifier(challenge, presented);
    use_up(tx, kind, &hash)?;
    let member = members::find(tx, &organization.scope(), kept.member_id)?;
    let member = member.filter(Member::is_live);
    let member = member.ok_or(MagicLinkError::Unusable)?;
    checked.map_err(|refusal| {
        let place = (organization.id, &member.email_address);
        let person = TurnedAway::by_verifier(place, refusal);
        person.member(Some(member.id)).error()
    })?;
    check_connections(tx, &organization, &kept.factors)?;
    tx.acts_as(Actor::SignIn("hosted pages".to_owned()));
    let method = EmailId::of(member.id, &member.email_address);
    let proof = Proof {
        factors: kept.factors,
        ends_no_later_than: kept.ends_no_later_than,
    };
    let place = (caller, deployment);
    let admission = entry::enter(tx, place, (organization, member), proof, wishes)?;
    Ok((admission, method))
}
