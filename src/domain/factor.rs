//! What a person has proven, and when: the factors of a session (contract 3.6).

use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;

use crate::domain::authentication_settings::AuthMethod;
use crate::domain::email::EmailAddress;
use crate::domain::factor::sso::SsoFactor;
use crate::domain::id::EmailId;
use crate::domain::id::MemberId;
use crate::domain::id::OauthRegistrationId;
use crate::domain::id::PhoneNumberId;
use crate::domain::id::RecoveryCodeId;
use crate::domain::id::TotpId;
use crate::domain::id::TrustedTokenId;
use crate::domain::oauth_provider::OauthProvider;

mod held;
pub mod sso;

pub use crate::domain::factor::held::identifying;
pub use crate::domain::factor::held::merged;
pub use crate::domain::factor::held::travelling;

/// Something that a person has proven.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Factor {
    /// A mail was read.
    Email(EmailFactor),
    /// An OAuth provider knows the person.
    Oauth(OauthFactor),
    /// A password was known.
    Password(PasswordFactor),
    /// A code sent by SMS was read.
    Sms(SmsFactor),
    /// An authenticator application has the secret.
    Totp(TotpFactor),
    /// A recovery code was known.
    RecoveryCode(RecoveryCodeFactor),
    /// Somebody acts as the member.
    Impersonated(ImpersonatedFactor),
    /// Another issuer's token was trusted.
    TrustedToken(TrustedTokenFactor),
    /// An identity provider spoke. It stands without its kind, as sessions of earlier versions do.
    #[serde(untagged)]
    Sso(SsoFactor),
}

/// How a mail proved its reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmailMethod {
    /// By a link.
    MagicLink,
    /// By a code.
    Otp,
}

/// A mail was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EmailFactor {
    /// How.
    pub method: EmailMethod,
    /// The address.
    pub email_address: EmailAddress,
    /// When.
    pub authenticated_at: DateTime<Utc>,
}

/// An OAuth provider knows the person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OauthFactor {
    /// The provider.
    pub provider: OauthProvider,
    /// The registration with it.
    pub registration_id: OauthRegistrationId,
    /// The subject there.
    pub provider_subject: String,
    /// The address that it named.
    pub email_address: EmailAddress,
    /// Whether the provider proves that address.
    pub address_proven: bool,
    /// Whether the subject is registered with the member, so that nothing rests on the address.
    pub is_registered: bool,
    /// The tenants there to which the person belongs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tenants: Vec<String>,
    /// When.
    pub authenticated_at: DateTime<Utc>,
}

/// A password was known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PasswordFactor {
    /// The address whose password it is in every organization; none where it is one member's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_address: Option<EmailAddress>,
    /// When.
    pub authenticated_at: DateTime<Utc>,
}

/// A code sent by SMS was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SmsFactor {
    /// The number, in E.164 form.
    pub phone_number: String,
    /// When.
    pub authenticated_at: DateTime<Utc>,
}

/// An authenticator application has the secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TotpFactor {
    /// The registration.
    pub totp_id: TotpId,
    /// When.
    pub authenticated_at: DateTime<Utc>,
}

/// A recovery code was known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecoveryCodeFactor {
    /// The code, by its id.
    pub recovery_code_id: RecoveryCodeId,
    /// When.
    pub authenticated_at: DateTime<Utc>,
}

/// Somebody acts as the member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImpersonatedFactor {
    /// Who, by the operator's own name for them.
    pub impersonator_id: String,
    /// Their address.
    pub impersonator_email_address: String,
    /// When.
    pub authenticated_at: DateTime<Utc>,
}

/// Another issuer's token was trusted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrustedTokenFactor {
    /// The token, by an id of ours.
    pub token_id: TrustedTokenId,
    /// When.
    pub authenticated_at: DateTime<Utc>,
}

impl EmailId {
    /// The id of an address of a member: the same as long as it is the member's.
    pub fn of(member: MemberId, address: &EmailAddress) -> Self {
        Self::derived(&[&member.key(), &address.folded()])
    }
}

