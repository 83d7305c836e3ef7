//! The `Registry` actor: who is signed in, and who is told what.
//!
//! It keeps what each principal shows of himself, so that a change, a look and a call are decided
//! at one place and in one order. It knows sessions only as recipients of [`Notice`]s.

use crate::connection::ConnectionId;
use crate::message::{
    Broadcast, Invitable, Listed, Locate, Located, NoteDialect, NotedDialect, Notice, Observe,
    OnlineState, PhoneChanged, Publish, RegistryState, Renamed, Ring, SignIn, SignOff, Watchers,
};
use crate::port::store::AccountId;
use crate::recent::Recent;
use crate::rules::{Presence, Watching, can_see, told};
use actix::dev::SendError;
use actix::{Actor, AsyncContext, Context, Handler, MessageResult, Recipient};
use msnp::{Dialect, State};
use std::collections::HashMap;
use std::time::Duration;

/// Messages that wait for the actor: each connection waits for the answer to its own, and leaves
/// at most one `SignOff` behind.
const MAILBOX: usize = 1024;

/// How many dialects are noted at most, each for [`NOTE_LIFE`].
const NOTES: usize = 1024;

/// How long a dialect is noted.
const NOTE_LIFE: Duration = Duration::from_secs(60);

struct Online {
    session: ConnectionId,
    dialect: Dialect,
    recipient: Recipient<Notice>,
    presence: Presence,
    /// Whether he takes part in conversations (`IMS`).
    invitable: bool,
    /// Who has him on the forward list. Somebody who has just taken him off may still be here: his
    /// session passes over news of those who are no contacts.
    watchers: Vec<AccountId>,
}

/// The registry of a node.
#[derive(Default)]
pub struct Registry {
    online: HashMap<AccountId, Online>,
    /// Sessions that turned out to be gone while they were told something.
    lost: Vec<(AccountId, ConnectionId)>,
    notes: Recent<Dialect, NOTES>,
}

impl Registry {
    fn find(&mut self, account: AccountId, session: ConnectionId) -> Option<&mut Online> {
        self.online.get_mut(&account).filter(|online| online.session == session)
    }

    /// Tells a principal something, if he is there. One who does not take it any more is lost.
    fn tell(&mut self, account: AccountId, notice: Notice) {
        let Some(online) = self.online.get(&account) else { return };
        match online.recipient.try_send(notice) {
            Ok(()) => return,
            Err(SendError::Closed(_)) => {}
            Err(SendError::Full(_)) => cut_off(&online.recipient),
        }
        self.lost.push((account, online.session));
    }

    /// Shows a principal in another way, and tells everybody who sees a difference.
    fn show(&mut self, account: AccountId, presence: &Presence, name: Watching) {
        let Some(online) = self.online.get_mut(&account) else { return };
        let was = std::mem::replace(&mut online.presence, presence.clone());
        let watchers = std::mem::take(&mut online.watchers);
        for watcher in watchers.iter().copied().filter(|watcher| *watcher != account) {
            if let Some(sight) = told(&was, presence, name, watcher) {
                self.tell(watcher, Notice::Presence { who: account, sight });
            }
        }
        if let Some(online) = self.online.get_mut(&account) {
            online.watchers = watchers;
        }
    }

    fn sign_off(&mut self, account: AccountId, session: ConnectionId) {
        if self.find(account, session).is_some() {
            self.show(account, &Presence::offline(), Watching::SameName);
            self.online.remove(&account);
        }
    }

    /// Signs off whoever was found to be gone.
    fn bury(&mut self) {
        while let Some((account, session)) = self.lost.pop() {
            self.sign_off(account, session);
        }
    }

    fn sight(&self, of: AccountId, by: AccountId) -> Option<State> {
        self.online.get(&of).and_then(|online| can_see(&online.presence, by))
    }
}

fn cut_off(recipient: &Recipient<Notice>) {
    #[expect(
        clippy::disallowed_methods,
        reason = "the mailbox is full, and this is the last message that the session gets"
    )]
    recipient.do_send(Notice::Overrun);
}

impl Actor for Registry {
    type Context = Context<Registry>;

    fn started(&mut self, ctx: &mut Context<Registry>) {
        ctx.set_mailbox_capacity(MAILBOX);
        ctx.run_interval(NOTE_LIFE, |registry, _| registry.notes.forget(NOTE_LIFE));
    }
}

impl Handler<SignIn> for Registry {
    type Result = ();

    fn handle(&mut self, new: SignIn, _: &mut Context<Registry>) {
        if let Some(old) = self.online.get(&new.account) {
            let session = old.session;
            self.tell(new.account, Notice::Elsewhere);
            self.sign_off(new.account, session);
        }
        let online = Online {
            session: new.session,
            dialect: new.dialect,
            recipient: new.recipient,
            presence: Presence::offline(),
            invitable: true,
            watchers: Vec::new(),
        };
        self.online.insert(new.account, online);
        self.bury();
    }
}

impl Handler<Watchers> for Registry {
    type Result = ();

