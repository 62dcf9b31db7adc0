//! What happens without a request: wake, work, sleep, until told to stop.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;
use tokio::time::interval;

use crate::domain::clock::Clock;
use crate::domain::project::ProjectId;
use crate::domain::session_token::SessionSigner;
use crate::outbound::dns::TxtResolvers;
use crate::outbound::http_client::HttpClient;
use crate::outbound::oidc_provider::OidcProviders;
use crate::outbound::sms_gateway::SmsGateway;
use crate::outbound::smtp::Mailer;
use crate::storage::Storage;
use crate::use_cases::Deployment;
use crate::use_cases::scim_requests::LogPlace;
use crate::use_cases::scim_requests::Settings;
use crate::use_cases::scim_requests::queue::RequestLog;
use crate::worker::domains::DomainUpkeep;

mod cleanup;
pub mod domains;
pub mod mails;
pub mod request_log;
pub mod saml_upkeep;
pub mod signing_keys;
pub mod sms;
mod statistics;

const PAUSE: Duration = Duration::from_mins(1);
/// Somebody may be waiting for a claimed domain to be seen.
const BETWEEN_LOOKS: Duration = Duration::from_secs(10);
const BETWEEN_MAILS: Duration = Duration::from_millis(500);
/// For how long mails in hand may still be seen through when everything ends.
const LAST_MAILS: Duration = Duration::from_secs(5);
const BETWEEN_MESSAGES: Duration = Duration::from_millis(500);
/// How long a push may be planned as if there was nobody yet.
const BETWEEN_STATISTICS: Duration = Duration::from_secs(2);
const BETWEEN_WRITES: Duration = Duration::from_millis(250);

/// What the worker works with.
#[derive(Clone)]
pub struct Tools {
    /// The database.
    pub storage: Storage,
    /// The project that this installation serves.
    pub project_id: ProjectId,
    /// Where requests wait to be written.
    pub request_log: RequestLog,
    /// How much of them is kept.
    pub kept: Settings,
    /// Fetches the metadata of identity providers.
    pub http_client: HttpClient,
    /// Asked for the DNS records of claimed domains.
    pub txt_resolvers: TxtResolvers,
    /// What use cases may know about this installation.
    pub deployment: Arc<Deployment>,
    /// The OpenID providers whose documents are kept fresh.
    pub oidc_providers: OidcProviders,
    /// Takes mail, if there is a server for it.
    pub mailer: Option<Arc<Mailer>>,
    /// Takes messages to phones, if there is one.
    pub sms: Option<SmsGateway>,
    /// The time.
    pub clock: Clock,
    /// The keys that this node signs and checks JWTs with.
    pub signer: Arc<SessionSigner>,
}

/// The running worker.
pub struct Worker {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// Starts the worker on the current runtime.
pub fn start(tools: Tools) -> Worker {
    let (stop, stopped) = watch::channel(false);
    let task = tokio::spawn(work(tools, stopped));
    Worker { stop, task }
}

impl Worker {
    /// Lets the round in hand end, writes what waits, then stops.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the worker failed");
        }
    }
}

async fn work(tools: Tools, stopped: watch::Receiver<bool>) {
    // Writing goes on while old rows are forgotten.
    let clean = tokio::spawn(clean(tools.clone(), stopped.clone()));
    // So does calling others, who may be slow.
    let renew = tokio::spawn(renew(tools.clone(), stopped.clone()));
    let look_after = tokio::spawn(look_after(tools.clone(), stopped.clone()));
    let look_up = tokio::spawn(look_up(tools.clone(), stopped.clone()));
    let send = tokio::spawn(send(tools.clone(), stopped.clone()));
    let learn = tokio::spawn(signing_keys::learn(tools.clone(), stopped.clone()));
    let message = tokio::spawn(message(tools.clone(), stopped.clone()));
    let count = tokio::spawn(count(tools.clone(), stopped.clone()));
    write(tools, stopped).await;
    for task in [
        clean, renew, look_after, look_up, send, learn, message, count,
    ] {
        if let Err(error) = task.await {
            tracing::error!(%error, "a part of the worker failed");
        }
    }
}

