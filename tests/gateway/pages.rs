//! Every page of ours as a browser shows it: in light and dark, on a screen, on a phone and without
//! scripts, with names that others chose to do harm. `VESTIBULE_SCREENSHOTS` names a folder that
//! the pictures are kept in.

use serde_json::Value;
use serde_json::json;

use crate::console::Console;
use crate::support::TestGateway;
use crate::support::portal::Portal;
use crate::support::portal::lasting_link;
use crate::support::sdk;

const HOSTILE: &str = "<script>alert(1)</script>\"' onload=x שלום";

const SETTINGS: &str = "/portal/settings/forecast?method_sso=on&factor_totp=on&mfa_policy=\
     REQUIRED_FOR_ALL&sso_jit_provisioning=ALL_ALLOWED&email_jit_provisioning=NOT_ALLOWED&\
     email_invites=ALL_ALLOWED&email_allowed_domains=";

struct Place {
    organization: String,
    member: String,
    /// Somebody whose name is as long as names may be.
    long: String,
    directory: String,
    saml: String,
    oidc: String,
    link: String,
}

/// Something that turns what follows around, and has no end; names may have 512 letters of it.
fn endless(most: usize) -> String {
    let endless = format!("{HOSTILE}\u{202e}{}", "emca".repeat(2560));
    endless.chars().take(most).collect()
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
    let long = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "cy@acme.test", "displayName": endless(512), "active": true,
        "emails": [{ "value": "cy@acme.test", "primary": true }],
    });
    let long_user = scim("Users", long).await;
    let group = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": HOSTILE, "members": [{ "value": user }],
    });
    scim("Groups", group).await;
    let group = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": endless(512), "members": [{ "value": long_user }],
    });
    let group = scim("Groups", group).await;
    let path = format!("/v1/b2b/scim/{organization}/connection/{id}");
    let rules = json!({ "scim_group_implicit_role_assignments":
        [{ "role_id": "editor", "group_id": group }] });
    let changed = gateway.put(&path, rules).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let path = format!("/v1/b2b/scim/{id}/Users");
    let refused = json!({ "userName": endless(10_240), "emails": HOSTILE });
    let refused = gateway.scim(("POST", &path), token, Some(refused)).await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    let sign_in = async |kind: &str| {
        let path = format!("/v1/b2b/sso/{kind}/{organization}");
        let named = json!({ "display_name": HOSTILE });
        let made = gateway.post(&path, named).await;
        assert_eq!(made.status, 200, "{}", made.text);
        let id = &made.body["connection"]["connection_id"];
        id.as_str().unwrap().to_owned()
    };
    let (saml, oidc) = (sign_in("saml").await, sign_in("oidc").await);
    let (_, link) = lasting_link(gateway, "hostile", 30).await;
    gateway.write_request_log().await;
    let path = format!("/v1/b2b/organizations/{organization}/member?email_address=cy%40acme.test");
    let cy = gateway.get(&path).await;
    assert_eq!(cy.status, 200, "{}", cy.text);
    let member_id = |body: &Value| body["member_id"].as_str().unwrap().to_owned();
    Place {
        organization,
        member: member_id(&member.body),
        long: member_id(&cy.body),
        directory: id.to_owned(),
        saml,
        oidc,
        link,
    }
}

fn pages(place: &Place) -> Vec<(&'static str, String, u16)> {
    let Place {
        organization,
        member,
        long,
        directory,
        saml,
        oidc,
        link,
    } = place;
    let asked = url::form_urlencoded::byte_serialize(HOSTILE.as_bytes()).collect::<String>();
    let forecast = format!(
        "/portal/roles/forecast?change=add&connection_id={directory}&role_id=editor&group="
    );
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
        ("portal-open", format!("/portal/open?token={link}"), 200),
        ("portal-saml", format!("/portal/sso/{saml}"), 200),
        ("portal-oidc", format!("/portal/sso/{oidc}"), 200),
        ("portal-roles-forecast", forecast, 200),
        ("portal-settings-forecast", SETTINGS.into(), 200),
        (
            "portal-members-none",
            format!("/portal/members?q={asked}"),
            200,
        ),
        ("portal-member-long", format!("/portal/members/{long}"), 200),
        (
            "portal-log-refused",
            format!("/portal/log?show=refused&q={asked}"),
            200,
        ),
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
        ("sign-in", "/o/hostile".into(), 200),
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
