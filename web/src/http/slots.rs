use super::limits::{MAX_CONNECTIONS, MAX_PER_ADDRESS, MAX_PER_NETWORK};
use actors::connection::origin;
use actors::limit::AddressCounts;
use actors::limit::throttle::counted;
use std::cell::RefCell;
use std::net::IpAddr;
use std::rc::Rc;

/// The number of connections from each address.
pub(crate) type SlotCounts = Rc<RefCell<AddressCounts>>;

/// A counted connection.
pub(crate) struct ConnectionSlot {
    counts: SlotCounts,
    /// The address that the connection is counted for.
    address: IpAddr,
}

impl ConnectionSlot {
    /// Counts a connection. Returns `None` if there are too many.
    pub(crate) fn take(counts: &SlotCounts, peer: IpAddr) -> Option<ConnectionSlot> {
        let address = counted(peer);
        let mut taken = counts.borrow_mut();
        let from_network = taken.of_matching(|other| origin(other) == origin(address));
        if taken.total() >= MAX_CONNECTIONS
            || from_network >= MAX_PER_NETWORK
            || taken.of(address) >= MAX_PER_ADDRESS
        {
            return None;
        }
        taken.add(address);
        Some(ConnectionSlot { counts: counts.clone(), address })
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        self.counts.borrow_mut().remove(self.address);
    }
}
