use std::net::Ipv4Addr;

/// The port that clients dial which cannot be told another one: the registered port of the Dispatch
/// Server (the draft §7.1).
pub const DEFAULT_PORT: u16 = 1863;

/// Where clients find the server that they dial first. Clients know IPv4 only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerAddress {
    /// An address of it that the client's computer reaches.
    pub address: Ipv4Addr,
    /// The port of the Dispatch Server.
    pub port: u16,
}

impl ServerAddress {
    /// Whether a client gets here that is led to the address and dials the port that it knows. If
    /// not, neither a registry value, nor a hosts line, nor a DNS record can lead it here: only
    /// clients that have a field for the port find the server.
    pub fn has_default_port(self) -> bool {
        self.port == DEFAULT_PORT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_registered_port_is_dialled_unasked() {
        let at = |port| ServerAddress { address: Ipv4Addr::new(192, 168, 1, 10), port };
        assert!(at(1863).has_default_port());
        assert!(!at(1864).has_default_port());
    }
}
