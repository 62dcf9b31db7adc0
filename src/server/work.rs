//! What the worker shares with the listeners.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::config::Config;
use crate::http::state::Gateway;
use crate::outbound::dns::TxtResolvers;
use crate::outbound::sms_gateway::SmsGateway;
use crate::outbound::smtp::Mailer;
use crate::server::StartError;
use crate::use_cases::scim_requests::Settings;
use crate::use_cases::scim_requests::queue::RequestLog;
use crate::worker;

/// What the worker works with.
pub(crate) fn tools(
    gateway: &Gateway,
    kept: Settings,
    (mailer, sms): (Option<Arc<Mailer>>, Option<SmsGateway>),
) -> worker::Tools {
    worker::Tools {
        storage: gateway.storage.clone(),
        project_id: gateway.project_id.clone(),
        request_log: gateway.request_log.clone(),
        kept,
        http_client: gateway.http_client.clone(),
        txt_resolvers: gateway.txt_resolvers.clone(),
        deployment: gateway.deployment.clone(),
        oidc_providers: gateway.oidc_providers.clone(),
        mailer,
        sms,
        clock: gateway.clock.clone(),
        signer: gateway.signer.clone(),
    }
}

/// Where SCIM requests wait to be written into their log, if one is kept.
pub(crate) fn request_log(config: &Config) -> RequestLog {
    match config.scim_log.days {
        0 => RequestLog::off(),
        _ => RequestLog::default(),
    }
}

/// Those who are asked for the DNS records of claimed domains.
pub(crate) fn txt_resolvers(addresses: &[SocketAddr]) -> Result<TxtResolvers, StartError> {
    let failed = |error| StartError::because("the DNS resolvers cannot be used", error);
    TxtResolvers::new(addresses).map_err(failed)
}

/// Sends mail, if there is an SMTP server.
pub(crate) fn mailer(config: &Config) -> Result<Option<Arc<Mailer>>, StartError> {
    let failed = |error| StartError::because("the SMTP server cannot be used", error);
    let outgoing = config.mail.outgoing();
    let authorities = config.mail.smtp_ca.as_deref();
    let mailer = outgoing.map(|(url, from)| Mailer::new(url, from, authorities).map(Arc::new));
    mailer.transpose().map_err(failed)
}