impl PhoneNumberId {
    /// The id of a number of a member: the same as long as it is the member's.
    pub fn of(member: MemberId, number: &str) -> Self {
        Self::derived(&[&member.key(), number])
    }
}

impl Factor {
    /// What single sign-on proved, if it was that.
    pub fn as_sso(&self) -> Option<&SsoFactor> {
        match self {
            Self::Sso(factor) => Some(factor),
            _ => None,
        }
    }

    /// When it was proven.
    pub fn authenticated_at(&self) -> DateTime<Utc> {
        match self {
            Self::Email(factor) => factor.authenticated_at,
            Self::Oauth(factor) => factor.authenticated_at,
            Self::Password(factor) => factor.authenticated_at,
            Self::Sms(factor) => factor.authenticated_at,
            Self::Totp(factor) => factor.authenticated_at,
            Self::RecoveryCode(factor) => factor.authenticated_at,
            Self::Impersonated(factor) => factor.authenticated_at,
            Self::TrustedToken(factor) => factor.authenticated_at,
            Self::Sso(factor) => factor.authenticated_at,
        }
    }

    /// The method that an organization may allow or not. What the operator vouches for, another
    /// issuer's token or an impersonation, is no method of any organization.
    pub fn method(&self) -> Option<AuthMethod> {
        match self {
            Self::Sso(_) => Some(AuthMethod::Sso),
            Self::Oauth(factor) => Some(factor.provider.method()),
            Self::Password(_) => Some(AuthMethod::Password),
            Self::Email(factor) => Some(match factor.method {
                EmailMethod::MagicLink => AuthMethod::MagicLink,
                EmailMethod::Otp => AuthMethod::EmailOtp,
            }),
            Self::Sms(_)
            | Self::Totp(_)
            | Self::RecoveryCode(_)
            | Self::Impersonated(_)
            | Self::TrustedToken(_) => None,
        }
    }

    /// Whether it only ever comes second.
    pub fn is_second(&self) -> bool {
        matches!(self, Self::Sms(_) | Self::Totp(_) | Self::RecoveryCode(_))
    }

    /// Whether it says who somebody is.
    pub fn is_first(&self) -> bool {
        !self.is_second()
    }

    /// Whether the operator answers for it: no organization's rule is asked.
    pub fn is_vouched_for(&self) -> bool {
        matches!(self, Self::Impersonated(_) | Self::TrustedToken(_))
    }

    /// Whether somebody else acts as the member.
    pub fn is_impersonation(&self) -> bool {
        matches!(self, Self::Impersonated(_))
    }

    /// The address that it proves.
    pub fn proven_address(&self) -> Option<&EmailAddress> {
        match self {
            Self::Email(factor) => Some(&factor.email_address),
            // Only who has proven the address could set it.
            Self::Password(factor) => factor.email_address.as_ref(),
            Self::Oauth(factor) if factor.address_proven => Some(&factor.email_address),
            _ => None,
        }
    }

    /// The address that it names, proven or not.
    pub fn named_address(&self) -> Option<&EmailAddress> {
        match self {
            Self::Email(factor) => Some(&factor.email_address),
            Self::Oauth(factor) => Some(&factor.email_address),
            Self::Password(factor) => factor.email_address.as_ref(),
            _ => None,
        }
    }

    /// Whether it says who somebody is by an address alone that nothing in it proves. It counts once
    /// something else proves that address.
    pub fn only_names_an_address(&self) -> bool {
        matches!(self, Self::Oauth(factor) if !factor.address_proven && !factor.is_registered)
    }

    /// Whether it counts in other organizations too. A member's password, single sign-on and second factors
    /// are of one organization: another one has no say in them.
    pub fn travels(&self) -> bool {
        match self {
            Self::Email(_) | Self::Oauth(_) => true,
            Self::Password(factor) => factor.email_address.is_some(),
            _ => false,
        }
    }

