use super::Session;
use crate::connection::ConnectionActor;
use crate::end::EndReason;
use crate::inbox::OverrunError;
use crate::message::Notice;
use crate::port::store::AccountId;
use crate::rules::PresenceUpdate;
use crate::settings::Advertised;
use msnp::command::{AddReply, Bpr, Fln, Goodbye, Message, Nln, OutReason, RemReply, Rng, Sender};
use msnp::{Cookie, Event, List, ListVersion, Property, SessionId, ShutdownNotice, TrId};
use std::task::Context as TaskContext;

impl Session {
    /// Handles a notice, mostly of something that another user did.
    pub(super) fn handle_notice(&mut self, notice: Notice) {
        match notice {
            Notice::Presence { who, update } => self.presence_changed(who, update),
            Notice::Listed { who, version, added } => {
                self.reverse_list_changed(who, version, added);
            }
            Notice::ListedDelayed { who, version } => self.withhold(who, version),
            Notice::ListedCancelled { who, version, added, since } => {
                self.resolve_withheld(who);
                // The client needs no notice, unless it read its lists between the two changes.
                let is_between =
                    |read: ListVersion| !since.is_after(read) && version.is_after(read);
                if self.reverse_list_version.is_some_and(is_between) {
                    self.reverse_list_changed(who, version, added);
                }
            }
            Notice::Phone { who, phone, number, version } => {
                self.phone_changed(
                    who,
                    Property::Phone(phone, number.map(|number| *number)),
                    version,
                );
            }
            Notice::Ring { caller, session, cookie, switchboard } => {
                self.ring(caller, session, cookie, switchboard);
            }
            Notice::GoingDown { minutes } => {
                let payload = ShutdownNotice { minutes }.payload();
                let payload = payload.as_bytes();
                self.emit(&Message { sender: Sender::Server, payload }.into());
            }
            Notice::SignedInElsewhere => {
                self.release_output();
                self.emit(&Event::Out(Goodbye { reason: Some(OutReason::Elsewhere) }));
                self.link.close(EndReason::SignedInElsewhere);
            }
        }
    }

    /// Returns whether the client is sent the presence of this user: that of contacts only, and not
    /// before its own first `CHG`.
    fn shows_presence_of(&self, who: AccountId) -> bool {
        self.came_online && self.contacts.lists_of(who).contains(List::Forward)
    }

    fn presence_changed(&mut self, who: AccountId, update: PresenceUpdate) {
        if !self.shows_presence_of(who) {
            return;
        }
        let Some(contact) = self.link.node().directory.principal(who) else { return };
        let handle = contact.handle;
        match update {
            PresenceUpdate::Online(presence) => {
                let state = presence.state;
                self.emit(&Nln { state, handle, name: contact.name }.into());
            }
            PresenceUpdate::Offline => self.emit(&Fln { handle }.into()),
        }
    }

    fn reverse_list_changed(&mut self, who: AccountId, version: ListVersion, added: bool) {
        self.resolve_withheld(who);
        if self.has_read(version) || (self.synced_version.is_none() && !self.came_online) {
            return;
        }
        // Changes by a blocked user are not sent, unless the client would never learn of them.
        if self.contacts.lists_of(who).contains(List::Block) && !self.is_ahead_of_notice(version) {
            return self.record_missed(version);
        }
        let version = self.version_to_send(version);
        let Some(user) = self.link.node().directory.principal(who) else { return };
        let (trid, list, handle) = (TrId::SERVER, List::Reverse, user.handle);
        if added {
            let (name, group) = (user.name, None);
            self.emit(&AddReply { trid, list, version, handle, name, group }.into());
        } else {
            self.emit(&RemReply { trid, list, version, handle, group: None }.into());
        }
    }

    /// Telephone numbers belong to the lists: a client that has not read the lists gets the numbers
    /// with them.
    fn phone_changed(&mut self, who: AccountId, property: Property, version: ListVersion) {
        let comes_with_lists = self.synced_version.is_none_or(|known| !version.is_after(known));
        if comes_with_lists || !self.contacts.lists_of(who).contains(List::Forward) {
            return;
        }
        let Some(contact) = self.link.node().directory.principal(who) else { return };
        let version = self.version_to_send(version);
        self.emit(&Bpr { version, handle: contact.handle, property }.into());
    }

    fn ring(
        &mut self,
        caller: AccountId,
        session: SessionId,
        cookie: Cookie,
        switchboard: Option<Advertised>,
    ) {
        let caller = self.link.node().directory.principal(caller);
        let Some((caller, endpoint)) = caller.zip(self.endpoint(switchboard)) else {
            return;
        };
        let (handle, name) = (caller.handle, caller.name);
        self.emit(&Rng { session, endpoint, cookie, handle, name }.into());
    }
}

impl Session {
    /// Handles the notices of the inbox. While requests wait, only an urgent notice is handled.
    pub(super) fn receive_notices(&mut self, cx: &mut TaskContext<'_>) {
        let count = match self.inbox.register(cx.waker()) {
            Ok(0) => return,
            Ok(count) => count,
            Err(OverrunError) if self.link.is_open() => return self.link.abort(EndReason::TooSlow),
            Err(OverrunError) => return,
        };
        if self.is_busy() {
            self.inbox.set_held(true);
        }
        if self.inbox.is_held() {
            if let Some(notice) = self.inbox.pop_urgent() {
                self.handle_notice(notice);
            }
            return;
        }
        for _ in 0..count {
            let Some(notice) = self.inbox.pop() else { return };
            self.handle_notice(notice);
        }
    }
}
