//! Visibility of presence (the draft §7.5 to §7.7).
//!
//! B sees A if all of these hold: A is neither hidden nor offline; A is on B's forward list; A does not
//! block B; A's privacy setting allows all others, or B is on A's allow list.

use super::Membership;
use crate::port::store::AccountId;
use msnp::{List, Privacy, State};
use serde::{Deserialize, Serialize};

/// The state of a principal, and who may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    pub state: State,
    /// `BLP`
    pub privacy: Privacy,
    /// The accounts to which `privacy` does not apply, sorted: the block list with
    /// [`Privacy::AllowOthers`], the allow list with [`Privacy::BlockOthers`]. No account is on both.
    pub exceptions: Box<[AccountId]>,
}

impl Presence {
    /// Signed in, but invisible to all.
    pub fn offline() -> Presence {
        Presence { state: State::Offline, privacy: Privacy::default(), exceptions: Box::default() }
    }

    /// Returns whether `viewer` may see and call this principal while the principal is not hidden.
    pub fn admits(&self, viewer: AccountId) -> bool {
        let excepted = self.exceptions.binary_search(&viewer).is_ok();
        match self.privacy {
            Privacy::AllowOthers => !excepted,
            Privacy::BlockOthers => excepted,
        }
    }
}

/// Does the same as [`Presence::admits`] for an account with this `membership` on the lists of a
/// principal with this privacy setting. An admitted account may see the telephone numbers too.
pub fn admits(privacy: Privacy, membership: Membership) -> bool {
    match privacy {
        Privacy::AllowOthers => !membership.contains(List::Block),
        Privacy::BlockOthers => membership.contains(List::Allow),
    }
}

/// Returns the state that `viewer` sees, or `None` if the principal is invisible to `viewer`. The
/// caller checks that the principal is on the forward list of `viewer`.
pub fn state_seen_by(presence: &Presence, viewer: AccountId) -> Option<State> {
    (presence.state.is_visible() && presence.admits(viewer)).then_some(presence.state)
}

/// What is sent to a watcher when a presence changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PresenceUpdate {
    /// `NLN`: the principal is online, in this state.
    Online(State),
    /// `FLN`: the principal is no longer visible.
    Offline,
}

/// Whether the principal's friendly name has changed as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NameChange {
    Unchanged,
    /// All who see the principal get an update.
    Changed,
}

/// Returns the update for a watcher when a presence changes from `before` to `after`. `None` if the
/// watcher sees no difference.
pub fn update_for(
    before: &Presence,
    after: &Presence,
    name: NameChange,
    watcher: AccountId,
) -> Option<PresenceUpdate> {
    update_between(state_seen_by(before, watcher), state_seen_by(after, watcher), name)
}

/// Returns the update for a watcher whose visible state changes from `before` to `after`.
pub fn update_between(
    before: Option<State>,
    after: Option<State>,
    name: NameChange,
) -> Option<PresenceUpdate> {
    match (before, after) {
        (None, None) => None,
        (Some(_), None) => Some(PresenceUpdate::Offline),
        (Some(before), Some(after)) if before == after && name == NameChange::Unchanged => None,
        (_, Some(after)) => Some(PresenceUpdate::Online(after)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use NameChange::{Changed, Unchanged};

    const BOB: AccountId = AccountId(2);

    fn presence(state: State, privacy: Privacy, exceptions: &[u32]) -> Presence {
        let exceptions = exceptions.iter().copied().map(AccountId).collect();
        Presence { state, privacy, exceptions }
    }

    fn open(state: State) -> Presence {
        presence(state, Privacy::AllowOthers, &[])
    }

    #[test]
    fn hidden_and_offline_principals_are_invisible() {
        assert_eq!(state_seen_by(&open(State::Hidden), BOB), None);
        assert_eq!(state_seen_by(&open(State::Offline), BOB), None);
        assert_eq!(state_seen_by(&open(State::Away), BOB), Some(State::Away));
    }

    #[test]
    fn privacy_applies_to_all_but_the_exceptions() {
        let online = |privacy, exceptions: &[u32]| {
            state_seen_by(&presence(State::Online, privacy, exceptions), BOB).is_some()
        };
        assert!(online(Privacy::AllowOthers, &[1, 3]));
        assert!(!online(Privacy::AllowOthers, &[1, 2, 3]));
        assert!(!online(Privacy::BlockOthers, &[1, 3]));
        assert!(online(Privacy::BlockOthers, &[1, 2]));
    }

    #[test]
    fn memberships_admit_like_exceptions() {
        let on = |lists: &[List]| lists.iter().fold(Membership::NONE, |on, list| on.with(*list));
        let allowed = on(&[List::Allow, List::Forward]);
        let blocked = on(&[List::Block, List::Reverse]);
        let neither = on(&[List::Forward, List::Reverse]);
        let whom = |privacy| [allowed, blocked, neither].map(|on| admits(privacy, on));
        assert_eq!(whom(Privacy::AllowOthers), [true, false, true]);
        assert_eq!(whom(Privacy::BlockOthers), [true, false, false]);
    }

    #[test]
    fn a_watcher_gets_only_visible_changes() {
        let online = open(State::Online);
        let busy = open(State::Busy);
        let hidden = open(State::Hidden);
        let blocking = presence(State::Online, Privacy::AllowOthers, &[2]);
        assert_eq!(
            update_for(&online, &busy, Unchanged, BOB),
            Some(PresenceUpdate::Online(State::Busy))
        );
        assert_eq!(update_for(&online, &online, Unchanged, BOB), None);
        assert_eq!(
            update_for(&online, &online, Changed, BOB),
            Some(PresenceUpdate::Online(State::Online))
        );
        assert_eq!(update_for(&online, &hidden, Unchanged, BOB), Some(PresenceUpdate::Offline));
        assert_eq!(
            update_for(&hidden, &busy, Unchanged, BOB),
            Some(PresenceUpdate::Online(State::Busy))
        );
        assert_eq!(update_for(&hidden, &Presence::offline(), Changed, BOB), None);
        assert_eq!(update_for(&online, &blocking, Unchanged, BOB), Some(PresenceUpdate::Offline));
        assert_eq!(update_for(&blocking, &blocking, Changed, BOB), None);
    }
}
