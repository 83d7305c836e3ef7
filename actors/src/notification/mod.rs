//! The `Session` actor: one connection to the Notification Server. Each command has its own file.

mod add;
mod adg;
mod blp;
mod burst;
mod chg;
mod chl;
mod contacts;
mod fnd;
mod gtc;
mod ims;
mod lsg;
mod lst;
mod notice;
mod numbers;
mod out;
mod pag;
mod png;
mod profile;
mod prp;
mod qry;
mod rea;
mod reg;
mod rem;
mod rmg;
mod sdc;
mod snd;
mod syn;
mod url;
mod usr;
mod withheld;
mod xfr;

use self::burst::Burst;
use self::chl::ClientChallenge;
use self::contacts::Contacts;
use self::fnd::Hits;
use self::profile::ProfileDelivery;
use self::usr::OpenChallenge;
use self::withheld::WithheldChanges;
use crate::connection::{BusyError, ConnectionActor, Context, FromClient, Link, handle_request};
use crate::directory::AccountRef;
use crate::edit::Edited;
use crate::end::EndReason;
use crate::handshake;
use crate::inbox::{Inbox, InboxHandle};
use crate::message::{EditError, Notice, Observe, SessionState};
use crate::port::store::{AccountId, Change, StoreError};
use crate::principal::SignedIn;
use crate::rules::{Presence, PublishedPresence};
use crate::settings::MAX_LIST_ENTRIES;
use actix::{Actor, Handler, MailboxError, MessageResult};
use msnp::command::{CommandName, Goodbye};
use msnp::{ErrorCode, Event, ListVersion, Phase, Privacy, Request, Server, State, TrId, gate};
use std::future::Future;
use std::task::Context as TaskContext;

/// The maximum number of notices in the inbox: the presence of every contact of the longest forward
/// list, and as many other notices. While the session waits for a reply, at most one notice of each
/// kind is kept per user; each of their telephone numbers is a kind of its own. A session that gets
/// more before it handles them is closed.
pub const MAX_NOTICES: usize = 2 * MAX_LIST_ENTRIES as usize;

/// The output space, in bytes, that one more line of a burst needs. The longest line is an `LST`
/// with all groups: 636 bytes.
const LINE_ROOM: usize = 1024;

/// A connection to the Notification Server. It holds account ids and flags, no text.
pub struct Session {
    link: Link,
    /// The challenge of the sign-in that the client has not responded to.
    open_challenge: Option<Box<OpenChallenge>>,
    signed_in: Option<SignedIn>,
    presence: Presence,
    privacy: Privacy,
    contacts: Contacts,
    /// Whether the first `CHG` has come. Before it, no presence of contacts is sent.
    came_online: bool,
    /// The list version of the last `SYN`. Changes of the reverse list are not sent before the
    /// first `SYN` or `CHG`. Afterwards, only those that are newer than this version are sent.
    synced_version: Option<ListVersion>,
    /// The list version at which the client last read the reverse list, by `SYN` or `LST`.
    reverse_list_version: Option<ListVersion>,
    /// The latest list version that the client was sent since the last `SYN`, with any command.
    latest_sent_version: Option<ListVersion>,
    /// Changes of the reverse list that the client was not sent since the last `SYN`.
    withheld: Option<Box<WithheldChanges>>,
    profile: ProfileDelivery,
    client_challenge: ClientChallenge,
    /// Whether the user takes part in conversations (`IMS`).
    invitable: bool,
    inbox: Inbox<Notice>,
    burst: Option<Box<Burst>>,
    hits: Hits,
}

impl Session {
    /// Creates the session of a new connection.
    pub fn new(link: Link) -> Session {
        Session {
            link,
            open_challenge: None,
            signed_in: None,
            presence: State::Offline.into(),
            privacy: Privacy::default(),
            contacts: Contacts::default(),
            came_online: false,
            synced_version: None,
            reverse_list_version: None,
            latest_sent_version: None,
            withheld: None,
            profile: ProfileDelivery::default(),
            client_challenge: ClientChallenge::default(),
            invitable: true,
            inbox: Inbox::new(MAX_NOTICES),
            burst: None,
            hits: Hits::default(),
        }
    }

    /// Returns where notices for the session go.
    pub fn inbox(&self) -> InboxHandle<Notice> {
        self.inbox.handle()
    }

    /// Returns the account that is signed in.
    fn account(&self) -> Option<AccountId> {
        self.account_ref().map(|account_ref| account_ref.account)
    }

    /// Returns the account that is signed in, with its generation, for requests to the store.
    fn account_ref(&self) -> Option<AccountRef> {
        self.signed_in.as_ref().map(SignedIn::account_ref)
    }

