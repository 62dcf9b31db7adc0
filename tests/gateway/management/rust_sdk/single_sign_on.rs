use serde_json::json;
use stytch::b2b::sso::AuthenticateRequest;
use stytch::b2b::sso::DeleteConnectionRequest;
use stytch::b2b::sso::GetConnectionsRequest;
use stytch::b2b::sso_external;
use stytch::b2b::sso_oidc;
use stytch::b2b::sso_saml;

use super::Application;
use super::refused;

const CERTIFICATE: &str = include_str!("../../../peers/idp-certificate.pem");

/// A complete SAML connection of an organization.
async fn saml(app: &Application, organization_id: &str) -> String {
    let connections = &app.client.sso.saml;
    let created = connections.create_connection(sso_saml::CreateConnectionRequest {
        organization_id: organization_id.to_owned(),
        identity_provider: Some(sso_saml::CreateConnectionRequestIdentityProvider::Googleworkspace),
        ..Default::default()
    });
    let created = created.await.unwrap().connection.unwrap();
    assert_eq!(
        (created.identity_provider.as_str(), created.status.as_str()),
        ("google-workspace", "pending")
    );
    let completed = connections.update_connection(sso_saml::UpdateConnectionRequest {
        organization_id: organization_id.to_owned(),
        connection_id: created.connection_id,
        idp_entity_id: Some(format!("https://idp.test/{organization_id}")),
        idp_sso_url: Some("https://idp.test/sso".into()),
        x509_certificate: Some(CERTIFICATE.into()),
        attribute_mapping: Some(json!({ "email": "NameID", "full_name": "name" })),
        ..Default::default()
    });
    let completed = completed.await.unwrap().connection.unwrap();
    assert_eq!(completed.status, "active");
    assert_eq!(completed.verification_certificates.len(), 1);
    completed.connection_id
}

#[actix_web::test]
async fn connections_of_every_kind_live() {
    let app = Application::start().await;
    let sso = &app.client.sso;
    let organization_id = app.organization_id();
    let saml_id = saml(&app, &organization_id).await;
    let created = sso
        .oidc
        .create_connection(sso_oidc::CreateConnectionRequest {
            organization_id: organization_id.clone(),
            display_name: Some("OIDC".into()),
            ..Default::default()
        });
    let oidc = created.await.unwrap().connection.unwrap();
    let address = |path: &str| Some(format!("https://idp.test/{path}"));
    let completed = sso
        .oidc
        .update_connection(sso_oidc::UpdateConnectionRequest {
            organization_id: organization_id.clone(),
            connection_id: oidc.connection_id.clone(),
            issuer: Some("https://127.0.0.1:1".into()),
            client_id: Some("story".into()),
            client_secret: Some("story-secret".into()),
            authorization_url: address("authorize"),
            token_url: address("token"),
            userinfo_url: address("userinfo"),
            jwks_url: address("jwks"),
            ..Default::default()
        });
    let completed = completed.await.unwrap().connection.unwrap();
    assert_eq!(completed.status, "active");
    assert!(!completed.client_secret.contains("story"));
    let partner = app
        .gateway
        .organization(json!({ "organization_name": "Partner" }));
    let partner = partner.await["organization_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let shared = saml(&app, &partner).await;
    let external = sso
        .external
        .create_connection(sso_external::CreateConnectionRequest {
            organization_id: organization_id.clone(),
            external_organization_id: partner,
            external_connection_id: shared,
            ..Default::default()
        });
    let external = external.await.unwrap().connection.unwrap();
    assert_eq!(external.status, "active");
    let list = GetConnectionsRequest {
        organization_id: organization_id.clone(),
    };
    let listed = sso.get_connections(list).await.unwrap();
    assert_eq!(listed.saml_connections[0].connection_id, saml_id);
    assert_eq!(
        listed.oidc_connections[0].connection_id,
        completed.connection_id
    );
    assert_eq!(
        listed.external_connections[0].connection_id,
        external.connection_id
    );
    for connection_id in [external.connection_id, completed.connection_id, saml_id] {
        let gone = DeleteConnectionRequest {
            organization_id: organization_id.clone(),
            connection_id: connection_id.clone(),
        };
        let deleted = sso.delete_connection(gone).await.unwrap();
        assert_eq!(deleted.connection_id, connection_id);
    }
}

#[actix_web::test]
async fn a_connection_is_refused_with_the_contracts_error_types() {
    let app = Application::start().await;
    let sso = &app.client.sso;
    let connection_id = saml(&app, &app.organization_id).await;
    let update = sso_saml::UpdateConnectionRequest {
        organization_id: app.organization_id(),
        connection_id: connection_id.clone(),
        ..Default::default()
    };
    let certificate = sso_saml::UpdateConnectionRequest {
        x509_certificate: Some("none".into()),
        ..update.clone()
    };
    let mapping = sso_saml::UpdateConnectionRequest {
        attribute_mapping: Some(json!({ "full_name": "name" })),
        ..update.clone()
    };
    let missing = sso_saml::UpdateConnectionRequest {
        connection_id: "saml-connection-test-1".into(),
        ..update
    };
    for (body, status, error_type) in [
        (certificate, 400, "invalid_x509_certificate"),
        (mapping, 400, "saml_connection_email_mapping_required"),
        (missing, 404, "saml_connection_not_found"),
    ] {
        let outcome = sso.saml.update_connection(body).await;
        refused(outcome, status, error_type);
    }
    let own = sso_external::CreateConnectionRequest {
        organization_id: app.organization_id(),
        external_organization_id: app.organization_id(),
        external_connection_id: connection_id,
        ..Default::default()
    };
    refused(
        sso.external.create_connection(own).await,
        400,
        "external_organization_id_same_as_organization_id",
    );
    let token = AuthenticateRequest {
        sso_token: "nobody-has-it".into(),
        ..Default::default()
    };
    refused(sso.authenticate(token).await, 404, "sso_token_not_found");
}
