//! How the claims of a verified ID token become an identity (contract 3.4 and 4.1).

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde_json::Map;
use serde_json::Value;

use crate::domain::email::EmailAddress;
use crate::domain::identity::AssertedIdentity;
use crate::protocol::oidc::Claims;
use crate::protocol::oidc::Rejection;
use crate::protocol::oidc::entra;
use crate::use_cases::sign_in::ProvenIdentity;
use crate::use_cases::sign_in::error::SignInError;
use crate::use_cases::sign_in::oidc::OidcExpectation;
use crate::use_cases::sign_in::saml_identity::shortened;

// What a token says about itself rather than about the person.
const PROTOCOL_CLAIMS: [&str; 13] = [
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
    "session_expiry",
];
/// What the mapping says about claims that are read here; the rest of it fills trusted metadata.
const OWN_KEYS: [&str; 2] = ["email", "groups"];

impl OidcExpectation {
    /// Whether the ID token leaves something out that the userinfo endpoint may say.
    pub fn wants_userinfo(&self, id_token: &Claims) -> bool {
        let mapped = self.settings.attribute_mapping.values();
        let gives_by_group = !self.settings.implicit_roles.groups.is_empty();
        let groups = gives_by_group.then(|| self.claim_of("groups"));
        let mut wanted = mapped
            .filter_map(Value::as_str)
            .chain([self.claim_of("email")])
            .chain(groups);
        let has_endpoint = !self.settings.userinfo_url.is_empty();
        let says = |claim: &str| id_token.value(claim).is_some();
        has_endpoint && (name(id_token).is_empty() || wanted.any(|claim| !says(claim)))
    }

    /// Reads an identity from the claims of a verified ID token, joined by those of userinfo.
    pub fn identity(
        &self,
        id_token: &Claims,
        joined: &Claims,
        now: DateTime<Utc>,
    ) -> Result<ProvenIdentity, SignInError> {
        let (email_address, address_vouched) = self.address(id_token, joined)?;
        let subject = match &self.tenant {
            Some(tenant) => tenant.subject(id_token)?,
            None => id_token.subject(),
        };
        let groups = self.claim_of("groups");
        let identity = AssertedIdentity {
            connection_id: self.connection_id,
            subject: subject.to_owned(),
            email_address,
            name: shortened(&name(joined)),
            groups: joined
                .strings(groups)
                .into_iter()
                .map(str::to_owned)
                .collect(),
            attributes: attributes(joined),
            mapped: self.mapped(joined),
            session_not_on_or_after: self.end_of_session(id_token, now)?,
            idp_session: id_token.string("sid").map(str::to_owned),
            saml_subject: None,
        };
        Ok(ProvenIdentity {
            identity,
            address_vouched,
            groups_left_out: entra::groups_left_out(joined, groups),
        })
    }

    /// The address, and whether the provider vouches for it. `email_verified` speaks of `email`
    /// alone, so an address from another claim is nobody's word.
    fn address(
        &self,
        id_token: &Claims,
        joined: &Claims,
    ) -> Result<(EmailAddress, bool), Rejection> {
        let claim = self.claim_of("email");
        // Userinfo's word about an address counts for the address that userinfo itself names.
        let is_in_token = id_token.string(claim).is_some();
        let source = if is_in_token { id_token } else { joined };
        let text = source.string(claim).ok_or(Rejection::EmailMissing)?;
        let is_email = claim == "email";
        if is_email && source.email_verified() == Some(false) {
            let received = text.to_owned();
            return Err(Rejection::EmailUnverified { received });
        }
        let address = EmailAddress::parse(text).ok_or(Rejection::EmailMissing)?;
        let is_vouched = source.email_verified() == Some(true) || entra::owns_domain(source);
        Ok((address, is_email && is_vouched))
    }

    /// When the session ends at the latest: as the provider says and as the connection says.
    fn end_of_session(
        &self,
        id_token: &Claims,
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, Rejection> {
        let said = id_token.session_expiry()?;
        if let Some(received) = said.filter(|end| *end <= now) {
            return Err(Rejection::SessionEnded { received });
        }
        let longest = self.settings.maximum_session_minutes;
        let own = longest.map(|minutes| now + TimeDelta::minutes(minutes));
        Ok(said.into_iter().chain(own).min())
    }

    /// The provider's claim for one of ours.
    fn claim_of<'s>(&'s self, ours: &'s str) -> &'s str {
        let named = self.settings.attribute_mapping.get(ours);
        let named = named.and_then(Value::as_str);
        named.filter(|claim| !claim.is_empty()).unwrap_or(ours)
    }

    fn mapped(&self, claims: &Claims) -> Map<String, Value> {
        let mapping = self.settings.attribute_mapping.iter();
        let ours = mapping.filter(|(ours, _)| !OWN_KEYS.contains(&ours.as_str()));
        ours.filter_map(|(ours, claim)| {
            let value = claims.value(claim.as_str()?)?;
            Some((ours.clone(), value.clone()))
        })
        .collect()
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
