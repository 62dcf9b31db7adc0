use serde_json::json;

use super::Acme;
use super::authenticate;
use super::events;

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
