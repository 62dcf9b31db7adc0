//! What was refused, and what helps: found by the request id of the page, by person, by connection.

use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;

use super::Acme;
use super::authenticate;
use super::events;
use super::text;
use crate::support::Answer;

impl Acme {
    async fn refusals(&self, query: &str) -> Vec<Value> {
        let path = format!(
            "/v1/b2b/organizations/{}/refusals{query}",
            self.organization_id
        );
        let answer = self.gateway.get(&path).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body["refusals"].as_array().unwrap().clone()
    }

    async fn refusal(&self, request_id: &str) -> Answer {
        let organization = &self.organization_id;
        let path = format!("/v1/b2b/organizations/{organization}/refusals/{request_id}");
        self.gateway.get(&path).await
    }

    /// A sign-in that the rules refuse only when its token is redeemed.
    async fn refused_at_the_end(&self, email: &str) -> Answer {
        let door = |open: &str| json!({ "sso_jit_provisioning": open });
        self.change(door("ALL_ALLOWED")).await;
        let asked = self.start().await;
        let page = self
            .post(&self.response(&asked, email), &asked.relay_state)
            .await;
        self.change(door("NOT_ALLOWED")).await;
        authenticate(&self.gateway, &page).await
    }

    /// A sign-in with another audience; gives the request id of the page.
    async fn wrong_audience(&self) -> String {
        let asked = self.start().await;
        let mut draft = self.response(&asked, "ana@acme.test");
        draft.audiences = vec!["https://other.test".to_owned()];
        self.post(&draft, &asked.relay_state).await.shown("Request")
    }
}

#[actix_web::test]
async fn the_request_of_the_error_page_leads_to_rule_values_fix_and_who() {
    let acme = Acme::open().await;
    let request = acme.wrong_audience().await;
    let found = acme.refusal(&request).await;
    assert_eq!(found.status, 200, "{}", found.text);
    let refusal = &found.body["refusal"];
    assert_eq!(refusal["kind"], "sign_in.refused");
    assert_eq!(refusal["code"], "audience");
    assert_eq!(refusal["connection"], json!(acme.connection_id));
    assert_eq!(refusal["received"], "https://other.test");
    assert!(
        text(&refusal["expected"]).contains(&acme.connection_id),
        "{refusal}"
    );
    assert_eq!(refusal["remedy"]["who"], "it_admin");
    assert_eq!(refusal["remedy"]["name"], "audience");
    let globex = Acme::open_beside(&acme).await;
    for (organization, request) in [
        (globex.as_str(), request.as_str()),
        (&acme.organization_id, "nothing"),
    ] {
        let path = format!("/v1/b2b/organizations/{organization}/refusals/{request}");
        let answer = acme.gateway.get(&path).await;
        assert_eq!(answer.status, 404, "{}", answer.text);
        assert_eq!(answer.body["error_type"], "refusal_not_found");
    }
}

impl Acme {
    /// Another organization of the same gateway.
    async fn open_beside(acme: &Acme) -> String {
        let globex = acme
            .gateway
            .organization(json!({ "organization_name": "Globex" }))
            .await;
        text(&globex["organization_id"])
    }
}

#[actix_web::test]
async fn refusals_are_found_by_address_and_connection_page_by_page() {
    let acme = Acme::open().await;
    let answer = acme.refused_at_the_end("ana@acme.test").await;
    assert_eq!(answer.status, 400, "{}", answer.text);
    acme.wrong_audience().await;
    acme.refused_at_the_end("ben@acme.test").await;
    let all = acme.refusals("").await;
    let codes: Vec<&Value> = all.iter().map(|it| &it["code"]).collect();
    assert_eq!(codes, ["jit_not_allowed", "audience", "jit_not_allowed"]);
    assert_eq!(all[0]["email_address"], "ben@acme.test");
    let of_ana = acme.refusals("?email_address=ana@acme.test").await;
    assert_eq!(of_ana, [all[2].clone()]);
    assert_eq!(of_ana[0]["request_id"], answer.body["request_id"]);
    assert_eq!(of_ana[0]["remedy"]["name"], "jit_off");
    assert_eq!(of_ana[0]["remedy"]["who"], "organization_admin");
    let through = format!("?connection_id={}", acme.connection_id);
    assert_eq!(acme.refusals(&through).await, all);
    let path = format!("/v1/b2b/organizations/{}/refusals", acme.organization_id);
    let (mut cursor, mut paged) = (String::new(), Vec::new());
    for _ in 0..3 {
        let page = acme
            .gateway
            .get(&format!("{path}?limit=1&cursor={cursor}"))
            .await;
        paged.extend(page.body["refusals"].as_array().unwrap().clone());
        cursor = page.body["next_cursor"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
    }
    assert_eq!((paged, cursor.as_str()), (all, ""));
    for wrong in ["limit=0", "cursor=x", "connection_id=x"] {
        let answer = acme.gateway.get(&format!("{path}?{wrong}")).await;
        assert_eq!(answer.status, 400, "{wrong}: {}", answer.text);
    }
}

#[actix_web::test]
async fn a_flood_of_strangers_fills_no_journal() {
    let acme = Acme::open().await;
    for _ in 0..40 {
        acme.post_value("no answer".to_owned(), "").await;
    }
    let kept = events(&acme.gateway, &acme.organization_id).await;
    let kept: Vec<_> = kept
        .iter()
        .filter(|event| event.kind == "sign_in.refused")
        .collect();
    assert_eq!(kept.len(), 30);
    let all = acme.refusals("").await;
    let last: Vec<&Value> = all.iter().map(|it| &it["others_not_kept"]).collect();
    assert_eq!(last[0], true);
    assert!(last[1..].iter().all(|it| **it == false));
    acme.gateway.wait(TimeDelta::seconds(61));
    acme.post_value("no answer".to_owned(), "").await;
    assert_eq!(acme.refusals("").await.len(), 31);
}

#[actix_web::test]
async fn refusals_are_shown_to_who_may_see_connections_and_members() {
    let acme = Acme::open().await;
    let request = acme.wrong_audience().await;
    let organization = acme.organization_id.as_str();
    let gateway = &acme.gateway;
    let admin = gateway
        .member_session(organization, &["stytch_admin"])
        .await;
    let viewer = gateway.member_session(organization, &["viewer"]).await;
    let globex = Acme::open_beside(&acme).await;
    let stranger = gateway.member_session(&globex, &["stytch_admin"]).await;
    let path = format!("/v1/b2b/organizations/{organization}/refusals");
    for (token, status) in [(&admin, 200), (&viewer, 403), (&stranger, 403)] {
        for path in [path.clone(), format!("{path}/{request}")] {
            let answer = gateway.call_as(token, ("GET", &path), None).await;
            assert_eq!(answer.status, status, "{}", answer.text);
        }
    }
}
