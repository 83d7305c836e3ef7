use std::net::Ipv4Addr;

/// The port that clients use if they cannot be configured: the registered port of the Dispatch
/// Server (§7.1 of draft-movva-msn-messenger-protocol-00).
pub const DEFAULT_PORT: u16 = 1863;

/// The address of the server that clients connect to first. Clients support only IPv4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerAddress {
    /// An address that the client's computer can reach.
    pub address: Ipv4Addr,
    /// The port that clients connect to first.
    pub port: u16,
}

impl ServerAddress {
    /// Whether a client that connects to the default port reaches this server. If not, only clients
    /// with a field for the port can find the server, because a registry value, a hosts line or a
    /// DNS record has no port.
    pub fn has_default_port(self) -> bool {
        self.port == DEFAULT_PORT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_port_1863_is_the_default_port() {
        let at = |port| ServerAddress { address: Ipv4Addr::new(192, 168, 1, 10), port };
        assert!(at(1863).has_default_port());
        assert!(!at(1864).has_default_port());
    }
}
