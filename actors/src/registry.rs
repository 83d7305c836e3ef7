//! The `Registry` actor: who is signed in, and who is told what.
//!
//! It keeps what each principal shows of himself, so that a change, a look and a call are decided
//! at one place and in one order. It knows sessions only as recipients of [`Notice`]s.

mod lag;
mod pairs;

use self::lag::{DelayedPresence, RecentUpdates};
use self::pairs::{News, Pairs, Verdict};
use crate::connection::ConnectionId;
use crate::directory::Directory;
use crate::message::{
    Broadcast, Invitable, Listed, Locate, Located, NoteDialect, NotedDialect, Notice, Observe,
    OnlineState, PhoneChanged, Publish, RegistryState, Renamed, Ring, SignIn, SignOff, Watchers,
};
use crate::port::store::AccountId;
use crate::rules::{NameChange, Presence, PresenceUpdate, can_see, update_for};
use crate::settings::SharedSettings;
use crate::ttl_map::TtlMap;
use actix::dev::SendError;
use actix::{Actor, AsyncContext, Context, Handler, MessageResult, Recipient, SpawnHandle};
use msnp::{Dialect, State};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::time::Duration;
use tokio::time::Instant;

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
    /// How many changes of the state were told in the last second.
    recent_updates: RecentUpdates,
    /// What the watchers have seen, if it is not what is shown.
    lag: Option<Box<DelayedPresence>>,
}

/// The registry of a node.
pub struct Registry {
    settings: SharedSettings,
    directory: Rc<Directory>,
    online: HashMap<AccountId, Online>,
    /// Sessions that turned out to be gone while they were told something.
    lost: Vec<(AccountId, ConnectionId)>,
    notes: TtlMap<Dialect, NOTES>,
    /// Who came on whose forward list or left it, as far as it is told later than at once.
    pairs: Pairs,
    /// Whose watchers have not seen the last state, by the moment at which they do: one entry for each
    /// principal at most.
    lagging: BTreeSet<(Instant, AccountId)>,
    /// The one timer for all that is told later, while there is something.
    timer: Option<(Instant, SpawnHandle)>,
}

impl Registry {
    /// A registry in which nobody is signed in.
    pub fn new(settings: SharedSettings, directory: Rc<Directory>) -> Registry {
        let (online, lost, notes, pairs, lagging) = Default::default();
        Registry { settings, directory, online, lost, notes, pairs, lagging, timer: None }
    }

    fn find(&mut self, account: AccountId, session: ConnectionId) -> Option<&mut Online> {
        self.online.get_mut(&account).filter(|online| online.session == session)
    }

    /// Tells a principal something, if he is there. One who does not take it any more is lost.
    fn notify(&mut self, account: AccountId, notice: Notice) {
        let Some(online) = self.online.get(&account) else { return };
        match online.recipient.try_send(notice) {
            Ok(()) => return,
            Err(SendError::Closed(_)) => {}
            Err(SendError::Full(_)) => cut_off(&online.recipient),
        }
        self.lost.push((account, online.session));
    }

    /// Shows a principal in another way, and tells everyone who sees a difference: at once, unless so
    /// much of this second was told already.
    fn show(&mut self, account: AccountId, presence: &Presence, name: NameChange) {
        let (now, most) = (Instant::now(), self.settings.get().states_per_second);
        let Some(online) = self.online.get_mut(&account) else { return };
        let was = std::mem::replace(&mut online.presence, presence.clone());
        let watchers = online.watchers.iter().copied().filter(|watcher| *watcher != account);
        let full =
            online.recent_updates.full_until(most, now).filter(|_| name == NameChange::Unchanged);
        if let (None, Some(until)) = (&online.lag, full) {
            let watchers: Vec<AccountId> = watchers.collect();
            online.lag = Some(Box::new(DelayedPresence::new(until, &watchers, &was)));
            self.lagging.insert((until, account));
            return self.notify_urgent(account, presence, name);
        }
        if online.lag.is_some() {
            return self.notify_urgent(account, presence, name);
        }
        let news = watchers.filter_map(|watcher| {
            let sight = update_for(&was, presence, name, watcher)?;
            Some((watcher, sight))
        });
        let news: Vec<_> = news.collect();
        if !news.is_empty() && name == NameChange::Unchanged {
            online.recent_updates.count(now);
        }
        self.notify_all(account, news);
    }

    fn notify_urgent(&mut self, account: AccountId, presence: &Presence, name: NameChange) {
        let lag = self.online.get_mut(&account).and_then(|online| online.lag.as_mut());
        let urgent = lag.map(|lag| lag.urgent(presence, name)).unwrap_or_default();
        self.notify_all(account, urgent);
    }

    fn notify_all(&mut self, who: AccountId, news: Vec<(AccountId, PresenceUpdate)>) {
        for (watcher, sight) in news {
            self.notify(watcher, Notice::Presence { who, sight });
        }
    }

