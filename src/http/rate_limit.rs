//! Rates per credential, per SCIM connection, or per address where there is neither; 429 in the
//! caller's own protocol.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use actix_web::Error;
use actix_web::HttpRequest;
use actix_web::body::BoxBody;
use actix_web::body::EitherBody;
use actix_web::body::MessageBody;
use actix_web::dev::ServiceRequest;
use actix_web::dev::ServiceResponse;
use actix_web::http::header::AUTHORIZATION;
use actix_web::middleware::Next;
use actix_web::web::Data;
use governor::DefaultKeyedRateLimiter;
use governor::NotUntil;
use governor::Quota;
use governor::RateLimiter;
use governor::clock::Clock;
use governor::clock::DefaultClock;
use governor::clock::QuantaInstant;

use crate::domain::id::ConnectionId;
use crate::domain::secret::SecretHash;
use crate::http::client_address::client_address;
use crate::http::rate_limit::paths::asks_for_credential;
use crate::http::rate_limit::paths::is_asset;
use crate::http::rate_limit::paths::is_directory;
use crate::http::rate_limit::paths::path;
use crate::http::rate_limit::refusal::too_many;

mod paths;
mod refusal;

/// What costs the database most has a rate of its own (contract 3.1).
const SEARCHES: [&str; 2] = [
    "/v1/b2b/organizations/search",
    "/v1/b2b/organizations/members/search",
];
const SEARCHES_PER_MINUTE: NonZeroU32 = match NonZeroU32::new(100) {
    Some(number) => number,
    None => NonZeroU32::MIN,
};

/// After so many requests, callers that have been quiet are forgotten.
const REQUESTS_BETWEEN_SWEEPS: usize = 4096;

/// How many requests a second, and how many at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// In the long run.
    pub per_second: NonZeroU32,
    /// After a rest.
    pub at_once: NonZeroU32,
}

/// The rates that callers are held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Of a credential of the management API.
    pub credential: Rate,
    /// Of a SCIM connection.
    pub connection: Rate,
    /// Of an address, where no credential is asked for.
    pub address: Rate,
    /// Of attempts to get a SCIM connection's access token that fail, by address.
    pub failed_proofs: Rate,
}

impl Rate {
    /// So many a second; after a rest, twice as many at once.
    pub fn per_second(number: NonZeroU32) -> Self {
        Self {
            per_second: number,
            at_once: number.saturating_mul(TWICE),
        }
    }
}

const TWICE: NonZeroU32 = match NonZeroU32::new(2) {
    Some(number) => number,
    None => NonZeroU32::MIN,
};

impl Default for Rates {
    fn default() -> Self {
        let rate = |per_second, at_once| Rate {
            per_second: NonZeroU32::new(per_second).unwrap_or(NonZeroU32::MIN),
            at_once: NonZeroU32::new(at_once).unwrap_or(NonZeroU32::MIN),
        };
        Self {
            credential: rate(200, 400),
            connection: rate(200, 400),
            address: rate(50, 100),
            failed_proofs: rate(1, 20),
        }
    }
}

/// What callers are held to.
pub struct RateLimits {
    by_credential: DefaultKeyedRateLimiter<String>,
    by_directory_token: DefaultKeyedRateLimiter<String>,
    by_connection: DefaultKeyedRateLimiter<ConnectionId>,
    connection_at_once: NonZeroU32,
    failed_proofs: DefaultKeyedRateLimiter<(ConnectionId, IpAddr)>,
    failed_clients: DefaultKeyedRateLimiter<(String, IpAddr)>,
    searches: DefaultKeyedRateLimiter<String>,
    by_address: DefaultKeyedRateLimiter<IpAddr>,
    assets: DefaultKeyedRateLimiter<IpAddr>,
    requests: AtomicUsize,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self::new(&Rates::default())
    }
}

impl RateLimits {
    /// Limits at these rates.
    pub fn new(rates: &Rates) -> Self {
        let quota = |rate: Rate| Quota::per_second(rate.per_second).allow_burst(rate.at_once);
        Self {
            by_credential: RateLimiter::keyed(quota(rates.credential)),
            by_directory_token: RateLimiter::keyed(quota(rates.connection)),
            by_connection: RateLimiter::keyed(quota(rates.connection)),
            connection_at_once: rates.connection.at_once,
            failed_proofs: RateLimiter::keyed(quota(rates.failed_proofs)),
            failed_clients: RateLimiter::keyed(quota(rates.failed_proofs)),
            searches: RateLimiter::keyed(Quota::per_minute(SEARCHES_PER_MINUTE)),
            by_address: RateLimiter::keyed(quota(rates.address)),
            assets: RateLimiter::keyed(quota(rates.address)),
            requests: AtomicUsize::new(0),
        }
    }

