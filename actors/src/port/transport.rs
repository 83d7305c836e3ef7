use std::net::{IpAddr, Ipv4Addr};
use tokio::io::{AsyncRead, AsyncWrite};

/// A byte stream: a TCP connection, or half of an in-memory pair.
pub trait Transport: AsyncRead + AsyncWrite + Unpin {}

impl<T: AsyncRead + AsyncWrite + Unpin> Transport for T {}

/// What the listener knows of a connection. Actors never ask a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// The server's address as the client dialled it; it is what `XFR` and `RNG` tell this client,
    /// since it is known to be reachable for him.
    pub local: IpAddr,
    /// The client's address.
    pub peer: IpAddr,
}

impl Facts {
    /// The facts of a connection; IPv4 addresses in IPv6 form are unmapped, since referrals are
    /// dotted IPv4.
    pub fn new(local: IpAddr, peer: IpAddr) -> Facts {
        Facts { local: local.to_canonical(), peer: peer.to_canonical() }
    }

    /// The local address, if it can be told to a client.
    pub fn local_ipv4(&self) -> Option<Ipv4Addr> {
        match self.local {
            IpAddr::V4(address) => Some(address),
            IpAddr::V6(_) => None,
        }
    }
}