    /// Tells the last state of those whose watchers have stayed behind until now.
    fn catch_up(&mut self, now: Instant) {
        while let Some((_, account)) =
            self.lagging.first().copied().filter(|(until, _)| *until <= now)
        {
            self.lagging.pop_first();
            let Some(online) = self.online.get_mut(&account) else { continue };
            let Some(lag) = online.lag.take() else { continue };
            let news = lag.remaining(&online.presence);
            if !news.is_empty() {
                online.recent_updates.count(now);
            }
            self.notify_all(account, news);
        }
    }

    fn sign_off(&mut self, account: AccountId, session: ConnectionId) {
        if self.find(account, session).is_some() {
            self.show(account, &Presence::offline(), NameChange::Unchanged);
            let gone = self.online.remove(&account);
            if let Some(lag) = gone.and_then(|gone| gone.lag) {
                self.lagging.remove(&(lag.until, account));
            }
            self.pairs.drop_for(account);
        }
    }

    /// Tells a contact that they came on a forward list or left it, unless everything was replaced
    /// meanwhile and its numbers are those of others.
    fn notify_listed(&mut self, news: News) {
        let News { owner, contact, version, added, .. } = news;
        if self.directory.is_current(owner) {
            self.notify(contact, Notice::Listed { who: owner.account, version, added });
        }
    }

    /// Has the timer run for what is told next.
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
            while let Some(news) = registry.pairs.take_due(now) {
                registry.notify_listed(news);
            }
            registry.catch_up(now);
            registry.sign_off_lost();
            registry.set_timer(ctx);
        });
        self.timer = Some((next, timer));
    }

    /// Signs off whoever was found to be gone.
    fn sign_off_lost(&mut self) {
        while let Some((account, session)) = self.lost.pop() {
            self.sign_off(account, session);
        }
    }

    fn sight(&self, of: AccountId, by: AccountId) -> Option<State> {
        self.online.get(&of).and_then(|online| can_see(&online.presence, by))
    }

    /// What a principal is told who looks at another one.
    fn look(&mut self, of: AccountId, by: AccountId) -> Option<State> {
        let sight = self.sight(of, by);
        if let Some(lag) = self.online.get_mut(&of).and_then(|online| online.lag.as_mut()) {
            lag.record_seen(by, sight);
        }
        sight
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
        ctx.run_interval(NOTE_LIFE, |registry, _| {
            registry.notes.forget(NOTE_LIFE);
            registry.pairs.forget(Instant::now());
        });
    }
}

impl Handler<SignIn> for Registry {
    type Result = Option<ConnectionId>;

    fn handle(&mut self, new: SignIn, _: &mut Context<Registry>) -> Option<ConnectionId> {
        let old = self.online.get(&new.account);
        // It is counted for the account, not for the session.
        let recent_updates = old.map(|old| old.recent_updates).unwrap_or_default();
        let replaced = old.map(|old| old.session);
        if let Some(session) = replaced {
            self.notify(new.account, Notice::SignedInElsewhere);
            self.sign_off(new.account, session);
        }
        let online = Online {
            session: new.session,
            dialect: new.dialect,
            recipient: new.recipient,
            presence: Presence::offline(),
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
    type Result = Vec<(AccountId, State)>;

    fn handle(&mut self, news: Publish, ctx: &mut Context<Registry>) -> Self::Result {
        if self.find(news.account, news.session).is_none() {
            return Vec::new();
        }
        self.show(news.account, &news.presence, news.name);
        self.sign_off_lost();
        self.set_timer(ctx);
        let seen = |of| Some((of, self.look(of, news.account)?));
        news.look_at.into_iter().filter_map(seen).collect()
    }
}

impl Handler<Listed> for Registry {
    type Result = Option<State>;

    fn handle(&mut self, listed: Listed, ctx: &mut Context<Registry>) -> Option<State> {
        let Listed { owner, contact, version, added, may_return } = listed;
        let online = self.online.get_mut(&contact)?;
        online.watchers.retain(|watcher| *watcher != owner);
        if added {
            online.watchers.push(owner);
        }
        if let Some(news) = self.pairs.make_room((owner, contact)) {
            self.notify_listed(news);
        }
        let known = self.directory.account_ref(owner);
        let news = News { owner: known, contact, version, added, may_return };
        let who = owner;
        match self.pairs.judge(news, Instant::now()) {
            Verdict::Tell => self.notify_listed(news),
            Verdict::Wait => self.notify(contact, Notice::Withheld { who, version }),
            Verdict::Undone(since) => {
                self.notify(contact, Notice::Undone { who, version, added, since });
            }
        }
        self.sign_off_lost();
        self.set_timer(ctx);
        if added { self.look(contact, owner) } else { None }
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
            self.show(account, &presence, NameChange::Changed);
            self.sign_off_lost();
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
            self.notify(*account, Notice::GoingDown { minutes });
        }
        self.sign_off_lost();
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
        let (noted, withheld) = (self.notes.len(), self.pairs.waiting());
        MessageResult(RegistryState { online, noted, withheld })
    }
}
