//! Listening sockets, and the options of each connection.

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

/// The number of connections that the system keeps until they are accepted. With a small backlog, a
/// burst of sign-ins stalls for a second.
const BACKLOG: i32 = 1024;

/// The keepalives of TCP: with these three values, a user whose machine was switched off goes offline after
/// two minutes. The server cannot rely on `PNG`, since not all clients send it.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(60);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(15);
const KEEPALIVE_RETRIES: u32 = 4;

/// How long sent output may stay unacknowledged: meanwhile, the system sends no keepalives. This also ends
/// the connection of a client that does not read.
const USER_TIMEOUT: Duration = Duration::from_secs(120);

/// The pause after the system could not accept a connection.
const ACCEPT_RETRY: Duration = Duration::from_millis(200);

/// The title of the web pages in log lines.
pub(crate) const WEB_PAGES: &str = "web pages";

/// Listens on the address of a server.
pub(crate) fn listen(server: Server, address: SocketAddr) -> Result<TcpListener, CommandError> {
    listen_as(title(server), address)
}

/// Listens on an address; `title` is for error messages.
pub(crate) fn listen_as(
    title: &'static str,
    address: SocketAddr,
) -> Result<TcpListener, CommandError> {
    bind(address).map_err(|error| listen_error(title, address, error))
}

/// Returns the error for an address that is not available, with a hint.
pub(crate) fn listen_error(
    title: &'static str,
    address: SocketAddr,
    error: io::Error,
) -> CommandError {
    let hint = match error.kind() {
        io::ErrorKind::AddrInUse => {
            let port = address.port();
            format!("; another program uses this port: `ss -ltnp sport = :{port}` shows it")
        }
        io::ErrorKind::PermissionDenied => {
            "; a port below 1024 needs root or the capability CAP_NET_BIND_SERVICE".to_owned()
        }
        io::ErrorKind::AddrNotAvailable => "; this machine does not have this address".to_owned(),
        _ => String::new(),
    };
    CommandError::Listen { address, server: title, error, hint }
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = open(address)?;
    set_options(&socket)?;
    TcpListener::from_std(socket.into())
}

/// Opens a listening socket without the options of its connections.
pub(crate) fn open(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // A restart must not wait until the system has forgotten old connections.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket)
}

/// Accepts connections forever.
pub(crate) async fn accept(node: Rc<Node>, server: Server, listener: TcpListener) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                if let Err(error) = serve_stream(&node, server, stream, peer) {
                    log::debug!(
                        "{} closed before it was served: {error}",
                        peer.ip().to_canonical()
                    );
                }
                // The node may have evicted an older connection for the new one. Let the older one end before
                // the next is accepted.
                tokio::task::yield_now().await;
            }
            Err(error) => {
                log::warn!("{}: cannot accept connections: {error}", title(server));
                tokio::time::sleep(ACCEPT_RETRY).await;
            }
        }
    }
}

fn serve_stream(
    node: &Rc<Node>,
    server: Server,
    stream: TcpStream,
    peer: SocketAddr,
) -> io::Result<()> {
    let local = stream.local_addr()?;
    let peer_info = PeerInfo::new(local.ip(), peer.ip());
    let stream = Box::new(Stream::new(stream, acknowledge));
    // The node itself logs and counts a connection that it refuses.
    let _ = actors::serve(node, server, stream, peer_info);
    Ok(())
}

/// Acknowledges received bytes at once. Without this, a client that sends a command in two parts waits up to
/// 40 ms between them: its Nagle's algorithm holds the second part back until the first is acknowledged.
/// Linux resets the option after each use.
fn acknowledge(stream: &TcpStream) {
    #[cfg(target_os = "linux")]
    if let Err(error) = SockRef::from(stream).set_tcp_quickack(true) {
        log::debug!("cannot acknowledge at once: {error}");
    }
    #[cfg(not(target_os = "linux"))]
    let _ = stream;
}

/// Sets the options of each connection. On Linux, accepted connections inherit them, which saves twelve
/// system calls per sign-in.
fn set_options(socket: &Socket) -> io::Result<()> {
    socket.set_tcp_nodelay(true)?;
    let keepalive = TcpKeepalive::new()
        .with_time(KEEPALIVE_IDLE)
        .with_interval(KEEPALIVE_INTERVAL)
        .with_retries(KEEPALIVE_RETRIES);
    socket.set_tcp_keepalive(&keepalive)?;
    socket.set_tcp_user_timeout(Some(USER_TIMEOUT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_rt::test]
    async fn a_vanished_machine_is_detected_idle_or_not() {
        let listener = bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        let (_client, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
        let (stream, _) = accepted.unwrap();
        let socket = SockRef::from(&stream);
        assert!(socket.tcp_nodelay().unwrap() && socket.keepalive().unwrap());
        assert_eq!(socket.tcp_keepalive_time().unwrap(), KEEPALIVE_IDLE);
        assert_eq!(socket.tcp_user_timeout().unwrap(), Some(USER_TIMEOUT));
    }
}
