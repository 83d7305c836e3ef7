use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};

/// A byte stream: a TCP connection, or half of an in-memory pair.
pub trait Transport: AsyncRead + AsyncWrite + Unpin {
    /// The last read ended inside a command, and the peer may not send the rest before it knows that
    /// the beginning has arrived.
    fn read_ended_inside_command(&self) {}
}

impl Transport for DuplexStream {}

/// A stream as a [`Transport`], with what is done after a read that ended inside a command.
pub struct Stream<T, F> {
    stream: T,
    inside_command: F,
}

impl<T, F: Fn(&T)> Stream<T, F> {
    /// The transport over this stream.
    pub fn new(stream: T, inside_command: F) -> Stream<T, F> {
        Stream { stream, inside_command }
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin, F: Fn(&T) + Unpin> Transport for Stream<T, F> {
    fn read_ended_inside_command(&self) {
        (self.inside_command)(&self.stream);
    }
}

impl<T: AsyncRead + Unpin, F: Unpin> AsyncRead for Stream<T, F> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        room: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, room)
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

/// What the listener knows of a connection. Actors never ask a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerInfo {
    /// The server's address as the client dialled it; it is what `XFR` and `RNG` tell this client,
    /// since it is known to be reachable for him.
    pub local: IpAddr,
    /// The client's address.
    pub peer: IpAddr,
}

impl PeerInfo {
    /// The facts of a connection; IPv4 addresses in IPv6 form are unmapped, since referrals are
    /// dotted IPv4.
    pub fn new(local: IpAddr, peer: IpAddr) -> PeerInfo {
        PeerInfo { local: local.to_canonical(), peer: peer.to_canonical() }
    }

    /// The local address, if it can be told to a client.
    pub fn local_ipv4(&self) -> Option<Ipv4Addr> {
        match self.local {
            IpAddr::V4(address) => Some(address),
            IpAddr::V6(_) => None,
        }
    }
}
