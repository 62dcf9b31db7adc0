//! Sets both companies up in the product, as an application's backend would, by the management API.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use serde_json::json;

use crate::demo::DemoError;
use crate::demo::OidcClient;
use crate::demo::api_client::ApiClient;
use crate::demo::api_client::http_client;
use crate::demo::api_client::text;
use crate::demo::company::COMPANIES;
use crate::demo::company::Company;
use crate::demo::company::EDITORS;
use crate::demo::company::Profile;
use crate::demo::company::ScimConnection;
use crate::demo::directory::Directory;
use crate::demo::oidc_provider;
use crate::demo::record::Who;
use crate::demo::stage::Access;
use crate::demo::stage::Ready;
use crate::demo::stage::Stage;

/// What identity providers have told to be entered in the product.
pub struct Keys {
    /// The certificate of the SAML identity providers.
    pub(crate) certificate: String,
    /// The client that the OpenID providers know.
    pub(crate) oidc_client: OidcClient,
}

/// Sets everything up and opens the pages.
pub async fn set_up(stage: &Arc<Stage>, keys: &Keys, access: Access) -> Result<(), DemoError> {
    let http = http_client(&access.origin)?;
    let credentials = (access.project_id.as_str(), access.secret.as_str());
    let api = ApiClient::management(http.clone(), &access.origin, credentials)
        .recorded(stage.record.clone(), Who::Application);
    let mut companies = Vec::new();
    let mut directories = BTreeMap::new();
    for profile in &COMPANIES {
        let company = company(&api, keys, (stage, profile)).await?;
        let scim = &company.scim;
        let scim = ApiClient::scim(http.clone(), &scim.base_url, &scim.token)
            .recorded(stage.record.clone(), Who::Directory);
        directories.insert(profile.slug, Directory::new(profile, scim));
        companies.push(company);
    }
    stage.open(Ready {
        access,
        http,
        api,
        companies,
        directories,
    });
    Ok(())
}

async fn company(
    api: &ApiClient,
    keys: &Keys,
    (stage, profile): (&Stage, &'static Profile),
) -> Result<Company, DemoError> {
    let body = json!({
        "organization_name": profile.name,
        "organization_slug": profile.slug,
        "sso_jit_provisioning": "ALL_ALLOWED",
        "email_invites": "ALL_ALLOWED",
        "email_allowed_domains": [format!("{}.test", profile.slug)],
    });
    let created = api.post("/v1/b2b/organizations", &body).await?;
    let organization_id = text(&created, "/organization/organization_id")?.to_owned();
    let (name, dialect) = (profile.name, profile.dialect);
    let saml = saml_settings(&stage.origin, &keys.certificate, profile);
    let saml = connect(api, ("saml", &organization_id), &saml).await?;
    let saml_connection_id = text(&saml, "/connection/connection_id")?.to_owned();
    let oidc = json!({
        "display_name": format!("{name}'s OpenID provider"),
        "issuer": format!("{}{}", stage.origin, oidc_provider::base_path(profile)),
        "client_id": keys.oidc_client.id,
        "client_secret": keys.oidc_client.secret,
        "connection_implicit_role_assignments": [{ "role_id": "viewer" }],
    });
    let oidc = connect(api, ("oidc", &organization_id), &oidc).await?;
    let oidc_connection_id = text(&oidc, "/connection/connection_id")?.to_owned();
    let body = json!({
        "display_name": format!("{name}'s directory"),
        "identity_provider": dialect.identity_provider(),
    });
    let path = format!("/v1/b2b/scim/{organization_id}/connection");
    let created = api.post(&path, &body).await?;
    // The URL for Entra ends in the flag that has it keep to the RFC; this one does without, as
    // many do, and so makes the mistakes that the flag mends.
    let base_url = text(&created, "/connection/base_url")?;
    let base_url = base_url.split('?').next().unwrap_or(base_url);
    let scim = ScimConnection {
        connection_id: text(&created, "/connection/connection_id")?.to_owned(),
        base_url: base_url.to_owned(),
        token: text(&created, "/connection/bearer_token")?.to_owned(),
    };
    stage.name(&saml_connection_id, format!("{name}'s SAML sign-in"));
    stage.name(&oidc_connection_id, format!("{name}'s OpenID sign-in"));
    stage.name(&scim.connection_id, format!("{name}'s directory"));
    stage.name(dialect.group_in_sign_ins(EDITORS), EDITORS);
    Ok(Company {
        profile,
        organization_id,
        saml_connection_id,
        oidc_connection_id,
        scim,
    })
}

fn saml_settings(origin: &str, certificate: &str, profile: &Profile) -> Value {
    let idp = format!("{origin}{}/saml", profile.idp_path());
    let [email, first_name, last_name, groups] = profile.dialect.attributes();
    json!({
        "display_name": format!("{}'s SAML identity provider", profile.name),
        "idp_entity_id": format!("{idp}/metadata"),
        "idp_sso_url": format!("{idp}/sso"),
        "x509_certificate": certificate,
        "attribute_mapping": {
            "email": email,
            "first_name": first_name,
            "last_name": last_name,
            "groups": groups,
        },
        "saml_connection_implicit_role_assignments": [{ "role_id": "viewer" }],
        "saml_group_implicit_role_assignments": [{
            "role_id": "editor",
            "group": profile.dialect.group_in_sign_ins(EDITORS),
        }],
    })
}

/// Makes a connection and fills it in.
async fn connect(
    api: &ApiClient,
    (kind, organization_id): (&str, &str),
    settings: &Value,
) -> Result<Value, DemoError> {
    let path = format!("/v1/b2b/sso/{kind}/{organization_id}");
    let created = api.post(&path, &json!({})).await?;
    let id = text(&created, "/connection/connection_id")?;
    let path = format!("{path}/connections/{id}");
    let updated = api.put(&path, settings).await?;
    match text(&updated, "/connection/status")? {
        "active" => Ok(updated),
        status => Err(DemoError(format!("the {kind} connection is {status}"))),
    }
}
