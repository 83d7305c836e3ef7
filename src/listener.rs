//! Listening sockets, and what each connection is known by.

use crate::error::CommandError;
use actors::Node;
use actors::port::{PeerInfo, Stream};
pub(crate) use actors::stats::title;
use msnp::Server;
use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

/// How many connections the system keeps for us until they are accepted: with a small backlog a
/// burst of sign-ins stalls for a second.
const BACKLOG: i32 = 1024;

/// A machine that was switched off goes offline after about two minutes, although no client has
/// to say anything for hours: not all send `PNG`.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(60);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(15);
const KEEPALIVE_RETRIES: u32 = 4;

/// While something that was sent is not acknowledged there are no keepalives; this is how long that
/// may last. It ends a client as well that does not read, with its output waiting.
const UNACKNOWLEDGED: Duration = Duration::from_secs(120);

/// How long no connection is accepted when the system has no room for one.
const PAUSE: Duration = Duration::from_millis(200);

/// What the web pages are called in log lines.
pub(crate) const PAGES: &str = "web pages";

/// Listens on an address.
pub(crate) fn listen(server: Server, address: SocketAddr) -> Result<TcpListener, CommandError> {
    listen_as(title(server), address)
}

/// The same for whatever is called so.
pub(crate) fn listen_as(
    what: &'static str,
    address: SocketAddr,
) -> Result<TcpListener, CommandError> {
    bind(address).map_err(|error| refusal(what, address, error))
}

/// Why an address cannot be had, with what may be done about it.
pub(crate) fn refusal(what: &'static str, address: SocketAddr, error: io::Error) -> CommandError {
    let hint = match error.kind() {
        io::ErrorKind::AddrInUse => "; is another server running there?",
        io::ErrorKind::PermissionDenied => "; ports below 1024 need a permission",
        io::ErrorKind::AddrNotAvailable => "; this machine does not have that address",
        _ => "",
    };
    CommandError::Listen { address, server: what, error, hint }
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = open(address)?;
    prepare(&socket)?;
    TcpListener::from_std(socket.into())
}

/// A socket that listens.
pub(crate) fn open(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // A restart must not wait for old connections to be forgotten.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket)
}

/// Accepts connections for ever.
pub(crate) async fn accept(node: Rc<Node>, server: Server, listener: TcpListener) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                if let Err(error) = serve(&node, server, stream, peer) {
                    log::debug!("{} was gone: {error}", peer.ip().to_canonical());
                }
                // Whoever lost his place to it goes before the next one comes.
                tokio::task::yield_now().await;
            }
            Err(error) => {
                log::warn!("{}: no connection can be accepted: {error}", title(server));
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

fn serve(node: &Rc<Node>, server: Server, stream: TcpStream, peer: SocketAddr) -> io::Result<()> {
    let local = stream.local_addr()?;
    let facts = PeerInfo::new(local.ip(), peer.ip());
    // One that is turned away is logged and counted there.
    let _ = node.serve(server, Box::new(Stream::new(stream, acknowledge)), facts);
    Ok(())
}

/// Acknowledges at once what was read: a client whose Nagle's algorithm holds the rest of a command
/// back would wait for a delayed acknowledgement, 40 ms. Linux needs to be asked each time.
fn acknowledge(stream: &TcpStream) {
    #[cfg(target_os = "linux")]
    if let Err(error) = SockRef::from(stream).set_tcp_quickack(true) {
        log::debug!("no acknowledgement at once: {error}");
    }
    #[cfg(not(target_os = "linux"))]
    let _ = stream;
}

/// Sets what each connection is to have: Linux hands it on to those that are accepted, so that a sign-in
/// does not cost twelve calls for it.
fn prepare(socket: &Socket) -> io::Result<()> {
    socket.set_tcp_nodelay(true)?;
    let keepalive = TcpKeepalive::new()
        .with_time(KEEPALIVE_IDLE)
        .with_interval(KEEPALIVE_INTERVAL)
        .with_retries(KEEPALIVE_RETRIES);
    socket.set_tcp_keepalive(&keepalive)?;
    socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_rt::test]
    async fn a_vanished_machine_is_noticed_idle_or_not() {
        let listener = bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        let (_client, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
        let (stream, _) = accepted.unwrap();
        let socket = SockRef::from(&stream);
        assert!(socket.tcp_nodelay().unwrap() && socket.keepalive().unwrap());
        assert_eq!(socket.tcp_keepalive_time().unwrap(), KEEPALIVE_IDLE);
        assert_eq!(socket.tcp_user_timeout().unwrap(), Some(UNACKNOWLEDGED));
    }
}
