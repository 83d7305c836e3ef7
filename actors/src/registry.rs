//! The `Registry` actor: tracks signed-in principals and sends their presence to watchers.
//!
//! It keeps the presence of each principal, so that changes, lookups and calls are decided in one
//! place and in one order. It knows sessions only by their inboxes for [`Notice`]s.

mod lag;
mod pairs;

use self::lag::{DelayedPresence, RecentUpdates};
use self::pairs::{ListChange, NoticeAction, Pairs};
use crate::connection::ConnectionId;
use crate::directory::Directory;
use crate::inbox::InboxHandle;
use crate::limit::TtlMap;
use crate::message::{
    Broadcast, Invitable, Listed, Locate, Located, NoteDialect, NotedDialect, Notice, Observe,
    OnlineState, PhoneChanged, Publish, RegistryState, Renamed, Ring, SignIn, SignOff, Watchers,
};
use crate::port::store::AccountId;
use crate::rules::{NameChange, Presence, PresenceUpdate, PublishedPresence, update_for};
use crate::settings::SharedSettings;
use actix::{Actor, AsyncContext, Context, Handler, MessageResult, SpawnHandle};
use msnp::{Dialect, PresenceFields};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::time::Duration;
use tokio::time::Instant;

/// Capacity of the mailbox. Each connection waits for the answer to its request, and sends at most
/// one `SignOff` without waiting.
const MAILBOX: usize = 1024;

/// The maximum number of noted dialects, each for [`NOTE_LIFE`].
const MAX_NOTES: usize = 1024;

/// How long a dialect from the Dispatch Server is kept for the sign-in that follows.
const NOTE_LIFE: Duration = Duration::from_secs(60);

struct Online {
    session: ConnectionId,
    dialect: Option<Dialect>,
    inbox: InboxHandle<Notice>,
    presence: PublishedPresence,
    /// Whether the principal accepts invitations to conversations (`IMS`).
    invitable: bool,
    /// The principals who have this principal on their forward list. A watcher who has just removed
    /// this principal may still be here: sessions ignore notices about accounts that are not
    /// contacts.
    watchers: Vec<AccountId>,
    /// The state changes that were sent in the last second.
    recent_updates: RecentUpdates,
    /// What the watchers have seen, if it differs from the current presence.
    lag: Option<Box<DelayedPresence>>,
}

impl Online {
    /// Returns what this principal's client shows of their contacts. A front door that is not MSNP gets
    /// everything.
    fn fields(&self) -> PresenceFields {
        self.dialect.map_or(PresenceFields::ALL, Dialect::presence_fields)
    }
}

/// The registry of a node.
pub struct Registry {
    settings: SharedSettings,
    directory: Rc<Directory>,
    online: HashMap<AccountId, Online>,
    /// Sessions that did not accept a notice, and are to be signed off.
    lost: Vec<(AccountId, ConnectionId)>,
    noted_dialects: TtlMap<Dialect, MAX_NOTES>,
    /// Recent changes of forward lists, with the notices that are delayed.
    pairs: Pairs,
    /// Principals whose watchers have not seen the last state, by the time at which it is sent. At
    /// most one entry for each principal.
    lagging: BTreeSet<(Instant, AccountId)>,
    /// The single timer for all delayed notices. There is none if no notice is delayed.
    timer: Option<(Instant, SpawnHandle)>,
}

impl Registry {
    /// Creates an empty registry.
    pub fn new(settings: SharedSettings, directory: Rc<Directory>) -> Registry {
        let (online, lost, noted_dialects, pairs, lagging) = Default::default();
        Registry { settings, directory, online, lost, noted_dialects, pairs, lagging, timer: None }
    }

    fn find(&mut self, account: AccountId, session: ConnectionId) -> Option<&mut Online> {
        self.online.get_mut(&account).filter(|online| online.session == session)
    }

    /// Sends a notice to a principal who is signed in. A session that does not accept it is lost.
    fn notify(&mut self, account: AccountId, notice: Notice) {
        let Some(online) = self.online.get(&account) else { return };
        if online.inbox.push(notice).is_err() {
            self.lost.push((account, online.session));
        }
    }

