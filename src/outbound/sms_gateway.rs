//! The operator's SMS gateway: one signed POST for each message (Standard Webhooks 1.0).

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use chrono::Utc;
use openidconnect::HttpRequest;
use openidconnect::http::Request;
use openidconnect::http::header::CONTENT_TYPE;
use serde_json::json;

use crate::domain::sms_message::SmsMessage;
use crate::outbound::http_client::HttpClient;

const ANSWER_LIMIT: usize = 64 * 1024;
const SECRET_PREFIX: &str = "whsec_";

/// Where messages go, and what proves that they are ours.
#[derive(Clone)]
pub struct SmsGateway {
    url: String,
    secret: Vec<u8>,
}

impl std::fmt::Debug for SmsGateway {
    /// The address may hold a key, so it is not shown either.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SmsGateway([REDACTED])")
    }
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handover {
    /// The gateway has it.
    Taken,
    /// It may be tried again: why.
    Delayed(String),
    /// The gateway does not want it: why.
    Refused(String),
}

/// The bytes of a secret of the form `whsec_` and base64.
pub fn secret_bytes(secret: &str) -> Option<Vec<u8>> {
    let bytes = STANDARD.decode(secret.strip_prefix(SECRET_PREFIX)?).ok()?;
    (bytes.len() >= 24).then_some(bytes)
}

impl SmsGateway {
    /// The gateway at this address.
    pub fn new(url: String, secret: Vec<u8>) -> Self {
        Self { url, secret }
    }

    /// Hands a message over. Sent again it has the same id, by which a gateway tells that it has it
    /// already.
    pub async fn send(
        &self,
        client: &HttpClient,
        (id, message): (&str, &SmsMessage),
        now: DateTime<Utc>,
    ) -> Handover {
        let Some(request) = self.request(id, message, now) else {
            return Handover::Refused("the address of the gateway cannot be used".to_owned());
        };
        match client.send(request, ANSWER_LIMIT).await {
            Ok(answer) if answer.status().is_success() => Handover::Taken,
            Ok(answer) => {
                let status = answer.status();
                let reason = format!("the gateway answered {status}");
                // Too many requests, or a request that took too long, may do better next time.
                if status.is_client_error() && !matches!(status.as_u16(), 408 | 425 | 429) {
                    Handover::Refused(reason)
                } else {
                    Handover::Delayed(reason)
                }
            }
            Err(error) => Handover::Delayed(error.to_string()),
        }
    }

    fn request(&self, id: &str, message: &SmsMessage, now: DateTime<Utc>) -> Option<HttpRequest> {
        let body = json!({ "type": "sms.requested", "timestamp": now, "data": message });
        let body = body.to_string();
        let seconds = now.timestamp();
        Request::post(&self.url)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", self.signature(id, seconds, &body))
            .body(body.into_bytes())
            .ok()
    }

    fn signature(&self, id: &str, seconds: i64, body: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.secret);
        let tag = hmac::sign(&key, format!("{id}.{seconds}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(tag.as_ref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_standard_webhooks() {
        // The vector of the standard's own libraries.
        let secret = secret_bytes("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let gateway = SmsGateway::new("https://sms.test/send".to_owned(), secret);
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        assert_eq!(
            gateway.signature(id, 1_614_265_330, r#"{"test": 2432232314}"#),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn a_secret_is_long_and_of_its_form() {
        for wrong in [
            "",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_",
            "whsec_AAAA",
            "whsec_*",
        ] {
            assert_eq!(secret_bytes(wrong), None, "{wrong}");
        }
    }
}
