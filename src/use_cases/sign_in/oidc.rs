//! OIDC: the request, what an answer must satisfy, and how claims become an identity
//! (contract 3.4 and 4.1).

use serde_json::Map;
use serde_json::Value;

use crate::domain::connection_settings::OidcSettings;
use crate::domain::email::EmailAddress;
use crate::domain::id::ConnectionId;
use crate::domain::id::ConnectionKind;
use crate::domain::identity::AssertedIdentity;
use crate::domain::secret;
use crate::domain::secret::SecretHash;
use crate::protocol::oidc::Claims;
use crate::protocol::oidc::Rejection;
use crate::protocol::oidc::authorization::AuthorizationRequest;
use crate::protocol::oidc::authorization::DEFAULT_SCOPES;
use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::sign_in::ProvenIdentity;
use crate::use_cases::sign_in::error::SignInError;
use crate::use_cases::sign_in::flow;
use crate::use_cases::sign_in::flow::Callback;
use crate::use_cases::sign_in::flow::OpenRequest;
use crate::use_cases::sign_in::saml_identity::shortened;
use crate::use_cases::sign_in::start::Opening;

// What a token says about itself rather than about the person.
const PROTOCOL_CLAIMS: [&str; 12] = [
    "iss",
    "aud",
    "azp",
    "exp",
    "iat",
    "nbf",
    "jti",
    "nonce",
    "at_hash",
    "c_hash",
    "sid",
    "auth_time",
];

/// What proves an answer, and how its claims are read.
#[derive(Clone)]
pub struct OidcExpectation {
    /// The connection's settings.
    pub settings: OidcSettings,
    /// Our secret at the provider.
    pub client_secret: String,
    /// The redirect URI of the request.
    pub redirect_uri: String,
    /// The nonce of the request.
    pub nonce: String,
    /// The PKCE verifier of the request.
    pub code_verifier: String,
    connection_id: ConnectionId,
}

