//! Links that lead to where a new password is chosen (contract 4.5).

use chrono::TimeDelta;
use url::Url;

use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::password::PasswordError;
use crate::use_cases::project_settings;

/// The type of a token that sets a password in one organization.
pub(crate) const PASSWORDS: &str = "multi_tenant_passwords";
/// The type of a token that sets the password of an address before an organization is chosen.
pub(crate) const DISCOVERY: &str = "discovery";
const DEFAULT_MINUTES: i64 = 30;
const MIN_MINUTES: i64 = 5;
const MAX_MINUTES: i64 = 10_080;

/// Where a link leads.
pub(crate) fn target(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    asked: Option<&str>,
) -> Result<String, ManagementError> {
    if let Some(own) = deployment.own_page(asked) {
        return Ok(own);
    }
    let urls = project_settings::redirect_urls(tx, &deployment.project_id, deployment)?;
    let refusal = match asked {
        Some(_) => PasswordError::UnregisteredRedirectUrl,
        None => PasswordError::NoRedirectUrl,
    };
    Ok(urls.reset_password(asked).ok_or(refusal)?)
}

/// How long a link is good.
pub(crate) fn lifetime(minutes: Option<i64>) -> Result<TimeDelta, PasswordError> {
    let minutes = minutes.unwrap_or(DEFAULT_MINUTES);
    let is_allowed = (MIN_MINUTES..=MAX_MINUTES).contains(&minutes);
    is_allowed
        .then(|| TimeDelta::minutes(minutes))
        .ok_or(PasswordError::InvalidExpiration)
}

/// A PKCE challenge as a caller gives it: 43 characters of base64url (RFC 7636 §4.2).
pub(crate) fn challenge(given: Option<&str>) -> Result<Option<String>, PasswordError> {
    let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    match given.filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) if text.len() == 43 && text.bytes().all(is_base64url) => {
            Ok(Some(text.to_owned()))
        }
        Some(_) => Err(PasswordError::InvalidCodeChallenge),
    }
}

/// The application's own address with the token, which nobody uses up by visiting it.
pub(crate) fn url(
    target: &str,
    slug: Option<&str>,
    (token_type, token): (&str, &str),
) -> Result<String, ManagementError> {
    let failed = |error| ManagementError::Internal(format!("{target} is no URL: {error}"));
    let mut url = Url::parse(target).map_err(failed)?;
    let mut query = url.query_pairs_mut();
    query.extend_pairs(slug.map(|slug| ("slug", slug)));
    query
        .append_pair("stytch_redirect_type", "reset_password")
        .append_pair("stytch_token_type", token_type)
        .append_pair("token", token);
    drop(query);
    Ok(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_good_for_five_minutes_to_a_week() {
        let refused = Err(PasswordError::InvalidExpiration);
        let table = [
            (None, Ok(TimeDelta::minutes(30))),
            (Some(4), refused.clone()),
            (Some(5), Ok(TimeDelta::minutes(5))),
            (Some(10_080), Ok(TimeDelta::days(7))),
            (Some(10_081), refused.clone()),
            (Some(i64::MIN), refused),
        ];
        for (minutes, expected) in table {
            assert_eq!(lifetime(minutes), expected, "{minutes:?}");
        }
    }

    #[test]
    fn a_token_is_added_to_what_the_address_asks_for() {
        let token = (PASSWORDS, "t-1");
        assert_eq!(
            url("https://app.test/in?from=a", Some("acme"), token),
            Ok(
                "https://app.test/in?from=a&slug=acme&stytch_redirect_type=reset_password\
                &stytch_token_type=multi_tenant_passwords&token=t-1"
                    .to_owned()
            )
        );
        assert!(url("/in", None, token).is_err());
    }

    #[test]
    fn a_challenge_has_the_form_of_s256() {
        let good = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert_eq!(challenge(Some(good)), Ok(Some(good.to_owned())));
        assert_eq!(challenge(Some("")), Ok(None));
        assert_eq!(challenge(None), Ok(None));
        for bad in ["x", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw=cM"] {
            assert_eq!(
                challenge(Some(bad)),
                Err(PasswordError::InvalidCodeChallenge)
            );
        }
    }
}
