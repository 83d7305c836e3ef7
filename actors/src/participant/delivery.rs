use super::Participant;
use crate::connection::ConnectionActor;
use crate::end::EndReason;
use crate::inbox::OverrunError;
use crate::message::Delivery;
use msnp::command::{Bye, Joi};
use std::task::Context as TaskContext;
use std::time::Duration;

impl Participant {
    /// Handles what happens in the conversation.
    pub(super) fn handle_delivery(&mut self, delivery: Delivery) {
        match delivery {
            Delivery::Said(said) => self.link.emit_encoded(said.encoded()),
            Delivery::Joined(principal) => {
                let (handle, name) = (principal.handle.clone(), principal.name.clone());
                self.emit(&Joi { handle, name }.into());
            }
            Delivery::Left(principal) => {
                self.emit(&Bye { handle: principal.handle.clone(), idle: false }.into());
            }
            Delivery::Inactive(principals) => {
                let own = self.principal().map(|principal| principal.handle.clone());
                let others = principals.iter().filter(|other| Some(&other.handle) != own.as_ref());
                for principal in others {
                    self.emit(&Bye { handle: principal.handle.clone(), idle: true }.into());
                }
                self.link.close(EndReason::Inactive);
            }
            Delivery::Failed => self.shut_down(EndReason::Failed),
        }
    }
}

/// How long the first delivery is held back after `ANS … OK`: an Emacs client of 2002 loses a
/// message that it reads together with the reply.
const ANSWER_DELAY: Duration = Duration::from_millis(50);

/// The maximum number of deliveries, of 4 KiB each, that are held back after `ANS`. With more of
/// them, the delay ends at once.
const MAX_HELD_BACK: usize = 16;

impl Participant {
    /// Holds deliveries back for a moment: the user has just answered a call.
    pub(super) fn start_answer_delay(&mut self) {
        self.link.watch(ANSWER_DELAY);
    }

    pub(super) fn is_in_answer_delay(&self) -> bool {
        self.link.is_watched()
    }

    /// Ends the delay when its time is over.
    pub(super) fn poll_answer_delay(&mut self, cx: &mut TaskContext<'_>) {
        if let Some((_, deadline)) = self.link.activity()
            && self.link.poll_timer(deadline, cx).is_ready()
        {
            self.link.unwatch();
        }
    }

    /// Ends the delay now, and delivers what arrived meanwhile.
    pub(super) fn end_answer_delay(&mut self) {
        if self.is_in_answer_delay() {
            self.link.unwatch();
            if !self.link.is_waiting() {
                self.produce_output();
            }
        }
    }

    /// Returns whether deliveries wait: for a reply, or for the delay after `ANS`.
    pub(super) fn holds_deliveries(&self) -> bool {
        self.link.is_waiting() || self.is_in_answer_delay()
    }

    /// Handles the deliveries of the inbox, unless they wait.
    pub(super) fn receive_deliveries(&mut self, cx: &mut TaskContext<'_>) {
        let count = match self.inbox.register(cx.waker()) {
            Ok(count) => count,
            Err(OverrunError) if self.link.is_open() => return self.link.abort(EndReason::TooSlow),
            Err(OverrunError) => return,
        };
        if count > MAX_HELD_BACK {
            self.end_answer_delay();
        }
        if self.holds_deliveries() {
            self.inbox.set_held(true);
        }
        if self.inbox.is_held() {
            return;
        }
        for _ in 0..count {
            let Some(delivery) = self.inbox.pop() else { return };
            self.handle_delivery(delivery);
        }
    }
}
