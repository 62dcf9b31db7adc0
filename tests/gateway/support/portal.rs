//! A browser of an IT admin in the admin portal.

use serde_json::json;
use vestibule::domain::id::RequestId;
use vestibule::domain::secret::SecretHash;
use vestibule::use_cases::portal_links;

use crate::support::Answer;
use crate::support::TestGateway;

/// A session of the portal, by its cookie.
#[derive(Clone, Debug)]
pub struct Portal {
    pub cookie: String,
    pub link_id: String,
}

impl Portal {
    /// Opens the portal of an organization by a link of the management API.
    pub async fn open(gateway: &TestGateway, organization: &str) -> Self {
        let body = json!({ "organization_id": organization });
        let made = gateway.post("/v1/b2b/portal_links", body).await;
        assert_eq!(made.status, 200, "{}", made.text);
        let opened = redeem(gateway, token_in(made.body["url"].as_str().unwrap())).await;
        assert_eq!(opened.status, 303, "{}", opened.text);
        Self {
            cookie: cookie_of(&opened),
            link_id: made.body["portal_link"]["portal_link_id"]
                .as_str()
                .unwrap()
                .to_owned(),
        }
    }

    /// A page.
    pub async fn get(&self, gateway: &TestGateway, path: &str) -> Answer {
        let request = gateway.http.get(format!("{}{path}", gateway.base_url));
        gateway.send(request.header("cookie", &self.cookie)).await
    }

    /// A form of a page of ours, sent.
    pub async fn post(&self, gateway: &TestGateway, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = gateway.http.post(format!("{}{path}", gateway.base_url));
        let request = request.header("sec-fetch-site", "same-origin");
        let request = request.header("cookie", &self.cookie);
        gateway.send(with_form(request, fields)).await
    }
}

/// The secret in a link.
pub fn token_in(url: &str) -> &str {
    url.split_once("token=").unwrap().1
}

/// A link that an operator makes: its id and its secret.
pub async fn lasting_link(
    gateway: &TestGateway,
    organization: &str,
    days: u32,
) -> (String, String) {
    let token = uuid::Uuid::new_v4().to_string();
    let (hash, project) = (
        SecretHash::of(&token),
        gateway.deployment.project_id.clone(),
    );
    let organization = organization.to_owned();
    let made = gateway.storage.transaction(RequestId::fresh(), move |tx| {
        portal_links::create_lasting(tx, &project, (&organization, days), &hash)
    });
    (made.await.unwrap().id.to_string(), token)
}

/// Sends the form of the page that a link shows.
pub async fn redeem(gateway: &TestGateway, token: &str) -> Answer {
    let request = gateway
        .http
        .post(format!("{}/portal/open", gateway.base_url));
    let request = request.header("sec-fetch-site", "same-origin");
    gateway.send(with_form(request, &[("token", token)])).await
}

/// The cookie that an answer sets.
pub fn cookie_of(answer: &Answer) -> String {
    let set = answer.headers.get("set-cookie").unwrap().to_str().unwrap();
    set.split(';').next().unwrap().to_owned()
}

/// A request with the fields of a form.
pub fn with_form(
    request: reqwest::RequestBuilder,
    fields: &[(&str, &str)],
) -> reqwest::RequestBuilder {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    request
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.finish())
}
