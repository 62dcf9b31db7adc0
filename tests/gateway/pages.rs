//! Every page of ours as a browser shows it: in light and dark, on a screen, on a phone and without
//! scripts, with names that others chose to do harm. `VESTIBULE_SCREENSHOTS` names a folder that
//! the pictures are kept in.

use serde_json::Value;
use serde_json::json;

use crate::console::Console;
use crate::support::TestGateway;
use crate::support::portal::Portal;
use crate::support::sdk;

const HOSTILE: &str = "<script>alert(1)</script>\"' onload=x שלום";

struct Place {
    organization: String,
    slug: String,
    member: String,
}

/// An organization with people, groups and connections, all of them named to do harm.
async fn furnished(gateway: &TestGateway) -> Place {
    let long = "x".repeat(90);
    let acme = gateway.organization(json!({
        "organization_name": format!("{HOSTILE}{long}").chars().take(120).collect::<String>(),
        "organization_slug": "hostile",
    }));
    let acme = acme.await;
    let organization = acme["organization_id"].as_str().unwrap().to_owned();
    let path = format!("/v1/b2b/organizations/{organization}/members");
    let body = json!({ "email_address": "ana@acme.test", "name": HOSTILE });
    let member = gateway.post(&path, body).await;
    assert_eq!(member.status, 200, "{}", member.text);
    let path = format!("/v1/b2b/scim/{organization}/connection");
    let body = json!({ "display_name": HOSTILE, "identity_provider": "okta" });
    let connection = gateway.post(&path, body).await;
    assert_eq!(connection.status, 200, "{}", connection.text);
    let connection = &connection.body["connection"];
    let token = connection["bearer_token"].as_str().unwrap();
    let id = connection["connection_id"].as_str().unwrap();
    let scim = async |kind: &str, body: Value| {
        let path = format!("/v1/b2b/scim/{id}/{kind}");
        let pushed = gateway.scim(("POST", &path), token, Some(body)).await;
        assert_eq!(pushed.status, 201, "{}", pushed.text);
        pushed.body["id"].as_str().unwrap().to_owned()
    };
    let user = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "bo@acme.test", "displayName": HOSTILE, "active": true,
        "emails": [{ "value": "bo@acme.test", "primary": true }],
    });
    let user = scim("Users", user).await;
    let group = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": HOSTILE, "members": [{ "value": user }],
    });
    scim("Groups", group).await;
    for kind in ["saml", "oidc"] {
        let path = format!("/v1/b2b/sso/{kind}/{organization}");
        let made = gateway
            .post(&path, json!({ "display_name": HOSTILE }))
            .await;
        assert_eq!(made.status, 200, "{}", made.text);
    }
    gateway.write_request_log().await;
    Place {
        organization,
        slug: "hostile".to_owned(),
        member: member.body["member_id"].as_str().unwrap().to_owned(),
    }
}

fn pages(place: &Place) -> Vec<(&'static str, String, u16)> {
    let Place {
        organization,
        slug,
        member,
    } = place;
    vec![
        ("portal-link", "/portal/open?token=wrong".into(), 404),
        ("portal-home", "/portal".into(), 200),
        ("portal-domains", "/portal/domains".into(), 200),
        ("portal-sso", "/portal/sso".into(), 200),
        ("portal-directory", "/portal/directory".into(), 200),
        ("portal-roles", "/portal/roles".into(), 200),
        ("portal-members", "/portal/members".into(), 200),
        ("portal-member", format!("/portal/members/{member}"), 200),
        ("portal-log", "/portal/log".into(), 200),
        ("portal-settings", "/portal/settings".into(), 200),
        ("portal-left", "/portal/left".into(), 200),
        ("console-enter", "/console/enter?token=x".into(), 200),
        ("console-home", "/console".into(), 200),
        (
            "console-organizations",
            "/console/organizations".into(),
            200,
        ),
        (
            "console-organization",
            format!("/console/organizations/{organization}"),
            200,
        ),
        ("console-keys", "/console/keys".into(), 200),
        ("login", "/login".into(), 200),
        ("sign-in", format!("/o/{slug}"), 200),
    ]
}

#[actix_web::test]
async fn every_page_is_whole_in_light_and_dark_and_on_a_phone() {
    let gateway = TestGateway::start().await;
    let place = furnished(&gateway).await;
    let portal = Portal::open(&gateway, &place.organization).await;
    let console = Console::open(&gateway).await;
    let origin = &gateway.base_url;
    let pages: Vec<Value> = pages(&place)
        .into_iter()
        .map(|(name, path, status)| {
            let status = (status != 200).then_some(status);
            json!({ "name": name, "url": format!("{origin}{path}"), "status": status })
        })
        .collect();
    let asked = json!({
        "pages": pages,
        "cookies": [portal.cookie, console.cookie],
        "screenshots": std::env::var("VESTIBULE_SCREENSHOTS").unwrap_or_default(),
        "origin": origin,
    });
    let asked = asked.to_string();
    let script = (sdk::NODE, "node/pages.mjs");
    let wrong = sdk::run(&gateway, script, &[("PAGES", &asked)]).await;
    let wrong: Vec<String> = serde_json::from_str(&wrong).unwrap();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
