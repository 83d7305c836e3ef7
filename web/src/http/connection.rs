//! Serves a connection: one request after the other.

use super::error::{Refusal, RequestError};
use super::limits::{EXCHANGE_TIMEOUT, IDLE_TIMEOUT, LINGER, MAX_DRAIN, REQUEST_TIMEOUT};
use super::receive::Receiver;
use super::request::{Format, Request};
use super::response::{Persistence, Response, TakeOver, Upgraded};
use actors::port::Transport;
use std::future::Future;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

/// What a server does with requests.
pub trait Service {
    /// Returns the rules for a request whose head has arrived. The request has no body yet. If its
    /// version is missing, it may have no headers yet, either.
    fn rules(&self, request: &Request) -> Rules;

    /// Returns the response to a request.
    fn respond(&self, request: Request) -> impl Future<Output = Response>;

    /// Returns the response to a request that is refused. The connection is closed after it.
    fn refuse(&self, error: RequestError) -> Response;
}

/// What a route requires and allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// The maximum size of a body in bytes.
    pub max_body: usize,
    /// The media type that a body must have, or `None` if any will do. A body without a media type
    /// is accepted.
    pub media_type: Option<&'static str>,
    /// Whether a request of HTTP/1.1 without `Host` is refused.
    pub needs_host: bool,
    /// Whether the request line may end without a version.
    pub allows_missing_version: bool,
    /// Whether the connection stays open after the response, if the client wants that.
    pub keeps_alive: bool,
}

/// A connection was closed, because receiving a request and sending its response took too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the client took too long")]
pub struct ExchangeTimeout;

/// What happens after a response.
enum Next {
    /// The connection is closed.
    Close,
    /// The client may send another request.
    Request,
    /// This function of the response gets the connection.
    TakeOver(TakeOver),
}

/// Serves a connection until it ends.
///
/// # Errors
/// If a request and its response took longer than [`EXCHANGE_TIMEOUT`].
pub async fn serve(
    mut stream: Box<dyn Transport>,
    service: &impl Service,
) -> Result<(), ExchangeTimeout> {
    let mut receiver = Receiver::default();
    loop {
        let next = timeout(EXCHANGE_TIMEOUT, exchange(&mut stream, &mut receiver, service)).await;
        match next.map_err(|_| ExchangeTimeout)? {
            Next::Close => return Ok(()),
            Next::Request => {
                let has_started = timeout(IDLE_TIMEOUT, receiver.wait_for_next(&mut stream)).await;
                if !has_started.unwrap_or(false) {
                    return Ok(());
                }
            }
            Next::TakeOver(take_over) => {
                take_over(Upgraded { stream, received: receiver.into_unread() }).await;
                return Ok(());
            }
        }
    }
}

/// Responds to a client without reading its request, and closes the connection.
pub(crate) async fn respond_unread(mut stream: Box<dyn Transport>, response: &Response) {
    let bytes = response.encode(Format::PLAIN, Persistence::Close);
    // The client may be gone, or may not read.
    let _ = timeout(LINGER, close_with(&mut stream, &bytes)).await;
}

/// Receives a request and sends its response. Returns what happens next.
async fn exchange(
    stream: &mut Box<dyn Transport>,
    receiver: &mut Receiver,
    service: &impl Service,
) -> Next {
    let received = timeout(REQUEST_TIMEOUT, receiver.request(stream, service)).await;
    let (request, rules) = match received.unwrap_or(Err(RequestError::Timeout.into())) {
        Ok(received) => received,
        Err(Refusal { error: RequestError::Closed, .. }) => return Next::Close,
        Err(Refusal { format, error }) => {
            let bytes = service.refuse(error).encode(format, Persistence::Close);
            close_with(stream, &bytes).await;
            return Next::Close;
        }
    };
    let format = request.format();
    // If the client sent its next request already, the connection is closed, so that two responses
    // never arrive together: Messenger behind an HTTP proxy reads two such responses as one.
    let keeps_alive = rules.keeps_alive
        && request.wants_keep_alive()
        && request.has_clear_end()
        && !receiver.has_more();
    let persistence = if keeps_alive { Persistence::KeepAlive } else { Persistence::Close };
    let response = service.respond(request).await;
    let bytes = response.encode(format, persistence);
    if response.is_upgrade() || keeps_alive {
        // The client may be gone.
        if stream.write_all(&bytes).await.is_err() || stream.flush().await.is_err() {
            return Next::Close;
        }
        return match response.into_take_over() {
            Some(take_over) => Next::TakeOver(take_over),
            None => Next::Request,
        };
    }
    close_with(stream, &bytes).await;
    Next::Close
}

/// Sends the last bytes and closes the connection in the direction of the client. Waits until the
/// client has closed it too, at most for [`LINGER`].
async fn close_with(stream: &mut Box<dyn Transport>, bytes: &[u8]) {
    if stream.write_all(bytes).await.is_ok() && stream.shutdown().await.is_ok() {
        let _ = timeout(LINGER, drain(stream)).await;
    }
}

/// Reads and drops what the client still sends, until the client closes the connection or has sent
/// [`MAX_DRAIN`] bytes.
async fn drain(stream: &mut Box<dyn Transport>) {
    let (mut piece, mut drained) = ([0; 1024], 0);
    while drained < MAX_DRAIN
        && let Ok(length) = stream.read(&mut piece).await
        && length > 0
    {
        drained += length;
    }
}
