//! `vestibule demo`: the product with a world around it, on loopback, in a temporary folder.

use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::OnceLock;

use crate::cli::Outcome;
use crate::config::Config;
use crate::config::data_folder::TemporaryFolder;
use crate::demo;
use crate::demo::Secrets;
use crate::demo::application::RETURN_PATH;
use crate::demo::declaration;
use crate::demo::inbox::Inbox;
use crate::demo::mail_sink;
use crate::demo::set_up::set_up;
use crate::demo::stage::Access;
use crate::demo::stage::Stage;
use crate::demo::start::START_PATH;
use crate::demo::tour;
use crate::domain::clock::Clock;
use crate::server;
use crate::server::Running;
use crate::server::World;
use crate::telemetry;
use crate::telemetry::DEFAULT_FILTER;
use crate::telemetry::LogSettings;

/// Where the stage is put once the origin is known.
type Place = Arc<OnceLock<Arc<Stage>>>;

/// The demo takes nothing but the logging from file and environment, so that it never meets the
/// data of a real installation.
pub(crate) fn run(log: &LogSettings, port: u16, with_tour: bool) -> Outcome {
    let mut log = log.clone();
    if log.filter == DEFAULT_FILTER {
        "warn".clone_into(&mut log.filter);
    }
    telemetry::start(&log);
    println!("This is a demo: everybody in it is made up, only this machine can reach it, and all");
    println!("of it is gone when it stops.");
    println!();
    let folder = TemporaryFolder::make()?;
    let mail = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|error| error.to_string())?;
    let config = config(folder.path(), port, &mail)?;
    actix_web::rt::System::new().block_on(live(config, mail, with_tour))
}

fn config(folder: &Path, port: u16, mail: &TcpListener) -> Result<Config, String> {
    let nothing = Vec::new();
    let mut config = Config::load(None, nothing, |path| std::fs::read_to_string(path))
        .map_err(|error| error.to_string())?;
    config.listen = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    config.ops_listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    folder.clone_into(&mut config.data_dir);
    let mail = mail.local_addr().map_err(|error| error.to_string())?;
    config.mail.smtp_url = Some(format!("smtp://{mail}"));
    config.mail.from = Some("Vestibule demo <no-reply@demo.test>".to_owned());
    Ok(config)
}

async fn live(config: Config, mail: TcpListener, with_tour: bool) -> Outcome {
    let told = |error: &dyn std::error::Error| error.to_string();
    let secrets = tokio::task::spawn_blocking(Secrets::make).await;
    let secrets = secrets.map_err(|error| told(&error))?;
    let secrets = Arc::new(secrets.map_err(|error| told(&error))?);
    let place = Place::default();
    let world = world(secrets.clone(), place.clone());
    let running = server::start_with(config, Some(world)).await;
    let running = running.map_err(|error| told(&error))?;
    let stage = place.get().cloned().ok_or("the demo has no pages")?;
    take_mail(mail, &stage).map_err(|error| told(&error))?;
    match show(&running, &stage, &secrets, with_tour).await {
        Ok(()) => running.wait().await.map_err(|error| told(&error)),
        Err(reason) => {
            running.stop().await;
            Err(format!("the demo failed: {reason}"))
        }
    }
}

fn take_mail(mail: TcpListener, stage: &Arc<Stage>) -> std::io::Result<()> {
    mail.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(mail)?;
    actix_web::rt::spawn(mail_sink::serve(listener, stage.clone()));
    Ok(())
}

fn world(secrets: Arc<Secrets>, place: Place) -> World {
    let routes = move |origin: &str| {
        let inbox = Arc::new(Inbox::default());
        let stage = Arc::new(Stage::new(origin, inbox, || Clock::system().now()));
        let world = demo::World::new(stage.clone(), &secrets);
        let world = world.map_err(|error| error.to_string())?;
        let _ = place.set(stage);
        let routes: server::MoreRoutes = Arc::new(move |it| world.routes(it));
        Ok(routes)
    };
    World {
        routes: Box::new(routes),
        return_path: RETURN_PATH,
        settings: declaration::settings(),
    }
}

fn access(running: &Running) -> Result<Access, String> {
    let adopted = running.adopted.clone();
    let made = adopted.new_secret.zip(adopted.new_public_token);
    let (secret, public_token) = made.ok_or("the demo's database was not empty")?;
    Ok(Access {
        origin: running.public_url.clone(),
        project_id: adopted.project.id.to_string(),
        secret,
        public_token,
    })
}

async fn show(
    running: &Running,
    stage: &Arc<Stage>,
    secrets: &Secrets,
    with_tour: bool,
) -> Result<(), String> {
    let access = access(running)?;
    let origin = access.origin.clone();
    let keys = secrets.keys();
    let ready = set_up(stage, &keys, access).await;
    ready.map_err(|error| error.to_string())?;
    println!("Open this page:  {origin}{START_PATH}");
    if with_tour {
        println!();
        let commands = tour::run(stage, &|line| println!("{line}")).await;
        let commands = commands.map_err(|error| error.to_string())?;
        println!();
        println!("Or try:");
        for (what, command) in commands {
            println!("  # {what}");
            println!("  {command}");
        }
    }
    println!();
    println!("Stop the demo with Ctrl-C.");
    Ok(())
}
