//! `vestibule serve`: the product.

use crate::cli::Outcome;
use crate::config::Config;
use crate::server;
use crate::server::Running;
use crate::telemetry;

pub(crate) fn run(config: Config) -> Outcome {
    telemetry::start(&config.log);
    actix_web::rt::System::new().block_on(async move {
        if config.mail.outgoing().is_none() {
            tracing::warn!("no smtp_url is configured: mails stay in the outbox");
        }
        let running = server::start(config)
            .await
            .map_err(|error| error.to_string())?;
        announce(&running);
        running.wait().await.map_err(|error| error.to_string())
    })
}

fn announce(running: &Running) {
    let adopted = &running.adopted;
    println!("Vestibule is ready at {}", running.public_url);
    println!("Health and metrics are at http://{}", running.ops_addr);
    if let Some(link) = &running.console_link {
        println!("The console opens once, within 15 minutes, at {link}");
    }
    if adopted.new_secret.is_none() && adopted.new_public_token.is_none() {
        return;
    }
    println!("These credentials were made just now and are shown only once:");
    println!("  project id    {}", adopted.project.id);
    if let Some(secret) = &adopted.new_secret {
        println!("  secret        {secret}");
    }
    if let Some(public_token) = &adopted.new_public_token {
        println!("  public token  {public_token}");
    }
}
