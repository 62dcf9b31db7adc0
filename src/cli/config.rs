//! `vestibule config check`: what file and environment amount to; secrets are not shown. A project
//! file is checked along with them.

use std::collections::BTreeSet;
use std::path::Path;

use crate::cli::Outcome;
use crate::cli::project_file;
use crate::config::Config;
use crate::storage::open::Database;

pub(crate) fn check(config: &Config, project_file: Option<&Path>) -> Outcome {
    show(config);
    if let Some(path) = project_file {
        project_file::read(path)?;
        println!(
            "The project file {} can be applied to a project.",
            path.display()
        );
    }
    Ok(())
}

fn show(config: &Config) {
    let given = |value: bool| {
        if value {
            "given"
        } else {
            "made at the first start"
        }
    };
    let credentials = &config.credentials;
    let own = format!("http://{}", config.listen);
    let database = match config.database() {
        Database::Sqlite(path) => format!("SQLite at {}", path.display()),
        Database::Postgres(_) => "PostgreSQL".to_owned(),
    };
    let sender = match config.mail.outgoing() {
        Some((_, from)) => from,
        None => "none: without smtp_url mails stay in the outbox",
    };
    let rows = [
        ("listen", config.listen.to_string()),
        ("ops_listen", config.ops_listen.to_string()),
        ("public_url", config.public_url.clone().unwrap_or(own)),
        ("data_dir", config.data_dir.display().to_string()),
        ("database_url", database),
        (
            "project_id",
            given(credentials.project_id.is_some()).to_owned(),
        ),
        ("secret", given(credentials.secret.is_some()).to_owned()),
        (
            "public_token",
            given(credentials.public_token.is_some()).to_owned(),
        ),
        ("master_key", given(config.master_key.is_some()).to_owned()),
        ("redirect_urls", redirect_urls(config)),
        (
            "allow_private_network",
            config.allow_private_network.to_string(),
        ),
        ("rate_limits", config.rate_limits.to_string()),
        ("trusted_proxies", proxies(config)),
        (
            "scim_requests_per_second",
            config.scim_requests_per_second.to_string(),
        ),
        ("dns_resolvers", resolvers(config)),
        ("mail_from", sender.to_owned()),
        ("log", config.log.filter.clone()),
        ("scim_log_days", config.scim_log.days.to_string()),
        ("scim_log_entries", config.scim_log.entries.to_string()),
    ];
    for (name, value) in rows {
        println!("{name:<24} {value}");
    }
    println!("The configuration can be used.");
}

fn redirect_urls(config: &Config) -> String {
    let urls = config.redirect_urls.by_kind().into_iter();
    let urls: BTreeSet<_> = urls.flat_map(|(_, urls)| urls).cloned().collect();
    match urls.len() {
        0 => "none".to_owned(),
        _ => urls.into_iter().collect::<Vec<_>>().join(", "),
    }
}

fn proxies(config: &Config) -> String {
    if config.trusted_proxies.is_empty() {
        return "none: who connects counts as the visitor".to_owned();
    }
    config.trusted_proxies.to_string()
}

fn resolvers(config: &Config) -> String {
    let told: Vec<String> = config.resolvers().iter().map(ToString::to_string).collect();
    told.join(", ")
}
