//! A member session as the contract shows it (contract 3.6, appendix A).

use serde_json::Value;
use serde_json::json;

use crate::domain::session::SsoFactor;
use crate::domain::session_token::timestamp;
use crate::http::management::member_json::MemberAnswer;
use crate::http::state::Gateway;
use crate::use_cases::error::ManagementError;
use crate::use_cases::sessions::SessionView;

/// The `MemberSession` object.
pub(crate) fn member_session(view: &SessionView) -> Value {
    let session = &view.session;
    json!({
        "member_session_id": session.id,
        "member_id": session.member_id,
        "organization_id": session.organization_id,
        "organization_slug": view.member.organization.organization.slug,
        "started_at": timestamp(session.started_at),
        "last_accessed_at": timestamp(session.last_accessed_at),
        "expires_at": timestamp(session.expires_at),
        "authentication_factors": session.factors.iter().map(factor).collect::<Vec<_>>(),
        "roles": view.roles,
        "custom_claims": session.custom_claims,
    })
}

fn factor(factor: &SsoFactor) -> Value {
    let delivery_method = factor.delivery_method();
    let at = timestamp(factor.authenticated_at);
    let details = json!({
        "id": factor.registration_id,
        "provider_id": factor.connection_id,
        "external_id": factor.external_id,
    });
    json!({
        "type": "sso",
        "delivery_method": delivery_method,
        "last_authenticated_at": at,
        "created_at": at,
        "updated_at": at,
        format!("{}_factor", delivery_method.trim_start_matches("sso_").to_owned() + "_sso"): details,
    })
}

/// The fields of an answer that carries a session: its token, a fresh JWT, its member.
pub(crate) fn session_answer(
    gateway: &Gateway,
    view: &SessionView,
    token: &str,
) -> Result<Value, ManagementError> {
    let session = member_session(view);
    let slug = &view.member.organization.organization.slug;
    let jwt = gateway
        .signer
        .sign(
            &view.with_project_claims(),
            &session,
            slug,
            gateway.clock.now(),
        )
        .map_err(|refusal| ManagementError::Internal(refusal.to_string()))?;
    let mut answer = json!(MemberAnswer::new(&view.member));
    if let Some(fields) = answer.as_object_mut() {
        fields.insert(
            "organization_id".to_owned(),
            json!(view.session.organization_id),
        );
        fields.insert("member_session".to_owned(), session);
        fields.insert("session_token".to_owned(), json!(token));
        fields.insert("session_jwt".to_owned(), json!(jwt));
    }
    Ok(answer)
}
