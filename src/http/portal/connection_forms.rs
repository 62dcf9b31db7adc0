//! The forms of the wizard of one connection.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Path;
use serde::Deserialize;

use crate::http::management::oidc_connections::discover;
use crate::http::management::saml_metadata::fetch;
use crate::http::pages::form::PageForm;
use crate::http::pages::same_origin::SameOrigin;
use crate::http::pages::see_other;
use crate::http::portal::connection::JustDone;
use crate::http::portal::connection::shown;
use crate::http::portal::error::PortalRefusal;
use crate::http::portal::session::PortalSession;
use crate::http::sso::departure::leave;
use crate::http::sso::flow_cookie;
use crate::http::state::Gateway;
use crate::use_cases::oidc_connections;
use crate::use_cases::oidc_connections::OidcConnectionDraft;
use crate::use_cases::portal_sso;
use crate::use_cases::saml_connections;
use crate::use_cases::saml_connections::SamlConnectionDraft;
use crate::use_cases::saml_metadata;
use crate::use_cases::sign_in::trial;

/// The address of metadata.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct MetadataUrl {
    metadata_url: String,
}

/// Metadata as it was pasted or read from a file.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Metadata {
    metadata: String,
}

/// The three values of an identity provider without metadata.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SamlFields {
    idp_entity_id: String,
    idp_sso_url: String,
    x509_certificate: String,
}

/// What an OpenID provider gives.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Provider {
    issuer: String,
    client_id: String,
    client_secret: String,
    authorization_url: String,
    token_url: String,
    userinfo_url: String,
    jwks_url: String,
}

/// On to the page that a form leads to, or back to the form with what was wrong about it.
async fn answered<T>(
    gateway: &Gateway,
    session: &PortalSession,
    (connection, word): (&str, &str),
    outcome: Result<T, PortalRefusal>,
) -> Result<HttpResponse, PortalRefusal> {
    match outcome {
        Ok(_) => Ok(see_other(&format!("/portal/sso/{connection}?{word}=1"))),
        Err(refusal) => match refusal.about_input() {
            Some(fault) => {
                let shown_with = (&JustDone::default(), Some(fault));
                shown(gateway, session, connection, shown_with).await
            }
            None => Err(refusal),
        },
    }
}

/// Reads metadata from an address and follows it from then on.
pub(super) async fn metadata_url(
    gateway: Data<Gateway>,
    session: PortalSession,
    _proof: SameOrigin,
    connection: Path<String>,
    form: PageForm<MetadataUrl>,
) -> Result<HttpResponse, PortalRefusal> {
    let taken = take_url(&gateway, &session, &connection, form.0.metadata_url).await;
    answered(&gateway, &session, (&connection, "saved"), taken).await
}

async fn take_url(
    gateway: &Gateway,
    session: &PortalSession,
    connection: &str,
    url: String,
) -> Result<(), PortalRefusal> {
    let url = url.trim().to_owned();
    let (named, asked, deployment) = (
        connection.to_owned(),
        url.clone(),
        gateway.deployment.clone(),
    );
    let permitted = gateway.portal_read(session, move |tx, caller| {
        let organization = caller.organization_id();
        let place = (organization.as_str(), named.as_str());
        saml_metadata::permit(tx, (caller, &deployment), place, &asked)
    });
    permitted.await?;
    let metadata = fetch(gateway, &url).await;
    let metadata = metadata.map_err(PortalRefusal::of(session.request_id))?;
    let (named, deployment) = (connection.to_owned(), gateway.deployment.clone());
    let taken = gateway.portal_write(session, move |tx, caller| {
        let organization = caller.organization_id();
        let place = (organization.as_str(), named.as_str());
        saml_metadata::take(tx, (caller, &deployment), place, (&metadata, Some(&url)))
    });
    taken.await.map(drop)
}

/// Takes metadata that was pasted.
pub(super) async fn metadata(
    gateway: Data<Gateway>,
    session: PortalSession,
    _proof: SameOrigin,
    connection: Path<String>,
    form: PageForm<Metadata>,
) -> Result<HttpResponse, PortalRefusal> {
    let (named, deployment) = (connection.clone(), gateway.deployment.clone());
    let taken = gateway.portal_write(&session, move |tx, caller| {
        let organization = caller.organization_id();
        let place = (organization.as_str(), named.as_str());
        saml_metadata::paste(tx, (caller, &deployment), place, &form.0.metadata)
    });
    let taken = taken.await;
    answered(&gateway, &session, (&connection, "saved"), taken).await
}

