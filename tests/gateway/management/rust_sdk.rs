//! The official SDK for Rust, as it is, told to do what an application does; its types refuse an
//! answer that lacks a field.

use serde_json::Value;
use serde_json::json;
use stytch::Error;
use stytch::b2b::client::Client;
use stytch::b2b::organizations;
use stytch::client::Client as Http;
use stytch::client::Vertical;

use crate::support::TestGateway;

mod machines;
mod members;
mod organizations_and_policy;
mod passwords;
mod provisioning;
mod sessions;
mod single_sign_on;

/// The SDK, pointed at the gateway.
pub fn connect(gateway: &TestGateway, secret: &str) -> Client {
    let base = reqwest::Url::parse(&format!("{}/", gateway.base_url)).unwrap();
    let http = |vertical| {
        Http::new_with_base_url(&gateway.project_id, secret, base.clone(), vertical).unwrap()
    };
    Client::new_with_http_client(http(Vertical::B2B), http(Vertical::Consumer))
}

/// An application with an organization.
struct Application {
    gateway: TestGateway,
    client: Client,
    organization_id: String,
}

impl Application {
    async fn start() -> Self {
        let gateway = TestGateway::start().await;
        let client = connect(&gateway, &gateway.secret);
        let body = organizations::CreateRequest {
            organization_name: "Rust Story".into(),
            organization_slug: Some("rust-story".into()),
            organization_external_id: Some("rust.story".into()),
            email_allowed_domains: Some(vec!["acme.test".into()]),
            ..Default::default()
        };
        let created = client.organizations.create(body).await.unwrap();
        Self {
            organization_id: created.organization.organization_id,
            gateway,
            client,
        }
    }

    fn organization_id(&self) -> String {
        self.organization_id.clone()
    }
}

/// Whether a call was refused with this status and error type.
pub fn refused<T>(outcome: Result<T, Error>, status: u16, error_type: &str) {
    match outcome {
        Err(Error::Response(error)) => {
            let told = (error.status_code.as_u16(), error.error_type.as_str());
            assert_eq!(told, (status, error_type));
            assert!(!error.error_message.is_empty() && !error.error_url.is_empty());
        }
        Err(other) => panic!("expected {error_type}, found {other:?}"),
        Ok(_) => panic!("expected {error_type}, succeeded"),
    }
}

/// One operand of a search.
fn operand(name: &str, value: Value) -> Value {
    json!({ "filter_name": name, "filter_value": value })
}
