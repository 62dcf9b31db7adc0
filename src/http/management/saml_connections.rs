//! SAML connections: create, update by hand and by metadata, and take keys away.

use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Path;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::connection::Connection;
use crate::domain::id::CertificateId;
use crate::http::caller::ProjectCredentials;
use crate::http::management::connection_json::SamlConnectionJson;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::management::role_rules::ConnectionRole;
use crate::http::management::role_rules::GroupRole;
use crate::http::management::role_rules::role_rules;
use crate::http::management::saml_rules_json::SamlRulesBody;
use crate::http::state::Gateway;
use crate::use_cases::connections::Naming;
use crate::use_cases::saml_connections;
use crate::use_cases::saml_connections::SamlConnectionDraft;
use crate::use_cases::saml_keys;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(create, update, delete_certificate))]
pub(crate) struct Calls;

/// The body of create and update; what is left out stays as it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct SamlConnectionBody {
    display_name: Option<String>,
    identity_provider: Option<String>,
    idp_entity_id: Option<String>,
    idp_sso_url: Option<String>,
    #[schema(value_type = Option<Object>)]
    attribute_mapping: Option<Map<String, Value>>,
    x509_certificate: Option<String>,
    saml_connection_implicit_role_assignments: Option<Vec<ConnectionRole>>,
    saml_group_implicit_role_assignments: Option<Vec<GroupRole>>,
    alternative_audience_uri: Option<String>,
    alternative_acs_url: Option<String>,
    signing_private_key: Option<String>,
    saml_encryption_private_key: Option<String>,
    nameid_format: Option<String>,
    idp_initiated_auth_disabled: Option<bool>,
    allow_gateway_callback: Option<bool>,
    /// How many seconds the IdP's clock may be off: 60 unless set, 300 at most.
    clock_skew_seconds: Option<u16>,
    /// Whether the Response must be signed, even if its Assertion is.
    want_response_signed: Option<bool>,
    /// Whether the Assertion must be signed, even if the Response is.
    want_assertion_signed: Option<bool>,
    #[serde(flatten)]
    rules: SamlRulesBody,
}

/// A connection, where it speaks SAML.
#[derive(Serialize, ToSchema)]
pub(super) struct SamlConnectionAnswer {
    connection: Option<SamlConnectionJson>,
}

#[derive(Serialize, ToSchema)]
struct CertificateDeleted {
    certificate_id: CertificateId,
}

impl SamlConnectionBody {
    fn naming(&self) -> Naming {
        Naming {
            display_name: self.display_name.clone(),
            identity_provider: self.identity_provider.clone(),
        }
    }

    fn draft(&self) -> SamlConnectionDraft {
        let body = self.clone();
        let naming = self.naming();
        let connection = body.saml_connection_implicit_role_assignments.as_ref();
        let roles = role_rules(
            connection,
            body.saml_group_implicit_role_assignments.as_ref(),
        );
        SamlConnectionDraft {
            naming,
            idp_entity_id: body.idp_entity_id,
            idp_sso_url: body.idp_sso_url,
            attribute_mapping: body.attribute_mapping,
            x509_certificate: body.x509_certificate,
            roles,
            alternative_audience_uri: body.alternative_audience_uri,
            alternative_acs_url: body.alternative_acs_url,
            signing_private_key: body.signing_private_key,
            saml_encryption_private_key: body.saml_encryption_private_key,
            nameid_format: body.nameid_format,
            idp_initiated_auth_disabled: body.idp_initiated_auth_disabled,
            allow_gateway_callback: body.allow_gateway_callback,
            rules: body.rules.draft(),
            clock_skew_seconds: body.clock_skew_seconds,
            want_response_signed: body.want_response_signed,
            want_assertion_signed: body.want_assertion_signed,
        }
    }
}

/// Creates a SAML connection that is still to be filled in.
#[utoipa::path(post, path = "/v1/b2b/sso/saml/{organization_id}", operation_id = "sso.saml.createConnection", tag = "sso",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug.")),
    request_body = SamlConnectionBody,
    responses((status = 200, body = SamlConnectionAnswer)))]
pub(crate) async fn create(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<String>,
    body: JsonBody<SamlConnectionBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let created = gateway.write_as(caller, move |tx, caller| {
        let body = body.get()?;
        let preset = body.rules.attribute_mapping_preset.as_deref();
        saml_connections::create(tx, caller, &named, (&body.naming(), preset))
    });
    Ok(success(request_id, &answer(&gateway, &created.await?)))
}

/// Changes what the body names of a SAML connection, which becomes active when it is complete.
#[utoipa::path(put, path = "/v1/b2b/sso/saml/{organization_id}/connections/{connection_id}", operation_id = "sso.saml.updateConnection", tag = "sso",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug."),
        ("connection_id" = String, Path)),
    request_body = SamlConnectionBody,
    responses((status = 200, body = SamlConnectionAnswer)))]
pub(crate) async fn update(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    path: Path<(String, String)>,
    body: JsonBody<SamlConnectionBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let deployment = gateway.deployment.clone();
    let updated = gateway.write_as(caller, move |tx, caller| {
        let place = (path.0.as_str(), path.1.as_str());
        saml_connections::update(tx, (caller, &deployment), place, &body.get()?.draft())
    });
    Ok(success(request_id, &answer(&gateway, &updated.await?)))
}

/// Believes a certificate no longer; an active connection keeps at least one.
#[utoipa::path(delete, path = "/v1/b2b/sso/saml/{organization_id}/connections/{connection_id}/verification_certificates/{certificate_id}", operation_id = "sso.saml.deleteVerificationCertificate", tag = "sso",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug."),
        ("connection_id" = String, Path), ("certificate_id" = String, Path)),
    responses((status = 200, body = CertificateDeleted)))]
pub(crate) async fn delete_certificate(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    path: Path<(String, String, String)>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let deleted = gateway.write_as(caller, move |tx, caller| {
        saml_keys::delete_certificate(tx, caller, (&path.0, &path.1), &path.2)
    });
    let certificate_id = deleted.await?;
    Ok(success(request_id, &CertificateDeleted { certificate_id }))
}

/// The answer of every call that gives the connection back.
pub(super) fn answer(gateway: &Gateway, connection: &Connection) -> SamlConnectionAnswer {
    SamlConnectionAnswer {
        connection: SamlConnectionJson::new(connection, &gateway.deployment),
    }
}
