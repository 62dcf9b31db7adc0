use serde_json::Value;
use serde_json::json;

use super::members_acme::Acme;
use super::members_acme::refusal;
use super::members_acme::refused;
use super::members_acme::text;

fn address(address: &str) -> Value {
    json!({ "email_address": address })
}

fn retired(member: &Value) -> Vec<String> {
    let retired = member["retired_email_addresses"].as_array().unwrap();
    retired
        .iter()
        .map(|it| text(&it["email_address"]))
        .collect()
}

#[actix_web::test]
async fn an_address_given_up_stays_the_members_own() {
    let acme = Acme::start().await;
    let (ana, ben) = (
        acme.at("Ana@acme.test").await,
        acme.at("ben@acme.test").await,
    );
    acme.verify(&ana).await;
    let known = acme.journal().await.len();
    let member = acme.updated(&ana, address("ann@acme.test")).await;
    assert_eq!(member["email_address"], "ann@acme.test");
    assert_eq!(member["email_address_verified"], false);
    assert_eq!(retired(&member), ["Ana@acme.test"]);
    assert_eq!(acme.events_since(known).await, ["member.updated"]);

    let blocked = refused(400, "retired_member_email");
    let taking = acme.update(&ben, address("ana@acme.test")).await;
    assert_eq!(refusal(&taking), blocked);
    let creating = acme.gateway.post(&acme.members, address("ANA@acme.test"));
    assert_eq!(refusal(&creating.await), blocked);

    let back = acme.updated(&ana, address("ana@acme.test")).await;
    assert_eq!(retired(&back), ["ann@acme.test"]);
    assert_eq!(back["email_address_verified"], false);
}

#[actix_web::test]
async fn an_address_is_free_at_once_when_it_is_asked_to_be() {
    let acme = Acme::start().await;
    let ana = acme.at("ana@acme.test").await;
    let body = json!({ "email_address": "ann@acme.test", "unlink_email": true });
    let member = acme.updated(&ana, body).await;
    assert_eq!(retired(&member), Vec::<String>::new());
    acme.at("ana@acme.test").await;
    let taken = acme.update(&ana, address("ana@acme.test")).await;
    assert_eq!(refusal(&taken), refused(400, "duplicate_member_email"));
}

#[actix_web::test]
async fn another_spelling_is_no_other_address() {
    let acme = Acme::start().await;
    let ana = acme.at("ana@acme.test").await;
    acme.verify(&ana).await;
    let member = acme.updated(&ana, address("Ana@Acme.test")).await;
    assert_eq!(member["email_address"], "Ana@Acme.test");
    assert_eq!(member["email_address_verified"], true);
    assert_eq!(retired(&member), Vec::<String>::new());
}

#[actix_web::test]
async fn a_retired_address_is_unlinked_by_its_id_by_itself_or_by_both() {
    let acme = Acme::start().await;
    let (ana, ben) = (
        acme.at("ana@acme.test").await,
        acme.at("ben@acme.test").await,
    );
    let unlink = async |member: &str, body: Value| {
        let path = format!("{}/{member}/unlink_retired_email", acme.members);
        acme.gateway.post(&path, body).await
    };
    for round in 0..3 {
        let old = text(&acme.any(&ana).await["email_address"]);
        let member = acme
            .updated(&ana, address(&format!("ana{round}@acme.test")))
            .await;
        let id = member["retired_email_addresses"][0]["email_id"].clone();
        let known = acme.journal().await.len();
        let missing = refused(400, "retired_email_missing_email_identifiers");
        for nothing in [json!({}), json!({ "email_id": "", "email_address": null })] {
            assert_eq!(refusal(&unlink(&ana, nothing).await), missing);
        }
        let not_found = refused(404, "email_not_found");
        for wrong in [
            address("nobody@acme.test"),
            address(&format!("ana{round}@acme.test")),
            json!({ "email_id": "email-test-1" }),
            json!({ "email_id": id, "email_address": "nobody@acme.test" }),
        ] {
            assert_eq!(
                refusal(&unlink(&ana, wrong.clone()).await),
                not_found,
                "{wrong}"
            );
        }
        assert_eq!(
            refusal(&unlink(&ben, json!({ "email_id": id })).await),
            not_found
        );
        assert_eq!(acme.journal().await.len(), known);

        let right = [
            json!({ "email_id": id }),
            address(&old.to_uppercase()),
            json!({ "email_id": id, "email_address": old }),
        ];
        let answer = unlink(&ana, right[round].clone()).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.body["organization_id"], *acme.organization_id);
        assert_eq!(answer.body["member_id"], *ana);
        assert_eq!(retired(&answer.body["member"]), Vec::<String>::new());
        assert_eq!(acme.events_since(known).await, ["member.updated"]);
        acme.at(&old).await;
    }
}

#[actix_web::test]
async fn what_a_deleted_member_gave_up_is_free() {
    let acme = Acme::start().await;
    let ana = acme.at("ana@acme.test").await;
    acme.updated(&ana, address("ann@acme.test")).await;
    acme.verify(&ana).await;
    assert_eq!(acme.call("DELETE", &ana).await.status, 200);
    let ben = acme.at("ana@acme.test").await;
    // Whoever has it now can give it up in turn, and the one who comes back has lost it.
    let member = acme.updated(&ben, address("ben@acme.test")).await;
    assert_eq!(retired(&member), ["ana@acme.test"]);
    let back = acme.call("PUT", &format!("{ana}/reactivate")).await;
    assert_eq!(back.status, 200, "{}", back.text);
    assert_eq!(retired(&back.body["member"]), Vec::<String>::new());
    let taking = acme.update(&ana, address("ana@acme.test")).await;
    assert_eq!(refusal(&taking), refused(400, "retired_member_email"));
}