    /// Whether it proves the same as another.
    pub(super) fn is_again(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Email(a), Self::Email(b)) => {
                a.method == b.method && a.email_address == b.email_address
            }
            (Self::Oauth(a), Self::Oauth(b)) => {
                a.provider == b.provider && a.provider_subject == b.provider_subject
            }
            (Self::Sms(a), Self::Sms(b)) => a.phone_number == b.phone_number,
            (Self::Sso(a), Self::Sso(b)) => a.registration_id == b.registration_id,
            (Self::Password(_), Self::Password(_))
            | (Self::Totp(_), Self::Totp(_))
            | (Self::RecoveryCode(_), Self::RecoveryCode(_))
            | (Self::Impersonated(_), Self::Impersonated(_))
            | (Self::TrustedToken(_), Self::TrustedToken(_)) => true,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::ConnectionId;
    use crate::domain::id::ConnectionKind;
    use crate::domain::id::RegistrationId;
    use serde_json::json;

    fn address(text: &str) -> EmailAddress {
        EmailAddress::parse(text).unwrap()
    }

    fn email(method: EmailMethod, text: &str, seconds: i64) -> Factor {
        Factor::Email(EmailFactor {
            method,
            email_address: address(text),
            authenticated_at: DateTime::from_timestamp(seconds, 0).unwrap(),
        })
    }

    #[test]
    fn factors_of_earlier_versions_are_single_sign_on() {
        let kept = json!({
            "registration_id": RegistrationId::fresh(),
            "connection_id": ConnectionId::fresh(ConnectionKind::Saml),
            "external_id": "ana",
            "authenticated_at": "2026-01-01T00:00:00Z",
        });
        let factor: Factor = serde_json::from_value(kept).unwrap();
        assert_eq!(factor.as_sso().unwrap().external_id, "ana");
        for factor in [factor, email(EmailMethod::Otp, "ana@acme.test", 0)] {
            let text = serde_json::to_string(&factor).unwrap();
            assert_eq!(serde_json::from_str::<Factor>(&text).unwrap(), factor);
        }
    }

    #[test]
    fn a_factor_takes_the_place_of_the_one_that_proved_the_same() {
        let link = EmailMethod::MagicLink;
        let known = [
            email(link, "ana@acme.test", 1),
            email(link, "ana@globex.test", 1),
        ];
        let again = email(link, "Ana@acme.test", 9);
        let code = email(EmailMethod::Otp, "ana@acme.test", 9);
        let all = merged(&known, vec![again.clone(), code.clone()]);
        let [_, other] = known;
        assert_eq!(all, [other, again, code]);
    }

    #[test]
    fn only_what_proves_an_address_travels() {
        let oauth = |provider| {
            Factor::Oauth(OauthFactor {
                provider,
                registration_id: OauthRegistrationId::fresh(),
                provider_subject: "1".to_owned(),
                email_address: address("ana@acme.test"),
                address_proven: provider.proves_addresses(),
                is_registered: false,
                tenants: Vec::new(),
                authenticated_at: DateTime::UNIX_EPOCH,
            })
        };
        let password = Factor::Password(PasswordFactor {
            email_address: None,
            authenticated_at: DateTime::UNIX_EPOCH,
        });
        let link = email(EmailMethod::MagicLink, "ana@acme.test", 1);
        let (google, github) = (oauth(OauthProvider::Google), oauth(OauthProvider::Github));
        let table = [
            (vec![link.clone(), password.clone()], 1),
            (vec![google.clone()], 1),
            (vec![github.clone()], 0),
            (vec![github, link], 2),
            (vec![password], 0),
            (vec![email(EmailMethod::Otp, "ben@acme.test", 1)], 0),
        ];
        for (factors, expected) in table {
            let found = travelling(&factors, &address("ana@acme.test"));
            assert_eq!(found.len(), expected, "{factors:?}");
        }
    }

    #[test]
    fn an_address_keeps_its_id_while_it_is_the_member_s() {
        let (ana, ben) = (MemberId::fresh(), MemberId::fresh());
        let id = EmailId::of(ana, &address("ana@acme.test"));
        assert_eq!(id, EmailId::of(ana, &address("Ana@ACME.test")));
        assert_ne!(id, EmailId::of(ana, &address("ben@acme.test")));
        assert_ne!(id, EmailId::of(ben, &address("ana@acme.test")));
    }
}
