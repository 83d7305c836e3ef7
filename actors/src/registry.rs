//! The `Registry` actor: tracks signed-in principals and sends their presence to watchers.
//!
//! It keeps the presence of each principal, so that changes, lookups and calls are decided in one
//! place and in one order. It knows sessions only by their inboxes for [`Notice`]s.
//!
//! A principal is signed in on one node at a time, their *home*. The registry of the home decides
//! all this for them. The registries of the other nodes ask the home (`registry/elsewhere.rs`).

mod elsewhere;
mod fences;
mod lag;
mod pairs;
mod sign_in;

use self::fences::Fences;
use self::lag::{DelayedPresence, RecentUpdates};
use self::pairs::{ListChange, NoticeAction, Pair, Pairs};
use self::sign_in::PendingClaim;
use crate::connection::{ConnectionId, Connections};
use crate::cookies::Cookies;
use crate::directory::Directory;
use crate::inbox::InboxHandle;
use crate::limit::TtlMap;
use crate::message::{
    Client, Invitable, Listed, Locate, Located, NoteDialect, NotedDialect, Notice, Observe,
    OnlineState, PhoneChanged, Publish, RegistryState, Renamed, Ring, SessionEnd, SignOff,
    Watchers,
};
use crate::port::Fabric;
use crate::port::fabric::{Epoch, Inbound, NodeId, SessionRef};
use crate::port::store::AccountId;
use crate::rules::{NameChange, Presence, PresenceUpdate, PublishedPresence, update_for};
use crate::settings::{Advertised, SharedSettings};
use actix::{Actor, Addr, AsyncContext, Context, Handler, MessageResult, Response, SpawnHandle};
use msnp::{Dialect, PresenceFields};
use std::collections::{BTreeMap, BTreeSet, HashMap};
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

/// What is sent to other nodes, grouped by node.
type ByNode<T> = BTreeMap<NodeId, Vec<T>>;

/// A principal who is signed in on this node. They may still appear offline.
struct Online {
    session: ConnectionId,
    epoch: Epoch,
    /// `None` if the principal has no connection of this protocol.
    client: Option<Client>,
    inbox: InboxHandle<Notice>,
    presence: PublishedPresence,
    /// Whether the principal accepts invitations to conversations (`IMS`).
    invitable: bool,
    /// The principals who have this principal on their forward list. A watcher who has just removed
    /// this principal may still be here: sessions ignore notices about accounts that are not
    /// contacts.
    watchers: Vec<AccountId>,
    /// Counts the state changes that were sent in the last second.
    recent_updates: RecentUpdates,
    /// What each watcher has seen. `None` unless the current presence is still to be sent.
    lag: Option<Box<DelayedPresence>>,
}

impl Online {
    /// Returns what this principal's client shows of their contacts.
    fn fields(&self) -> PresenceFields {
        shown_fields(self.client)
    }
}

/// Returns what a client shows of contacts. A front door that is not MSNP gets everything.
fn shown_fields(client: Option<Client>) -> PresenceFields {
    client.map_or(PresenceFields::ALL, |client| client.dialect.presence_fields())
}

/// The registry of a node.
pub struct Registry {
    settings: SharedSettings,
    directory: Rc<Directory>,
    fabric: Rc<dyn Fabric>,
    cookies: Addr<Cookies>,
    connections: Rc<Connections>,
    online: HashMap<AccountId, Online>,
    /// Sign-ins that wait until this node has claimed the account, by connection.
    claiming: HashMap<ConnectionId, PendingClaim>,
    /// The other nodes that invited a principal's session to conversations. At most one entry for
    /// each principal and node.
    inviters: BTreeSet<(AccountId, NodeId)>,
    /// The sign-ins at other nodes of which watchers here were notified.
    fences: Fences,
    /// Sessions that did not accept a notice, and are to be signed off.
    lost: Vec<(AccountId, ConnectionId)>,
    noted_dialects: TtlMap<Dialect, MAX_NOTES>,
    /// Recent changes of forward lists, with the notices that are delayed.
    pairs: Pairs,
    /// Principals whose watchers have not seen the last state, by the time at which it is sent. At
    /// most one entry for each principal.
    lagging: BTreeSet<(Instant, AccountId)>,
    /// The single timer for all delayed notices, with the time at which it fires. `None` if no
    /// notice is delayed.
    timer: Option<(Instant, SpawnHandle)>,
}

