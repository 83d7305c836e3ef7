use super::limits::{MAX_CONNECTIONS, MAX_PER_ADDRESS, MAX_PER_NETWORK};
use actors::connection::origin;
use actors::throttle::counted;
use std::cell::RefCell;
use std::collections::HashMap;
use std::net::IpAddr;
use std::rc::Rc;

/// The number of connections from each address.
pub(crate) type SlotCounts = Rc<RefCell<HashMap<IpAddr, usize>>>;

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
        let in_network = taken.iter().filter(|(other, _)| origin(**other) == origin(address));
        let in_network: usize = in_network.map(|(_, count)| count).sum();
        if taken.values().sum::<usize>() >= MAX_CONNECTIONS || in_network >= MAX_PER_NETWORK {
            return None;
        }
        let own = taken.entry(address).or_default();
        if *own >= MAX_PER_ADDRESS {
            return None;
        }
        *own += 1;
        Some(ConnectionSlot { slots: slots.clone(), address })
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        let mut taken = self.slots.borrow_mut();
        if let Some(own) = taken.get_mut(&self.address) {
            *own -= 1;
            if *own == 0 {
                taken.remove(&self.address);
            }
        }
    }
}
