use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use vestibule::demo::saml_response::ResponseDraft;

use super::Acme;
use super::authenticate;
use super::events;
use super::idp_key;

const GROUPS: &str = "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups";
const GROUPS_LINK: &str = "http://schemas.microsoft.com/claims/groups.link";

fn one(name: &str, value: &str) -> (String, Vec<String>) {
    (name.to_owned(), vec![value.to_owned()])
}

#[actix_web::test]
async fn a_preset_maps_what_the_product_sends() {
    let claims = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims";
    let entra = [
        (format!("{claims}/emailaddress"), "ana@acme.test"),
        (format!("{claims}/givenname"), "Ana"),
        (format!("{claims}/surname"), "Anders"),
        (
            "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups".to_owned(),
            "eng",
        ),
    ];
    let named = |names: [&str; 4]| {
        let values = ["ana@acme.test", "Ana", "Anders", "eng"];
        names
            .map(str::to_owned)
            .into_iter()
            .zip(values)
            .collect::<Vec<_>>()
    };
    let table = [
        ("microsoft-entra", entra.to_vec()),
        ("okta", named(["email", "firstName", "lastName", "groups"])),
        (
            "onelogin",
            named(["User.email", "User.FirstName", "User.LastName", "memberOf"]),
        ),
        (
            "google-workspace",
            named(["email", "firstName", "lastName", "groups"]),
        ),
        (
            "pingfederate",
            named(["mail", "givenName", "sn", "memberOf"]),
        ),
        (
            "jumpcloud",
            named(["email", "firstname", "lastname", "memberOf"]),
        ),
        (
            "keycloak",
            named([
                "urn:oid:1.2.840.113549.1.9.1",
                "urn:oid:2.5.4.42",
                "urn:oid:2.5.4.4",
                "member",
            ]),
        ),
        (
            "cyberark",
            named(["LoginUser.Email", "firstName", "lastName", "groups"]),
        ),
        (
            "shibboleth",
            named(["mail", "givenName", "sn", "isMemberOf"]),
        ),
        ("generic", named(["mail", "given_name", "surname", "group"])),
        (
            "duo",
            named(["emailAddress", "FirstName", "LastName", "memberOf"]),
        ),
    ];
    let roles = json!([{ "role_id": "editor", "group": "eng" }]);
    let acme = Acme::open().await;
    for (product, attributes) in table {
        let body = json!({
            "attribute_mapping_preset": product,
            "saml_group_implicit_role_assignments": roles,
        });
        acme.change_connection(body).await;
        let asked = acme.start().await;
        let mut draft = acme.response(&asked, "ana@acme.test");
        draft.attributes = attributes
            .iter()
            .map(|(name, value)| one(name, value))
            .collect();
        let answer = acme.finish(&draft, &asked).await;
        assert_eq!(answer.status, 200, "{product}: {}", answer.text);
        assert_eq!(answer.body["member"]["name"], "Ana Anders", "{product}");
        assert_eq!(
            answer.body["member_session"]["roles"],
            json!(["editor", "stytch_member"]),
            "{product}"
        );
    }
}

#[actix_web::test]
async fn a_preset_is_taken_only_when_it_is_asked_for() {
    let acme = Acme::open().await;
    let path = format!("/v1/b2b/sso/saml/{}", acme.organization_id);
    let create = async |body| acme.gateway.post(&path, body).await.body["connection"].clone();
    let silent = create(json!({ "identity_provider": "okta" })).await;
    assert_eq!(silent["attribute_mapping"], json!({}));
    let asked = create(json!({ "attribute_mapping_preset": "okta" })).await;
    assert_eq!(asked["attribute_mapping"]["first_name"], "firstName");
    let own = json!({
        "attribute_mapping_preset": "okta",
        "attribute_mapping": { "email": "e", "full_name": "n" },
    });
    let id = asked["connection_id"].as_str().unwrap();
    let changed = acme
        .gateway
        .put(&format!("{path}/connections/{id}"), own)
        .await;
    assert_eq!(
        changed.body["connection"]["attribute_mapping"],
        json!({ "email": "e", "full_name": "n" })
    );
}

#[actix_web::test]
async fn groups_are_read_as_the_connection_says() {
    let acme = Acme::with(
        json!({}),
        json!({
            "attribute_mapping": { "email": "email", "full_name": "name", "groups": "groups" },
            "saml_group_implicit_role_assignments": [{ "role_id": "editor", "group": "eng" }],
        }),
    )
    .await;
    let table = [
        ("names", "eng", true),
        ("names", "sales;eng", false),
        ("separated", "sales; eng", true),
        ("separated", "sales,english", false),
        ("distinguished_names", "CN=eng,OU=Groups,DC=acme", true),
        ("distinguished_names", "CN=sales,OU=eng", false),
        ("paths", "eng/backend", true),
        ("paths", "sales/eng", false),
    ];
    for (syntax, value, is_editor) in table {
        acme.change_connection(json!({ "groups_syntax": syntax }))
            .await;
        let asked = acme.start().await;
        let mut draft = acme.response(&asked, "ana@acme.test");
        draft.attributes.push(one("groups", value));
        let answer = acme.finish(&draft, &asked).await;
        let roles = answer.body["member_session"]["roles"].to_string();
        assert_eq!(roles.contains("editor"), is_editor, "{syntax} {value}");
    }
}

