//! Whose request it is: the peer's, or the visitor's that a trusted proxy names in
//! `X-Forwarded-For`.

use std::fmt;
use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header::X_FORWARDED_FOR;
use actix_web::web::Data;

/// The addresses with one beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    prefix: u32,
}

/// The proxies whose word about their visitors is believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<Network>);

impl fmt::Display for TrustedProxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = |it: &Network| format!("{}/{}", it.address, it.prefix);
        let told: Vec<String> = self.0.iter().map(told).collect();
        f.write_str(&told.join(", "))
    }
}

impl TrustedProxies {
    /// Reads addresses and networks with commas between, like `10.0.0.0/8, ::1`.
    pub fn from_text(text: &str) -> Option<Self> {
        let networks = text.split(',').map(|part| Network::from_text(part.trim()));
        networks.collect::<Option<_>>().map(Self)
    }

    /// Whether nobody is believed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.has(address))
    }

    /// The right-most address that no trusted proxy has. What stands left of it is anybody's word.
    fn visitor<'v>(&self, peer: IpAddr, named: impl Iterator<Item = &'v str>) -> IpAddr {
        if !self.trusts(peer) {
            return peer;
        }
        let named: Vec<&str> = named.flat_map(|line| line.split(',')).collect();
        let mut visitor = peer;
        for hop in named.into_iter().rev() {
            let Some(address) = address_of(hop.trim()) else {
                return peer;
            };
            visitor = address;
            if !self.trusts(address) {
                break;
            }
        }
        visitor
    }
}

impl Network {
    fn from_text(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse().ok()?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.unwrap_or(most);
        (prefix <= most).then_some(Self { address, prefix })
    }

    fn has(self, other: IpAddr) -> bool {
        match (self.address, other) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let differing = u32::from(own) ^ u32::from(other);
                differing.leading_zeros() >= self.prefix
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let differing = u128::from(own) ^ u128::from(other);
                differing.leading_zeros() >= self.prefix
            }
            _ => false,
        }
    }
}

/// Some proxies name a port as well.
fn address_of(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    let address: Option<IpAddr> = bare.unwrap_or(hop).parse().ok();
    let with_port = || Some(hop.parse::<std::net::SocketAddr>().ok()?.ip());
    address.or_else(with_port).map(|it| it.to_canonical())
}

/// Where a request comes from, as far as whoever brought it can be believed. Everything that tells
/// visitors apart asks here.
pub(crate) fn client_address(request: &HttpRequest) -> Option<IpAddr> {
    // A listener for both families sees IPv4 addresses inside IPv6 ones.
    let peer = request.peer_addr()?.ip().to_canonical();
    let Some(proxies) = request.app_data::<Data<TrustedProxies>>() else {
        return Some(peer);
    };
    let lines = request.headers().get_all(X_FORWARDED_FOR);
    // A line that is no text names nobody.
    let named = lines.map(|line| line.to_str().unwrap_or_default());
    Some(proxies.visitor(peer, named))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn seen(peer: &str, lines: &[&str]) -> String {
        let proxies = TrustedProxies::from_text("10.0.0.0/8, 192.0.2.7, 2001:db8:1::/48").unwrap();
        let request = TestRequest::default()
            .app_data(Data::new(proxies))
            .peer_addr(format!("{peer}:1").parse().unwrap());
        let request = lines.iter().fold(request, |request, line| {
            request.append_header((X_FORWARDED_FOR, *line))
        });
        let address = client_address(&request.to_http_request());
        address.unwrap().to_string()
    }

    #[test]
    fn a_trusted_proxy_s_word_counts_and_nobody_else_s() {
        for (peer, lines, expected) in [
            ("10.0.0.1", vec![], "10.0.0.1"),
            ("10.0.0.1", vec!["198.51.100.9"], "198.51.100.9"),
            ("192.0.2.7", vec!["198.51.100.9"], "198.51.100.9"),
            ("[2001:db8:1:2::1]", vec!["2001:db8:9::1"], "2001:db8:9::1"),
            ("[::ffff:10.0.0.1]", vec!["198.51.100.9"], "198.51.100.9"),
            // Only who is next to a trusted proxy is known.
            ("10.0.0.1", vec!["1.1.1.1, 198.51.100.9"], "198.51.100.9"),
            ("10.0.0.1", vec!["1.1.1.1", "198.51.100.9"], "198.51.100.9"),
            (
                "10.0.0.1",
                vec!["1.1.1.1, 198.51.100.9, 10.2.3.4,192.0.2.7"],
                "198.51.100.9",
            ),
            ("10.0.0.1", vec!["10.0.0.9, 10.0.0.2"], "10.0.0.9"),
            ("10.0.0.1", vec!["198.51.100.9:4711"], "198.51.100.9"),
            ("10.0.0.1", vec!["[2001:db8:9::1]:443"], "2001:db8:9::1"),
            ("10.0.0.1", vec!["[2001:db8:9::1]"], "2001:db8:9::1"),
            ("10.0.0.1", vec!["::ffff:198.51.100.9"], "198.51.100.9"),
            // Nobody else is asked.
            ("192.0.2.8", vec!["198.51.100.9"], "192.0.2.8"),
            ("11.0.0.1", vec!["198.51.100.9"], "11.0.0.1"),
            ("[2001:db8:2::1]", vec!["198.51.100.9"], "2001:db8:2::1"),
            // What is no address is nobody's.
            ("10.0.0.1", vec!["198.51.100.9, unknown"], "10.0.0.1"),
            ("10.0.0.1", vec!["198.51.100.9, "], "10.0.0.1"),
            ("10.0.0.1", vec!["junk, 198.51.100.9"], "198.51.100.9"),
            ("10.0.0.1", vec!["198.51.100.9\u{e9}"], "10.0.0.1"),
        ] {
            assert_eq!(seen(peer, &lines), expected, "{peer} {lines:?}");
        }
    }

    #[test]
    fn nobody_is_believed_where_nobody_is_trusted() {
        let request = TestRequest::default()
            .peer_addr("10.0.0.1:1".parse().unwrap())
            .insert_header((X_FORWARDED_FOR, "198.51.100.9"))
            .app_data(Data::new(TrustedProxies::default()));
        let address = client_address(&request.to_http_request());
        assert_eq!(address, Some("10.0.0.1".parse().unwrap()));
    }

    #[test]
    fn proxies_are_addresses_and_networks() {
        for (text, is_list) in [
            ("10.0.0.1", true),
            ("10.0.0.0/8,::1 , fd00::/8", true),
            ("0.0.0.0/0", true),
            ("10.0.0.0/33", false),
            ("::1/129", false),
            ("10.0.0.0/-1", false),
            ("proxy.example.com", false),
            ("10.0.0.1:80", false),
            ("", false),
            ("10.0.0.1,", false),
        ] {
            let list = TrustedProxies::from_text(text);
            assert_eq!(list.is_some_and(|it| !it.is_empty()), is_list, "{text}");
        }
        let list = TrustedProxies::from_text("10.0.0.0/8,::1").unwrap();
        assert_eq!(list.to_string(), "10.0.0.0/8, ::1/128");
    }
}
