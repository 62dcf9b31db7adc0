//! How strong a password is, and passwords that another system keeps.

use actix_web::HttpResponse;
use actix_web::web;
use actix_web::web::Data;
use actix_web::web::post;
use serde::Deserialize;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::email::EmailAddress;
use crate::domain::member::changes::MemberDraft;
use crate::domain::metadata::Metadata;
use crate::domain::password::migrated::Argon2Config;
use crate::domain::password::migrated::MigratedHash;
use crate::domain::password::migrated::Pbkdf2Config;
use crate::domain::password::migrated::Salts;
use crate::domain::password::migrated::ScryptConfig;
use crate::domain::password::strength::Strength;
use crate::domain::password::strength::StrengthPolicy;
use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::management::member_json::MemberAnswer;
use crate::http::state::Gateway;
use crate::use_cases::passwords;
use crate::use_cases::passwords::expectation::words;
use crate::use_cases::passwords::migrate::Migration;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(strength_check, migrate))]
pub(crate) struct Calls;

/// The URLs of these calls.
pub(crate) fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route(
            "/v1/b2b/passwords/strength_check",
            post().to(strength_check),
        )
        .route("/v1/b2b/passwords/migrate", post().to(migrate));
}

/// A password that somebody may want to set.
#[derive(Clone, Deserialize, ToSchema)]
pub(crate) struct StrengthCheckBody {
    /// The password.
    password: String,
    /// Whose it would be: what is like the address is easily guessed.
    email_address: Option<String>,
}

/// How strong a password is. It is never looked up in lists of stolen ones, since this server
/// asks nobody else.
#[derive(Serialize, ToSchema)]
pub(crate) struct StrengthAnswer {
    /// Whether it may be set.
    valid_password: bool,
    /// 1 to 4, by how many guesses somebody would need.
    score: u8,
    /// Always false.
    breached_password: bool,
    /// Always false.
    breach_detection_on_create: bool,
    /// `zxcvbn` or `luds`: which of the two decides.
    strength_policy: &'static str,
    luds_feedback: Option<LudsFeedbackJson>,
    zxcvbn_feedback: Option<ZxcvbnFeedbackJson>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = LudsFeedback)]
struct LudsFeedbackJson {
    has_lower_case: bool,
    has_upper_case: bool,
    has_digit: bool,
    has_symbol: bool,
    /// How many more of lower case, upper case, digits and symbols it needs.
    missing_complexity: usize,
    /// How many more characters it needs.
    missing_characters: usize,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ZxcvbnFeedback)]
struct ZxcvbnFeedbackJson {
    /// What is wrong with it, for whoever chose it; may be empty.
    warning: String,
    /// What would be better.
    suggestions: Vec<String>,
}

impl StrengthAnswer {
    fn new(strength: Strength) -> Self {
        let luds = strength.luds;
        let luds_feedback = LudsFeedbackJson {
            has_lower_case: luds.has_lower_case,
            has_upper_case: luds.has_upper_case,
            has_digit: luds.has_digit,
            has_symbol: luds.has_symbol,
            missing_complexity: luds.missing_complexity,
            missing_characters: luds.missing_characters,
        };
        let zxcvbn_feedback = ZxcvbnFeedbackJson {
            warning: strength.warning,
            suggestions: strength.suggestions,
        };
        let by_luds = strength.policy == StrengthPolicy::Luds;
        Self {
            valid_password: strength.is_valid,
            score: strength.score,
            breached_password: false,
            breach_detection_on_create: false,
            strength_policy: strength.policy.name(),
            luds_feedback: by_luds.then_some(luds_feedback),
            zxcvbn_feedback: (!by_luds).then_some(zxcvbn_feedback),
        }
    }
}