#[actix_web::test]
async fn groups_inside_other_elements_or_attributes_are_found() {
    let acme = Acme::with(
        json!({}),
        json!({
            "attribute_mapping": { "email": "email", "full_name": "name", "groups": "groups" },
            "saml_group_implicit_role_assignments": [
                { "role_id": "editor", "group": "eng" },
                { "role_id": "viewer", "group": "sales" },
            ],
        }),
    )
    .await;
    let table = [
        ("<g xmlns=\"urn:g\"><h>eng</h><h>sales</h></g>", true),
        ("<g><h><name>eng</name></h></g><g>sales</g>", true),
        (
            "<saml:Attribute Name=\"a\"><saml:AttributeValue>eng</saml:AttributeValue>\
             <saml:AttributeValue>sales</saml:AttributeValue></saml:Attribute>",
            true,
        ),
        ("<g eng=\"eng\"><sales></sales></g>", false),
    ];
    for (nested, has_roles) in table {
        let asked = acme.start().await;
        let mut draft = acme.response(&asked, "ana@acme.test");
        draft.attributes.push(one("groups", "NESTED"));
        (draft.sign_assertion, draft.sign_response) = (false, true);
        let response = ResponseDraft {
            sign_response: false,
            ..draft.clone()
        };
        let xml = response
            .to_xml(idp_key())
            .unwrap()
            .replace("NESTED", nested);
        let signed = idp_key().sign_element(&xml, &draft.response_id).unwrap();
        let page = acme
            .post_value(STANDARD.encode(signed), &asked.relay_state)
            .await;
        let answer = authenticate(&acme.gateway, &page).await;
        let roles = answer.body["member_session"]["roles"].to_string();
        let found = ["editor", "viewer"].map(|role| roles.contains(role));
        assert_eq!(found, [has_roles; 2], "{nested}: {roles}");
    }
}

#[actix_web::test]
async fn groups_that_entra_leaves_out_are_no_groups_gone() {
    let acme = Acme::with(
        json!({}),
        json!({
            "attribute_mapping_preset": "microsoft-entra",
            "attribute_mapping": { "email": "email", "full_name": "name", "groups": GROUPS },
            "saml_group_implicit_role_assignments": [{ "role_id": "editor", "group": "eng" }],
        }),
    )
    .await;
    let sign_in = async |attributes: &[(&str, &str)]| {
        let asked = acme.start().await;
        let mut draft = acme.response(&asked, "ana@acme.test");
        let more = attributes.iter().map(|(name, value)| one(name, value));
        draft.attributes.extend(more);
        acme.post(&draft, &asked.relay_state).await
    };
    let answer = authenticate(&acme.gateway, &sign_in(&[(GROUPS, "eng")]).await).await;
    assert!(
        answer.body["member_session"]["roles"]
            .to_string()
            .contains("editor")
    );
    let refused = sign_in(&[(
        GROUPS_LINK,
        "https://graph.windows.net/t/users/u/getMemberObjects",
    )])
    .await;
    assert_eq!(
        (refused.status, refused.shown("Check").as_str()),
        (400, "groups_left_out")
    );
    let journal = events(&acme.gateway, &acme.organization_id).await;
    assert_eq!(journal.last().unwrap().kind, "sign_in.refused");
    // Where no group gives a role, nothing is lost.
    acme.change_connection(json!({ "saml_group_implicit_role_assignments": [] }))
        .await;
    let page = sign_in(&[(
        GROUPS_LINK,
        "https://graph.windows.net/t/users/u/getMemberObjects",
    )])
    .await;
    assert_eq!(authenticate(&acme.gateway, &page).await.status, 200);
}

#[actix_web::test]
async fn a_missing_attribute_is_told_with_those_that_came() {
    let acme = Acme::open().await;
    let mapping = json!({ "email": "mail|emailAddress", "full_name": "name" });
    acme.change_connection(json!({ "attribute_mapping": mapping }))
        .await;
    let asked = acme.start().await;
    let draft = acme.response(&asked, "ana@acme.test");
    let page = acme.post(&draft, &asked.relay_state).await;
    assert_eq!(page.code(), "invalid_saml_response_email");
    assert_eq!(page.shown("Check"), "email_missing");
    assert!(page.text.contains("mail|emailAddress"), "{}", page.text);
    assert!(page.text.contains("It sent: email, name."), "{}", page.text);
    assert!(!page.text.contains("ana@acme.test"), "{}", page.text);
    let journal = events(&acme.gateway, &acme.organization_id).await;
    let told = journal.last().unwrap().after.clone().unwrap();
    assert_eq!(told["received"], "email, name");
    // Another spelling of the list is as good.
    let mut draft = acme.response(&asked, "ana@acme.test");
    draft.attributes.push(one("emailAddress", "ana@acme.test"));
    let page = acme.post(&draft, &asked.relay_state).await;
    assert_eq!(authenticate(&acme.gateway, &page).await.status, 200);
}
