//! `vestibule impersonate`: let somebody act as a member, for support.

use chrono::SecondsFormat;
use clap::Args;
use serde_json::json;

use crate::cli::Outcome;
use crate::cli::open_project::OpenProject;
use crate::config::Config;
use crate::domain::email::EmailAddress;
use crate::domain::secret::SecretHash;
use crate::domain::secret::fresh_token;
use crate::use_cases::impersonation;
use crate::use_cases::impersonation::Impersonation;

#[derive(Args)]
pub(crate) struct ImpersonateCommand {
    /// The organization: its id, external id or slug
    #[arg(long, value_name = "ORGANIZATION")]
    organization: String,
    /// The member: its id, external id or e-mail address
    #[arg(long, value_name = "MEMBER")]
    member: String,
    /// The e-mail address of who will act; members and the journal see it
    #[arg(long = "as", value_name = "ADDRESS")]
    address: String,
    /// Another name for who will act than the address
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(config: &Config, command: ImpersonateCommand) -> Outcome {
    let wrong = || format!("{} is no e-mail address", command.address);
    let address = EmailAddress::parse(&command.address).ok_or_else(wrong)?;
    let asked = Impersonation {
        organization: command.organization,
        member: command.member,
        impersonator_id: command.id.unwrap_or_else(|| address.to_string()),
        impersonator_email: address,
    };
    let project = OpenProject::open(config)?;
    let token = fresh_token().map_err(|error| error.to_string())?;
    let hash = SecretHash::of(&token);
    let allowed = project.write(move |tx, id| impersonation::allow(tx, id, (&asked, &hash)));
    let (member, ends) = allowed?;
    let ends = ends.to_rfc3339_opts(SecondsFormat::Secs, true);
    if command.json {
        println!(
            "{}",
            json!({
                "impersonation_token": token,
                "member_id": member.id,
                "organization_id": member.organization_id,
                "expires_at": ends,
            })
        );
        return Ok(());
    }
    println!("{token}");
    println!(
        "It works once until {ends}, and lets whoever has it act as {} ({}) for an hour.",
        member.email_address, member.id
    );
    println!("The journal of the organization tells so.");
    Ok(())
}
