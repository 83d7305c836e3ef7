//! An HTTP/1.0 and HTTP/1.1 server for clients of 1996 and later.
//!
//! Clients of that age depend on details that libraries hide: header names in exact case and order,
//! responses that are never chunked, HTTP/1.0 without `Host`, absolute targets without a proxy, and
//! request lines without a version. So only heads are parsed by a library, `httparse`; the rest is
//! done here.
//!
//! [`serve`] serves one connection. When the head of a request has arrived, a [`Service`] returns
//! the [`Rules`] for it. When the whole [`Request`] has arrived, the service returns a
//! [`Response`]. All limits are in [`limits`].
//!
//! If it is uncertain where a request ends, the connection is closed after the response, so that no
//! byte is read as part of two requests. The end is uncertain after:
//!
//! * an error;
//! * a body of `GET` or `HEAD`;
//! * a line that ends in LF alone, which is no error: browsers of 1996 and scripts send it;
//! * a request after which the client sent more before it got the response.

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
