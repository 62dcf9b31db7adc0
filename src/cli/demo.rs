//! `vestibule demo`: the product with a world around it, on loopback, in a temporary folder.

use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use crate::cli::Outcome;
use crate::config::Config;
use crate::config::data_folder::TemporaryFolder;
use crate::demo;
use crate::demo::OidcClient;
use crate::demo::application::Application;
use crate::demo::application::RETURN_PATH;
use crate::demo::application::START_PATH;
use crate::demo::declaration;
use crate::demo::tour;
use crate::demo::tour::Access;
use crate::demo::tour::Toured;
use crate::domain::clock::Clock;
use crate::server;
use crate::server::Running;
use crate::server::World;
use crate::telemetry;
use crate::telemetry::DEFAULT_FILTER;
use crate::telemetry::LogSettings;

/// The demo takes nothing but the logging from file and environment, so that it never meets the
/// data of a real installation.
pub(crate) fn run(log: &LogSettings, port: u16) -> Outcome {
    let mut log = log.clone();
    if log.filter == DEFAULT_FILTER {
        "warn".clone_into(&mut log.filter);
    }
    telemetry::start(&log);
    println!("This is a demo: everybody in it is made up, only this machine can reach it, and all");
    println!("of it is gone when it stops.");
    println!();
    let folder = TemporaryFolder::make()?;
    let config = config(folder.path(), port)?;
    actix_web::rt::System::new().block_on(live(config))
}

fn config(folder: &Path, port: u16) -> Result<Config, String> {
    let nothing = Vec::new();
    let mut config = Config::load(None, nothing, |path| std::fs::read_to_string(path))
        .map_err(|error| error.to_string())?;
    config.listen = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    config.ops_listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    folder.clone_into(&mut config.data_dir);
    Ok(config)
}

async fn live(config: Config) -> Outcome {
    let told = |error: &dyn std::error::Error| error.to_string();
    let application = Arc::new(Application::default());
    let client = OidcClient::fresh().map_err(|error| told(&error))?;
    let world = world(client.clone(), application.clone());
    let running = server::start_with(config, Some(world)).await;
    let running = running.map_err(|error| told(&error))?;
    let access = access(&running, client)?;
    match tour::run(&access, &|line| println!("{line}")).await {
        Ok(toured) => {
            application.open(toured.guide.clone());
            invite(&running, &access, &toured);
            running.wait().await.map_err(|error| told(&error))
        }
        Err(error) => {
            running.stop().await;
            Err(format!("the demo failed: {error}"))
        }
    }
}

fn world(client: OidcClient, application: Arc<Application>) -> World {
    let routes = move |origin: &str| {
        let world = demo::World::new(origin, &client, application, || Clock::system().now());
        let world = world.map_err(|error| error.to_string())?;
        let routes: server::MoreRoutes = Arc::new(move |it| world.routes(it));
        Ok(routes)
    };
    World {
        routes: Box::new(routes),
        return_path: RETURN_PATH,
        settings: declaration::settings(),
    }
}

fn access(running: &Running, oidc_client: OidcClient) -> Result<Access, String> {
    let adopted = running.adopted.clone();
    let made = adopted.new_secret.zip(adopted.new_public_token);
    let (secret, public_token) = made.ok_or("the demo's database was not empty")?;
    Ok(Access {
        origin: running.public_url.clone(),
        project_id: adopted.project.id.to_string(),
        secret,
        public_token,
        oidc_client,
    })
}

fn invite(running: &Running, access: &Access, toured: &Toured) {
    println!();
    println!("Sign in yourself:  {}{START_PATH}", access.origin);
    println!("  project id    {}", access.project_id);
    println!("  secret        {}", access.secret);
    println!("  public token  {}", access.public_token);
    println!("  health        http://{}/readyz", running.ops_addr);
    println!();
    println!("Or try:");
    for (what, command) in &toured.curl {
        println!("  # {what}");
        println!("  {command}");
    }
    println!();
    println!("Stop the demo with Ctrl-C.");
}