impl Registry {
    /// Creates an empty registry.
    pub fn new(
        settings: SharedSettings,
        directory: Rc<Directory>,
        fabric: Rc<dyn Fabric>,
        cookies: Addr<Cookies>,
        connections: Rc<Connections>,
    ) -> Registry {
        Registry {
            settings,
            directory,
            fabric,
            cookies,
            connections,
            online: HashMap::new(),
            claiming: HashMap::new(),
            inviters: BTreeSet::new(),
            fences: Fences::default(),
            lost: Vec::new(),
            noted_dialects: TtlMap::default(),
            pairs: Pairs::default(),
            lagging: BTreeSet::new(),
            timer: None,
        }
    }

    fn find(&mut self, account: AccountId, session: ConnectionId) -> Option<&mut Online> {
        self.online.get_mut(&account).filter(|online| online.session == session)
    }

    /// Returns the reference to a session of this node.
    fn session_ref(&self, number: ConnectionId) -> SessionRef {
        SessionRef { node: self.fabric.node(), number }
    }

    /// Returns the home of a principal who is not signed in on this node.
    fn home_elsewhere(&self, account: AccountId) -> Option<NodeId> {
        if self.online.contains_key(&account) {
            return None;
        }
        self.fabric.locate(account).map(|home| home.node)
    }

    /// Sends a notice to a principal, if they are signed in on this node. A session that does not
    /// accept the notice is added to the lost ones.
    fn notify(&mut self, account: AccountId, notice: Notice) {
        let Some(online) = self.online.get(&account) else { return };
        if online.inbox.push(notice).is_err() {
            self.lost.push((account, online.session));
        }
    }

