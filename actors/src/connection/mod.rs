//! The connection core: the only place that touches a transport.
//!
//! The actor of a connection owns a [`Link`] and runs one zero-sized future, the [`Pump`]. The
//! pump cuts what arrives into frames, lets them through the gate and hands typed requests to the
//! actor; the actor emits typed events into the link; all output of one poll leaves in one write.
//! Buffers are borrowed from pools only while they hold bytes, so an idle connection holds none,
//! and a peer that does not read costs at most its output buffer.

mod buffers;
mod door;
mod half_open;
mod hold;
mod link;
mod place;
mod pump;
mod report;
mod served;
mod table;
mod trace;

pub use buffers::{Buffers, OUTPUT};
pub use door::{Crowd, Turned, is_private, origin};
pub use hold::Hold;
pub use link::Link;
pub use place::{ConnectionId, ConnectionState};
pub use pump::Pump;
pub use report::{Called, REFUSALS};
pub(crate) use served::from_client;
pub use served::{Busy, FromClient, Served, start};
pub use table::Connections;
pub use trace::{Trace, TracedLine, Traces};