    /// Counts a request; the seconds to wait if it came too early.
    fn admit(&self, request: &HttpRequest) -> Result<(), u64> {
        self.forget_the_quiet();
        // Where no credential is asked for, naming one must not open a bucket of its own.
        let credential = Some(request)
            .filter(|request| asks_for_credential(path(request)))
            .and_then(|request| request.headers().get(AUTHORIZATION));
        let refused = if let Some(credential) = credential.and_then(|it| it.to_str().ok()) {
            // However the scheme is spelled, it is one credential.
            let (_, credential) = credential.trim().split_once(' ').unwrap_or_default();
            let key = SecretHash::of(credential.trim()).as_str().to_owned();
            // No token of a connection is let through faster than the connection will be.
            let limiter = if is_directory(path(request)) {
                &self.by_directory_token
            } else {
                &self.by_credential
            };
            let refused = limiter.check_key(&key).err();
            let is_search = refused.is_none() && SEARCHES.contains(&path(request));
            refused.or_else(|| is_search.then(|| self.searches.check_key(&key).err())?)
        } else {
            // What a page is made with is asked for with each page, and costs next to nothing.
            let limiter = if is_asset(path(request)) {
                &self.assets
            } else {
                &self.by_address
            };
            let address = client_address(request).map(network);
            address.and_then(|address| limiter.check_key(&address).err())
        };
        verdict(refused)
    }

    /// Counts a request of a SCIM connection whose client has proven itself; the seconds to wait if
    /// it came too early.
    pub(crate) fn admit_connection(&self, connection: ConnectionId) -> Result<(), u64> {
        verdict(self.by_connection.check_key(&connection).err())
    }

    /// Counts so many requests of a connection besides one that was counted, all or none. What is
    /// more than the connection may ever send at once takes all that it may send at once.
    pub(crate) fn admit_further(&self, connection: ConnectionId, further: u32) -> Result<(), u64> {
        let most = self.connection_at_once.get() - 1;
        let Some(further) = NonZeroU32::new(further.min(most)) else {
            return Ok(());
        };
        let checked = self.by_connection.check_key_n(&connection, further);
        verdict(checked.ok().and_then(Result::err))
    }

    /// Counts a failed attempt to get an access token; the seconds to wait if there were too many.
    pub(crate) fn note_failed_proof(
        &self,
        connection: ConnectionId,
        address: IpAddr,
    ) -> Result<(), u64> {
        let key = (connection, network(address));
        verdict(self.failed_proofs.check_key(&key).err())
    }

    /// Counts a failed attempt to get a token for a machine of the project; the seconds to wait if
    /// there were too many.
    pub(crate) fn note_failed_client(&self, client: &str, address: IpAddr) -> Result<(), u64> {
        // What is asked for is anybody's choice, and kept for a while.
        let key = (SecretHash::of(client).as_str().to_owned(), network(address));
        verdict(self.failed_clients.check_key(&key).err())
    }

    fn forget_the_quiet(&self) {
        let before = self.requests.fetch_add(1, Ordering::Relaxed);
        if before.is_multiple_of(REQUESTS_BETWEEN_SWEEPS) {
            self.by_credential.retain_recent();
            self.by_directory_token.retain_recent();
            self.by_connection.retain_recent();
            self.failed_proofs.retain_recent();
            self.failed_clients.retain_recent();
            self.searches.retain_recent();
            self.by_address.retain_recent();
            self.assets.retain_recent();
        }
    }
}

fn verdict(refused: Option<NotUntil<QuantaInstant>>) -> Result<(), u64> {
    let now = DefaultClock::default().now();
    refused.map_or(Ok(()), |until| Err(until.wait_time_from(now).as_secs() + 1))
}

/// Whoever has one address of an IPv6 network has the whole /64.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => IpAddr::from((u128::from(v6) & (u128::MAX << 64)).to_be_bytes()),
    }
}

