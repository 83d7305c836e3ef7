use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};

/// A byte stream: a TCP connection, or one end of an in-memory pair.
pub trait Transport: AsyncRead + AsyncWrite + Unpin {
    /// Called when the last read has ended inside a command. Some peers send the rest only after
    /// TCP has acknowledged the first part.
    fn read_ended_inside_command(&self) {}
}

impl Transport for DuplexStream {}

/// A stream as a [`Transport`], with a function to call after a read that ended inside a command.
pub struct Stream<T, F> {
    stream: T,
    on_partial_command: F,
}

impl<T, F: Fn(&T)> Stream<T, F> {
    pub fn new(stream: T, on_partial_command: F) -> Stream<T, F> {
        Stream { stream, on_partial_command }
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin, F: Fn(&T) + Unpin> Transport for Stream<T, F> {
    fn read_ended_inside_command(&self) {
        (self.on_partial_command)(&self.stream);
    }
}

impl<T: AsyncRead + Unpin, F: Unpin> AsyncRead for Stream<T, F> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<T: AsyncWrite + Unpin, F: Unpin> AsyncWrite for Stream<T, F> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// The addresses of a connection. The listener sets them; actors never ask a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerInfo {
    /// The server's address to which the client connected. `XFR` and `RNG` send it to this client, since
    /// the client can reach it.
    pub local: IpAddr,
    /// The client's address.
    pub peer: IpAddr,
}

impl PeerInfo {
    /// Creates the addresses of a connection. IPv4-mapped IPv6 addresses become IPv4, since referrals are
    /// dotted IPv4.
    pub fn new(local: IpAddr, peer: IpAddr) -> PeerInfo {
        PeerInfo { local: local.to_canonical(), peer: peer.to_canonical() }
    }

    /// Returns the local address, if it is IPv4 and so can be sent in a referral.
    pub fn local_ipv4(&self) -> Option<Ipv4Addr> {
        match self.local {
            IpAddr::V4(address) => Some(address),
            IpAddr::V6(_) => None,
        }
    }
}
