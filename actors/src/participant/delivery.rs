use super::Participant;
use crate::connection::ConnectionActor;
use crate::end::EndReason;
use crate::message::Delivery;
use actix::{Context, Handler};
use msnp::command::{Ack, Bye, Joi, Nak};
use std::task::Context as TaskContext;
use std::time::Duration;

impl Participant {
    /// Handles what happens in the conversation.
    pub(super) fn delivery(&mut self, delivery: Delivery) {
        match delivery {
            Delivery::Messages(frame) => self.link.emit_encoded(frame.as_bytes()),
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

/// How long the first delivery is held back after `ANS … OK`: an Emacs client of 2002 loses a
/// message that it reads together with the reply.
const ANSWER_DELAY: Duration = Duration::from_millis(50);

/// The maximum number of deliveries of 4 KiB that are held back for that. A peer that floods gets
/// them sooner.
const MAX_HELD_BACK: usize = 16;

impl Participant {
    /// Holds deliveries back for a moment: the user has just answered a call.
    pub(super) fn settle_in(&mut self) {
        self.link.watch(ANSWER_DELAY);
    }

    pub(super) fn is_settling_in(&self) -> bool {
        self.link.is_watched()
    }

    /// Ends the delay when its time is over.
    pub(super) fn poll_settled_in(&mut self, cx: &mut TaskContext<'_>) {
        if let Some((_, deadline)) = self.link.activity()
            && self.link.poll_timer(deadline, cx).is_ready()
        {
            self.link.unwatch();
        }
    }

    /// Ends the delay now, and delivers what arrived meanwhile.
    pub(super) fn end_settling_in(&mut self) {
        if self.is_settling_in() {
            self.link.unwatch();
            if !self.link.is_waiting() {
                self.produce_output();
            }
        }
    }

    /// Whether a delivery waits: for a reply, for earlier deliveries, or for the delay after `ANS`.
    /// Receipts and the end do not wait for that delay.
    fn is_held_back(&self, delivery: &Delivery) -> bool {
        let is_exempt = matches!(delivery, Delivery::Receipts { .. } | Delivery::Overrun);
        let settling_in = self.is_settling_in() && !is_exempt;
        self.link.is_waiting() || settling_in || !self.deferred.is_empty()
    }
}

impl Handler<Delivery> for Participant {
    type Result = ();

    fn handle(&mut self, delivery: Delivery, _: &mut Context<Participant>) {
        if self.deferred.len() >= MAX_HELD_BACK {
            self.end_settling_in();
        }
        if !self.is_held_back(&delivery) {
            return self.delivery(delivery);
        }
        if !self.deferred.push(delivery, |_| false) {
            self.link.abort(EndReason::TooSlow);
        }
    }
}