    fn handle(&mut self, stored: Watchers, _: &mut Context<Registry>) {
        let Some(online) = self.find(stored.account, stored.session) else { return };
        online.watchers.extend(stored.watchers);
        online.watchers.sort_unstable();
        online.watchers.dedup();
        online.watchers.shrink_to_fit();
    }
}

impl Handler<Publish> for Registry {
    type Result = Vec<(AccountId, State)>;

    fn handle(&mut self, news: Publish, _: &mut Context<Registry>) -> Self::Result {
        if self.find(news.account, news.session).is_none() {
            return Vec::new();
        }
        self.show(news.account, &news.presence, news.name);
        self.bury();
        let seen = |of| Some((of, self.sight(of, news.account)?));
        news.look_at.into_iter().filter_map(seen).collect()
    }
}

impl Handler<Listed> for Registry {
    type Result = Option<State>;

    fn handle(&mut self, listed: Listed, _: &mut Context<Registry>) -> Option<State> {
        let Listed { owner, contact, version, added } = listed;
        if let Some(online) = self.online.get_mut(&contact) {
            online.watchers.retain(|watcher| *watcher != owner);
            if added {
                online.watchers.push(owner);
            }
        }
        self.tell(contact, Notice::Listed { who: owner, version, added });
        self.bury();
        self.sight(contact, owner).filter(|_| added)
    }
}

impl Handler<Invitable> for Registry {
    type Result = ();

    fn handle(&mut self, ims: Invitable, _: &mut Context<Registry>) {
        if let Some(online) = self.find(ims.account, ims.session) {
            online.invitable = ims.on;
        }
    }
}

impl Handler<PhoneChanged> for Registry {
    type Result = ();

    fn handle(&mut self, changed: PhoneChanged, _: &mut Context<Registry>) {
        let PhoneChanged { account, numbers, watchers } = changed;
        for (watcher, version) in watchers {
            for (phone, number) in &numbers {
                let (phone, number) = (*phone, number.clone().map(Box::new));
                self.tell(watcher, Notice::Phone { who: account, phone, number, version });
            }
        }
        self.bury();
    }
}

impl Handler<Renamed> for Registry {
    type Result = ();

    fn handle(&mut self, Renamed(account): Renamed, _: &mut Context<Registry>) {
        if let Some(online) = self.online.get(&account) {
            let presence = online.presence.clone();
            self.show(account, &presence, Watching::NewName);
            self.bury();
        }
    }
}

impl Handler<Broadcast> for Registry {
    type Result = usize;

    fn handle(&mut self, broadcast: Broadcast, _: &mut Context<Registry>) -> usize {
        let Broadcast { minutes, but } = broadcast;
        let everybody = self.online.keys().copied().filter(|account| Some(*account) != but);
        let everybody: Vec<AccountId> = everybody.collect();
        for account in &everybody {
            self.tell(*account, Notice::GoingDown { minutes });
        }
        self.bury();
        everybody.len()
    }
}

impl Handler<Locate> for Registry {
    type Result = Option<Located>;

    fn handle(&mut self, locate: Locate, _: &mut Context<Registry>) -> Option<Located> {
        self.sight(locate.callee, locate.caller)?;
        let online = self.online.get(&locate.callee).filter(|online| online.invitable)?;
        Some(Located { session: online.session, dialect: online.dialect })
    }
}

impl Handler<Ring> for Registry {
    type Result = bool;

    fn handle(&mut self, ring: Ring, _: &mut Context<Registry>) -> bool {
        let Ring { callee, session, caller, conversation, cookie } = ring;
        if self.find(callee, session).is_none() {
            return false;
        }
        self.tell(callee, Notice::Ring { caller, session: conversation, cookie });
        self.bury();
        self.find(callee, session).is_some()
    }
}

impl Handler<SignOff> for Registry {
    type Result = ();

    fn handle(&mut self, SignOff { account, session }: SignOff, _: &mut Context<Registry>) {
        self.sign_off(account, session);
        self.bury();
    }
}

impl Handler<NoteDialect> for Registry {
    type Result = ();

    fn handle(&mut self, note: NoteDialect, _: &mut Context<Registry>) {
        self.notes.put(&note.handle, note.dialect);
    }
}

impl Handler<NotedDialect> for Registry {
    type Result = MessageResult<NotedDialect>;

    fn handle(&mut self, asked: NotedDialect, _: &mut Context<Registry>) -> Self::Result {
        MessageResult(self.notes.get(&asked.0, NOTE_LIFE).copied())
    }
}

impl Handler<Observe<RegistryState>> for Registry {
    type Result = MessageResult<Observe<RegistryState>>;

    fn handle(&mut self, _: Observe<RegistryState>, _: &mut Context<Registry>) -> Self::Result {
        let mut online: Vec<OnlineState> = self
            .online
            .iter()
            .map(|(account, online)| OnlineState {
                account: *account,
                session: online.session,
                dialect: online.dialect,
                state: online.presence.state,
                privacy: online.presence.privacy,
                watchers: online.watchers.len(),
            })
            .collect();
        online.sort_unstable_by_key(|online| online.account);
        MessageResult(RegistryState { online, noted: self.notes.len() })
    }
}
