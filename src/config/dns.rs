//! Which DNS resolvers are asked for the records of claimed domains.

use std::fs;
use std::net::IpAddr;
use std::net::SocketAddr;

use crate::config::reader::Reader;

const PLACE: &str = "/etc/resolv.conf";
const RESOLVERS: &str =
    "one to eight addresses with ports and commas between, like 9.9.9.9:53,1.1.1.1:53";

pub(super) fn read(reader: &mut Reader) -> Option<Vec<SocketAddr>> {
    reader.parse("dns_resolvers", RESOLVERS, resolvers)
}

fn resolvers(text: &str) -> Option<Vec<SocketAddr>> {
    let addresses = text.split(',').map(|address| address.trim().parse().ok());
    let addresses: Vec<SocketAddr> = addresses.collect::<Option<_>>()?;
    (1..=8).contains(&addresses.len()).then_some(addresses)
}

/// The resolvers of the machine itself.
pub fn of_the_machine() -> Vec<SocketAddr> {
    named_in(&fs::read_to_string(PLACE).unwrap_or_default())
}

fn named_in(text: &str) -> Vec<SocketAddr> {
    let words = text.lines().map(str::split_whitespace);
    let named = words.filter_map(|mut words| match (words.next(), words.next()) {
        (Some("nameserver"), Some(address)) => address.parse::<IpAddr>().ok(),
        _ => None,
    });
    named
        .take(8)
        .map(|address| SocketAddr::new(address, 53))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolvers_are_addresses_with_ports() {
        for (text, expected) in [
            ("9.9.9.9:53", Some(1)),
            ("9.9.9.9:53, [2620:fe::fe]:53", Some(2)),
            ("9.9.9.9", None),
            ("", None),
            ("9.9.9.9:53,", None),
        ] {
            assert_eq!(resolvers(text).map(|it| it.len()), expected, "{text}");
        }
    }

    #[test]
    fn the_machine_s_own_are_read_as_they_are_named() {
        let text = "# x\nsearch a.test\nnameserver 10.0.0.2\nnameserver fe80::1%eth0\n\
                    nameserver 2620:fe::fe # y\nnameserver\n";
        let expected = ["10.0.0.2:53", "[2620:fe::fe]:53"].map(|it| it.parse().unwrap());
        assert_eq!(named_in(text), expected);
    }
}