    /// Changes a presence and notifies all watchers who see a difference. The notices are delayed if
    /// too many changes were sent in the last second.
    fn set_presence(&mut self, account: AccountId, presence: PublishedPresence, name: NameChange) {
        let (now, limit) = (Instant::now(), self.settings.get().limits.states_per_second);
        // It is put back at the end: the watchers are looked up meanwhile.
        let Some(mut online) = self.online.remove(&account) else { return };
        let was = std::mem::replace(&mut online.presence, presence);
        let watchers = online.watchers.iter().copied().filter(|watcher| *watcher != account);
        let full_until =
            online.recent_updates.full_until(limit, now).filter(|_| name == NameChange::Unchanged);
        if let (None, Some(until)) = (&online.lag, full_until) {
            let watchers: Vec<AccountId> = watchers.collect();
            online.lag = Some(Box::new(DelayedPresence::new(until, &watchers, &was)));
            self.lagging.insert((until, account));
        } else if online.lag.is_none() {
            let mut is_sent = false;
            for watcher in watchers {
                let Some(recipient) = self.online.get(&watcher) else { continue };
                let fields = recipient.fields();
                let Some(update) = update_for(&was, &online.presence, name, watcher, fields) else {
                    continue;
                };
                is_sent = true;
                if recipient.inbox.push(Notice::Presence { who: account, update }).is_err() {
                    self.lost.push((watcher, recipient.session));
                }
            }
            if is_sent && name == NameChange::Unchanged {
                online.recent_updates.count(now);
            }
        }
        let fields = |watcher| self.fields_of(watcher);
        let urgent = online.lag.as_mut().map(|lag| lag.urgent(&online.presence, name, fields));
        self.online.insert(account, online);
        self.notify_all(account, urgent.unwrap_or_default());
    }

    /// Returns what a principal's client shows of their contacts.
    fn fields_of(&self, watcher: AccountId) -> PresenceFields {
        self.online.get(&watcher).map_or(PresenceFields::NONE, Online::fields)
    }

    fn notify_all(&mut self, who: AccountId, updates: Vec<(AccountId, PresenceUpdate)>) {
        for (watcher, update) in updates {
            self.notify(watcher, Notice::Presence { who, update });
        }
    }

    /// Sends the last states whose delay is over.
    fn send_delayed(&mut self, now: Instant) {
        while let Some((_, account)) =
            self.lagging.first().copied().filter(|(until, _)| *until <= now)
        {
            self.lagging.pop_first();
            let Some(mut online) = self.online.remove(&account) else { continue };
            let fields = |watcher| self.fields_of(watcher);
            let updates = online.lag.take().map(|lag| lag.remaining(&online.presence, fields));
            let updates = updates.unwrap_or_default();
            if !updates.is_empty() {
                online.recent_updates.count(now);
            }
            self.online.insert(account, online);
            self.notify_all(account, updates);
        }
    }

    fn sign_off(&mut self, account: AccountId, session: ConnectionId) {
        if self.find(account, session).is_some() {
            self.set_presence(account, PublishedPresence::offline(), NameChange::Unchanged);
            let gone = self.online.remove(&account);
            if let Some(lag) = gone.and_then(|gone| gone.lag) {
                self.lagging.remove(&(lag.until, account));
            }
            self.pairs.drop_for(account);
        }
    }

    /// Notifies a contact that it was added to a forward list or removed from one. Does nothing after
    /// a restore, when the account ids may belong to other users.
    fn notify_listed(&mut self, change: ListChange) {
        let ListChange { owner, contact, version, added, .. } = change;
        if self.directory.is_current(owner) {
            self.notify(contact, Notice::Listed { who: owner.account, version, added });
        }
    }

    /// Sets the timer to the next delayed notice.
    fn set_timer(&mut self, ctx: &mut Context<Registry>) {
        let lagging = self.lagging.first().map(|(until, _)| *until);
        let Some(next) = self.pairs.next_due().into_iter().chain(lagging).min() else { return };
        if let Some((at, timer)) = self.timer {
            if at <= next {
                return;
            }
            ctx.cancel_future(timer);
        }
        let wait = next.saturating_duration_since(Instant::now());
        let timer = ctx.run_later(wait, |registry, ctx| {
            registry.timer = None;
            let now = Instant::now();
            while let Some(change) = registry.pairs.take_due(now) {
                registry.notify_listed(change);
            }
            registry.send_delayed(now);
            registry.sign_off_lost();
            registry.set_timer(ctx);
        });
        self.timer = Some((next, timer));
    }

    /// Signs off the lost sessions.
    fn sign_off_lost(&mut self) {
        while let Some((account, session)) = self.lost.pop() {
            self.sign_off(account, session);
        }
    }

    /// Returns the visible presence of a principal, and records that the watcher has seen it.
    fn look_up(&mut self, of: AccountId, by: AccountId) -> Option<Presence> {
        let online = self.online.get_mut(&of)?;
        let presence = online.presence.seen_by(by).cloned();
        if let Some(lag) = &mut online.lag {
            lag.record_seen(by, presence.clone());
        }
        presence
    }
}

impl Actor for Registry {
    type Context = Context<Registry>;

    fn started(&mut self, ctx: &mut Context<Registry>) {
        ctx.set_mailbox_capacity(MAILBOX);
        ctx.run_interval(NOTE_LIFE, |registry, _| {
            registry.noted_dialects.drop_older(NOTE_LIFE);
            registry.pairs.drop_expired(Instant::now());
        });
    }
}

impl Handler<SignIn> for Registry {
    type Result = Option<ConnectionId>;