    /// Returns whether requests and notices must wait: for a reply, for room in the output, or
    /// until the profile is sent.
    fn is_busy(&self) -> bool {
        self.link.is_waiting() || self.has_more_output() || self.is_output_held()
    }

    fn emit(&mut self, event: &Event<'_>) {
        self.link.emit(event);
    }

    /// Replies with an error.
    fn error(&mut self, trid: TrId, code: ErrorCode) {
        self.link.error(trid, code);
    }

    /// Returns whether the client's dialect has this event.
    fn has_event(&self, command: CommandName) -> bool {
        gate::has_event(command, self.link.dialect())
    }

    /// Returns what the user shows of themselves now, and to whom.
    fn published_presence(&self) -> PublishedPresence {
        let (presence, privacy) = (self.presence.clone(), self.privacy);
        PublishedPresence { presence, privacy, exceptions: self.contacts.exceptions(privacy) }
    }

    /// Publishes the user's presence. Returns the presence of those accounts in `look_up` that are
    /// visible to the user.
    fn publish(
        &self,
        look_up: Vec<AccountId>,
    ) -> impl Future<Output = Vec<(AccountId, Presence)>> + use<> {
        let signed_in = self.signed_in.as_ref();
        let published =
            signed_in.map(|signed_in| signed_in.publish(self.published_presence(), look_up));
        async move {
            match published {
                Some(published) => published.await,
                None => Vec::new(),
            }
        }
    }

    /// Publishes the user's presence. No later step depends on the result.
    fn republish(&mut self, ctx: &mut Context<Session>) {
        let published = self.publish(Vec::new());
        self.ask(ctx, published, |_, _, _| {});
    }

    /// Makes a change in the store, notifies the contact if their reverse list changes with it, and
    /// then calls `done`. If the change fails, replies with the error instead. The change and the
    /// notice are completed even if the connection ends meanwhile.
    fn edit(
        &mut self,
        trid: TrId,
        change: Change,
        ctx: &mut Context<Session>,
        done: impl FnOnce(&mut Session, Edited, &mut Context<Session>) + 'static,
    ) {
        let Some(signed_in) = &self.signed_in else { return };
        let edited = signed_in.edit(change);
        self.ask(ctx, edited, move |session, edited, ctx| match edited {
            Ok(mut edited) => {
                edited.changed.version = session.version_to_send(edited.changed.version);
                done(session, edited, ctx);
            }
            Err(error) => session.reply_edit_error(trid, &error),
        });
    }

    /// Returns what was read from the store. After a failure, replies with an error and returns
    /// `None`.
    fn ok_or_reply<T>(
        &mut self,
        trid: TrId,
        answer: Result<Result<T, StoreError>, MailboxError>,
    ) -> Option<T> {
        match answer {
            Ok(Ok(found)) => return Some(found),
            Ok(Err(error)) => {
                log::error!("{}: the store could not read the account: {error}", self.link.label());
            }
            // The store's actor has stopped, which is logged there.
            Err(_) => {}
        }
        self.error(trid, ErrorCode::DatabaseError);
        None
    }

    fn reply_edit_error(&mut self, trid: TrId, error: &EditError) {
        if let EditError::Store(error) = error {
            log::error!("{}: the store could not make a change: {error}", self.link.label());
        }
        self.error(trid, error.code());
    }
}

impl Actor for Session {
    type Context = Context<Session>;
}

impl ConnectionActor for Session {
    const SERVER: Server = Server::Notification;

    fn link(&mut self) -> &mut Link {
        &mut self.link
    }

    fn request(&mut self, request: Request<'_>, ctx: &mut Context<Session>) {
        self.schedule_profile();
        match request {
            Request::Ver(ver) => handshake::ver(&mut self.link, &ver),
            Request::Inf(inf) => handshake::inf(&mut self.link, &inf),
            Request::Cvr(cvr) => handshake::cvr(&mut self.link, &cvr),
            Request::Cvq(cvq) => handshake::cvq(&mut self.link, &cvq),
            Request::Usr(usr) => self.usr(usr, ctx),
            Request::Xfr(xfr) => self.xfr(&xfr, ctx),
            Request::Syn(syn) => self.syn(&syn, ctx),
            Request::Lst(lst) => self.lst(&lst, ctx),
            Request::Gtc(gtc) => self.gtc(&gtc, ctx),
            Request::Blp(blp) => self.blp(&blp, ctx),
            Request::Add(add) => self.add(add, ctx),
            Request::Rem(rem) => self.rem(rem, ctx),
            Request::Chg(chg) => self.chg(&chg, ctx),
            Request::Rea(rea) => self.rea(rea, ctx),
            Request::Url(url) => self.url(&url),
            Request::Snd(snd) => self.snd(&snd),
            Request::Fnd(fnd) => self.fnd(fnd, ctx),
            Request::Png(png) => self.png(png),
            Request::Ims(ims) => self.ims(&ims, ctx),
            Request::Prp(prp) => self.prp(prp, ctx),
            Request::Sdc(sdc) => self.sdc(&sdc),
            Request::Pag(pag) => self.pag(&pag),
            Request::Chl(chl) => self.chl(&chl),
            Request::Qry(qry) => self.qry(&qry),
            Request::Lsg(lsg) => self.lsg(&lsg, ctx),
            Request::Adg(adg) => self.adg(adg, ctx),
            Request::Reg(reg) => self.reg(reg, ctx),
            Request::Rmg(rmg) => self.rmg(&rmg, ctx),
            Request::Out(_) => self.out(),
            // The gate has already rejected commands that only a Switchboard Server accepts.
            msnp::requests_only_on!(Switchboard) => {
                self.link.close(EndReason::command_for_other_server());
            }
        }
    }

