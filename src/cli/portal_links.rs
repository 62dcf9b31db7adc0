//! `vestibule portal-link`: let a customer's IT admin set up their organization.

use chrono::DateTime;
use chrono::SecondsFormat;
use chrono::Utc;
use clap::Subcommand;
use serde_json::json;

use crate::cli::Outcome;
use crate::cli::open_project::OpenProject;
use crate::config::Config;
use crate::domain::clock::Clock;
use crate::domain::portal_link::DEFAULT_DAYS;
use crate::domain::portal_link::MOST_DAYS;
use crate::domain::secret::SecretHash;
use crate::domain::secret::fresh_token;
use crate::http::management::portal_links::PortalLinkJson;
use crate::use_cases::portal_link_url;
use crate::use_cases::portal_links;

#[derive(Subcommand)]
pub(crate) enum PortalLinkCommand {
    /// Make a link for an IT admin; it can be opened again until it is revoked or completed
    Create {
        /// The organization: its id, external id or slug
        #[arg(long, value_name = "ORGANIZATION")]
        organization: String,
        /// For so many days
        #[arg(long, default_value_t = DEFAULT_DAYS,
            value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_DAYS)))]
        days: u32,
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
    /// Show the links of an organization, newest first
    List {
        /// The organization: its id, external id or slug
        #[arg(long, value_name = "ORGANIZATION")]
        organization: String,
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
    /// Take a link back: whoever is in by it is out at once
    Revoke {
        /// The id that `list` shows
        id: String,
        /// The organization: its id, external id or slug
        #[arg(long, value_name = "ORGANIZATION")]
        organization: String,
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
}

pub(crate) fn run(config: &Config, command: PortalLinkCommand) -> Outcome {
    let project = OpenProject::open(config)?;
    match command {
        PortalLinkCommand::Create {
            organization,
            days,
            json,
        } => create(config, &project, (organization, days), json),
        PortalLinkCommand::List { organization, json } => list(&project, organization, json),
        PortalLinkCommand::Revoke {
            id,
            organization,
            json,
        } => revoke(&project, (organization, id), json),
    }
}

fn create(
    config: &Config,
    project: &OpenProject,
    (organization, days): (String, u32),
    as_json: bool,
) -> Outcome {
    let token = fresh_token().map_err(|error| error.to_string())?;
    let hash = SecretHash::of(&token);
    let link = project
        .write(move |tx, id| portal_links::create_lasting(tx, id, (&organization, days), &hash))?;
    let url = portal_link_url(&config.origin(), &token);
    if as_json {
        let portal_link = PortalLinkJson::new(&link, now());
        println!("{}", json!({ "portal_link": portal_link, "url": url }));
        return Ok(());
    }
    println!("{url}");
    println!(
        "Whoever has it can set up {} until {}; its id is {}.",
        link.organization_id,
        written(link.expires_at),
        link.id
    );
    println!("`vestibule portal-link revoke` takes it back. The link is shown only this once.");
    Ok(())
}

fn list(project: &OpenProject, organization: String, as_json: bool) -> Outcome {
    let links =
        project.read(move |tx, id| portal_links::list_for_operator(tx, id, &organization))?;
    if as_json {
        let shown: Vec<_> = links
            .iter()
            .map(|link| PortalLinkJson::new(link, now()))
            .collect();
        println!("{}", json!({ "portal_links": shown }));
        return Ok(());
    }
    for link in &links {
        let opened = link.opened_at.map_or_else(|| "never".to_owned(), written);
        println!(
            "{}  {:<9}  made {}  until {}  opened {opened}",
            link.id,
            link.status(now()).name(),
            written(link.created_at),
            written(link.expires_at),
        );
    }
    Ok(())
}

fn revoke(project: &OpenProject, (organization, id): (String, String), as_json: bool) -> Outcome {
    let link = project.write(move |tx, project| {
        portal_links::revoke_for_operator(tx, project, (&organization, &id))
    })?;
    if as_json {
        let portal_link = PortalLinkJson::new(&link, now());
        println!("{}", json!({ "portal_link": portal_link }));
    } else {
        println!("{} opens nothing any more.", link.id);
    }
    Ok(())
}

fn now() -> DateTime<Utc> {
    Clock::system().now()
}

fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
