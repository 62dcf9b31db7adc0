//! Machines of the project, and the one local check that this SDK has.

use stytch::Error;
use stytch::consumer::m2m;
use stytch::consumer::m2m_clients;
use stytch::consumer::m2m_clients_secrets as secrets;

use super::Application;
use super::refused;

fn wish(client_id: &str, client_secret: &str, scopes: Option<Vec<String>>) -> m2m::TokenRequest {
    m2m::TokenRequest {
        client_id: client_id.to_owned(),
        client_secret: client_secret.to_owned(),
        scopes,
        grant_type: "client_credentials".to_owned(),
    }
}

#[actix_web::test]
async fn a_machine_gets_tokens_that_the_sdk_believes() {
    let app = Application::start().await;
    let m2m = &app.client.m2m;
    let body = m2m_clients::CreateRequest {
        scopes: vec!["read:reports".into(), "write:reports".into()],
        client_name: Some("Reports".into()),
        ..Default::default()
    };
    let machine = m2m.clients.create(body).await.unwrap().m2m_client;
    let id = machine.client_id.clone();
    let get = || m2m_clients::GetRequest {
        client_id: id.clone(),
    };
    assert_eq!(
        m2m.clients.get(get()).await.unwrap().m2m_client.status,
        "active"
    );
    let scopes = Some(vec!["read:reports".to_owned()]);
    let token = m2m
        .token(wish(&id, &machine.client_secret, scopes))
        .await
        .unwrap();
    assert_eq!(
        (token.token_type.as_str(), token.expires_in),
        ("bearer", 3600)
    );
    let check = |required: &str| m2m::AuthenticateTokenRequest {
        access_token: token.access_token.clone(),
        required_scopes: Some(vec![required.to_owned()]),
        ..Default::default()
    };
    let told = m2m.authenticate_token(check("read:reports")).await.unwrap();
    assert_eq!(
        (told.client_id, told.scopes),
        (id.clone(), vec!["read:reports".to_owned()])
    );
    let more = m2m.authenticate_token(check("write:reports")).await;
    assert!(matches!(more, Err(Error::Unauthorized)));
    let wrong = m2m.token(wish(&id, "wrong", None)).await;
    refused(wrong, 401, "invalid_client");

    let start = secrets::RotateStartRequest {
        client_id: id.clone(),
    };
    let next = m2m
        .clients
        .secrets
        .rotate_start(start)
        .await
        .unwrap()
        .m2m_client;
    let rotate = secrets::RotateRequest {
        client_id: id.clone(),
    };
    m2m.clients.secrets.rotate(rotate).await.unwrap();
    m2m.token(wish(&id, &next.next_client_secret, None))
        .await
        .unwrap();
    let old = m2m.token(wish(&id, &machine.client_secret, None)).await;
    refused(old, 401, "invalid_client");

    let delete = m2m_clients::DeleteRequest {
        client_id: id.clone(),
    };
    assert_eq!(m2m.clients.delete(delete).await.unwrap().client_id, id);
    refused(m2m.clients.get(get()).await, 404, "m2m_client_not_found");
}
