//! Clients with many addresses. Every address in `127.0.0.0/8` is local, so each connection can come from
//! a different one.

use std::net::{Ipv4Addr, SocketAddr, TcpStream};

use socket2::{Domain, Protocol, SockAddr, Socket, Type};

/// Returns the loopback address of a client by its number. It is never an address of the servers.
pub(crate) fn source(number: u32) -> Ipv4Addr {
    Ipv4Addr::from_bits(Ipv4Addr::new(127, 1, 0, 1).to_bits() + number)
}

/// Connects from an address. The stream has no timeouts.
pub(crate) fn connect(from: Ipv4Addr, to: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP)).expect("a socket");
    let from = SocketAddr::from((from, 0));
    socket.bind(&SockAddr::from(from)).expect("an address of 127.0.0.0/8");
    socket.connect(&SockAddr::from(to)).expect("connecting to msnpd");
    socket.into()
}
