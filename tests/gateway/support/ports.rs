use std::net::TcpListener;

/// Below those that the system gives to whoever asks for any (32768 on), so that none of the many
/// connections of other tests takes it before its server does.
const PORTS: std::ops::Range<u16> = 16_000..32_000;

/// A port of loopback that nobody listens on.
pub(super) fn free_port() -> u16 {
    for _ in 0..100 {
        let chance = uuid::Uuid::new_v4().as_u128() % u128::from(PORTS.end - PORTS.start);
        let port = PORTS.start + u16::try_from(chance).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("none of a hundred ports is free");
}