    fn handle(&mut self, new: SignIn, _: &mut Context<Registry>) -> Option<ConnectionId> {
        let old = self.online.get(&new.account);
        // The limit belongs to the account, so it outlasts the session.
        let recent_updates = old.map(|old| old.recent_updates).unwrap_or_default();
        let replaced = old.map(|old| old.session);
        if let Some(session) = replaced {
            self.notify(new.account, Notice::SignedInElsewhere);
            self.sign_off(new.account, session);
        }
        let online = Online {
            session: new.session,
            dialect: new.dialect,
            inbox: new.inbox,
            presence: PublishedPresence::offline(),
            invitable: true,
            watchers: Vec::new(),
            recent_updates,
            lag: None,
        };
        self.online.insert(new.account, online);
        self.sign_off_lost();
        replaced
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
    type Result = Vec<(AccountId, Presence)>;

    fn handle(&mut self, publish: Publish, ctx: &mut Context<Registry>) -> Self::Result {
        if self.find(publish.account, publish.session).is_none() {
            return Vec::new();
        }
        self.set_presence(publish.account, publish.presence, publish.name);
        self.sign_off_lost();
        self.set_timer(ctx);
        let seen = |of| Some((of, self.look_up(of, publish.account)?));
        publish.look_up.into_iter().filter_map(seen).collect()
    }
}

impl Handler<Listed> for Registry {
    type Result = MessageResult<Listed>;

    fn handle(&mut self, listed: Listed, ctx: &mut Context<Registry>) -> Self::Result {
        let Listed { owner, contact, version, added, may_be_move } = listed;
        let Some(online) = self.online.get_mut(&contact) else { return MessageResult(None) };
        online.watchers.retain(|watcher| *watcher != owner);
        if added {
            online.watchers.push(owner);
        }
        if let Some(change) = self.pairs.make_room((owner, contact)) {
            self.notify_listed(change);
        }
        let account_ref = self.directory.account_ref(owner);
        let change = ListChange { owner: account_ref, contact, version, added, may_be_move };
        let who = owner;
        match self.pairs.decide(change, Instant::now()) {
            NoticeAction::Send => self.notify_listed(change),
            NoticeAction::Delay => self.notify(contact, Notice::ListedDelayed { who, version }),
            NoticeAction::Cancel(since) => {
                self.notify(contact, Notice::ListedCancelled { who, version, added, since });
            }
        }
        self.sign_off_lost();
        self.set_timer(ctx);
        MessageResult(if added { self.look_up(contact, owner) } else { None })
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
                self.notify(watcher, Notice::Phone { who: account, phone, number, version });
            }
        }
        self.sign_off_lost();
    }
}

impl Handler<Renamed> for Registry {
    type Result = ();

    fn handle(&mut self, Renamed(account): Renamed, _: &mut Context<Registry>) {
        if let Some(online) = self.online.get(&account) {
            let presence = online.presence.clone();
            self.set_presence(account, presence, NameChange::Changed);
            self.sign_off_lost();
        }
    }
}

impl Handler<Broadcast> for Registry {
    type Result = usize;

    fn handle(&mut self, broadcast: Broadcast, _: &mut Context<Registry>) -> usize {
        let Broadcast { minutes, except } = broadcast;
        let accounts = self.online.keys().copied().filter(|account| Some(*account) != except);
        let accounts: Vec<AccountId> = accounts.collect();
        for account in &accounts {
            self.notify(*account, Notice::GoingDown { minutes });
        }
        self.sign_off_lost();
        accounts.len()
    }
}

impl Handler<Locate> for Registry {
    type Result = Option<Located>;

    fn handle(&mut self, locate: Locate, _: &mut Context<Registry>) -> Option<Located> {
        let online = self.online.get(&locate.callee).filter(|online| online.invitable)?;
        online.presence.seen_by(locate.caller)?;
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
        self.notify(callee, Notice::Ring { caller, session: conversation, cookie });
        self.sign_off_lost();
        self.find(callee, session).is_some()
    }
}

impl Handler<SignOff> for Registry {
    type Result = ();

    fn handle(&mut self, SignOff { account, session }: SignOff, _: &mut Context<Registry>) {
        self.sign_off(account, session);
        self.sign_off_lost();
    }
}

impl Handler<NoteDialect> for Registry {
    type Result = ();

    fn handle(&mut self, note: NoteDialect, _: &mut Context<Registry>) {
        self.noted_dialects.put(&note.handle, note.dialect);
    }
}

impl Handler<NotedDialect> for Registry {
    type Result = MessageResult<NotedDialect>;

    fn handle(&mut self, query: NotedDialect, _: &mut Context<Registry>) -> Self::Result {
        MessageResult(self.noted_dialects.get(&query.0, NOTE_LIFE).copied())
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
                state: online.presence.presence.state,
                privacy: online.presence.privacy,
                watchers: online.watchers.len(),
            })
            .collect();
        online.sort_unstable_by_key(|online| online.account);
        let (noted, withheld) = (self.noted_dialects.len(), self.pairs.delayed_count());
        MessageResult(RegistryState { online, noted, withheld })
    }
}
