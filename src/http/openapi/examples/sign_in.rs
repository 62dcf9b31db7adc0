//! Bodies of calls about passwords and second factors.

use serde_json::Value;
use serde_json::json;

pub(super) fn passwords(call: &str) -> Option<Value> {
    let body = match call {
        "passwords.strengthCheck" => json!({
            "password": "the password that somebody chose",
            "email_address": "ada@acme.example"
        }),
        "passwords.migrate" => json!({
            "organization_id": "acme",
            "email_address": "ada@acme.example",
            "hash_type": "bcrypt",
            "hash": "$2b$12$…"
        }),
        "passwords.authenticate" => json!({
            "organization_id": "acme",
            "email_address": "ada@acme.example",
            "password": "the member's password"
        }),
        "passwords.existingPassword.reset" => json!({
            "organization_id": "acme",
            "email_address": "ada@acme.example",
            "existing_password": "the member's password",
            "new_password": "the one that it wants instead"
        }),
        "passwords.sessions.reset" => json!({
            "organization_id": "acme",
            "session_token": "the token of the session",
            "password": "the password that the member wants"
        }),
        "passwords.email.resetStart" => json!({
            "organization_id": "acme",
            "email_address": "ada@acme.example"
        }),
        "passwords.email.requireReset" | "passwords.discovery.email.resetStart" => {
            json!({ "email_address": "ada@acme.example" })
        }
        "passwords.email.reset" | "passwords.discovery.email.reset" => json!({
            "password_reset_token": "the token of the link",
            "password": "the password that its reader wants"
        }),
        "passwords.discovery.authenticate" => json!({
            "email_address": "ada@acme.example",
            "password": "the password of the address"
        }),
        _ => return None,
    };
    Some(body)
}

pub(super) fn second_factors(call: &str) -> Option<Value> {
    let token = "the intermediate_session_token of a sign-in";
    let about = |field: &str, value: &str| {
        json!({
            "organization_id": "acme",
            "member_id": "ada",
            "intermediate_session_token": token,
            field: value
        })
    };
    let body = match call {
        "recoveryCodes.rotate" | "totps.create" => {
            json!({ "organization_id": "acme", "member_id": "ada" })
        }
        "totps.authenticate" | "otps.sms.authenticate" => about("code", "123456"),
        "totps.migrate" => json!({
            "organization_id": "acme",
            "member_id": "ada",
            "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
            "recovery_codes": ["ckss-2skx-ebow"]
        }),
        "otps.sms.send" => about("mfa_phone_number", "+15551234567"),
        "recoveryCodes.recover" => about("recovery_code", "ckss-2skx-ebow"),
        _ => return None,
    };
    Some(body)
}
