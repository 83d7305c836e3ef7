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
    slots: SlotCounts,
    address: IpAddr,
}

impl ConnectionSlot {
    /// Counts a connection. Returns `None` if there are too many.
    pub(crate) fn take(slots: &SlotCounts, peer: IpAddr) -> Option<ConnectionSlot> {
        let address = counted(peer);
        let mut taken = slots.borrow_mut();
        let in_network = taken.of_matching(|other| origin(other) == origin(address));
        if taken.total() >= MAX_CONNECTIONS
            || in_network >= MAX_PER_NETWORK
            || taken.of(address) >= MAX_PER_ADDRESS
        {
            return None;
        }
        taken.add(address);
        Some(ConnectionSlot { slots: slots.clone(), address })
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        self.slots.borrow_mut().remove(self.address);
    }
}
