use serde_json::json;

use super::Acme;
use super::authenticate;
use crate::support::private_key::rsa_key;
use vestibule::demo::saml_encryption::ContentCipher;
use vestibule::demo::saml_encryption::Encryption;

/// A new key of Acme's connection, as its IdP would find it in the metadata.
async fn new_key(acme: &Acme) -> Encryption {
    let id = &acme.organization_id;
    let path = format!(
        "/v1/b2b/sso/saml/{id}/connections/{}/encryption_private_keys",
        acme.connection_id
    );
    let answer = acme.gateway.call("POST", &path, None).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let keys = answer.body["connection"]["encryption_private_keys"].clone();
    let newest = keys.as_array().unwrap().last().unwrap().clone();
    Encryption::to(newest["certificate"].as_str().unwrap()).unwrap()
}

async fn outcome(acme: &Acme, encryption: Encryption, signed: (bool, bool)) -> String {
    let asked = acme.start().await;
    let mut draft = acme.response(&asked, "ana@acme.test");
    (draft.sign_assertion, draft.sign_response) = signed;
    draft.encryption = Some(encryption);
    let page = acme.post(&draft, &asked.relay_state).await;
    if page.location().is_none() {
        return page.shown("Check");
    }
    let answer = authenticate(&acme.gateway, &page).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body["member"]["email_address"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[actix_web::test]
async fn people_sign_in_with_encrypted_assertions_through_a_rotation_of_keys() {
    let acme = Acme::open().await;
    let old = new_key(&acme).await;
    let cbc = Encryption {
        cipher: ContentCipher::Aes256Cbc,
        ..old.clone()
    };
    let new = new_key(&acme).await;
    for (encryption, signed) in [
        (&old, (true, false)),
        (&new, (true, false)),
        (&new, (false, true)),
        (&new, (true, true)),
        (&cbc, (false, true)),
    ] {
        let who = outcome(&acme, encryption.clone(), signed).await;
        assert_eq!(who, "ana@acme.test", "{signed:?}");
    }
}

#[actix_web::test]
async fn a_pasted_key_decrypts_and_a_strangers_does_not() {
    let acme = Acme::open().await;
    let generated = new_key(&acme).await;
    let (_, pasted) = rsa_key();
    acme.change_connection(json!({ "saml_encryption_private_key": pasted }))
        .await;
    let metadata = acme
        .browser
        .get(&format!("{}/metadata", acme.acs_url()))
        .await
        .text;
    let (_, shown) = metadata.split_once("use=\"encryption\"").unwrap();
    let (_, shown) = shown.split_once("<ds:X509Certificate>").unwrap();
    let (shown, _) = shown.split_once('<').unwrap();
    let newest = Encryption::to(shown).unwrap();
    assert_ne!(newest.public_key, generated.public_key);
    let who = outcome(&acme, newest, (true, false)).await;
    assert_eq!(who, "ana@acme.test");
    let stranger = vestibule::demo::saml_signature::KeyPair::generate("SP").unwrap();
    let stranger = Encryption::to(&stranger.certificate_pem).unwrap();
    let refused = outcome(&acme, stranger, (true, false)).await;
    assert_eq!(refused, "decryption_failed");
}
