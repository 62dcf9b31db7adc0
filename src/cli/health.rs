//! `vestibule health`: asks the ops listener of a running server.

use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;
use std::net::SocketAddr;

use serde_json::Value;

use crate::cli::Outcome;
use crate::config::Config;
use crate::outbound::http_client::BODY_LIMIT;
use crate::outbound::http_client::HttpClient;
use crate::outbound::http_client::Settings;

pub(crate) fn run(config: &Config) -> Outcome {
    let address = reachable(config.ops_listen);
    let settings = Settings {
        allow_private_network: true,
        allowed_origins: Vec::new(),
    };
    let client = HttpClient::new(settings).map_err(|error| error.to_string())?;
    let url = format!("http://{address}/readyz");
    let asked = async move { client.get_json::<Value>(&url, BODY_LIMIT).await };
    let answer = actix_web::rt::System::new().block_on(asked);
    answer.map_err(|error| format!("not ready: {error}"))?;
    println!("ready");
    Ok(())
}

/// A server that listens everywhere is asked on loopback.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}
