use serde_json::json;

use super::Ana;
use super::factors;
use super::refusal;

#[actix_web::test]
async fn each_code_opens_one_session() {
    let ana = Ana::owing().await;
    let (_, codes) = ana.enrol().await;
    for (place, left) in [(0, 9), (5, 8)] {
        let code = json!({ "recovery_code": codes[place] });
        let recovered = ana.complete("recovery_codes/recover", code.clone()).await;
        assert_eq!(recovered.status, 200, "{}", recovered.text);
        assert_eq!(recovered.body["recovery_codes_remaining"], left);
        assert_eq!(factors(&recovered), ["magic_link", "recovery_codes"]);
        let again = ana.complete("recovery_codes/recover", code).await;
        assert_eq!(
            refusal(&again),
            (401, "unable_to_authenticate_recovery_code")
        );
    }
    let bare = ana
        .post(
            "recovery_codes/recover",
            json!({ "recovery_code": codes[1] }),
        )
        .await;
    assert_eq!(refusal(&bare), (400, "no_session_arguments"));
}

#[actix_web::test]
async fn codes_are_shown_and_replaced() {
    let ana = Ana::owing().await;
    let path = format!("/v1/b2b/recovery_codes/acme/{}", ana.member_id);
    let missing = ana.gateway.get(&path).await;
    assert_eq!(refusal(&missing), (404, "recovery_codes_not_found"));
    // Those of an application that is pending are good for nothing yet.
    let pending = ana.post("totp", json!({})).await;
    let code = json!({ "recovery_code": pending.body["recovery_codes"][0] });
    let tried = ana.complete("recovery_codes/recover", code).await;
    assert_eq!(refusal(&tried), (404, "recovery_codes_not_found"));
    let (_, codes) = ana.enrol().await;
    let shown = ana.gateway.get(&path).await;
    assert_eq!(shown.body["recovery_codes"], json!(codes), "{}", shown.text);
    let rotated = ana.post("recovery_codes/rotate", json!({})).await;
    assert_eq!(rotated.status, 200, "{}", rotated.text);
    let fresh = &rotated.body["recovery_codes"];
    assert_eq!(fresh.as_array().unwrap().len(), 10);
    assert_eq!(&ana.gateway.get(&path).await.body["recovery_codes"], fresh);
    let old = ana
        .complete(
            "recovery_codes/recover",
            json!({ "recovery_code": codes[0] }),
        )
        .await;
    assert_eq!(refusal(&old), (401, "unable_to_authenticate_recovery_code"));
    let new = ana
        .complete(
            "recovery_codes/recover",
            json!({ "recovery_code": fresh[3] }),
        )
        .await;
    assert_eq!(new.status, 200, "{}", new.text);
}
