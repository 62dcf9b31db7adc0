//! What was proven in a session, as the contract shows it (contract 3.6, appendix A.3).

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::email::EmailAddress;
use crate::domain::factor::EmailFactor;
use crate::domain::factor::EmailMethod;
use crate::domain::factor::Factor;
use crate::domain::factor::OauthFactor;
use crate::domain::factor::sso::SsoFactor;
use crate::domain::id::ConnectionId;
use crate::domain::id::ConnectionKind;
use crate::domain::id::EmailId;
use crate::domain::id::MemberId;
use crate::domain::id::OauthRegistrationId;
use crate::domain::id::PhoneNumberId;
use crate::domain::id::RecoveryCodeId;
use crate::domain::id::RegistrationId;
use crate::domain::id::TotpId;
use crate::domain::id::TrustedTokenId;
use crate::domain::oauth_provider::OauthProvider;
use crate::domain::session::Session;
use crate::domain::session_token::timestamp;

/// Something that was proven at a sign-in.
#[derive(Serialize, ToSchema)]
#[schema(as = AuthenticationFactor)]
pub(crate) struct AuthenticationFactorJson {
    /// `sso`, `magic_link`, `email_otp`, `oauth`, `password`, `otp`, `totp`, `recovery_codes`,
    /// `impersonated` or `trusted_auth_token`.
    r#type: &'static str,
    /// How: `sso_saml`, `sso_oidc`, `email`, `oauth_google`, `knowledge`, `sms`,
    /// `authenticator_app`, `recovery_code`, `impersonation`, `trusted_token_exchange`, …
    delivery_method: &'static str,
    /// RFC 3339, UTC.
    last_authenticated_at: String,
    /// RFC 3339, UTC.
    created_at: String,
    /// RFC 3339, UTC.
    updated_at: String,
    #[serde(flatten)]
    details: FactorDetails,
}

/// By what it was proven.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::enum_variant_names, reason = "the names are those on the wire")]
enum FactorDetails {
    SamlSsoFactor(SsoFactorJson),
    OidcSsoFactor(SsoFactorJson),
    EmailFactor(EmailFactorJson),
    GoogleOauthFactor(OauthFactorJson),
    MicrosoftOauthFactor(OauthFactorJson),
    GithubOauthFactor(OauthFactorJson),
    SlackOauthFactor(OauthFactorJson),
    HubspotOauthFactor(OauthFactorJson),
    PhoneNumberFactor(PhoneNumberFactorJson),
    AuthenticatorAppFactor(AuthenticatorAppFactorJson),
    RecoveryCodeFactor(RecoveryCodeFactorJson),
    ImpersonatedFactor(ImpersonatedFactorJson),
    TrustedAuthTokenFactor(TrustedAuthTokenFactorJson),
    PasswordFactor(PasswordFactorJson),
}

/// A registration with a connection.
#[derive(Serialize, ToSchema)]
#[schema(as = SsoFactor)]
struct SsoFactorJson {
    /// The registration.
    id: RegistrationId,
    /// The connection.
    provider_id: ConnectionId,
    /// The subject at the identity provider.
    external_id: String,
}

/// An address.
#[derive(Serialize, ToSchema)]
#[schema(as = EmailFactor)]
struct EmailFactorJson {
    email_id: EmailId,
    #[schema(value_type = String)]
    email_address: EmailAddress,
}

/// A registration with an OAuth provider.
#[derive(Serialize, ToSchema)]
#[schema(as = OAuthFactor)]
struct OauthFactorJson {
    /// The registration.
    id: OauthRegistrationId,
    /// The subject at the provider.
    provider_subject: String,
    email_id: EmailId,
}

/// A phone number.
#[derive(Serialize, ToSchema)]
#[schema(as = PhoneNumberFactor)]
struct PhoneNumberFactorJson {
    phone_id: PhoneNumberId,
    phone_number: String,
}

/// An authenticator application.
#[derive(Serialize, ToSchema)]
#[schema(as = AuthenticatorAppFactor)]
struct AuthenticatorAppFactorJson {
    totp_id: TotpId,
}

/// A recovery code.
#[derive(Serialize, ToSchema)]
#[schema(as = RecoveryCodeFactor)]
struct RecoveryCodeFactorJson {
    totp_recovery_code_id: RecoveryCodeId,
}

/// Who acts as the member.
#[derive(Serialize, ToSchema)]
#[schema(as = ImpersonatedFactor)]
struct ImpersonatedFactorJson {
    impersonator_id: String,
    impersonator_email_address: String,
}

/// A password, of which there is nothing to tell.
#[derive(Serialize, ToSchema)]
#[schema(as = PasswordFactor)]
struct PasswordFactorJson {}