/// Takes the three values; the certificate only if one was given.
pub(super) async fn fields(
    gateway: Data<Gateway>,
    session: PortalSession,
    _proof: SameOrigin,
    connection: Path<String>,
    form: PageForm<SamlFields>,
) -> Result<HttpResponse, PortalRefusal> {
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let draft = SamlConnectionDraft {
        idp_entity_id: Some(form.0.idp_entity_id.trim().to_owned()),
        idp_sso_url: Some(form.0.idp_sso_url.trim().to_owned()),
        x509_certificate: given(&form.0.x509_certificate),
        ..SamlConnectionDraft::default()
    };
    let (named, deployment) = (connection.clone(), gateway.deployment.clone());
    let taken = gateway.portal_write(&session, move |tx, caller| {
        let organization = caller.organization_id();
        let place = (organization.as_str(), named.as_str());
        saml_connections::update(tx, (caller, &deployment), place, &draft)
    });
    let taken = taken.await;
    answered(&gateway, &session, (&connection, "saved"), taken).await
}

/// Takes what an OpenID provider gives; its own document fills in what is left empty.
pub(super) async fn provider(
    gateway: Data<Gateway>,
    session: PortalSession,
    _proof: SameOrigin,
    connection: Path<String>,
    form: PageForm<Provider>,
) -> Result<HttpResponse, PortalRefusal> {
    let taken = take_provider(&gateway, &session, &connection, form.0).await;
    answered(&gateway, &session, (&connection, "saved"), taken).await
}

async fn take_provider(
    gateway: &Gateway,
    session: &PortalSession,
    connection: &str,
    form: Provider,
) -> Result<(), PortalRefusal> {
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let draft = OidcConnectionDraft {
        issuer: Some(form.issuer.trim().to_owned()),
        client_id: Some(form.client_id.trim().to_owned()),
        client_secret: given(&form.client_secret),
        authorization_url: given(&form.authorization_url),
        token_url: given(&form.token_url),
        userinfo_url: given(&form.userinfo_url),
        jwks_url: given(&form.jwks_url),
        ..OidcConnectionDraft::default()
    };
    let (named, asked, deployment) = (
        connection.to_owned(),
        draft.clone(),
        gateway.deployment.clone(),
    );
    let needed = gateway.portal_read(session, move |tx, caller| {
        let organization = caller.organization_id();
        let place = (organization.as_str(), named.as_str());
        oidc_connections::prepare(tx, (caller, &deployment), place, &asked)
    });
    let needed = needed.await?;
    let (endpoints, _) = discover(gateway, needed.new_issuer.as_deref()).await;
    let draft = draft.completed_by(&endpoints);
    let (named, deployment) = (connection.to_owned(), gateway.deployment.clone());
    let taken = gateway.portal_write(session, move |tx, caller| {
        let organization = caller.organization_id();
        let place = (organization.as_str(), named.as_str());
        oidc_connections::update(tx, (caller, &deployment), place, &draft)
    });
    taken.await.map(drop)
}

/// Sends the browser to the identity provider; it comes back to the wizard.
pub(super) async fn test(
    gateway: Data<Gateway>,
    session: PortalSession,
    _proof: SameOrigin,
    connection: Path<String>,
) -> Result<HttpResponse, PortalRefusal> {
    let (named, deployment) = (connection.clone(), gateway.deployment.clone());
    let started = gateway.portal_write(&session, move |tx, caller| {
        let kind = portal_sso::kind_of(&named)?;
        trial::begin(tx, (caller, &deployment), (kind, &named))
    });
    match started.await {
        Ok(started) => {
            let name = started.cookie_name;
            let cookie = flow_cookie(&gateway.deployment, name, started.cookie);
            Ok(leave(started.departure, Some(cookie)))
        }
        Err(refusal) => {
            answered::<()>(&gateway, &session, (&connection, "saved"), Err(refusal)).await
        }
    }
}

/// Turns the connection on or off, by the last word of the address.
pub(super) async fn turn(
    gateway: Data<Gateway>,
    session: PortalSession,
    _proof: SameOrigin,
    request: HttpRequest,
) -> Result<HttpResponse, PortalRefusal> {
    let connection = request.match_info().query("connection_id").to_owned();
    let is_on = request.path().ends_with("/on");
    let named = connection.clone();
    let turned = gateway.portal_write(&session, move |tx, caller| {
        portal_sso::turn(tx, caller, (&named, is_on))
    });
    let turned = turned.await;
    let word = if is_on { "on" } else { "off" };
    answered(&gateway, &session, (&connection, word), turned).await
}