    fn receive(&mut self, cx: &mut TaskContext<'_>) {
        self.receive_notices(cx);
    }

    fn after_turn(&mut self) {
        let is_held = self.is_busy();
        self.inbox.set_held(is_held);
    }

    fn has_more_output(&self) -> bool {
        let has_held = || self.client_challenge.is_due() || self.inbox.has_held_items();
        self.burst.is_some() || (!self.is_output_held() && has_held())
    }

    fn produce_output(&mut self) {
        while let Some(mut burst) = self.burst.take() {
            if self.link.room() < LINE_ROOM {
                self.burst = Some(burst);
                return;
            }
            if let Some(event) = burst.next(&self.link.node().directory) {
                self.emit(&event);
                self.burst = Some(burst);
            }
        }
        if self.client_challenge.is_due() && self.link.room() >= LINE_ROOM {
            self.challenge_client(TrId::SERVER);
        }
        // Held notices are sent only while there is room: so a slow reader is not closed because of
        // them.
        while self.link.room() >= LINE_ROOM
            && let Some(notice) = self.inbox.pop()
        {
            self.handle_notice(notice);
        }
    }

    fn poll_timer(&mut self, cx: &mut TaskContext<'_>) -> bool {
        self.poll_profile(cx)
    }

    fn is_output_held(&self) -> bool {
        self.profile == ProfileDelivery::OutputHeld
    }

    fn release_output(&mut self) {
        self.skip_profile();
    }

    fn on_end(&mut self) {
        self.inbox.close();
        self.signed_in = None;
    }

    fn shut_down(&mut self, reason: EndReason) {
        self.release_output();
        if self.link.phase() == Phase::SignedIn {
            self.emit(&Event::Out(Goodbye { reason: reason.out_reason() }));
        }
        self.link.close(reason);
    }
}

impl Handler<FromClient> for Session {
    type Result = Result<(), BusyError>;

    fn handle(
        &mut self,
        FromClient(request): FromClient,
        ctx: &mut Context<Session>,
    ) -> Self::Result {
        handle_request(self, request, ctx)
    }
}

impl Handler<Observe<SessionState>> for Session {
    type Result = MessageResult<Observe<SessionState>>;

    fn handle(&mut self, _: Observe<SessionState>, _: &mut Context<Session>) -> Self::Result {
        MessageResult(SessionState {
            session: self.link.id(),
            phase: self.link.phase(),
            dialect: self.link.dialect(),
            account: self.account(),
            state: self.presence.state,
            privacy: self.privacy,
            contacts: self.contacts.forward().count(),
            busy: self.is_busy(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use msnp::command::{ListLine, LstEntry};
    use msnp::{Dialect, FriendlyName, GroupId, GroupIds, Handle, List};

    #[test]
    fn the_longest_line_of_a_burst_fits() {
        let domain = "@example.com";
        let local = "a".repeat(Handle::MAX - domain.len());
        let count = u32::from(MAX_LIST_ENTRIES);
        let entry = LstEntry {
            index: count,
            count,
            handle: Handle::new(&format!("{local}{domain}")).unwrap(),
            name: FriendlyName::new(&"a".repeat(FriendlyName::MAX_ENCODED)).unwrap(),
            groups: GroupId::all().fold(GroupIds::NONE, GroupIds::with),
        };
        let (trid, list) = (TrId::parse(b"0000000000").unwrap(), List::Forward);
        let version = ListVersion::new(ListVersion::MAX).unwrap();
        let line = ListLine { trid, list, version, entry: Some(entry) };
        let mut bytes = heapless::Vec::<u8, LINE_ROOM>::new();
        Event::from(line).encode(Dialect::Msnp7, &mut bytes).unwrap();
        assert_eq!(bytes.len(), 636);
    }
}