/// A hash of another system, and the member whose it is.
#[derive(Clone, Deserialize, ToSchema)]
pub(crate) struct PasswordMigrateBody {
    /// An id, an external id or a slug.
    organization_id: String,
    #[schema(value_type = String)]
    email_address: EmailAddress,
    /// The hash: for scrypt and PBKDF2 in base64, for argon2 and scrypt also in the PHC form.
    hash: String,
    /// `bcrypt`, `md_5`, `argon_2i`, `argon_2id`, `sha_1`, `sha_512`, `scrypt`, `phpass` or
    /// `pbkdf_2`.
    hash_type: String,
    md_5_config: Option<Salts>,
    argon_2_config: Option<Argon2Config>,
    sha_1_config: Option<Salts>,
    sha_512_config: Option<Salts>,
    scrypt_config: Option<ScryptConfig>,
    pbkdf_2_config: Option<Pbkdf2Config>,
    name: Option<String>,
    #[schema(value_type = Option<Object>)]
    trusted_metadata: Option<Metadata>,
    #[schema(value_type = Option<Object>)]
    untrusted_metadata: Option<Metadata>,
    roles: Option<Vec<String>>,
    preserve_existing_sessions: Option<bool>,
    mfa_phone_number: Option<String>,
    /// Whether the number is the member's own.
    set_phone_number_verified: Option<bool>,
    /// For a new member only.
    external_id: Option<String>,
}

impl From<PasswordMigrateBody> for Migration {
    fn from(body: PasswordMigrateBody) -> Self {
        Self {
            hash: MigratedHash {
                hash: body.hash,
                hash_type: body.hash_type,
                md_5: body.md_5_config,
                argon_2: body.argon_2_config,
                sha_1: body.sha_1_config,
                sha_512: body.sha_512_config,
                scrypt: body.scrypt_config,
                pbkdf_2: body.pbkdf_2_config,
            },
            member: MemberDraft {
                email_address: Some(body.email_address),
                name: body.name,
                trusted_metadata: body.trusted_metadata,
                untrusted_metadata: body.untrusted_metadata,
                mfa_phone_number: body.mfa_phone_number,
                roles: body.roles,
                external_id: body.external_id,
                ..MemberDraft::default()
            },
            preserve_existing_sessions: body.preserve_existing_sessions,
            set_phone_number_verified: body.set_phone_number_verified,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct MigrateAnswer {
    /// Whether the member is new.
    member_created: bool,
    #[serde(flatten)]
    member: MemberAnswer,
}

/// Tells how strong a password is, under what the project asks of passwords.
#[utoipa::path(post, path = "/v1/b2b/passwords/strength_check", operation_id = "passwords.strengthCheck", tag = "passwords",
    request_body = StrengthCheckBody,
    responses((status = 200, body = StrengthAnswer)))]
pub(crate) async fn strength_check(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<StrengthCheckBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let asked = gateway.read(caller, move |tx, caller| {
        let settings = passwords::settings(tx, &caller.project_id)?;
        Ok((settings, body.get()?.clone()))
    });
    let (settings, asked) = asked.await?;
    let judge = move || {
        let address = asked.email_address.filter(|it| it.len() <= 254);
        let address = address.unwrap_or_default();
        settings.judge(&asked.password, &words(&address))
    };
    let strength = gateway.password_threads.run(judge).await;
    let strength = strength.map_err(ApiError::of(request_id))?;
    Ok(success(request_id, &StrengthAnswer::new(strength)))
}

/// Takes over a password that another system keeps as a hash, with its member. The address counts
/// as verified from then on. The hash is replaced by one of Argon2id when the member first signs in.
#[utoipa::path(post, path = "/v1/b2b/passwords/migrate", operation_id = "passwords.migrate", tag = "passwords",
    request_body = PasswordMigrateBody,
    responses((status = 200, body = MigrateAnswer)))]
pub(crate) async fn migrate(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<PasswordMigrateBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let migrated = gateway.write(caller, move |tx, caller| {
        let body = body.get()?;
        let migration = Migration::from(body.clone());
        passwords::migrate::migrate(tx, caller, (&body.organization_id, &migration))
    });
    let (view, member_created) = migrated.await?;
    let answer = MigrateAnswer {
        member_created,
        member: MemberAnswer::new(&view),
    };
    Ok(success(request_id, &answer))
}