    /// Changes a presence and notifies all watchers who see a difference. The notices are delayed
    /// if too many changes were sent in the last second.
    fn set_presence(&mut self, account: AccountId, presence: PublishedPresence, name: NameChange) {
        let (now, limit) = (Instant::now(), self.settings.get().limits.states_per_second);
        // The entry is out of the map while the watchers are looked up, and is put back at the end.
        let Some(mut online) = self.online.remove(&account) else { return };
        let was = std::mem::replace(&mut online.presence, presence);
        let watchers = online.watchers.iter().copied().filter(|watcher| *watcher != account);
        let mut elsewhere = ByNode::new();
        // A new name has a limit of its own: it is not delayed here.
        let delay_until =
            online.recent_updates.delay_until(limit, now).filter(|_| name == NameChange::Unchanged);
        if let (None, Some(until)) = (&online.lag, delay_until) {
            let watchers: Vec<AccountId> = watchers.collect();
            online.lag = Some(Box::new(DelayedPresence::new(until, &watchers, &was)));
            self.lagging.insert((until, account));
        } else if online.lag.is_none() {
            let mut is_sent = false;
            for watcher in watchers {
                let Some(recipient) = self.online.get(&watcher) else {
                    let Some(home) = self.fabric.locate(watcher) else { continue };
                    let current = &online.presence;
                    if let Some(update) = update_for(&was, current, name, watcher, home.fields) {
                        is_sent = true;
                        elsewhere.entry(home.node).or_default().push((watcher, update));
                    }
                    continue;
                };
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
        self.send_presence(account, elsewhere);
        self.send_updates(account, urgent.unwrap_or_default());
    }

    /// Returns what a principal's client shows of their contacts.
    fn fields_of(&self, watcher: AccountId) -> PresenceFields {
        let elsewhere = || self.fabric.locate(watcher).map(|home| home.fields);
        let here = self.online.get(&watcher).map(Online::fields);
        here.or_else(elsewhere).unwrap_or(PresenceFields::NONE)
    }

    /// Sends updates about a principal to watchers on this node and on others.
    fn send_updates(&mut self, who: AccountId, updates: Vec<(AccountId, PresenceUpdate)>) {
        let mut elsewhere = ByNode::new();
        for (watcher, update) in updates {
            match self.home_elsewhere(watcher) {
                Some(node) => elsewhere.entry(node).or_default().push((watcher, update)),
                None => self.notify(watcher, Notice::Presence { who, update }),
            }
        }
        self.send_presence(who, elsewhere);
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
            self.send_updates(account, updates);
        }
    }

    fn sign_off(&mut self, account: AccountId, session: ConnectionId, end: SessionEnd) {
        if self.find(account, session).is_some() {
            self.set_presence(account, PublishedPresence::offline(), NameChange::Unchanged);
            let Some(gone) = self.online.remove(&account) else { return };
            if let Some(lag) = gone.lag {
                self.lagging.remove(&(lag.until, account));
            }
            self.pairs.drop_for(account);
            self.fabric.release(account, gone.epoch);
            self.report_end(account, session, end);
        }
    }

    /// Notifies a contact that they were added to a forward list or removed from one. Does nothing
    /// after a restore, when the account ids may belong to other users.
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
            self.sign_off(account, session, SessionEnd::Lost);
        }
    }

    /// Returns the presence of principal `of` if it is visible to `by`, and records that `by` has
    /// seen it.
    fn look_up(&mut self, of: AccountId, by: AccountId) -> Option<Presence> {
        let online = self.online.get_mut(&of)?;
        let presence = online.presence.seen_by(by).cloned();
        if let Some(lag) = &mut online.lag {
            lag.record_seen(by, presence.clone());
        }
        presence
    }

    /// Returns the session of a principal of this node whom the caller may reach.
    fn find_callee(&self, callee: AccountId, caller: AccountId) -> Option<(Located, &Online)> {
        let online = self.online.get(&callee).filter(|online| online.invitable)?;
        online.presence.seen_by(caller)?;
        let session = self.session_ref(online.session);
        let dialect = online.client.map(|client| client.dialect);
        Some((Located { session, dialect }, online))
    }

    /// Invites a principal of this node. Returns `false` if the session to invite is gone.
    fn ring(&mut self, ring: Ring) -> bool {
        let Ring { callee, session, caller, conversation, cookie, switchboard } = ring;
        let number = session.number;
        if session != self.session_ref(number) || self.find(callee, number).is_none() {
            return false;
        }
        self.notify(callee, Notice::Ring { caller, session: conversation, cookie, switchboard });
        self.sign_off_lost();
        self.find(callee, number).is_some()
    }

    /// Updates the watchers of a contact of this node, and notifies the contact. If the contact was
    /// added, returns the contact's presence as the owner of the list sees it.
    fn contact_listed(&mut self, listed: &Listed, ctx: &mut Context<Registry>) -> Option<Presence> {
        let Listed { owner, contact, version, added, may_be_move } = *listed;
        let online = self.online.get_mut(&contact)?;
        online.watchers.retain(|watcher| *watcher != owner);
        if added {
            online.watchers.push(owner);
        }
        if let Some(dropped) = self.pairs.make_room(Pair { owner, contact }) {
            self.notify_listed(dropped);
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
        if added { self.look_up(contact, owner) } else { None }
    }

    /// Notifies all who see a principal of this node that the principal's name changed.
    fn notify_name(&mut self, account: AccountId) {
        if let Some(online) = self.online.get(&account) {
            let presence = online.presence.clone();
            self.set_presence(account, presence, NameChange::Changed);
            self.sign_off_lost();
        }
    }

    /// Notifies the watchers who are signed in on this node of a principal's new telephone numbers.
    fn notify_numbers(&mut self, changed: &PhoneChanged) {
        let PhoneChanged { account: who, numbers, watchers } = changed;
        for (watcher, version) in watchers.iter().copied() {
            for (phone, number) in numbers {
                let (who, phone, number) = (*who, *phone, number.clone().map(Box::new));
                self.notify(watcher, Notice::Phone { who, phone, number, version });
            }
        }
        self.sign_off_lost();
    }

    /// Notifies the users of this node that the servers go down. Returns how many were notified.
    fn notify_going_down(&mut self, minutes: u32, except: Option<AccountId>) -> usize {
        let accounts = self.online.keys().copied().filter(|account| Some(*account) != except);
        let accounts: Vec<AccountId> = accounts.collect();
        for account in &accounts {
            self.notify(*account, Notice::GoingDown { minutes });
        }
        self.sign_off_lost();
        accounts.len()
    }
}