/// The redirect to the provider and what its answer must fit.
pub(crate) fn request(
    deployment: &Deployment,
    (settings, opening): (&OidcSettings, &Opening<'_>),
) -> Result<(String, OpenRequest), SignInError> {
    let (nonce, verifier) = (secret::fresh_token()?, secret::fresh_token()?);
    let scopes = match settings.custom_scopes.as_str() {
        "" => DEFAULT_SCOPES,
        custom => custom,
    };
    let request = AuthorizationRequest {
        issuer: &settings.issuer,
        authorization_url: &settings.authorization_url,
        client_id: &settings.client_id,
        redirect_uri: &deployment.callback_url(opening.connection.id),
        scopes: &format!("{scopes} {}", opening.more_scopes),
        state: opening.state,
        nonce: &nonce,
        code_verifier: &verifier,
        login_hint: None,
    };
    let url = request
        .url()
        .map_err(|rejection| SignInError::Unstartable(rejection.to_string()))?;
    let place = flow::sealing_place(opening.connection, &SecretHash::of(opening.state));
    let open = OpenRequest::Oidc {
        nonce,
        sealed_code_verifier: deployment.master_key.seal(verifier.as_bytes(), &place)?,
    };
    Ok((url.to_string(), open))
}

/// What the answer to this callback must satisfy.
pub fn expect(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    callback: &Callback,
) -> Result<OidcExpectation, SignInError> {
    let kind = ConnectionKind::Oidc;
    let project = &deployment.project_id;
    let (scope, connection) = flow::active_connection(tx, project, callback.connection_id)?;
    let settings = connection.oidc().ok_or(SignInError::ConnectionNotFound)?;
    let state = callback.state.as_ref().ok_or(Rejection::StateMissing)?;
    let unknown = SignInError::UnknownFlow(kind);
    let flow = flow::find(tx, &scope, callback)?.ok_or(unknown.clone())?;
    flow.check_browser(kind, callback.cookie.as_deref())?;
    let OpenRequest::Oidc {
        nonce,
        sealed_code_verifier,
    } = flow.request
    else {
        return Err(unknown);
    };
    let open = |sealed: &str, place: &str| {
        let plain = deployment.master_key.open(sealed, place)?;
        Ok::<_, SignInError>(String::from_utf8_lossy(&plain).into_owned())
    };
    let secret_place = connection.sealing_place("client_secret");
    Ok(OidcExpectation {
        settings: settings.clone(),
        client_secret: open(&settings.sealed_client_secret, &secret_place)?,
        redirect_uri: deployment.callback_url(connection.id),
        nonce,
        code_verifier: open(
            &sealed_code_verifier,
            &flow::sealing_place(&connection, state),
        )?,
        connection_id: connection.id,
    })
}

impl OidcExpectation {
    /// Whether the ID token leaves something out that the userinfo endpoint may say.
    pub fn wants_userinfo(&self, id_token: &Claims) -> bool {
        let says = |claim: &str| id_token.all().contains_key(claim);
        let mapped = self.settings.attribute_mapping.values();
        let mut wanted = mapped.filter_map(Value::as_str).chain(["email"]);
        let has_endpoint = !self.settings.userinfo_url.is_empty();
        has_endpoint && (name(id_token).is_empty() || wanted.any(|claim| !says(claim)))
    }

    /// Reads an identity from the claims of a verified ID token, joined by those of userinfo.
    pub fn identity(
        &self,
        id_token: &Claims,
        joined: &Claims,
    ) -> Result<ProvenIdentity, SignInError> {
        // Userinfo's word about an address counts for the address that userinfo itself names.
        let source = if id_token.email().is_some() {
            id_token
        } else {
            joined
        };
        let text = source.email().ok_or(Rejection::EmailMissing)?;
        let received = text.to_owned();
        if source.email_verified() == Some(false) {
            return Err(Rejection::EmailUnverified { received }.into());
        }
        let email_address = EmailAddress::parse(text).ok_or(Rejection::EmailMissing)?;
        let groups = self.settings.attribute_mapping.get("groups");
        let groups = groups.and_then(Value::as_str).unwrap_or("groups");
        let identity = AssertedIdentity {
            connection_id: self.connection_id,
            subject: id_token.subject().to_owned(),
            email_address,
            name: shortened(&name(joined)),
            groups: joined
                .strings(groups)
                .into_iter()
                .map(str::to_owned)
                .collect(),
            attributes: attributes(joined),
            mapped: self.mapped(joined),
            saml_subject: None,
            session_not_on_or_after: None,
            idp_session: id_token.string("sid").map(str::to_owned),
        };
        Ok(ProvenIdentity {
            identity,
            address_vouched: source.email_verified() == Some(true) || has_owned_domain(source),
            groups_left_out: false,
        })
    }

    fn mapped(&self, claims: &Claims) -> Map<String, Value> {
        let mapping = self.settings.attribute_mapping.iter();
        let ours = mapping.filter(|(ours, _)| *ours != "groups");
        ours.filter_map(|(ours, claim)| {
            let value = claims.all().get(claim.as_str()?)?;
            Some((ours.clone(), value.clone()))
        })
        .filter(|(_, value)| !value.is_null())
        .collect()
    }
}

/// Entra's own claim `xms_edov`: whether the tenant owns the domain of the address.
fn has_owned_domain(claims: &Claims) -> bool {
    match claims.all().get("xms_edov") {
        Some(Value::Bool(owned)) => *owned,
        Some(Value::Number(number)) => number.as_u64() == Some(1),
        Some(Value::String(text)) => text == "1" || text.eq_ignore_ascii_case("true"),
        _ => false,
    }
}

fn name(claims: &Claims) -> String {
    let joined = || {
        let parts = ["given_name", "family_name"].into_iter();
        let parts = parts.filter_map(|part| claims.string(part));
        parts.collect::<Vec<_>>().join(" ")
    };
    claims.string("name").map_or_else(joined, str::to_owned)
}

fn attributes(claims: &Claims) -> Map<String, Value> {
    let all = claims.all().iter();
    all.filter(|(name, _)| !PROTOCOL_CLAIMS.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
