//! An HTTP/1.0 and HTTP/1.1 server for clients of 1996 and later.
//!
//! Clients of that age depend on details that libraries hide: header names in exact case and order,
//! responses that are never chunked, HTTP/1.0 without `Host`, absolute targets without a proxy, and
//! request lines without a version. So heads are parsed by `httparse`, and the rest is here.
//!
//! [`serve`] serves one connection. A [`Service`] sets the [`Rules`] of each request when its head
//! has arrived, and turns the whole [`Request`] into a [`Response`]. All limits are in [`limits`].
//!
//! After anything ambiguous, the connection is closed, so that no byte is read as part of two
//! requests: an error, a body of `GET` or `HEAD`, a line that ends in LF alone (which browsers of
//! 1996 and scripts send, so it is not an error), and a request that was sent before the response
//! to the one before it.

mod connection;
mod error;
pub mod limits;
mod receive;
mod request;
mod response;
mod slots;
mod target;

pub(crate) use connection::respond_unread;
pub use connection::{ExchangeTimeout, Rules, Service, serve};
pub use error::RequestError;
pub use request::{Headers, Method, Request, Version};
pub use response::{Response, Status, TakeOver, Upgraded};
pub(crate) use slots::{ConnectionSlot, SlotCounts};
pub use target::Target;
