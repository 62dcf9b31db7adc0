//! Organizations that somebody may choose from, as the contract shows them (contract 4.4).

use serde::Serialize;
use serde_json::Value;
use serde_json::json;
use utoipa::ToSchema;

use crate::domain::member::MemberStatus;
use crate::domain::session_token::timestamp;
use crate::http::management::admission_json::MfaRequired;
use crate::http::management::admission_json::PrimaryRequired;
use crate::http::management::member_json::MemberJson;
use crate::http::management::organization_json::OrganizationJson;
use crate::use_cases::discovery::DiscoveredOrganization;
use crate::use_cases::discovery::Membership;
use crate::use_cases::discovery::arrive::Arrival;

/// An organization that somebody may enter.
#[derive(Serialize, ToSchema)]
#[schema(as = DiscoveredOrganization)]
pub(crate) struct DiscoveredOrganizationJson {
    organization: OrganizationJson,
    membership: MembershipJson,
    /// Whether choosing it opens a session at once.
    member_authenticated: bool,
    /// The first factor that it wants instead.
    primary_required: Option<PrimaryRequired>,
    /// The second factor that it asks for.
    mfa_required: Option<MfaRequired>,
}

/// What somebody is to an organization.
#[derive(Serialize, ToSchema)]
#[schema(as = Membership)]
struct MembershipJson {
    /// `active_member`, `pending_member`, `invited_member`, `eligible_to_join_by_email_domain` or
    /// `eligible_to_join_by_oauth_tenant`.
    r#type: &'static str,
    /// The domain, or the provider and tenant, by which they may join.
    #[schema(value_type = Option<Object>)]
    details: Option<Value>,
    member: Option<MemberJson>,
}

/// Who has proven an address, and what they may choose from.
#[derive(Serialize, ToSchema)]
pub(crate) struct DiscoveryArrival {
    email_address: String,
    /// Stands for what was proven, for ten minutes.
    intermediate_session_token: String,
    /// RFC 3339, UTC.
    intermediate_session_token_expires_at: String,
    discovered_organizations: Vec<DiscoveredOrganizationJson>,
}

impl DiscoveryArrival {
    pub(crate) fn new(arrival: &Arrival) -> Self {
        let found = arrival.organizations.iter();
        Self {
            email_address: arrival.email_address.to_string(),
            intermediate_session_token: arrival.intermediate.token.clone(),
            intermediate_session_token_expires_at: timestamp(arrival.intermediate.expires_at),
            discovered_organizations: found.map(DiscoveredOrganizationJson::new).collect(),
        }
    }
}

impl DiscoveredOrganizationJson {
    pub(crate) fn new(found: &DiscoveredOrganization) -> Self {
        let primary_required = found.first_factor_needed.clone();
        let is_enough = primary_required.is_none() && !found.second_factor_needed;
        let (membership, mfa) = match &found.membership {
            Membership::Member(view) => {
                let r#type = match view.standing.member.status {
                    MemberStatus::Pending => "pending_member",
                    MemberStatus::Invited => "invited_member",
                    MemberStatus::Active | MemberStatus::Deleted => "active_member",
                };
                let membership = MembershipJson {
                    r#type,
                    details: None,
                    member: Some(MemberJson::new(&view.standing)),
                };
                (membership, MfaRequired::of(view, None))
            }
            Membership::EligibleByOauthTenant { provider, tenant } => {
                let details = json!({ "provider": provider, "tenant": tenant });
                let membership = MembershipJson {
                    r#type: "eligible_to_join_by_oauth_tenant",
                    details: Some(details),
                    member: None,
                };
                (membership, MfaRequired::of_newcomer())
            }
            Membership::EligibleByDomain(domain) => {
                let membership = MembershipJson {
                    r#type: "eligible_to_join_by_email_domain",
                    details: Some(json!({ "domain": domain })),
                    member: None,
                };
                (membership, MfaRequired::of_newcomer())
            }
        };
        Self {
            organization: OrganizationJson::new(&found.organization),
            membership,
            member_authenticated: is_enough,
            primary_required: primary_required.map(|allowed_auth_methods| PrimaryRequired {
                allowed_auth_methods,
            }),
            mfa_required: found.second_factor_needed.then_some(mfa),
        }
    }
}
