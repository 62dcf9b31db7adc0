//! What a project declares about itself: one row a project, one column a part.

use std::collections::BTreeMap;

use diesel::ExpressionMethods;
use diesel::OptionalExtension;
use diesel::QueryDsl;
use diesel::RunQueryDsl;

use crate::domain::mail_template::MailKind;
use crate::domain::mail_template::MailTemplate;
use crate::domain::password::strength::PasswordSettings;
use crate::domain::project::ProjectId;
use crate::domain::project::RedirectUrls;
use crate::domain::project_settings::ProjectSettings;
use crate::domain::project_settings::SessionSettings;
use crate::domain::project_settings::SignInPagesSettings;
use crate::domain::rbac::PolicyDeclaration;
use crate::storage::Transaction;
use crate::storage::columns::from_json;
use crate::storage::columns::instant;
use crate::storage::columns::to_json;
use crate::storage::error::StorageError;
use crate::storage::schema::project_settings;

/// Everything that the project declares, if it ever did.
pub fn find(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
) -> Result<Option<ProjectSettings>, StorageError> {
    let row = project_settings::table
        .find(project.as_str())
        .select((
            project_settings::policy,
            project_settings::redirect_urls,
            project_settings::public_tokens,
            project_settings::mail_templates,
            project_settings::session,
            project_settings::trusted_tokens,
            project_settings::session_migration,
            project_settings::passwords,
            project_settings::sign_in_pages,
        ))
        .first::<(
            String,
            Option<String>,
            String,
            String,
            String,
            String,
            String,
            String,
            String,
        )>(tx.connection()?)
        .optional()?;
    row.map(
        |(
            policy,
            redirect_urls,
            public_tokens,
            mail_templates,
            session,
            trusted,
            migration,
            passwords,
            sign_in_pages,
        )| {
            Ok(ProjectSettings {
                rbac: from_json(&policy)?,
                redirect_urls: redirect_urls.as_deref().map(from_json).transpose()?,
                public_tokens: from_json(&public_tokens)?,
                mail_templates: from_json(&mail_templates)?,
                session: from_json(&session)?,
                trusted_tokens: from_json(&trusted)?,
                session_migration: from_json(&migration)?,
                passwords: from_json(&passwords)?,
                sign_in_pages: from_json(&sign_in_pages)?,
            })
        },
    )
    .transpose()
}

/// What the project adds to the reserved roles and resources.
pub fn find_policy(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
) -> Result<Option<PolicyDeclaration>, StorageError> {
    project_settings::table
        .find(project.as_str())
        .select(project_settings::policy)
        .first::<String>(tx.connection()?)
        .optional()?
        .map(|policy| from_json(&policy))
        .transpose()
}

/// What every session of a project needs to know of it.
pub type ForSessions = (PolicyDeclaration, SessionSettings);

/// What every session of the project needs, in one statement; what is not declared is as by default.
pub fn find_for_sessions(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
) -> Result<ForSessions, StorageError> {
    if let Some(declared) = tx.declared_before(project) {
        return Ok(declared);
    }
    let row = project_settings::table
        .find(project.as_str())
        .select((project_settings::policy, project_settings::session))
        .first::<(String, String)>(tx.connection()?)
        .optional()?;
    let declared = match row {
        Some((policy, session)) => (from_json(&policy)?, from_json(&session)?),
        None => ForSessions::default(),
    };
    tx.remember_declared(project, &declared);
    Ok(declared)
}

/// How a kind of mail is written, if the project declares it.
pub fn find_mail_template(
    tx: &mut Transaction<'_>,
    (project, kind): (&ProjectId, MailKind),
) -> Result<Option<MailTemplate>, StorageError> {
    let declared = project_settings::table
        .find(project.as_str())
        .select(project_settings::mail_templates)
        .first::<String>(tx.connection()?)
        .optional()?;
    let declared = declared
        .as_deref()
        .map(from_json::<BTreeMap<String, MailTemplate>>);
    Ok(declared
        .transpose()?
        .and_then(|mut templates| templates.remove(kind.name)))
}

/// What the project asks of passwords.
pub fn find_passwords(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
) -> Result<Option<PasswordSettings>, StorageError> {
    project_settings::table
        .find(project.as_str())
        .select(project_settings::passwords)
        .first::<String>(tx.connection()?)
        .optional()?
        .map(|passwords| from_json(&passwords))
        .transpose()
}

/// What the project says of its hosted sign-in pages.
pub fn find_sign_in_pages(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
) -> Result<Option<SignInPagesSettings>, StorageError> {
    project_settings::table
        .find(project.as_str())
        .select(project_settings::sign_in_pages)
        .first::<String>(tx.connection()?)
        .optional()?
        .map(|pages| from_json(&pages))
        .transpose()
}

/// Where people may be sent back, if the project declares it.
pub fn find_redirect_urls(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
) -> Result<Option<RedirectUrls>, StorageError> {
    project_settings::table
        .find(project.as_str())
        .select(project_settings::redirect_urls)
        .first::<Option<String>>(tx.connection()?)
        .optional()?
        .flatten()
        .map(|urls| from_json(&urls))
        .transpose()
}

/// Writes everything that the project declares.
pub fn save(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    settings: &ProjectSettings,
) -> Result<(), StorageError> {
    tx.forget_what_is_known();
    let urls = settings.redirect_urls.as_ref();
    let row = (
        project_settings::project_id.eq(project.as_str()),
        project_settings::policy.eq(to_json(&settings.rbac)?),
        project_settings::redirect_urls.eq(urls.map(to_json).transpose()?),
        project_settings::public_tokens.eq(to_json(&settings.public_tokens)?),
        project_settings::mail_templates.eq(to_json(&settings.mail_templates)?),
        project_settings::session.eq(to_json(&settings.session)?),
        project_settings::trusted_tokens.eq(to_json(&settings.trusted_tokens)?),
        project_settings::session_migration.eq(to_json(&settings.session_migration)?),
        project_settings::passwords.eq(to_json(&settings.passwords)?),
        project_settings::sign_in_pages.eq(to_json(&settings.sign_in_pages)?),
        project_settings::updated_at.eq(instant(tx.now)),
    );
    diesel::delete(project_settings::table.find(project.as_str())).execute(tx.connection()?)?;
    diesel::insert_into(project_settings::table)
        .values(row)
        .execute(tx.connection()?)?;
    Ok(())
}
