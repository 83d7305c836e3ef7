//! The connection core: the only code that uses a transport.
//!
//! The actor of a connection owns a [`Link`]. The future of the connection, the pump, owns the actor:
//! it splits the input into frames, passes them through the gate and hands typed requests to the actor.
//! The actor emits typed events into the link. All output of one poll leaves in one write.
//!
//! Buffers are borrowed from pools only while they hold bytes. So an idle connection holds none, and
//! a peer that does not read costs at most its output buffer.

mod activity;
mod actor;
mod admission;
mod buffers;
mod context;
mod half_open;
mod link;
mod pump;
mod read_signal;
mod report;
mod slot;
mod table;
mod trace;

pub(crate) use actor::handle_request;
pub use actor::{BusyError, ConnectionActor, FromClient};
pub use admission::{AdmissionError, is_private, origin};
pub use buffers::{Buffers, OUTPUT_SIZE};
pub use context::Context;
pub use link::Link;
pub(crate) use pump::run;
pub use pump::start;
pub use report::{Label, MAX_REFUSED};
pub use slot::{ConnectionId, ConnectionState};
pub use table::Connections;
pub use trace::{Trace, TracedLine, Traces};
