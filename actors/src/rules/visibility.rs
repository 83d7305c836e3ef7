//! Who sees whom (the draft §7.5 to §7.7).
//!
//! A is seen by B if A is neither hidden nor offline, B has A on his forward list, A does not
//! block B, and A's privacy allows everybody else or B is on A's allow list.

use super::Membership;
use crate::port::store::AccountId;
use msnp::{List, Privacy, State};
use serde::{Deserialize, Serialize};

/// What a principal shows of himself, and to whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// His state.
    pub state: State,
    /// `BLP`
    pub privacy: Privacy,
    /// To whom `privacy` does not apply, sorted: with [`Privacy::AllowOthers`] the block list, with
    /// [`Privacy::BlockOthers`] the allow list. Nobody is on both.
    pub exceptions: Box<[AccountId]>,
}

impl Presence {
    /// Signed in, seen by nobody.
    pub fn offline() -> Presence {
        Presence { state: State::Offline, privacy: Privacy::default(), exceptions: Box::default() }
    }

    /// Whether he lets this principal see and call him, when he is not hidden.
    pub fn admits(&self, other: AccountId) -> bool {
        let excepted = self.exceptions.binary_search(&other).is_ok();
        match self.privacy {
            Privacy::AllowOthers => !excepted,
            Privacy::BlockOthers => excepted,
        }
    }
}

/// Whether a principal of this privacy setting admits somebody who is on these of his lists, as
/// [`Presence::admits`] has it. Whom he admits is told his telephone numbers as well.
pub fn admits(privacy: Privacy, on: Membership) -> bool {
    match privacy {
        Privacy::AllowOthers => !on.contains(List::Block),
        Privacy::BlockOthers => on.contains(List::Allow),
    }
}

/// The state in which `other` sees him, if he does. That `other` has him on his forward list is
/// for the caller to know.
pub fn can_see(presence: &Presence, other: AccountId) -> Option<State> {
    (presence.state.is_visible() && presence.admits(other)).then_some(presence.state)
}

/// What a watcher is told when a presence changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PresenceUpdate {
    /// `NLN`: he is there, in this state.
    Online(State),
    /// `FLN`: he is not there any more.
    Offline,
}

/// Whether the watched principal's friendly name changed as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NameChange {
    /// The same name.
    Unchanged,
    /// Another name: whoever sees him hears of it.
    Changed,
}

/// What `watcher` is told when what he saw changes from `was` to `is`: only what is news to him.
pub fn update_for(
    was: &Presence,
    is: &Presence,
    name: NameChange,
    watcher: AccountId,
) -> Option<PresenceUpdate> {
    update_between(can_see(was, watcher), can_see(is, watcher), name)
}

/// What a watcher who saw `was` is told when they see `is`.
pub fn update_between(
    was: Option<State>,
    is: Option<State>,
    name: NameChange,
) -> Option<PresenceUpdate> {
    match (was, is) {
        (None, None) => None,
        (Some(_), None) => Some(PresenceUpdate::Offline),
        (Some(was), Some(is)) if was == is && name == NameChange::Unchanged => None,
        (_, Some(is)) => Some(PresenceUpdate::Online(is)),
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
    fn hidden_and_offline_principals_are_seen_by_nobody() {
        assert_eq!(can_see(&open(State::Hidden), BOB), None);
        assert_eq!(can_see(&open(State::Offline), BOB), None);
        assert_eq!(can_see(&open(State::Away), BOB), Some(State::Away));
    }

    #[test]
    fn privacy_decides_for_those_who_are_no_exception() {
        let online = |privacy, exceptions: &[u32]| {
            can_see(&presence(State::Online, privacy, exceptions), BOB).is_some()
        };
        assert!(online(Privacy::AllowOthers, &[1, 3]));
        assert!(!online(Privacy::AllowOthers, &[1, 2, 3]));
        assert!(!online(Privacy::BlockOthers, &[1, 3]));
        assert!(online(Privacy::BlockOthers, &[1, 2]));
    }

    #[test]
    fn lists_admit_as_exceptions_do() {
        let on = |lists: &[List]| lists.iter().fold(Membership::NONE, |on, list| on.with(*list));
        let allowed = on(&[List::Allow, List::Forward]);
        let blocked = on(&[List::Block, List::Reverse]);
        let neither = on(&[List::Forward, List::Reverse]);
        let whom = |privacy| [allowed, blocked, neither].map(|on| admits(privacy, on));
        assert_eq!(whom(Privacy::AllowOthers), [true, false, true]);
        assert_eq!(whom(Privacy::BlockOthers), [true, false, false]);
    }

    #[test]
    fn a_watcher_is_told_only_news() {
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
