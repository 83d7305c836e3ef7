//! Starts the actor of a new connection.

use crate::connection::{AdmissionError, Link, run};
use crate::node::Node;
use crate::notification::Session;
use crate::participant::Participant;
use crate::port::{PeerInfo, Transport};
use crate::referral::Referral;
use msnp::Server;
use std::rc::Rc;

/// Serves a new connection.
///
/// Another connection, which has not signed in, may be evicted to make room. It is gone only after
/// its task has run again, so an accept loop yields to the other tasks before it accepts more.
///
/// # Errors
/// [`AdmissionError`] if the connection is not admitted. It is dropped, logged and counted.
pub fn serve(
    node: &Rc<Node>,
    server: Server,
    transport: Box<dyn Transport>,
    peer_info: PeerInfo,
) -> Result<(), AdmissionError> {
    let link = Link::new(node.clone(), server, transport, peer_info)?;
    match server {
        Server::Dispatch => run(Referral::new(link)),
        Server::Notification => run(Session::new(link)),
        Server::Switchboard => run(Participant::new(link)),
    }
    Ok(())
}
