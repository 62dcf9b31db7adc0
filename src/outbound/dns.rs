//! TXT records, asked of each configured resolver by itself (RFC 1035): a record that only one of
//! them sees has not spread yet.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use chrono::Utc;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::ConnectionConfig;
use hickory_resolver::config::NameServerConfig;
use hickory_resolver::config::ResolveHosts;
use hickory_resolver::config::ResolverConfig;
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;
use hickory_resolver::proto::rr::RecordType;
use tokio::task::JoinSet;

use crate::domain::domain_proof::DomainProof;
use crate::domain::domain_proof::Look;

/// How long a resolver may take, twice.
const PATIENCE: Duration = Duration::from_secs(3);

/// How many texts of a name are read.
const MOST_TEXTS: usize = 100;

/// The resolvers that are asked.
#[derive(Clone)]
pub struct TxtResolvers {
    resolvers: Arc<[TokioResolver]>,
}

impl TxtResolvers {
    /// Those at these addresses.
    pub fn new(addresses: &[SocketAddr]) -> Result<Self, String> {
        let made: Result<Vec<_>, _> = addresses.iter().map(|it| resolver(*it)).collect();
        let resolvers = made.map_err(|error| error.to_string())?.into();
        Ok(Self { resolvers })
    }

    /// What each of them says about the record of a domain.
    pub async fn look(&self, proof: &DomainProof, now: DateTime<Utc>) -> Look {
        let name = format!("{}.", proof.record_name());
        let mut asked = JoinSet::new();
        for resolver in self.resolvers.iter() {
            let (resolver, name) = (resolver.clone(), name.clone());
            asked.spawn(async move { texts(&resolver, &name).await });
        }
        let answers = asked.join_all().await;
        Look::of(&answers, &proof.record_value(), now)
    }
}

fn resolver(address: SocketAddr) -> Result<TokioResolver, NetError> {
    let at_port = |mut connection: ConnectionConfig| {
        connection.port = address.port();
        connection
    };
    let connections = vec![
        at_port(ConnectionConfig::udp()),
        at_port(ConnectionConfig::tcp()),
    ];
    let server = NameServerConfig::new(address.ip(), true, connections);
    let config = ResolverConfig::from_name_servers(vec![server]);
    let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
    let options = builder.options_mut();
    options.timeout = PATIENCE;
    options.attempts = 2;
    // What was not there a moment ago may be there now.
    options.cache_size = 0;
    options.use_hosts_file = ResolveHosts::Never;
    builder.build()
}

/// The texts under a name; nothing when the resolver gave no answer.
async fn texts(resolver: &TokioResolver, name: &str) -> Option<Vec<String>> {
    match resolver.lookup(name, RecordType::TXT).await {
        Ok(found) => {
            let records = found.answers().iter().map(|record| &record.data);
            let texts = records.filter_map(|data| match data {
                RData::TXT(text) => {
                    // A text over 255 bytes is kept in parts (RFC 7208 §3.3).
                    let bytes = text.txt_data.concat();
                    Some(String::from_utf8_lossy(&bytes).into_owned())
                }
                _ => None,
            });
            Some(texts.take(MOST_TEXTS).collect())
        }
        Err(error) if error.is_no_records_found() => Some(Vec::new()),
        Err(error) => {
            tracing::debug!(%error, name, "a resolver gave no answer");
            None
        }
    }
}
