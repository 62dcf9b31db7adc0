//! The one-time token of an SSO sign-in becomes a session (contract 4.1, steps 5 and 6).

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::domain::session_token::timestamp;
use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::management::member_json::MemberAnswer;
use crate::http::management::session_json::session_answer;
use crate::http::state::Gateway;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::admission::AdmissionError;
use crate::use_cases::members::MemberView;
use crate::use_cases::sessions::SessionWishes;
use crate::use_cases::sign_in::admit::Admission;
use crate::use_cases::sign_in::admit::SsoAuthentication;
use crate::use_cases::sign_in::admit::admit;

/// The body of authenticate.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct AuthenticateBody {
    sso_token: Option<String>,
    pkce_code_verifier: Option<String>,
    session_duration_minutes: Option<i64>,
    session_custom_claims: Option<Map<String, Value>>,
}

impl AuthenticateBody {
    fn asked(&self) -> SsoAuthentication {
        SsoAuthentication {
            sso_token: self.sso_token.clone().unwrap_or_default(),
            pkce_code_verifier: self.pkce_code_verifier.clone(),
            wishes: SessionWishes {
                duration_minutes: self.session_duration_minutes,
                custom_claims: self.session_custom_claims.clone().unwrap_or_default(),
            },
        }
    }
}

/// `POST /v1/b2b/sso/authenticate`
pub(crate) async fn authenticate(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<AuthenticateBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let deployment = gateway.deployment.clone();
    let admitted = gateway.write(caller, move |tx, caller| {
        admit(tx, (caller, &deployment), &body.get()?.asked())
    });
    let answer = answer(&gateway, admitted.await?).map_err(ApiError::of(request_id))?;
    Ok(success(request_id, &answer))
}

fn answer(gateway: &Gateway, admission: Admission) -> Result<Value, ManagementError> {
    match admission {
        Admission::Session { view, token } => {
            let answer = session_answer(gateway, &view, &token)?;
            Ok(with(
                answer,
                json!({
                    "reset_session": false,
                    "member_authenticated": true,
                    "intermediate_session_token": "",
                    "mfa_required": null,
                    "primary_required": null,
                }),
            ))
        }
        Admission::SecondFactorNeeded {
            member,
            intermediate_token,
            expires_at,
        } => {
            let owed = second_factor(&member);
            let token = json!({
                "intermediate_session_token": intermediate_token,
                "intermediate_session_token_expires_at": timestamp(expires_at),
            });
            Ok(with(with(json!(MemberAnswer::new(&member)), owed), token))
        }
        Admission::Refused(refusal) => {
            Err(ManagementError::Admission(AdmissionError::Refused(refusal)))
        }
    }
}

fn second_factor(member: &MemberView) -> Value {
    json!({
        "organization_id": member.organization.organization.id,
        "session_token": "",
        "session_jwt": "",
        "member_session": null,
        "reset_session": false,
        "member_authenticated": false,
        "primary_required": null,
        "mfa_required": {
            "member_options": {
                "mfa_phone_number": member.standing.member.mfa_phone_number,
                "totp_registration_id": "",
            },
            "secondary_auth_initiated": null,
        },
    })
}

fn with(mut answer: Value, more: Value) -> Value {
    if let (Some(answer), Value::Object(more)) = (answer.as_object_mut(), more) {
        answer.extend(more);
    }
    answer
}
