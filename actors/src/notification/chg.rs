use super::Session;
use super::burst::Burst;
use crate::connection::ConnectionActor;
use crate::connection::Context;
use msnp::State;
use msnp::command::{Chg, ChgReply};

impl Session {
    /// `CHG`: changes the user's state. The reply to the first one contains the state of all
    /// visible contacts, even if the user's new state is hidden.
    pub(super) fn chg(&mut self, chg: &Chg, ctx: &mut Context<Session>) {
        let (trid, state) = (chg.trid, chg.state);
        self.emit(&ChgReply { trid, state }.into());
        self.presence = state.into();
        let is_first = !self.came_online && state != State::Offline;
        if is_first {
            self.came_online = true;
            self.schedule_client_challenge();
        }
        let look_up = if is_first { self.contacts.forward().collect() } else { Vec::new() };
        let published = self.publish(look_up);
        self.ask(ctx, published, move |session, seen, _| {
            if !seen.is_empty() {
                session.burst = Some(Box::new(Burst::visible_contacts(trid, seen)));
            }
        });
    }
}
