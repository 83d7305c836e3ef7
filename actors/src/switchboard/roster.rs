//! The participants of a conversation, shared with each of them.
//!
//! A participant pushes its messages straight into the inboxes of the others. Only the `Switchboard`
//! actor adds and removes participants. One lock for the whole roster gives all deliveries one order:
//! a participant receives exactly what happens between its own entry and its end.

use crate::inbox::InboxHandle;
use crate::message::{Delivery, MemberId};
use crate::port::store::{AccountId, Principal};
use crate::said::Said;
use crate::settings::MAX_PARTICIPANTS;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;

/// A participant.
pub(super) struct Member {
    pub(super) id: MemberId,
    pub(super) account: AccountId,
    pub(super) principal: Arc<Principal>,
    pub(super) inbox: InboxHandle<Delivery>,
}

type Members = heapless::Vec<Member, MAX_PARTICIPANTS>;

struct State {
    members: Members,
    /// The last message or entry.
    last_activity: Instant,
    /// Whether the switchboard checks if the conversation is inactive.
    is_watched: bool,
}

/// The participants of a conversation.
pub struct Roster {
    state: Mutex<State>,
}

impl std::fmt::Debug for Roster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Roster")
    }
}

/// What became of a delivery.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Whether all recipients accepted it, and there was at least one.
    pub(crate) is_delivered: bool,
    /// Participants whose inbox did not accept the delivery. They are too slow or gone.
    pub(crate) lost: heapless::Vec<MemberId, MAX_PARTICIPANTS>,
    /// Whether the switchboard must start to check if the conversation is inactive.
    pub(crate) needs_watch: bool,
}

impl State {
    fn deliver(&self, except: Option<MemberId>, delivery: &Delivery) -> Outcome {
        let (mut lost, mut has_others) = (heapless::Vec::new(), false);
        for member in self.members.iter().filter(|member| Some(member.id) != except) {
            has_others = true;
            if member.inbox.push(delivery.clone()).is_err() {
                // There is room: `lost` has the same capacity as `members`.
                let _ = lost.push(member.id);
            }
        }
        Outcome { is_delivered: has_others && lost.is_empty(), lost, needs_watch: false }
    }
}

impl Roster {
    pub(super) fn new() -> Roster {
        let (members, last_activity) = (Members::new(), Instant::now());
        Roster { state: Mutex::new(State { members, last_activity, is_watched: false }) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No state is left half changed by a panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Delivers to all but `except`.
    pub(super) fn deliver(&self, except: Option<MemberId>, delivery: &Delivery) -> Outcome {
        self.state().deliver(except, delivery)
    }

    /// Delivers messages to all but their sender. Records the activity if idle conversations end
    /// (`is_idle_limited`).
    pub(crate) fn say(&self, from: MemberId, said: Said, is_idle_limited: bool) -> Outcome {
        let mut state = self.state();
        if is_idle_limited {
            state.last_activity = Instant::now();
        }
        let outcome = state.deliver(Some(from), &Delivery::Said(said));
        Outcome { needs_watch: is_idle_limited && !state.is_watched, ..outcome }
    }

    /// Returns the number of participants.
    pub fn len(&self) -> usize {
        self.state().members.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Sets the time of the last activity to now.
    pub(super) fn record_activity(&self) {
        self.state().last_activity = Instant::now();
    }

    pub(super) fn last_activity(&self) -> Instant {
        self.state().last_activity
    }

    pub(super) fn set_watched(&self) {
        self.state().is_watched = true;
    }

    /// Adds a participant. Returns `false` if there is no room.
    pub(super) fn add(&self, member: Member) -> bool {
        self.state().members.push(member).is_ok()
    }

    /// Removes a participant.
    pub(super) fn remove(&self, id: MemberId) -> Option<Member> {
        let members = &mut self.state().members;
        let index = members.iter().position(|member| member.id == id)?;
        Some(members.remove(index))
    }

    /// Removes all participants and notifies them, since the switchboard has failed.
    pub(super) fn close(&self) {
        let members = std::mem::take(&mut self.state().members);
        for member in &members {
            // Those who do not accept it are gone, or end because their inbox is full.
            let _ = member.inbox.push(Delivery::Failed);
        }
    }

    /// Returns what `of` returns for each participant, in the order of their entry.
    pub(super) fn collect<T, C: FromIterator<T>>(&self, of: impl Fn(&Member) -> T) -> C {
        self.state().members.iter().map(of).collect()
    }

    /// Returns the account of a participant.
    pub(super) fn account(&self, id: MemberId) -> Option<AccountId> {
        let state = self.state();
        state.members.iter().find(|member| member.id == id).map(|member| member.account)
    }

    /// Returns whether these two accounts take part, and no one else.
    pub(crate) fn are_only(&self, accounts: [AccountId; 2]) -> bool {
        let state = self.state();
        let takes_part = |account| state.members.iter().any(|member| member.account == account);
        state.members.len() == 2 && accounts.into_iter().all(takes_part)
    }

    pub(super) fn contains_account(&self, account: AccountId) -> bool {
        self.state().members.iter().any(|member| member.account == account)
    }
}