/// A token of another issuer.
#[derive(Serialize, ToSchema)]
#[schema(as = TrustedAuthTokenFactor)]
struct TrustedAuthTokenFactorJson {
    token_id: TrustedTokenId,
}

/// What a session holds, in the order in which it was proven.
pub(crate) fn factors(session: &Session) -> Vec<AuthenticationFactorJson> {
    let shown = |factor: &Factor| shown(factor, session.member_id);
    session.factors.iter().map(shown).collect()
}

fn shown(factor: &Factor, member: MemberId) -> AuthenticationFactorJson {
    let (r#type, delivery_method, details) = told(factor, member);
    let at = timestamp(factor.authenticated_at());
    AuthenticationFactorJson {
        r#type,
        delivery_method,
        last_authenticated_at: at.clone(),
        created_at: at.clone(),
        updated_at: at,
        details,
    }
}

fn told(factor: &Factor, member: MemberId) -> (&'static str, &'static str, FactorDetails) {
    match factor {
        Factor::Sso(factor) => sso(factor),
        Factor::Email(factor) => email(factor, member),
        Factor::Oauth(factor) => oauth(factor, member),
        Factor::Password(_) => (
            "password",
            "knowledge",
            FactorDetails::PasswordFactor(PasswordFactorJson {}),
        ),
        Factor::Sms(factor) => {
            let details = PhoneNumberFactorJson {
                phone_id: PhoneNumberId::of(member, &factor.phone_number),
                phone_number: factor.phone_number.clone(),
            };
            ("otp", "sms", FactorDetails::PhoneNumberFactor(details))
        }
        Factor::Totp(factor) => {
            let totp_id = factor.totp_id;
            let details = AuthenticatorAppFactorJson { totp_id };
            let details = FactorDetails::AuthenticatorAppFactor(details);
            ("totp", "authenticator_app", details)
        }
        Factor::RecoveryCode(factor) => {
            let details = RecoveryCodeFactorJson {
                totp_recovery_code_id: factor.recovery_code_id,
            };
            let details = FactorDetails::RecoveryCodeFactor(details);
            ("recovery_codes", "recovery_code", details)
        }
        Factor::Impersonated(factor) => {
            let details = ImpersonatedFactorJson {
                impersonator_id: factor.impersonator_id.clone(),
                impersonator_email_address: factor.impersonator_email_address.clone(),
            };
            let details = FactorDetails::ImpersonatedFactor(details);
            ("impersonated", "impersonation", details)
        }
        Factor::TrustedToken(factor) => {
            let token_id = factor.token_id;
            let details = TrustedAuthTokenFactorJson { token_id };
            let details = FactorDetails::TrustedAuthTokenFactor(details);
            ("trusted_auth_token", "trusted_token_exchange", details)
        }
    }
}

fn sso(factor: &SsoFactor) -> (&'static str, &'static str, FactorDetails) {
    let details = SsoFactorJson {
        id: factor.registration_id,
        provider_id: factor.connection_id,
        external_id: factor.external_id.clone(),
    };
    let details = match factor.spoken() {
        ConnectionKind::Saml => FactorDetails::SamlSsoFactor(details),
        ConnectionKind::Oidc | ConnectionKind::External | ConnectionKind::Scim => {
            FactorDetails::OidcSsoFactor(details)
        }
    };
    ("sso", factor.delivery_method(), details)
}

fn email(factor: &EmailFactor, member: MemberId) -> (&'static str, &'static str, FactorDetails) {
    let r#type = match factor.method {
        EmailMethod::MagicLink => "magic_link",
        EmailMethod::Otp => "email_otp",
    };
    let details = EmailFactorJson {
        email_id: EmailId::of(member, &factor.email_address),
        email_address: factor.email_address.clone(),
    };
    (r#type, "email", FactorDetails::EmailFactor(details))
}

fn oauth(factor: &OauthFactor, member: MemberId) -> (&'static str, &'static str, FactorDetails) {
    let details = OauthFactorJson {
        id: factor.registration_id,
        provider_subject: factor.provider_subject.clone(),
        email_id: EmailId::of(member, &factor.email_address),
    };
    let (method, details) = match factor.provider {
        OauthProvider::Google => ("oauth_google", FactorDetails::GoogleOauthFactor(details)),
        OauthProvider::Microsoft => {
            let details = FactorDetails::MicrosoftOauthFactor(details);
            ("oauth_microsoft", details)
        }
        OauthProvider::Github => ("oauth_github", FactorDetails::GithubOauthFactor(details)),
        OauthProvider::Slack => ("oauth_slack", FactorDetails::SlackOauthFactor(details)),
        OauthProvider::Hubspot => ("oauth_hubspot", FactorDetails::HubspotOauthFactor(details)),
    };
    ("oauth", method, details)
}