/// Lets a request through, or answers 429.
pub(crate) async fn hold<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    let limits = request.app_data::<Data<RateLimits>>();
    let verdict = limits.map_or(Ok(()), |limits| limits.admit(request.request()));
    if let Err(seconds) = verdict {
        let answer = too_many(request.request(), seconds);
        return Ok(request.into_response(answer).map_into_right_body());
    }
    next.call(request)
        .await
        .map(ServiceResponse::map_into_left_body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::client_address::TrustedProxies;
    use actix_web::http::header::X_FORWARDED_FOR;
    use actix_web::test::TestRequest;

    fn limits() -> RateLimits {
        let rate = |times| Rate {
            per_second: NonZeroU32::MIN,
            at_once: NonZeroU32::new(times).unwrap(),
        };
        RateLimits::new(&Rates {
            credential: rate(2),
            connection: rate(2),
            address: rate(1),
            failed_proofs: rate(1),
        })
    }

    fn request(credential: Option<&str>, peer: &str) -> HttpRequest {
        request_to("/v1/b2b/organizations", credential, peer)
    }

    fn request_to(path: &str, credential: Option<&str>, peer: &str) -> HttpRequest {
        let request = TestRequest::with_uri(path).peer_addr(peer.parse().unwrap());
        match credential {
            Some(credential) => request.insert_header((AUTHORIZATION, credential)),
            None => request,
        }
        .to_http_request()
    }

    #[test]
    fn each_credential_has_a_rate_of_its_own_whatever_its_address() {
        let limits = limits();
        let ask = |credential, peer| limits.admit(&request(Some(credential), peer)).is_ok();
        assert!(ask("Bearer a", "192.0.2.1:1"));
        assert!(ask("Bearer a", "192.0.2.2:1"));
        assert!(!ask("Bearer a", "192.0.2.3:1"));
        assert!(ask("Bearer b", "192.0.2.1:1"));
    }

    #[test]
    fn a_credential_opens_no_bucket_where_none_is_asked_for() {
        for path in [
            "/v1/public/sso/start",
            "/v1/b2b/sso/callback/x",
            "/v1/b2b/public/oauth/google/start",
            "/v1/b2b/publi%63/oauth/google/discovery/start",
            "/v1/b2b/oauth/callback/google",
            "/v1/magic_links/redirect",
            "/docs/errors",
        ] {
            let limits = limits();
            let ask = |credential| limits.admit(&request_to(path, Some(credential), "192.0.2.1:1"));
            assert_eq!(ask("Bearer a"), Ok(()));
            assert_eq!(ask("Bearer b"), Err(1), "{path}");
        }
    }

    #[test]
    fn a_directory_has_a_rate_of_its_own_and_its_token_endpoint_that_of_an_address() {
        let rate = |times| Rate {
            per_second: NonZeroU32::MIN,
            at_once: NonZeroU32::new(times).unwrap(),
        };
        let limits = RateLimits::new(&Rates {
            credential: rate(1),
            connection: rate(3),
            address: rate(2),
            failed_proofs: rate(1),
        });
        let base = "/v1/b2b/scim/scim-connection-test-1";
        let (users, token) = (
            format!("{base}/Users"),
            [
                format!("{base}/oauth2/token"),
                format!("{base}/oauth2/token/"),
            ],
        );
        let ask =
            |path, credential| limits.admit(&request_to(path, Some(credential), "192.0.2.1:1"));
        for _ in 0..3 {
            assert_eq!(ask(&users, "Bearer a"), Ok(()));
        }
        assert_eq!(ask(&users, "Bearer a"), Err(1));
        assert_eq!(ask(&token[0], "Basic a"), Ok(()));
        assert_eq!(ask(&token[1], "Basic b"), Ok(()));
        assert_eq!(ask(&token[0], "Basic c"), Err(1));
    }

    #[test]
    fn callers_without_credential_are_held_by_their_network() {
        let limits = limits();
        let ask = |peer| limits.admit(&request(None, peer));
        assert_eq!(ask("192.0.2.1:1"), Ok(()));
        assert_eq!(ask("192.0.2.1:2"), Err(1));
        assert_eq!(ask("[2001:db8::1]:1"), Ok(()));
        assert_eq!(ask("[2001:db8::2]:1"), Err(1));
        assert_eq!(ask("[2001:db8:0:1::2]:1"), Ok(()));
    }

    #[test]
    fn what_pages_are_made_with_does_not_count_as_a_page() {
        let limits = limits();
        let ask = |path| limits.admit(&request_to(path, None, "192.0.2.1:1"));
        assert_eq!(ask("/assets/style.css"), Ok(()));
        assert_eq!(ask("/assets/script.js"), Err(1));
        assert_eq!(ask("/login"), Ok(()));
        assert_eq!(ask("/login"), Err(1));
    }

    #[test]
    fn visitors_behind_a_trusted_proxy_are_told_apart() {
        let limits = limits();
        let ask = |visitor: &str| {
            let proxies = TrustedProxies::from_text("10.0.0.0/8").unwrap();
            let request = TestRequest::with_uri("/login")
                .app_data(Data::new(proxies))
                .peer_addr("10.0.0.1:1".parse().unwrap())
                .insert_header((X_FORWARDED_FOR, visitor));
            limits.admit(&request.to_http_request())
        };
        assert_eq!(ask("192.0.2.1"), Ok(()));
        assert_eq!(ask("192.0.2.2"), Ok(()));
        assert_eq!(ask("192.0.2.1, 192.0.2.2"), Err(1));
        assert_eq!(ask("2001:db8::1"), Ok(()));
        assert_eq!(ask("2001:db8::2"), Err(1));
    }

    #[test]
    fn a_credential_has_a_hundred_searches_a_minute() {
        let limits = RateLimits::default();
        let ask = |path| limits.admit(&request_to(path, Some("Basic a"), "192.0.2.1:1"));
        for number in 0..100 {
            let path = SEARCHES.get(number % 2).unwrap();
            assert_eq!(ask(path), Ok(()), "{number}");
        }
        assert_eq!(ask(SEARCHES[0]), Err(1));
        assert_eq!(ask("/v1/b2b/organizations"), Ok(()));
        let other = request_to(SEARCHES[1], Some("Basic b"), "192.0.2.1:1");
        assert_eq!(limits.admit(&other), Ok(()));
    }
}