async fn renew(tools: Tools, mut stopped: watch::Receiver<bool>) {
    loop {
        let round = async {
            tokio::time::sleep(PAUSE).await;
            tools.oidc_providers.renew(tools.clock.now()).await;
        };
        // What is under way is given up: nothing rests on it.
        tokio::select! {
            _ = stopped.changed() => return,
            () = round => {}
        }
    }
}

async fn look_after(tools: Tools, mut stopped: watch::Receiver<bool>) {
    loop {
        let round = async {
            tokio::time::sleep(PAUSE).await;
            saml_upkeep::run(&tools.storage, &tools.deployment, &tools.http_client).await;
        };
        // A fetch that is under way is given up: its connection has its next turn.
        tokio::select! {
            _ = stopped.changed() => return,
            () = round => {}
        }
    }
}

async fn look_up(tools: Tools, mut stopped: watch::Receiver<bool>) {
    let upkeep = DomainUpkeep {
        storage: tools.storage,
        project_id: tools.project_id,
        resolvers: tools.txt_resolvers,
        clock: tools.clock,
    };
    loop {
        let round = async {
            tokio::time::sleep(BETWEEN_LOOKS).await;
            domains::run(&upkeep).await;
        };
        // A look that is under way is given up: the claim is due again when its lease ends.
        tokio::select! {
            _ = stopped.changed() => return,
            () = round => {}
        }
    }
}

async fn send(tools: Tools, mut stopped: watch::Receiver<bool>) {
    let Some(mailer) = &tools.mailer else {
        return;
    };
    let seen = stopped.clone();
    let is_ending = || *seen.borrow();
    let rounds = async {
        while !is_ending() {
            mails::run(&tools.storage, &tools.deployment, mailer, &is_ending).await;
            tokio::time::sleep(BETWEEN_MAILS).await;
        }
    };
    let give_up = async {
        let _ = stopped.changed().await;
        tokio::time::sleep(LAST_MAILS).await;
    };
    tokio::select! {
        () = give_up => {}
        () = rounds => {}
    }
}

async fn message(tools: Tools, mut stopped: watch::Receiver<bool>) {
    let Some(gateway) = &tools.sms else {
        return;
    };
    let sender = sms::Sender {
        storage: &tools.storage,
        deployment: &tools.deployment,
        client: &tools.http_client,
        gateway,
        clock: &tools.clock,
    };
    loop {
        let round = async {
            tokio::time::sleep(BETWEEN_MESSAGES).await;
            sms::run(&sender).await;
        };
        // A message that is under way is given up: another node has its lease's end to wait for.
        tokio::select! {
            _ = stopped.changed() => return,
            () = round => {}
        }
    }
}

async fn count(tools: Tools, mut stopped: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            _ = stopped.changed() => return,
            () = tokio::time::sleep(BETWEEN_STATISTICS) => statistics::run(&tools.storage).await,
        }
    }
}

async fn write(tools: Tools, mut stopped: watch::Receiver<bool>) {
    let mut ticks = interval(BETWEEN_WRITES);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let stopping = tokio::select! {
            _ = stopped.changed() => true,
            _ = ticks.tick() => false,
        };
        request_log::write(&tools.storage, &tools.project_id, &tools.request_log).await;
        if stopping {
            return;
        }
    }
}

async fn clean(tools: Tools, mut stopped: watch::Receiver<bool>) {
    let mut place: Option<LogPlace> = None;
    loop {
        tokio::select! {
            _ = stopped.changed() => return,
            () = tokio::time::sleep(PAUSE) => {
                cleanup::run(&tools.storage).await;
                place = request_log::shorten(&tools.storage, place, tools.kept).await;
            }
        }
    }
}