impl Actor for Registry {
    type Context = Context<Registry>;

    fn started(&mut self, ctx: &mut Context<Registry>) {
        ctx.set_mailbox_capacity(MAILBOX);
        let (delivered, asked) = (ctx.address().recipient(), ctx.address().recipient());
        self.fabric.attach(Inbound { delivered, asked });
        ctx.run_interval(NOTE_LIFE, |registry, _| {
            registry.noted_dialects.drop_older(NOTE_LIFE);
            registry.pairs.drop_expired(Instant::now());
            let Registry { fences, fabric, .. } = registry;
            fences.drop_expired(Instant::now(), |account| fabric.locate(account).is_some());
        });
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
    type Result = Response<Vec<(AccountId, Presence)>>;

    fn handle(&mut self, publish: Publish, ctx: &mut Context<Registry>) -> Self::Result {
        let Publish { account, session, presence, look_up } = publish;
        if self.find(account, session).is_none() {
            return Response::reply(Vec::new());
        }
        self.set_presence(account, presence, NameChange::Unchanged);
        self.sign_off_lost();
        self.set_timer(ctx);
        self.look_up_all(look_up, account)
    }
}

impl Handler<Listed> for Registry {
    type Result = Response<Option<Presence>>;

    fn handle(&mut self, listed: Listed, ctx: &mut Context<Registry>) -> Self::Result {
        match self.home_elsewhere(listed.contact) {
            Some(node) => self.send_listed(node, listed),
            None => Response::reply(self.contact_listed(&listed, ctx)),
        }
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
        let mut elsewhere = ByNode::new();
        for (watcher, version) in changed.watchers.iter().copied() {
            if let Some(node) = self.home_elsewhere(watcher) {
                elsewhere.entry(node).or_default().push((watcher, version));
            }
        }
        self.notify_numbers(&changed);
        self.send_numbers(changed, elsewhere);
    }
}

impl Handler<Renamed> for Registry {
    type Result = ();

    fn handle(&mut self, Renamed { account, name }: Renamed, _: &mut Context<Registry>) {
        // The other nodes have the name before they are sent the presence of its owner.
        self.send_name(account, name);
        self.notify_name(account);
    }
}

impl Handler<Locate> for Registry {
    type Result = Response<Option<Located>>;

    fn handle(&mut self, locate: Locate, _: &mut Context<Registry>) -> Self::Result {
        let Locate { callee, caller, switchboard } = locate;
        if let Some(node) = self.home_elsewhere(callee) {
            return self.locate_elsewhere(node, &locate);
        }
        let Some((found, online)) = self.find_callee(callee, caller) else {
            return Response::reply(None);
        };
        let needs_ipv4 = matches!(switchboard, Some(Advertised::Here(_)));
        if needs_ipv4 && online.client.is_some_and(|client| !client.has_ipv4) {
            log::warn!(
                "session {} is connected over IPv6 and cannot be invited to conversations: set \
                 `advertise`",
                online.session
            );
            return Response::reply(None);
        }
        Response::reply(Some(found))
    }
}

impl Handler<Ring> for Registry {
    type Result = Response<bool>;

    fn handle(&mut self, ring: Ring, _: &mut Context<Registry>) -> Self::Result {
        if ring.session.node == self.fabric.node() {
            Response::reply(self.ring(ring))
        } else {
            self.ring_elsewhere(ring)
        }
    }
}

impl Handler<SignOff> for Registry {
    type Result = ();

    fn handle(&mut self, gone: SignOff, _: &mut Context<Registry>) {
        let SignOff { account, session, end } = gone;
        self.claiming.remove(&session);
        self.sign_off(account, session, end);
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
                dialect: online.client.map(|client| client.dialect),
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
