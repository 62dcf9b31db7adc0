//! `vestibule domain`: the mail domains that organizations prove.

use clap::Args;
use clap::Subcommand;
use serde_json::json;

use crate::cli::Outcome;
use crate::cli::open_project::OpenProject;
use crate::config::Config;
use crate::domain::clock::Clock;
use crate::domain::domain_proof::DomainProof;
use crate::domain::domain_proof::Look;
use crate::domain::domain_proof::ProofStatus;
use crate::http::management::domains::DomainJson;
use crate::outbound::dns::TxtResolvers;
use crate::use_cases::operator_domains;

#[derive(Subcommand)]
pub(crate) enum DomainCommand {
    /// Show the domains that an organization has claimed, and how far each is
    List {
        /// The organization: its id, external id or slug
        #[arg(long, value_name = "ORGANIZATION")]
        organization: String,
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
    /// Look a domain's record up now; the second sight, a minute after the first, proves it
    Check(Named),
    /// Give a domain up: it counts no longer
    Release(Named),
}

#[derive(Args)]
pub(crate) struct Named {
    /// The domain, like example.com
    domain: String,
    /// The organization: its id, external id or slug
    #[arg(long, value_name = "ORGANIZATION")]
    organization: String,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(config: &Config, command: DomainCommand) -> Outcome {
    let project = OpenProject::open(config)?;
    match command {
        DomainCommand::List { organization, json } => list(&project, organization, json),
        DomainCommand::Check(named) => check(config, &project, named),
        DomainCommand::Release(named) => release(&project, named),
    }
}

fn list(project: &OpenProject, organization: String, as_json: bool) -> Outcome {
    let proofs = project.read(move |tx, id| operator_domains::list(tx, id, &organization))?;
    if as_json {
        let domains: Vec<_> = proofs.iter().map(DomainJson::new).collect();
        println!("{}", json!({ "domains": domains }));
        return Ok(());
    }
    for proof in &proofs {
        println!(
            "{:<9}  {}{}",
            proof.status.name(),
            proof.domain,
            seen(proof)
        );
        if proof.status != ProofStatus::Verified {
            let (name, value) = (proof.record_name(), proof.record_value());
            println!("           wants {name} TXT \"{value}\"");
        }
    }
    Ok(())
}

fn seen(proof: &DomainProof) -> &'static str {
    let is_held = |look: &Look| look.held_elsewhere;
    match (&proof.seen_at, &proof.last_look) {
        (_, Some(look)) if is_held(look) => "  another organization holds it",
        (Some(_), _) => "  seen once, looked up again within a minute or two",
        _ => "",
    }
}

fn check(config: &Config, project: &OpenProject, named: Named) -> Outcome {
    let (organization, domain) = (named.organization, named.domain);
    let proof =
        project.read(move |tx, id| operator_domains::find(tx, id, (&organization, &domain)))?;
    let resolvers = TxtResolvers::new(&config.resolvers())?;
    let looked = resolvers.look(&proof, Clock::system().now());
    let look = actix_web::rt::System::new().block_on(looked);
    let taken = project.write({
        let look = look.clone();
        move |tx, id| operator_domains::take(tx, id, (&proof, &look))
    })?;
    if named.json {
        println!("{}", json!({ "domain": DomainJson::new(&taken) }));
        return Ok(());
    }
    println!(
        "{} is {}: {} of {} resolvers see the record.{}",
        taken.domain,
        taken.status.name(),
        look.resolvers_that_saw_it,
        look.resolvers_asked,
        seen(&taken)
    );
    for text in &look.found_instead {
        println!("Found instead: {text:?}");
    }
    Ok(())
}

fn release(project: &OpenProject, named: Named) -> Outcome {
    let (organization, domain) = (named.organization, named.domain.clone());
    project.write(move |tx, id| operator_domains::release(tx, id, (&organization, &domain)))?;
    if named.json {
        println!("{}", json!({ "domain": named.domain }));
    } else {
        println!("{} counts no longer.", named.domain);
    }
    Ok(())
}
