//! Serves a connection: one request after the other.

use super::error::{Refusal, RequestError};
use super::limits::{EXCHANGE_TIMEOUT, IDLE_TIMEOUT, LINGER, MAX_DRAIN, REQUEST_TIMEOUT};
use super::receive::Receiver;
use super::request::{Format, Request};
use super::response::{Response, TakeOver, Upgraded};
use actors::port::Transport;
use std::future::Future;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

/// What a server does with requests.
pub trait Service {
    /// Returns the rules for a request whose head has arrived. It has no body yet, and no headers
    /// if its version is missing.
    fn rules(&self, request: &Request) -> Rules;

    /// Responds to a request.
    fn respond(&self, request: Request) -> impl Future<Output = Response>;

    /// Responds to a request that is refused. Its connection is closed after that.
    fn refuse(&self, error: RequestError) -> Response;
}

/// What a route requires and allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// The maximum size of a body in bytes.
    pub max_body: usize,
    /// The media type of a body, if it matters. A body without one is accepted.
    pub media_type: Option<&'static str>,
    /// Whether a request of HTTP/1.1 without `Host` is refused.
    pub needs_host: bool,
    /// Whether the request line may end without a version.
    pub allows_missing_version: bool,
    /// Whether the connection stays open after the response, if the client wants that.
    pub keeps_alive: bool,
}

/// A connection was closed because a request and its response took too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the client took too long")]
pub struct ExchangeTimeout;

/// What follows a response.
enum Next {
    Close,
    Request,
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
        let done = timeout(EXCHANGE_TIMEOUT, exchange(&mut stream, &mut receiver, service)).await;
        match done.map_err(|_| ExchangeTimeout)? {
            Next::Close => return Ok(()),
            Next::Request => {
                let waited = timeout(IDLE_TIMEOUT, receiver.wait_for_next(&mut stream)).await;
                if !waited.unwrap_or(false) {
                    return Ok(());
                }
            }
            Next::TakeOver(take_over) => {
                take_over(Upgraded { stream, received: receiver.into_rest() }).await;
                return Ok(());
            }
        }
    }
}

/// Responds to a client without reading its request, and closes the connection.
pub(crate) async fn respond_unread(mut stream: Box<dyn Transport>, response: &Response) {
    // The client may be gone, or may not read.
    let _ = timeout(LINGER, close_with(&mut stream, &response.encode(Format::PLAIN, false))).await;
}

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
            close_with(stream, &service.refuse(error).encode(format, false)).await;
            return Next::Close;
        }
    };
    let format = request.format();
    // The clients of the HTTP gateway take two responses at once for one.
    let keeps_alive = rules.keeps_alive
        && request.wants_keep_alive()
        && request.has_clear_end()
        && !receiver.has_more();
    let response = service.respond(request).await;
    let bytes = response.encode(format, keeps_alive);
    if response.is_upgrade() || keeps_alive {
        // The client may be gone.
        if stream.write_all(&bytes).await.is_err() || stream.flush().await.is_err() {
            return Next::Close;
        }
        return response.into_take_over().map_or(Next::Request, Next::TakeOver);
    }
    close_with(stream, &bytes).await;
    Next::Close
}

async fn close_with(stream: &mut Box<dyn Transport>, bytes: &[u8]) {
    if stream.write_all(bytes).await.is_ok() && stream.shutdown().await.is_ok() {
        let _ = timeout(LINGER, drain(stream)).await;
    }
}

async fn drain(stream: &mut Box<dyn Transport>) {
    let (mut piece, mut left) = ([0; 1024], MAX_DRAIN);
    while let Ok(count) = stream.read(&mut piece).await
        && count > 0
        && count < left
    {
        left -= count;
    }
}
