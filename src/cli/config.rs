//! `vestibule config check`: what file and environment amount to; secrets are not shown.

use crate::config::Config;
use crate::storage::open::Database;

pub(crate) fn check(config: &Config) {
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
    let urls = config
        .redirect_urls
        .login
        .iter()
        .chain(&config.redirect_urls.signup);
    let mut urls: Vec<_> = urls.map(String::as_str).collect();
    urls.dedup();
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
        (
            "redirect_urls",
            if urls.is_empty() {
                "none".to_owned()
            } else {
                urls.join(", ")
            },
        ),
        (
            "allow_private_network",
            config.allow_private_network.to_string(),
        ),
        ("rate_limits", config.rate_limits.to_string()),
        ("log", config.log.filter.clone()),
    ];
    for (name, value) in rows {
        println!("{name:<22} {value}");
    }
    if config.mail.smtp_url.is_some() || config.mail.from.is_some() {
        println!("smtp_url and mail_from are valid, but this version sends no mail.");
    }
    println!("The configuration can be used.");
}
