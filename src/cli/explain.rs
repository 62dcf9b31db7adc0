//! `vestibule explain`: why a member has the roles that it has, and why something was refused.

use clap::Args;
use clap::Subcommand;
use serde_json::json;

use crate::cli::Outcome;
use crate::cli::open_project::OpenProject;
use crate::config::Config;
use crate::domain::id::OrganizationId;
use crate::domain::rbac::Permission;
use crate::domain::session_token::timestamp;
use crate::http::management::explanation_json::MemberExplanationJson;
use crate::http::management::refusal_json::RefusalJson;
use crate::use_cases::explain;
use crate::use_cases::explain::lacking::LackedRole;
use crate::use_cases::explain::member::MemberExplanation;
use crate::use_cases::explain::member::RoleExplanation;
use crate::use_cases::explain::refusals::Refused;
use crate::use_cases::explain::sentences::name_of;
use crate::use_cases::explain::sentences::plain;
use crate::use_cases::members::MemberLocator;

#[derive(Subcommand)]
pub(crate) enum ExplainCommand {
    /// Say why a member has each of its roles, and what it would take to have the others
    Member(MemberArguments),
    /// Say why a request was refused, and what helps
    Refusal {
        /// The request, as the error page, the answer or the log names it
        request_id: String,
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args)]
pub(crate) struct MemberArguments {
    /// The member: its id or external id
    #[arg(required_unless_present = "email", conflicts_with = "email")]
    id: Option<String>,
    /// Or its e-mail address
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// The organization: its id, external id or slug
    #[arg(long, value_name = "ORGANIZATION")]
    organization: String,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(config: &Config, command: ExplainCommand) -> Outcome {
    let project = OpenProject::open(config)?;
    match command {
        ExplainCommand::Member(arguments) => member(&project, arguments),
        ExplainCommand::Refusal { request_id, json } => refusal(&project, request_id, json),
    }
}

fn member(project: &OpenProject, arguments: MemberArguments) -> Outcome {
    let locator = MemberLocator {
        member_id: arguments.id,
        email_address: arguments.email,
    };
    let organization = arguments.organization;
    let explained = project.read(move |tx, project| {
        explain::member::for_operator(tx, project, (&organization, &locator))
    })?;
    if arguments.json {
        let explanation = MemberExplanationJson::new(&explained);
        println!("{}", json!({ "explanation": explanation }));
    } else {
        tell(&explained);
    }
    Ok(())
}

fn refusal(project: &OpenProject, request_id: String, json: bool) -> Outcome {
    let found =
        project.read(move |tx, project| explain::refusals::find_anywhere(tx, project, &request_id));
    let (organization, refused) = found?;
    if json {
        let refusal = RefusalJson::new(&refused);
        println!(
            "{}",
            json!({ "organization_id": organization, "refusal": refusal })
        );
    } else {
        tell_refusal(organization, &refused);
    }
    Ok(())
}

fn tell_refusal(organization: OrganizationId, refused: &Refused) {
    let (at, remedy) = (timestamp(refused.occurred_at), refused.remedy);
    println!(
        "{at}  {}  {}  {}",
        refused.kind, refused.code, refused.request_id
    );
    println!("rule:      {}", refused.rule);
    let named = [
        ("came:", &refused.received),
        ("wanted:", &refused.expected),
        ("through:", &refused.connection),
        ("member:", &refused.member_id),
        ("address:", &refused.email_address),
    ];
    for (name, value) in named {
        if let Some(value) = value {
            println!("{name:<10} {}", plain(value));
        }
    }
    println!("in:        {organization}");
    println!("means:     {}", remedy.meaning);
    println!("fix:       {}", remedy.fix);
    println!("who:       {}", remedy.who.title());
    println!("where:     {}", remedy.place);
    if refused.is_last_kept {
        println!("Others like it that came soon after were not kept.");
    }
}

fn tell(explained: &MemberExplanation) {
    let member = &explained.standing.member;
    let name = name_of(member);
    println!(
        "{name} <{}>  {}  {}",
        member.email_address,
        member.status.name(),
        member.id
    );
    if !member.is_live() {
        let ended = explained.ended_by.as_ref();
        let when = ended.map_or("before the journal".to_owned(), |event| {
            format!(
                "{} (request {})",
                timestamp(event.occurred_at),
                event.request_id
            )
        });
        println!("{name} has no roles: the membership ended {when}.");
    }
    explained.roles.iter().for_each(tell_role);
    if !explained.lacked.is_empty() {
        println!("\nnot:");
        explained.lacked.iter().for_each(tell_lacked);
    }
}

fn tell_role(role: &RoleExplanation) {
    let undeclared = if role.is_declared {
        ""
    } else {
        "  (no policy declares it: it allows nothing)"
    };
    println!("\n{}{undeclared}", role.role_id);
    for source in &role.sources {
        let sign = if source.decides { "*" } else { "-" };
        println!("  {sign} {}", source.sentence);
        for fact in &source.facts {
            let event = fact
                .event
                .as_ref()
                .map_or("before the journal".to_owned(), |event| {
                    let at = timestamp(event.occurred_at);
                    format!(
                        "{at}  {}  {}  {}",
                        event.kind, event.object_id, event.request_id
                    )
                });
            println!("      {event}");
        }
    }
    let permissions: Vec<String> = role.permissions.iter().map(shown).collect();
    println!("  may: {}", permissions.join("; "));
}

fn shown(permission: &Permission) -> String {
    format!(
        "{} on {}",
        permission.actions.join(", "),
        permission.resource_id
    )
}

fn tell_lacked(role: &LackedRole) {
    println!("  {}, unless:", plain(&role.role_id));
    for way in &role.ways {
        println!("    - {}", way.sentence);
    }
    if role.more_ways > 0 {
        println!("    - or one of {} other ways", role.more_ways);
    }
}
