use super::Participant;
use crate::connection::Served;
use crate::end::EndReason;
use crate::message::Delivery;
use actix::{Context, Handler};
use msnp::command::{Ack, Bye, Joi, Nak};

impl Participant {
    /// What the others do and say.
    pub(super) fn delivery(&mut self, delivery: Delivery) {
        match delivery {
            Delivery::Messages(frame) => self.link.relay(frame.as_bytes()),
            Delivery::Joined(principal) => {
                let (handle, name) = (principal.handle.clone(), principal.name.clone());
                self.emit(&Joi { handle, name }.into());
            }
            Delivery::Left(principal) => {
                self.emit(&Bye { handle: principal.handle.clone(), idle: false }.into());
            }
            Delivery::Receipts { delivered, receipts } => {
                for receipt in receipts {
                    let trid = receipt.trid;
                    if delivered {
                        self.emit(&Ack { trid }.into());
                    } else {
                        self.emit(&Nak { trid }.into());
                    }
                }
            }
            Delivery::Inactive(all) => {
                let own = self.seat.as_ref().map(|seat| seat.principal.handle.clone());
                for principal in all.iter().filter(|other| Some(&other.handle) != own.as_ref()) {
                    self.emit(&Bye { handle: principal.handle.clone(), idle: true }.into());
                }
                self.link.close(EndReason::Inactive);
            }
            Delivery::Overrun => self.link.abort(EndReason::TooSlow),
        }
    }
}

impl Handler<Delivery> for Participant {
    type Result = ();

    fn handle(&mut self, delivery: Delivery, _: &mut Context<Participant>) {
        if !self.link.waits() && !self.has_more() {
            return self.delivery(delivery);
        }
        if !self.hold.push(delivery, |_| false) {
            self.link.abort(EndReason::TooSlow);
        }
    }
}
