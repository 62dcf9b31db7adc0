//! A member session as the contract shows it (contract 3.6, appendix A).

use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use utoipa::ToSchema;

use crate::domain::id::MemberId;
use crate::domain::id::OrganizationId;
use crate::domain::id::SessionId;
use crate::domain::session_token::timestamp;
use crate::http::management::factor_json::AuthenticationFactorJson;
use crate::http::management::factor_json::factors;
use crate::http::management::member_json::MemberAnswer;
use crate::http::state::Gateway;
use crate::use_cases::error::ManagementError;
use crate::use_cases::sessions::SessionView;

/// A member's session: who, until when, proven how, with which roles.
#[derive(Serialize, ToSchema)]
#[schema(as = MemberSession)]
pub(crate) struct MemberSessionJson {
    member_session_id: SessionId,
    member_id: MemberId,
    organization_id: OrganizationId,
    organization_slug: String,
    /// RFC 3339, UTC.
    started_at: String,
    /// When it was last authenticated: RFC 3339, UTC.
    last_accessed_at: String,
    /// When it ends: RFC 3339, UTC.
    expires_at: String,
    /// What was proven, and when.
    authentication_factors: Vec<AuthenticationFactorJson>,
    /// The roles that count in it.
    roles: Vec<String>,
    /// What the application added.
    #[schema(value_type = Object)]
    custom_claims: Map<String, Value>,
}

impl MemberSessionJson {
    pub(crate) fn new(view: &SessionView) -> Self {
        let session = &view.session;
        Self {
            member_session_id: session.id,
            member_id: session.member_id,
            organization_id: session.organization_id,
            organization_slug: view.member.organization.organization.slug.clone(),
            started_at: timestamp(session.started_at),
            last_accessed_at: timestamp(session.last_accessed_at),
            expires_at: timestamp(session.expires_at),
            authentication_factors: factors(session),
            roles: view.roles.clone(),
            custom_claims: session.custom_claims.clone(),
        }
    }
}

/// The fields of an answer that carries a session: its token, a fresh JWT, its member.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionAnswer {
    pub(crate) organization_id: OrganizationId,
    #[serde(flatten)]
    pub(crate) member: MemberAnswer,
    pub(crate) member_session: MemberSessionJson,
    /// Opaque; stays the same as long as the session lives.
    pub(crate) session_token: String,
    /// A JWT that speaks of the session for the next five minutes.
    pub(crate) session_jwt: String,
}

impl SessionAnswer {
    pub(crate) fn new(
        gateway: &Gateway,
        view: &SessionView,
        token: &str,
    ) -> Result<Self, ManagementError> {
        let member_session = MemberSessionJson::new(view);
        let slug = &member_session.organization_slug;
        let now = gateway.clock.now();
        let jwt = gateway
            .signer
            .sign(
                &view.with_project_claims(),
                &json!(member_session),
                slug,
                now,
            )
            .map_err(|refusal| ManagementError::Internal(refusal.to_string()))?;
        Ok(Self {
            organization_id: view.session.organization_id,
            member: MemberAnswer::new(&view.member),
            member_session,
            session_token: token.to_owned(),
            session_jwt: jwt,
        })
    }
}
