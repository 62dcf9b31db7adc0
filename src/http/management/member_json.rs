//! A member as the contract shows it (contract 3.2, 3.3, appendix A).

use serde_json::Value;
use serde_json::json;

use crate::domain::rbac::ADMIN_ROLE;
use crate::domain::roles::RoleAssignment;
use crate::domain::session_token::timestamp;
use crate::http::management::organization_json::OrganizationJson;
use crate::http::management::scim_attributes::scim_attributes;
use crate::use_cases::members::MemberView;
use crate::use_cases::standing::MemberStanding;
use crate::use_cases::standing::ScimRegistration;
use crate::use_cases::standing::SsoRegistration;

/// The `Member` object. Required fields are always there, since typed SDKs refuse without them.
pub(crate) fn member(standing: &MemberStanding) -> Value {
    let member = &standing.member;
    let mut object = json!({
        "organization_id": member.organization_id,
        "member_id": member.id,
        "email_address": member.email_address,
        "email_address_verified": member.email_address_verified,
        "status": member.status,
        "name": member.name,
        "external_id": member.external_id,
        "trusted_metadata": member.trusted_metadata,
        "untrusted_metadata": member.untrusted_metadata,
        "is_breakglass": member.is_breakglass,
        "is_admin": standing.roles.iter().any(|role| role.role_id == ADMIN_ROLE),
        "roles": standing.roles.iter().map(role).collect::<Vec<_>>(),
        "sso_registrations": standing.sso.iter().map(sso_registration).collect::<Vec<_>>(),
        "scim_registration": standing.scim.as_ref().map(scim_registration),
        "retired_email_addresses": retired_emails(standing),
        "created_at": timestamp(member.created_at),
        "updated_at": timestamp(member.updated_at),
    });
    let factors = json!({
        "oauth_registrations": [],
        "member_password_id": "",
        "mfa_enrolled": member.mfa_enrolled,
        "mfa_phone_number": member.mfa_phone_number,
        "mfa_phone_number_verified": false,
        "totp_registration_id": "",
        "default_mfa_method": "",
        "is_locked": false,
        "lock_created_at": null,
        "lock_expires_at": null,
    });
    if let (Some(object), Value::Object(factors)) = (object.as_object_mut(), factors) {
        object.extend(factors);
    }
    object
}

/// The fields that most answers about a member have.
pub(crate) fn member_answer(view: &MemberView) -> Value {
    json!({
        "member_id": view.standing.member.id,
        "member": member(&view.standing),
        "organization": OrganizationJson::new(&view.organization),
    })
}

fn role(assignment: &RoleAssignment) -> Value {
    let sources = assignment.sources.iter();
    let sources = sources.map(|s| json!({ "type": s.type_name(), "details": s.details() }));
    json!({ "role_id": assignment.role_id, "sources": sources.collect::<Vec<_>>() })
}

fn sso_registration(registered: &SsoRegistration) -> Value {
    json!({
        "connection_id": registered.connection.id,
        "external_id": registered.registration.subject,
        "registration_id": registered.registration.id,
        "sso_attributes": registered.registration.attributes,
    })
}

fn scim_registration(registration: &ScimRegistration) -> Value {
    json!({
        "connection_id": registration.user.connection_id,
        "registration_id": registration.user.id,
        "external_id": registration.user.external_id,
        "scim_attributes": scim_attributes(registration),
    })
}

fn retired_emails(standing: &MemberStanding) -> Vec<Value> {
    let retired = standing.retired_emails.iter();
    retired
        .map(|(id, address)| json!({ "email_id": id, "email_address": address }))
        .collect()
}
